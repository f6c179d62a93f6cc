"""A gradient step, which is yours to write, and a loop that plays and learns in turn, which is given."""

from typing import Any

import numpy as np
import torch
from torch import nn

from parts.loss import policy_loss, value_loss
from parts.model import Evaluator, Net
from parts.selfplay import Examples, mirrored, play_games


def gradient_step(
    net: nn.Module, optimiser: torch.optim.Optimizer, planes: torch.Tensor, policy: torch.Tensor, value: torch.Tensor
) -> tuple[float, float]:
    """One step down the gradient of policy_loss + value_loss; returns the two, as floats.

    planes [N, 3, 6, 7], policy [N, 7], value [N]. The network has to be in training mode (`net.train()`): an earlier
    evaluation may have left it in evaluation mode.
    """
    raise NotImplementedError("train mode, both losses, zero_grad, backward, step")


class Training:
    """What `capstones.training` runs, saves and resumes. A step is a position of self-play.

    `config`: seed, steps (positions of the whole run), channels, blocks, games (in parallel), simulations (per move),
    keep (the number of newest positions to train on), batch, reuse (how often each position is used, on average), lr
    (the highest; it falls to a twentieth), weight_decay.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step, self.rounds = config, 0, 0
        self.net = Net(config["channels"], config["blocks"])
        self.optimiser = torch.optim.SGD(
            self.net.parameters(), config["lr"], momentum=0.9, weight_decay=config["weight_decay"], nesterov=True
        )
        self.kept = Examples(np.zeros((0, 3, 6, 7), np.int8), np.zeros((0, 7), np.float32), np.zeros(0, np.float32))

    def advance(self) -> dict[str, float]:
        """A round of games, then gradient steps; returns a row of the curve. Chance depends only on seed and round."""
        c, random = self.config, np.random.default_rng((self.config["seed"], self.rounds))
        new = play_games(Evaluator(self.net), c["games"], c["simulations"], random)
        self.kept = Examples(*(np.concatenate(pair)[-c["keep"] :] for pair in zip(self.kept, new, strict=True)))
        for group in self.optimiser.param_groups:
            group["lr"] = c["lr"] * (1 - 0.95 * min(1.0, self.step / c["steps"]))
        losses = []
        for _ in range(max(1, round(c["reuse"] * len(new.value) / c["batch"]))):
            which = random.integers(len(self.kept.value), size=c["batch"])
            few = Examples(*(part[which] for part in self.kept))
            few = mirrored(few) if random.random() < 0.5 else few
            planes, policy, value = (torch.from_numpy(part.copy()) for part in few)
            losses.append(gradient_step(self.net, self.optimiser, planes, policy, value))
        self.step, self.rounds = self.step + len(new.value), self.rounds + 1
        policy_error, value_error = np.mean(losses, axis=0)
        return {
            "loss/policy": float(policy_error),
            "loss/value": float(value_error),
            "length": len(new.value) / c["games"],
            "drawn": float((new.value == 0).mean()),
        }

    def state(self) -> dict[str, Any]:
        return {
            "weights": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "kept": list(self.kept),
            "step": self.step,
            "rounds": self.rounds,
        }

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.kept = Examples(*state["kept"])
        self.step, self.rounds = state["step"], state["rounds"]

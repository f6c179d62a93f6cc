"""A gradient step, which is yours to write, and the training loop, which is given."""

from typing import Any

import numpy as np
import torch
from torch import nn

from capstones import data_folder, quick
from parts.data import load
from parts.loss import log_loss
from parts.model import Ratings

EVERY = 100  # gradient steps between two rows of the curve
HELD_OUT = 0.2  # fraction of the games


def gradient_step(
    model: nn.Module, optimiser: torch.optim.Optimizer, first: torch.Tensor, second: torch.Tensor, score: torch.Tensor
) -> float:
    """One step down the gradient of the log-loss of these games; returns that loss as a float.

    In this order: compute the loss, clear the old gradients (they would add up), backward, step.
    """
    raise NotImplementedError("loss, zero_grad, backward, step; return the loss as a float")


@torch.no_grad()
def held_out_loss(model: nn.Module, games: Any) -> float:
    """The log-loss of `games`, in nats per game."""
    first, second, score = (torch.from_numpy(x) for x in (games.first, games.second, games.score))
    return float(log_loss(model(first, second), score))


class Training:
    """What `capstones.training` runs, saves and resumes.

    `config`: seed (of the split, the initial weights and the order), rank, steps (of the whole run), batch, lr (falls
    to 0), weight_decay (only of the style part, which overfits easily with few games).
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        games = load(data_folder(), quick())
        self.games, self.held_out = games.split(HELD_OUT, config["seed"])
        self.model = Ratings(len(games.names), config["rank"])
        style = {"params": [self.model.u, self.model.v], "weight_decay": config["weight_decay"]}
        self.optimiser = torch.optim.AdamW(
            [{"params": [self.model.strength], "weight_decay": 0.0}, style], lr=config["lr"]
        )

    def advance(self) -> dict[str, float]:
        """Take some gradient steps; returns a row of the curve. A step's games depend only on seed and step."""
        c, losses = self.config, []
        for _ in range(min(EVERY, c["steps"] - self.step)):
            random = np.random.default_rng((c["seed"], self.step))
            which = random.integers(len(self.games.score), size=c["batch"])
            for group in self.optimiser.param_groups:
                group["lr"] = c["lr"] * (1 - self.step / c["steps"])
            few = (torch.from_numpy(x[which]) for x in (self.games.first, self.games.second, self.games.score))
            losses.append(gradient_step(self.model, self.optimiser, *few))
            self.step += 1
        return {"loss": float(np.mean(losses)), "held-out": held_out_loss(self.model, self.held_out)}

    def state(self) -> dict[str, Any]:
        return {"weights": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step}

    def load(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["weights"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]

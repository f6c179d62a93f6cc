"""A gradient step, and the training loop."""

from typing import Any

import numpy as np
import torch
from torch import nn

from parts.advantages import advantages
from parts.loss import clipped, entropy, log_probability, value_error
from parts.model import ActorCritic, draw
from parts.world import make


def gradient_step(
    net: nn.Module,
    optimiser: torch.optim.Optimizer,
    batch: dict[str, torch.Tensor],
    epsilon: float,
    entropy_weight: float,
) -> dict[str, float]:
    """One step down the gradient of clipped + 0.5 * value_error - entropy_weight * (mean entropy).

    batch: obs [N, *shape], action [N] int64, log_probability [N] when the action was sampled, advantage [N], returns
    [N]. In this order: standardise the advantages of the batch (minus their mean, divided by their standard deviation
    + 1e-8), compute the loss, clear the old gradients, backward, clip the norm of all gradients together to 0.5
    (nn.utils.clip_grad_norm_), step. Returns {"loss/policy", "loss/value", "entropy"} as floats.
    """
    advantage = batch["advantage"]
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    logits, value = net(batch["obs"])
    policy = clipped(log_probability(logits, batch["action"]), batch["log_probability"], advantage, epsilon)
    error, bonus = value_error(value, batch["returns"]), entropy(logits).mean()
    optimiser.zero_grad()
    (policy + 0.5 * error - entropy_weight * bonus).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    optimiser.step()
    return {"loss/policy": policy.item(), "loss/value": error.item(), "entropy": bonus.item()}


class Training:
    """What `capstones.training` runs, saves and resumes.

    `config`: task, seed, steps (environment steps of the whole run), games, length (steps of each game between two
    updates), epochs, batch, lr (falls to 0), gamma, lam, epsilon, entropy, width.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config, self.step = config, 0
        self.env = make(config["task"], config["games"], config["seed"])
        self.net = ActorCritic(int(np.prod(self.env.obs_shape)), config["width"], self.env.num_actions)
        self.optimiser = torch.optim.Adam(self.net.parameters(), lr=config["lr"], eps=1e-5)
        self.generator = torch.Generator().manual_seed(config["seed"])
        self.obs = self.env.reset()

    def advance(self) -> dict[str, float]:
        """Play `length` steps in each game, then train on them for some epochs; returns a row of the curve."""
        c, batch = self.config, self.play()
        for group in self.optimiser.param_groups:
            group["lr"] = c["lr"] * max(0.0, 1 - self.step / c["steps"])
        told: list[dict[str, float]] = []
        for _ in range(c["epochs"]):
            order = torch.randperm(len(batch["action"]), generator=self.generator)
            for which in order.split(c["batch"]):
                few = {key: values[which] for key, values in batch.items()}
                told.append(gradient_step(self.net, self.optimiser, few, c["epsilon"], c["entropy"]))
        self.step += c["games"] * c["length"]
        return {key: float(np.mean([t[key] for t in told])) for key in told[0]} | self.env.metrics()

    @torch.no_grad()
    def play(self) -> dict[str, torch.Tensor]:
        """A rollout of `length` steps in all games, without the steps that are not valid: tensors [N, …]."""
        c, rows = self.config, []
        for _ in range(c["length"]):
            obs = torch.from_numpy(self.obs)
            logits, value = self.net(obs)
            action = draw(logits, self.generator)
            t = self.env.step(action.numpy())
            came = (torch.from_numpy(a) for a in (t.reward, t.discount, t.ended, t.valid))
            rows.append((obs, action, log_probability(logits, action), value, *came))
            self.obs = t.obs
        obs, action, old, value, reward, discount, ended, valid = (torch.stack(x) for x in zip(*rows, strict=True))
        last = self.net(torch.from_numpy(self.obs))[1]  # [B]
        advantage = advantages(reward, discount, ended, value, last, c["gamma"], c["lam"])  # [T, B]
        whole = {"obs": obs, "action": action, "log_probability": old}
        whole |= {"advantage": advantage, "returns": advantage + value}
        return {key: values[valid] for key, values in whole.items()}  # [T, B, …] -> [N, …]

    def state(self) -> dict[str, Any]:
        return {
            "weights": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "games": self.env.state(),
            "generator": self.generator.get_state(),
            "step": self.step,
        }

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.obs = self.env.load(state["games"])
        self.generator.set_state(state["generator"])
        self.step = state["step"]


@torch.no_grad()
def best(net: nn.Module, obs: np.ndarray) -> np.ndarray:
    """The most probable action [B] for each observation [B, *shape], for evaluation."""
    return net(torch.from_numpy(obs))[0].argmax(1).numpy()

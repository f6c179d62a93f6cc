"""A gradient step, and the training loop.

Parallelised Q-learning (Gallici et al. 2024, arXiv:2407.04811): many parallel games instead of a replay memory, norms
instead of a target network.
"""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from parts.act import epsilon_at, epsilon_greedy
from parts.model import QNet
from parts.returns import lambda_returns
from parts.world import TASK, make, press


def gradient_step(
    net: nn.Module, optimiser: torch.optim.Optimizer, obs: torch.Tensor, action: torch.Tensor, target: torch.Tensor
) -> float:
    """One step down the gradient of half the mean of (Q(obs)[action] - target)^2; returns that loss as a float.

    obs [N, …], action [N] int64, target [N]: constants, no gradient flows into them. In this order: compute the loss,
    clear the old gradients, backward, clip the norm of all gradients together to 10 (nn.utils.clip_grad_norm_), step.
    """
    taken = net(obs).gather(1, action[:, None])[:, 0]
    loss = 0.5 * (taken - target.detach()).square().mean()
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 10)
    optimiser.step()
    return loss.item()


class Training:
    """What `capstones.training` runs, saves and resumes.

    `config`: seed, steps (environment steps of the whole run), games, length (decisions of each game between two
    updates), release (a decision is two steps: the action, then releasing the stick), epochs, batch, lr (falls to 0),
    gamma, lam, explore (fraction of the run in which epsilon falls), epsilon (its final value). `task`, if given, names
    another world (tests).
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        self.env = make(config["games"], config["seed"], config.get("task", TASK))
        self.net = QNet(self.env.num_actions).to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.RAdam(self.net.parameters(), lr=config["lr"])
        self.generator = torch.Generator().manual_seed(config["seed"])
        self.obs = self.env.reset()

    def advance(self) -> dict[str, float]:
        """Take `length` decisions in each game, then train on them for some epochs; returns a row of the curve."""
        c = self.config
        obs, action, target = self.play()
        for group in self.optimiser.param_groups:
            group["lr"] = c["lr"] * max(0.0, 1 - self.step / c["steps"])
        losses = []
        for _ in range(c["epochs"]):
            for which in torch.randperm(len(action), generator=self.generator).split(c["batch"]):
                losses.append(gradient_step(self.net, self.optimiser, obs[which], action[which], target[which]))
        self.step += c["games"] * c["length"] * (2 if c["release"] else 1)
        return {"loss": float(np.mean(losses)), "q": float(target.mean()), **self.env.metrics()}

    @torch.no_grad()
    def play(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Observations, actions and lambda-returns of `length` decisions in all games, without the steps that are not
        valid: tensors [N, …]. Rewards are clipped to [-1, 1]; the score is not."""
        c, rows, best = self.config, [], []
        step = partial(press, self.env) if c["release"] else self.env.step
        epsilon = epsilon_at(self.step, c["steps"], c["explore"], c["epsilon"])
        for _ in range(c["length"]):
            q = self.net(torch.from_numpy(self.obs))
            action = epsilon_greedy(q, epsilon, self.generator)
            t = step(action.numpy())
            came = (torch.from_numpy(a) for a in (t.reward.clip(-1, 1), t.discount, t.ended, t.valid))
            rows.append((torch.from_numpy(self.obs.copy()), action, *came))
            best.append(q.amax(1))
            self.obs = t.obs
        best.append(self.net(torch.from_numpy(self.obs)).amax(1))
        obs, action, reward, discount, ended, valid = (torch.stack(x) for x in zip(*rows, strict=True))  # [T, B, …]
        target = lambda_returns(reward, discount, ended, torch.stack(best[1:]), c["gamma"], c["lam"])
        return obs[valid], action[valid], target[valid]

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


class Player:
    """Plays greedily for evaluation, with one random action in a hundred so that no two games are alike.

    With `release`, every second step releases the stick, in all games at once, as in training.
    """

    def __init__(self, net: nn.Module, release: bool = True, epsilon: float = 0.01, seed: int = 0) -> None:
        self.net, self.release, self.epsilon = net, release, epsilon
        self.generator, self.held = torch.Generator().manual_seed(seed), False

    @torch.no_grad()
    def __call__(self, obs: np.ndarray) -> np.ndarray:
        """obs [B, 4, 84, 84] bytes -> actions [B]."""
        self.held = self.release and not self.held
        if self.release and not self.held:
            return np.zeros(len(obs), np.int64)
        return epsilon_greedy(self.net(torch.from_numpy(obs)), self.epsilon, self.generator).numpy()

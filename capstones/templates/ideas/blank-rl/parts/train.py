"""The policy gradient, which is yours to write, and the training loop, which is given."""

from typing import Any

import numpy as np
import torch
from torch import nn

from parts.policy import Policy, draw
from parts.returns import returns
from parts.world import make

STEPS = 40  # of each game, between two gradient steps


def policy_loss(
    logits: torch.Tensor, actions: torch.Tensor, weights: torch.Tensor, valid: torch.Tensor
) -> torch.Tensor:
    """REINFORCE (Williams 1992): -mean of log pi(a_t | o_t) * weight_t over the steps that are `valid`: a tensor [].

    logits [N, A], actions [N] int64, weights [N] (returns minus their mean), valid [N] bool. The gradient flows only
    through the logits: the weights are constants. Steps that are not valid are left out of both the sum and the count.
    """
    raise NotImplementedError("the log-probability of each action taken, times its weight, averaged over valid steps")


class Training:
    """What `capstones.training` runs, saves and resumes: `config` has seed, width, lr, gamma, games.

    Each gradient step begins with new games, whose seeds depend only on seed and step, so there is no world to save,
    and an interrupted run resumes as if it had never stopped.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        self.env = make(config["games"])
        self.net = Policy(int(np.prod(self.env.obs_shape)), config["width"], self.env.num_actions)
        self.optimiser = torch.optim.Adam(self.net.parameters(), lr=config["lr"])

    def advance(self) -> dict[str, float]:
        """Play, then take one gradient step; returns the next row of the curve."""
        seed = int(np.random.SeedSequence((self.config["seed"], self.step)).generate_state(1)[0])
        generator = torch.Generator().manual_seed(seed)
        obs, seen, done = self.env.reset(seed), [], []
        for _ in range(STEPS):
            with torch.no_grad():
                action = draw(self.net(torch.from_numpy(obs)), generator)
            t = self.env.step(action.numpy())
            seen.append((torch.from_numpy(obs.copy()), action))
            done.append(tuple(torch.from_numpy(a) for a in (t.reward, t.discount, t.valid, t.ended)))
            obs = t.obs
        screens, actions = (torch.stack(part) for part in zip(*seen, strict=True))  # [T, B, …], [T, B]
        reward, discount, valid, ended = (torch.stack(part) for part in zip(*done, strict=True))  # [T, B]
        value = returns(reward, discount, self.config["gamma"])
        value = value - value[valid].mean()
        logits = self.net(screens.flatten(0, 1))
        loss = policy_loss(logits, actions.flatten(), value.flatten(), valid.flatten())
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.step += 1
        return {"loss": loss.item(), "score": float(reward.sum() / ended.sum().clamp(min=1))}

    def state(self) -> dict[str, Any]:
        return {"weights": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step}

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        moments = {int(k): v for k, v in state["optimiser"]["state"].items()}  # JSON has turned these keys into text
        self.optimiser.load_state_dict(state["optimiser"] | {"state": moments})
        self.step = state["step"]


@torch.no_grad()
def best(net: nn.Module, obs: np.ndarray) -> np.ndarray:
    """The most probable action [B] for each observation [B, *shape], for evaluation."""
    return net(torch.from_numpy(obs)).argmax(1).numpy()

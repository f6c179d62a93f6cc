"""One gradient step, which is yours to write, and the training loop, which is given."""

from typing import Any

import numpy as np
import torch
from torch import nn

from parts.data import CLASSES, load
from parts.loss import cross_entropy
from parts.model import Net

EVERY = 50  # gradient steps between two rows of the curve


def gradient_step(
    net: nn.Module, optimiser: torch.optim.Optimizer, inputs: torch.Tensor, labels: torch.Tensor
) -> float:
    """One step down the gradient of `cross_entropy(net(inputs), labels)`; returns the loss before the step, in nats.

    In this order: clear the old gradients (they would add up), loss, backward, step.
    """
    raise NotImplementedError("zero_grad, loss, backward, step; return the loss as a float")


class Training:
    """What `capstones.training` runs, saves and resumes: `config` has seed, width, lr, batch, examples.

    The batch of a step depends only on seed and step, so an interrupted run resumes as if it had never stopped.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        self.inputs, self.labels = (torch.from_numpy(a) for a in load(config["examples"], seed=0))
        self.test = tuple(torch.from_numpy(a) for a in load(1000, seed=1))
        self.net = Net(self.inputs.shape[1], config["width"], len(CLASSES))
        self.optimiser = torch.optim.SGD(self.net.parameters(), lr=config["lr"], momentum=0.9)

    def advance(self) -> dict[str, float]:
        """Take fifty gradient steps; returns the next row of the curve."""
        losses = []
        for _ in range(EVERY):
            rng = np.random.default_rng((self.config["seed"], self.step))
            which = torch.from_numpy(rng.integers(len(self.labels), size=self.config["batch"]))
            losses.append(gradient_step(self.net, self.optimiser, self.inputs[which], self.labels[which]))
            self.step += 1
        return {"loss": float(np.mean(losses)), "test/accuracy": accuracy(self.net, *self.test)}

    def state(self) -> dict[str, Any]:
        return {"weights": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step}

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        moments = {int(k): v for k, v in state["optimiser"]["state"].items()}  # JSON has turned these keys into text
        self.optimiser.load_state_dict(state["optimiser"] | {"state": moments})
        self.step = state["step"]


@torch.no_grad()
def accuracy(net: nn.Module, inputs: torch.Tensor, labels: torch.Tensor) -> float:
    """The fraction of examples whose largest logit is the label's."""
    return float((net(inputs).argmax(1) == labels).float().mean())

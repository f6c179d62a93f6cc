"""One gradient step, and the training loop."""

from typing import Any

import numpy as np
import torch
from torch import nn

from capstones import data_folder, quick
from parts.augment import shifted
from parts.data import batch_of, load
from parts.loss import cross_entropy
from parts.model import Net
from parts.optim import Momentum, learning_rate

EVERY = 50  # gradient steps between two rows of the curve
WATCHED = 2000  # test pictures used for the curve; the result is measured on all of them


def gradient_step(
    net: nn.Module, optimiser: Momentum, pictures: torch.Tensor, labels: torch.Tensor, smoothing: float = 0.0
) -> float:
    """One step down the gradient of `cross_entropy(net(pictures), labels, smoothing)`; returns that loss, in nats.

    In this order: compute the loss, clear the old gradients (they would add up), backward, step.
    """
    loss = cross_entropy(net(pictures), labels, smoothing)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


@torch.no_grad()
def predict(net: nn.Module, pictures: torch.Tensor, size: int = 500) -> torch.Tensor:
    """Logits [N, 10] of pictures [N, 28, 28], in evaluation mode: norms use their running averages, not the batch's."""
    net.eval()
    logits = torch.cat([net(pictures[i : i + size]) for i in range(0, len(pictures), size)])
    net.train()
    return logits


class Training:
    """What `capstones.training` runs, saves and resumes.

    `config`: seed, steps (of the whole training), batch, lr (the highest), warmup, weight_decay, smoothing, and shift
    (the largest shift, in pixels).
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        self.data = load(data_folder(), quick())
        ink = self.data.pictures.float() / 255
        self.net = Net(float(ink.mean()), float(ink.std())).to(memory_format=torch.channels_last)
        self.optimiser = Momentum(self.net.parameters(), config["lr"], weight_decay=config["weight_decay"])

    def advance(self) -> dict[str, float]:
        """Take some gradient steps; returns the next row of the curve."""
        c, losses = self.config, []
        for _ in range(min(EVERY, c["steps"] - self.step)):
            which, chance = batch_of(self.step, c["batch"], len(self.data.labels), c["seed"])
            offsets = torch.from_numpy(chance.integers(-c["shift"], c["shift"] + 1, size=(len(which), 2)))
            pictures = shifted(self.data.pictures[which], offsets)
            self.optimiser.lr = learning_rate(self.step, c["steps"], c["lr"], c["warmup"])
            losses.append(gradient_step(self.net, self.optimiser, pictures, self.data.labels[which], c["smoothing"]))
            self.step += 1
        right = predict(self.net, self.data.test_pictures[:WATCHED]).argmax(1) == self.data.test_labels[:WATCHED]
        return {"loss": float(np.mean(losses)), "test/accuracy": float(right.float().mean())}

    def state(self) -> dict[str, Any]:
        return {"weights": self.net.state_dict(), "velocity": self.optimiser.velocity, "step": self.step}

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        self.optimiser.velocity = list(state["velocity"])
        self.step = state["step"]

"""One gradient step, which is yours to write, and the training loop, which is given."""

from typing import Any

import numpy as np
import torch
from torch import nn

from capstones import data_folder, quick
from parts.data import CLASSES, Scenes, load, scenes
from parts.loss import pixel_loss
from parts.metric import mean_iou, overlaps
from parts.model import UNet

EVERY = 25  # gradient steps between two rows of the curve
WATCHED = 50  # scenes used for the curve; the result is measured on more, and on different ones


def gradient_step(
    net: nn.Module, optimiser: torch.optim.Optimizer, pictures: torch.Tensor, classes: torch.Tensor
) -> float:
    """One step down the gradient of `pixel_loss(net(pictures), classes)`; returns that loss, in nats.

    In this order: compute the loss, clear the old gradients (they would add up), backward, step.
    """
    raise NotImplementedError("loss, zero_grad, backward, step; return the loss as a float")


@torch.no_grad()
def predict(net: nn.Module, pictures: torch.Tensor, size: int = 25) -> torch.Tensor:
    """The most probable class of each pixel [N, H, W], in evaluation mode: norms use their running averages."""
    net.eval()
    said = torch.cat([net(pictures[i : i + size]).argmax(1) for i in range(0, len(pictures), size)])
    net.train()
    return said


def score(net: nn.Module, held_out: Scenes) -> float:
    """Mean intersection over union on the scenes `held_out`."""
    return mean_iou(overlaps(predict(net, held_out[0]), held_out[1], len(CLASSES)))


class Training:
    """What `capstones.training` runs, saves and resumes.

    `config`: seed, steps (of the whole run), batch, lr (the highest), copies. Every step sees new scenes, which
    depend only on seed and step, so an interrupted run resumes as if it had never stopped.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        self.digits = load(data_folder(), quick())
        self.held_out = scenes(self.digits.test, 5 if quick() else WATCHED, seed=0)
        self.net = UNet(copies=config["copies"]).to(memory_format=torch.channels_last)
        self.net.begin_with(torch.bincount(scenes(self.digits.train, 20, seed=1)[1].flatten(), minlength=11) + 1)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=config["lr"], weight_decay=0.01)

    def advance(self) -> dict[str, float]:
        """Take gradient steps, the learning rate rising for a tenth, then falling to 0; the next row of the curve."""
        c, losses = self.config, []
        for _ in range(min(EVERY, c["steps"] - self.step)):
            part = self.step / c["steps"]
            rate = c["lr"] * min(1.0, 10 * part + 0.01, (1 - part) / 0.9)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            batch = scenes(self.digits.train, c["batch"], seed=(c["seed"], 2, self.step))
            losses.append(gradient_step(self.net, self.optimiser, *batch))
            self.step += 1
        return {"loss": float(np.mean(losses)), "test/iou": score(self.net, self.held_out)}

    def state(self) -> dict[str, Any]:
        return {"weights": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step}

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        moments = {int(k): v for k, v in state["optimiser"]["state"].items()}  # JSON has turned these keys into text
        self.optimiser.load_state_dict(state["optimiser"] | {"state": moments})
        self.step = state["step"]

"""One gradient step, which is yours to write, and the training loop, which is given."""

from typing import Any

import numpy as np
import torch

from capstones import data_folder, quick
from parts.data import Pieces, load
from parts.loss import clip, nats
from parts.model import TextNet

EVERY = 25  # gradient steps between two rows of the curve
LONGEST = 1.0  # largest norm of the gradient
WATCHED = 8192  # held-out tokens used for the curve; the result is measured on all of them


def gradient_step(
    net: TextNet, optimiser: torch.optim.Optimizer, tokens: torch.Tensor, memory: torch.Tensor
) -> tuple[float, torch.Tensor]:
    """Read tokens [B, T + 1] starting from `memory`, and take one step; returns (loss in nats, new memory [B, H]).

    The first T tokens are the input, the last T the targets. In this order: logits, the mean of `nats`, clear the old
    gradients, backward, clip to LONGEST, step. The memory carries over, its gradient does not (`detach`): otherwise
    the next step would backpropagate through this one, and the one before, to the beginning of the text.
    """
    raise NotImplementedError("read, loss, zero_grad, backward, clip, step; return the loss and the detached memory")


@torch.no_grad()
def surprise(net: TextNet, tokens: np.ndarray, pieces: int = 32, length: int = 128) -> torch.Tensor:
    """-log p in nats of `tokens` [N], read as `pieces` in parallel from an empty memory; skips each one's first."""
    each = len(tokens) // pieces
    text = torch.from_numpy(tokens[: each * pieces]).view(pieces, each)
    memory, found = net.start(pieces), []
    for start in range(0, each - 1, length):
        part = text[:, start : start + length + 1]
        logits, memory = net(part[:, :-1], memory)
        found.append(nats(logits, part[:, 1:]))
    return torch.cat(found, 1)


class Training:
    """What `capstones.training` runs, saves and resumes.

    `config`: seed, steps (of the whole run), batch (parallel pieces), length (tokens per step), hidden, lr (the
    highest), and carry: whether the memory carries over from one step to the next.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        corpus = load(data_folder(), quick())
        self.pieces = Pieces(corpus, config["batch"], config["length"])
        self.held_out = corpus.held_out(1024 if quick() else WATCHED)
        self.net = TextNet(len(corpus.alphabet), hidden=config["hidden"])
        self.memory = self.net.start(config["batch"])
        self.optimiser = torch.optim.Adam(self.net.parameters(), lr=config["lr"], betas=(0.9, 0.99))

    def advance(self) -> dict[str, float]:
        """Take some gradient steps, with a linearly decaying learning rate; returns the next row of the curve."""
        c, losses = self.config, []
        for _ in range(min(EVERY, c["steps"] - self.step)):
            for group in self.optimiser.param_groups:
                group["lr"] = c["lr"] * (1 - self.step / c["steps"])
            tokens, beginning = self.pieces(self.step)
            if beginning or not c["carry"]:
                self.memory = self.net.start(c["batch"])
            loss, self.memory = gradient_step(self.net, self.optimiser, tokens, self.memory)
            losses.append(loss)
            self.step += 1
        return {"loss": float(np.mean(losses)), "test/nats": float(surprise(self.net, self.held_out, 8).mean())}

    def state(self) -> dict[str, Any]:
        return {
            "weights": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "memory": self.memory,
            "step": self.step,
        }

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        moments = {int(k): v for k, v in state["optimiser"]["state"].items()}  # JSON has turned these keys into text
        self.optimiser.load_state_dict(state["optimiser"] | {"state": moments})
        self.memory, self.step = state["memory"], state["step"]

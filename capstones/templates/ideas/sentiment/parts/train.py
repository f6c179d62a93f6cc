"""One gradient step, which is yours to write, and the training loop, which is given."""

from typing import Any

import numpy as np
import torch
from torch import nn

from capstones import data_folder, quick
from parts.data import batch_of, load
from parts.loss import cross_entropy, shorten
from parts.model import SentenceCNN
from parts.words import encode, padded, vocabulary

EVERY = 50  # gradient steps between two rows of the curve
LONGEST = 3.0  # largest norm of a row of the last layer
FEWEST = 2  # times that a word has to occur
MORE = 4  # PADs after the longest sentence: the widest filter's span, minus one


def gradient_step(
    net: nn.Module, optimiser: torch.optim.Optimizer, numbers: torch.Tensor, labels: torch.Tensor
) -> float:
    """One step down the gradient of `cross_entropy(net(numbers), labels)`; returns that loss, in nats.

    In this order: compute the loss, clear the old gradients (they would add up), backward, step; then shorten the rows
    of `net.classes.weight` to LONGEST.
    """
    raise NotImplementedError("loss, zero_grad, backward, step, shorten; return the loss as a float")


@torch.no_grad()
def predict(net: nn.Module, sentences: list[list[int]], size: int = 200) -> torch.Tensor:
    """Logits [N, K] of numbered sentences, in evaluation mode: no dropout."""
    net.eval()
    logits = torch.cat([net(padded(sentences[i : i + size], MORE)) for i in range(0, len(sentences), size)])
    net.train()
    return logits


class Training:
    """What `capstones.training` runs, saves and resumes.

    `config`: seed, steps (of the whole run), batch, lr (the highest), dropout, spans, and fold (the tenth of the
    sentences that is held out).
    """

    def __init__(self, config: dict[str, Any]) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.step = config, 0
        reviews = load(data_folder(), quick())
        self.learned, held_out = reviews.split(config["fold"])
        self.labels = torch.from_numpy(reviews.labels)
        self.numbers = vocabulary((reviews.sentences[i] for i in self.learned), FEWEST)
        self.sentences = [encode(sentence, self.numbers) for sentence in reviews.sentences]
        self.test, self.test_labels = [self.sentences[i] for i in held_out], self.labels[held_out]
        self.net = SentenceCNN(len(self.numbers) + 2, spans=tuple(config["spans"]), dropout=config["dropout"])
        self.optimiser = torch.optim.Adam(self.net.parameters(), lr=config["lr"])

    def advance(self) -> dict[str, float]:
        """Take some gradient steps, with a linearly decaying learning rate; returns the next row of the curve."""
        c, losses = self.config, []
        for _ in range(min(EVERY, c["steps"] - self.step)):
            torch.manual_seed(c["seed"] * 1_000_003 + self.step)  # dropout follows from seed and step, too
            for group in self.optimiser.param_groups:
                group["lr"] = c["lr"] * (1 - self.step / c["steps"])
            which = batch_of(self.step, c["batch"], self.learned, c["seed"])
            numbers = padded([self.sentences[i] for i in which], MORE)
            losses.append(gradient_step(self.net, self.optimiser, numbers, self.labels[which]))
            self.step += 1
        right = predict(self.net, self.test).argmax(1) == self.test_labels
        return {"loss": float(np.mean(losses)), "test/accuracy": float(right.float().mean())}

    def state(self) -> dict[str, Any]:
        return {"weights": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step}

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["weights"])
        moments = {int(k): v for k, v in state["optimiser"]["state"].items()}  # JSON has turned these keys into text
        self.optimiser.load_state_dict(state["optimiser"] | {"state": moments})
        self.step = state["step"]

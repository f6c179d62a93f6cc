"""Training word vectors: passes over a text, or over the moves of games (Tennenholtz & Mannor 2019).

All randomness follows from the seed and the place in the text, so the state is the vectors and a counter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from supervised.data.known import fingerprint, fingerprint_of_games
from supervised.sequence.words import show
from supervised.sequence.words.config import Config
from supervised.sequence.words.corpus import corpus_of, negatives_of
from supervised.sequence.words.interval import interval
from supervised.sequence.words.kernel import learn
from supervised.systems.precision import in_float32
from supervised.systems.study import Measured, Setup
from tengen.bounds import claim
from tengen.checkpoint import Tree
from tengen.compiling import without_compiling
from tengen.display import Words
from tengen.errors import UserError
from tengen.metrics import Stopwatch, Tick

WORDS = Words("words", "test/loss", "held-out loss (nats)", ("learning", "testing"), ("loss",))
MOVES = Words("moves", "test/neighbours", "nearest are neighbours", ("learning", "testing"), ("loss",), percent=True)
_TICK = 50_000  # words
_TESTED = 20_000  # held-out words
_LAST = 1e-3  # final learning rate as a fraction of the initial one


class WordStudy:
    """A `Study`; its steps are training words."""

    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.config, self.seeds, self.words = config, setup.seeds, MOVES if config.net == "act2vec" else WORDS
        # The kernel runs on one thread: pairs are processed in order, so the same seed gives the same vectors.
        self.compute = setup.compute or replace(in_float32(setup.settings), threads=1, device="cpu")
        self.measured: dict[str, float] = {}
        self.board = config.board if config.net == "act2vec" else 0
        self.measures = "whose nearest ones are neighbours, of all points of the board" if self.board else ""
        self.corpus = corpus_of(setup, config)
        names, counts = self.corpus.names, self.corpus.counts
        written = "\n".join(names).encode()
        moves = self.board and fingerprint_of_games(self.corpus.words, written)
        self.fingerprint = moves or fingerprint(written, self.corpus.words)
        self.cut = len(self.corpus.words) - min(_TESTED, len(self.corpus.words) // 10)  # the rest is held out
        self.total_steps = setup.settings.steps
        self.test_every = setup.settings.test_every or max(_TICK, self.total_steps // 20)
        self.network = {"names": names, "counts": counts.tolist(), "board": self.board}
        self.drawn = negatives_of(counts, config.power, 1 << 20)
        frequency = counts / counts.sum()
        rare = frequency <= (config.keep or 1.0)
        self.keep = np.where(rare, 1.0, np.sqrt(config.keep / frequency))  # section 2.3
        random = setup.seeds.numpy("network")
        shape = (len(names), config.width)
        claim(2 * len(names) * config.width)
        self.vectors = ((random.random(shape) - 0.5) / config.width).astype(np.float32)  # v [V, D]
        self.contexts = np.zeros(shape, np.float32)  # u [V, D]
        self.step = 0
        self.watch = Stopwatch()

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            before, rate = self.step, self.lr()
            with without_compiling(self.watch, "learning"):
                total, pairs = self._learn(min(_TICK, self.total_steps - self.step))
            metrics = {"loss": total / max(1, pairs), "pairs": pairs, "lr": rate, "epoch": self.step / self.cut}
            if self.step // self.test_every > before // self.test_every or self.step >= self.total_steps:
                with self.watch("testing"):
                    metrics |= self.examine()
            yield Tick(self.step, metrics, self.watch.take())

    def _learn(self, count: int) -> tuple[float, int]:
        """Learn from the next `count` words, starting a new pass at the end of the text."""
        total, pairs, rate = 0.0, 0, self.lr()
        while count:
            epoch, start = divmod(self.step, self.cut)
            stop = min(start + count, self.cut)
            found = self._pass(start, stop, rate, self.seeds.integer("epoch", epoch))
            total, pairs = total + found[0], pairs + found[1]
            self.step += stop - start
            count -= stop - start
        return total, pairs

    def _pass(self, start: int, stop: int, lr: float, seed: int) -> tuple[float, int]:
        c = self.config
        arrays = (self.vectors, self.contexts, self.drawn, self.keep)
        found: tuple[float, int] = learn(self.corpus.words, start, stop, *arrays, c.window, c.negatives, lr, seed)
        return found

    def lr(self) -> float:
        return self.config.lr * max(_LAST, 1 - self.step / self.total_steps)

    def examine(self) -> dict[str, float]:
        total, pairs = self._pass(self.cut, len(self.corpus.words), 0.0, 1)
        found = {"loss": total / max(1, pairs)}
        if self.board:
            found["neighbours"] = show.neighbours_on_the_board(self.vectors, self.corpus.names, self.board)[0]
        score = found.get("neighbours", -found["loss"])
        return {f"test/{name}": value for name, value in found.items()} | {"test/score": score}

    def measure(self) -> Measured:
        if self.board:
            return show.measured_on_the_board(self.vectors, self.corpus.names, self.board, self.corpus.about)
        total, pairs = self._pass(self.cut, len(self.corpus.words), 0.0, 1)
        return Measured(
            metric="nats per pair",
            value=total / max(1, pairs),
            ci95=interval(self._pass, self.cut, len(self.corpus.words)),
            measured_on=f"{pairs:,} pairs of words",
            better="lower",
            protocol=f"the end of the text, {self.config.negatives} negatives, window {self.config.window}"
            f" ({self.corpus.about})",
            also={"nearest": show.examples(self.vectors, self.corpus.names)},
        )

    def remarks(self) -> list[str]:
        count = 2 * self.vectors.size
        return [self.corpus.about, f"{count:,} weights; computing on one thread, compiled"]

    def pictures(self, folder: Path) -> list[Path]:
        return show.pictures(self.vectors, self.corpus.names, self.board, folder)

    def state(self) -> Tree:
        weights = {"vectors": torch.from_numpy(self.vectors), "contexts": torch.from_numpy(self.contexts)}
        return {"network": self.network, "weights": weights, "step": self.step}

    def load(self, tree: Tree) -> None:
        self.adopt(tree["weights"])
        self.step = tree["step"]

    def adopt(self, weights: dict[str, torch.Tensor]) -> None:
        if weights["vectors"].shape != self.vectors.shape:
            raise UserError("these vectors belong to another text; give the one they were trained on")
        self.vectors, self.contexts = (weights[name].numpy().copy() for name in ("vectors", "contexts"))


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> show.Vectors:
    return show.Vectors(network["names"], weights["vectors"].numpy(), network["board"])

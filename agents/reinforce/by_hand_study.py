"""`tengen train corridor --impl tape`: REINFORCE over the numpy tape (by_hand.py) as a training like any other.

The randomness of an update follows from the seed and its number, so the state is weights, moments and a counter.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from agents.reinforce.by_hand import learn, play
from agents.reinforce.by_hand_config import Config
from envs.toy import Corridor
from supervised.sequence.tape import network
from supervised.sequence.tape.network import Adam, Weights
from supervised.sequence.tape.saved import Saved
from supervised.systems.precision import in_float32
from supervised.systems.study import Measured, Setup
from tengen.display import Words
from tengen.figures import COLOURS, pyplot, write
from tengen.metrics import Stopwatch, Tick

_TESTED, _MEASURED = 64, 1000  # games
_CELLS = 8


class CorridorStudy(Saved):
    """A `Study`; its steps are updates of the policy, each from new games."""

    words = Words("updates", "test/mean_score", "mean score", ("learning", "testing"), ("score",))
    measures = f"{_MEASURED:,} games, played to their ends"

    def __init__(self, setup: Setup) -> None:
        self.config: Config = setup.config
        self.seeds, self.compute = setup.seeds, setup.compute or in_float32(setup.settings)
        self.measured: dict[str, float] = {}
        self.network: dict[str, Any] = {"sizes": [_CELLS, 2]}
        self.weights: Weights = network.initial([_CELLS, 2], setup.seeds.numpy("network"))
        self.adam = Adam(self.weights)
        self.total_steps = setup.settings.steps
        self.test_every = setup.settings.test_interval(self.total_steps, _TESTED / (3 * self.config.num_envs))
        self.step = 0
        self.watch = Stopwatch()

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            random = np.random.default_rng(self.seeds.integer("games", self.step))
            with self.watch("learning"):
                games = play(self.weights, random, self.config.num_envs)
                score = learn(games, self.weights, self.adam, self.config.lr, self.config.gamma)
            self.step += 1
            metrics = {"score": score}
            if self.step % self.test_every == 0 or self.step == self.total_steps:
                with self.watch("testing"):
                    mean = float(self.scores(_TESTED).mean())
                metrics |= {"test/mean_score": mean, "test/score": mean}
            yield Tick(self.step, metrics, self.watch.take())

    def scores(self, count: int) -> np.ndarray:
        """[count] scores of games with actions drawn from the policy, always with the same numbers."""
        games = play(self.weights, self.seeds.numpy("testing"), count)
        total: np.ndarray = (games.reward * games.counts).sum(0)
        return total

    def measure(self) -> Measured:
        scores = self.scores(_MEASURED)
        mean, half = float(scores.mean()), 1.96 * float(scores.std()) / _MEASURED**0.5
        protocol = f"actions drawn from the policy; {Corridor.optimum} is the best possible score"
        return Measured("mean score", mean, (mean - half, mean + half), f"{_MEASURED:,} games", "higher", protocol)

    def remarks(self) -> list[str]:
        return [f"a softmax policy of {_CELLS} cells; {self.config.num_envs} games an update; computing with numpy"]

    def pictures(self, folder: Path) -> list[Path]:
        """policy.png: how probably the policy goes right, from each cell."""
        right = np.exp(network.log_probabilities(np.eye(_CELLS, dtype=np.float32), self.weights))[:-1, 1]
        figure, axes = pyplot().subplots(figsize=(7, 4), layout="constrained")
        axes.bar(range(1, _CELLS), right, color=COLOURS[0])
        axes.set_xlabel("cell of the corridor (the eighth is its end)")
        axes.set_ylabel("probability of going right")
        axes.set_ylim(0, 1)
        write(figure, folder / "policy.png")
        return [folder / "policy.png"]

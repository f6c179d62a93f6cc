"""The interface of a system in training, and of its results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from supervised.systems.settings import SystemSettings
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.display import Words
from tengen.metrics import Tick
from tengen.seeding import Seeds

Say = Callable[[str], None]


@dataclass(frozen=True)
class Setup:
    """The arguments of a study."""

    task: str
    settings: SystemSettings
    config: Any
    seeds: Seeds
    compute: Compute | None  # None in a new run: the study chooses (precision.py); a resumed run keeps its own
    say: Say = print
    runs: Path = Path("runs")  # where --trunk looks
    anew: Mapping[str, Any] | None = None  # for a run that starts over: what it has to start from (Run.anew)


@dataclass(frozen=True)
class Measured:
    """A measurement on held-out data."""

    metric: str  # "nats per character", "accuracy", "BLEU"
    value: float
    ci95: tuple[float, float] | None
    measured_on: str  # "111,540 characters"
    better: Literal["higher", "lower"]
    protocol: str
    also: Mapping[str, float | str] = field(default_factory=dict)
    data_set: str = (
        ""  # the public set (supervised/data/known.py); empty: other data, without a published result to compare
    )


class Study(Protocol):
    """A trainer that can measure and draw what it learned. Its class, or a factory function, takes a Setup."""

    words: Words  # the unit of a step, the column that counts
    compute: Compute
    measured: dict[str, float]  # steps/s of each backend tried
    network: dict[str, Any]  # JSON from which the model can be rebuilt without the data
    total_steps: int
    step: int

    def ticks(self) -> Iterator[Tick]:
        """About one tick per second. After a test, the column test/score is set; higher is better."""
        ...

    def state(self) -> Tree:
        """The whole state, including "network" and "weights" {name: tensor}."""
        ...

    def load(self, tree: Tree) -> None: ...

    def remarks(self) -> list[str]:
        """Lines about the data, the model and its number of weights."""
        ...

    def measure(self) -> Measured:
        """For the card."""
        ...

    def pictures(self, folder: Path) -> list[Path]:
        """Draw pictures into `folder`; returns the files."""
        ...


@dataclass(frozen=True)
class SampleOptions:
    """The options of `tengen sample`; 0 and "" mean the system's default."""

    prompt: str = ""
    count: int = 0
    length: int = 0  # of text, in characters or words
    temperature: float = 1.0
    top: int = 0  # draw from the `top` most probable tokens; 0: from all
    of_class: str = ""
    guidance: float = -1.0  # of a diffusion model; below 0: its default
    steps: int = 0  # of a diffusion model
    seed: int = 1


class Sample(NamedTuple):
    """A sample from a trained model."""

    text: str = ""
    picture: np.ndarray | None = None  # [H, W, 3] bytes

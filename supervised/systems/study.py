"""The interface of a system's training and of its results."""

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
    compute: Compute | None  # None in a new run: the study chooses (precision.py); a resumed run keeps what it had
    say: Say = print
    runs: Path = Path("runs")  # where --trunk looks
    anew: Mapping[str, Any] | None = None  # of a run that begins anew: what it has to begin from (Run.anew)


@dataclass(frozen=True)
class Measured:
    """A measurement on held-out data."""

    metric: str  # "nats a character", "accuracy", "BLEU"
    value: float
    ci95: tuple[float, float] | None
    measured_on: str  # "111,540 characters"
    better: Literal["higher", "lower"]
    protocol: str
    also: Mapping[str, float | str] = field(default_factory=dict)
    data_set: str = (
        ""  # the public one (supervised/data/known.py); empty: other data, beside which nothing published stands
    )


class Study(Protocol):
    """A trainer that can measure and show what it has learned. Its class, or a factory function, takes a Setup."""

    words: Words  # the unit of a step, the column that counts
    compute: Compute
    measured: dict[str, float]  # steps/s of each backend that was tried
    network: dict[str, Any]  # JSON from which the model is built again without the data
    total_steps: int
    step: int

    def ticks(self) -> Iterator[Tick]:
        """About one a second. Where it is tested, the column test/score is the higher the better."""
        ...

    def state(self) -> Tree:
        """Everything, with "network" and "weights" {name: tensor}."""
        ...

    def load(self, tree: Tree) -> None: ...

    def remarks(self) -> list[str]:
        """Data, model, number of weights."""
        ...

    def measure(self) -> Measured:
        """For the card."""
        ...

    def pictures(self, folder: Path) -> list[Path]:
        """Write into `folder` what there is to look at; the files."""
        ...


@dataclass(frozen=True)
class SampleOptions:
    """The options of `tengen sample`; 0 and "" take the system's default."""

    prompt: str = ""
    count: int = 0
    length: int = 0  # of text, in characters or words
    temperature: float = 1.0
    top: int = 0  # draw from so many most probable ones; 0: from all
    of_class: str = ""
    guidance: float = -1.0  # of a diffusion model; below 0 takes what suits it
    steps: int = 0  # of a diffusion model
    seed: int = 1


class Sample(NamedTuple):
    """The output of a trained model."""

    text: str = ""
    picture: np.ndarray | None = None  # [H, W, 3] bytes

"""A worker that sleeps for as long as another would work, and sends as many bytes. No torch in here: its process starts
quickly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Profile:
    """What is imitated. Seconds and bytes."""

    unit: float  # seconds of a unit of work
    spread: float  # its standard deviation, as a fraction
    unit_bytes: int
    learn: float  # the learner's seconds for a unit
    weights_bytes: int


class Sleeper:
    """A worker that sleeps."""

    def __init__(self, slot: int, profile: dict[str, Any]) -> None:
        self.profile, self.slot, self.count, self.weights = Profile(**profile), slot, 0, 0
        self.payload = np.random.default_rng(slot).integers(0, 256, self.profile.unit_bytes, np.uint8)

    def use(self, version: int, weights: Any) -> None:
        self.weights = sum(int(array.nbytes) for array in weights.values())

    def seconds(self) -> float:
        """Of the next unit: a gamma distribution, which has a longer tail to the right than to the left."""
        self.count += 1
        shape = self.profile.spread**-2
        draws = np.random.default_rng([self.slot, self.count])
        return float(draws.gamma(shape, self.profile.unit / shape))

    def work(self, task: Any) -> tuple[Any, float]:
        seconds = self.seconds()
        time.sleep(seconds)
        return (seconds, self.payload), 1.0

    def state(self) -> dict[str, Any]:
        return {"count": self.count}

    def load(self, state: dict[str, Any]) -> None:
        self.count = state["count"]

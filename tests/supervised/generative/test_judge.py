"""The judge's training is long, so a measurement shows its progress."""

from __future__ import annotations

import numpy as np
import pytest

from supervised.data.sets import Pictures
from supervised.generative import judge


def test_it_counts_where_it_is_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []

    class Counting:
        def __init__(self, total: int, what: str) -> None:
            told.append((total, what))

        def __call__(self, done: int) -> None:
            told.append(done)

        def end(self) -> None:
            told.append("end")

    monkeypatch.setattr(judge, "Counter", Counting)
    monkeypatch.setattr(judge, "_EXAMPLES", 1)
    part = (np.zeros((64, 28, 28, 1), np.uint8), np.arange(64) % 2)
    found = Pictures(part, part, ("a", "b"))
    judge.train_judge(found, 1)
    assert not told
    judge.train_judge(found, 1, counted=True)
    assert told[0] == (64, "training examples for the judge") and told[-2:] == [64, "end"]

"""A number and its noun agree."""

from __future__ import annotations

import numpy as np
import pytest

from tengen.plural import counted


@pytest.mark.parametrize(
    ("number", "things", "said"),
    [
        (1, "trainings", "1 training"),
        (1, "code cells", "1 code cell"),
        (0, "bytes", "0 bytes"),
        (1, "bytes", "1 byte"),
        (1797, "pictures", "1,797 pictures"),
        (np.int64(12_345_678), "words", "12,345,678 words"),
        (1, "entries", "1 entry"),
        (1, "batches", "1 batch"),
        (1.0, "epochs", "1 epoch"),
        (0.05, "epochs", "0.05 epochs"),
    ],
)
def test_one_thing_is_singular(number: float, things: str, said: str) -> None:
    assert counted(number, things) == said

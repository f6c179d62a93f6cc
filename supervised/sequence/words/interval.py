"""The 95 % interval of a held-out loss of word vectors."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from tengen.statistics import bootstrap

_STRETCHES = 20  # of the held-out words, because neighbouring words are correlated


def interval(
    measure: Callable[[int, int, float, int], tuple[float, int]], start: int, end: int
) -> tuple[float, float] | None:
    """Interval of the nats per pair, from a bootstrap over stretches of words start..end; None if too few have pairs.

    `measure(from, to, 0, 1)` returns (total nats, pairs) of a stretch, without learning.
    """
    edges = np.linspace(start, end, _STRETCHES + 1).astype(int)
    found = [measure(first, last, 0.0, 1) for first, last in pairwise(edges.tolist())]
    told = np.array([(total, pairs) for total, pairs in found if pairs])  # [S, 2]
    if len(told) < 2:
        return None
    return bootstrap(range(len(told)), lambda drawn: np.divide(*np.moveaxis(told[drawn.astype(int)].sum(-2), -1, 0)))

"""Sequential minimal optimisation: the dual problem of a support vector machine (svm.py), two variables at a time.

SMO (Platt 1998) changes two a_i at a time, whose optimum has a closed form. Which two: i violates the optimality
conditions most, and j promises the largest decrease with it (Fan, Chen & Lin 2005, WSS 2, as LIBSVM does):

    i = argmax -y_t G_t  over a_t that may move up      G = Qa - 1, the gradient
    j = argmin -b^2/a    over a_t that may move down    b = -y_i G_i + y_t G_t > 0,  a = K_ii + K_tt - 2 K_it

until max over i minus min over j of -yG is below the tolerance. Only the rows of K that are needed are computed, many
at once, and as many are cached as memory allows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from supervised.classical.kernels.svm import smo

_BLOCK = 32  # rows of K computed at once


def solve(
    rows: Callable[[np.ndarray], np.ndarray],
    diagonal: np.ndarray,
    y: np.ndarray,
    C: float,
    tolerance: float,
    megabytes: int,
) -> tuple[np.ndarray, float, float]:
    """(a [n], b, dual value) of one machine; rows(numbers [m]) gives rows [m, n] of K, of which diagonal [n]."""
    n = len(y)
    slots = min(n, max(4 * _BLOCK, (megabytes << 20) // (4 * n)))
    K, slot, holder, next_slot = np.empty((slots, n), np.float32), np.full(n, -1), np.full(slots, -1), 0
    a, G, gap = np.zeros(n), -np.ones(n), np.zeros(2)
    while (missing := smo(K, slot, diagonal, y, C, tolerance, 100 * n + 10_000, a, G, gap)) >= 0:
        violation = np.where(slot < 0, abs(-y * G - gap.mean()), -1)  # others that will be wanted soon
        violation[missing] = np.inf
        count = min(_BLOCK, int((violation >= 0).sum()))
        wanted = np.argpartition(-violation, count - 1)[:count]
        place = (next_slot + np.arange(count)) % slots
        old = holder[place]
        slot[old[old >= 0]] = -1
        K[place], slot[wanted], holder[place] = rows(wanted), place, wanted
        next_slot = (next_slot + count) % slots
    free = (a > 0) & (a < C)
    b = float(-(y * G)[free].mean()) if free.any() else float(gap.mean())
    return a, b, float(a.sum() / 2 - (a @ G) / 2)  # G = Qa - 1

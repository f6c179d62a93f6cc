"""Sequential halving: the schedule of Gumbel search at the root."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=4096)
def halving_schedule(considered: int, simulations: int) -> tuple[int, ...]:
    """Sequential halving as a list: for each simulation, the visits that the action to be tried already has.

    `considered` actions are visited equally often, then the better half of them, and so on; each phase gets about an
    equal share of the simulations (Danihelka 2022, algorithm 2 and section 4; Karnin 2013).

    >>> halving_schedule(4, 8)
    (0, 0, 0, 0, 1, 1, 2, 2)
    """
    if considered <= 1:
        return tuple(range(simulations))
    phases = int(np.ceil(np.log2(considered)))
    sequence: list[int] = []
    visits = [0] * considered
    number = considered
    while len(sequence) < simulations:
        extra = max(1, simulations // (phases * number))
        for _ in range(extra):
            sequence += visits[:number]
            for i in range(number):
                visits[i] += 1
        number = max(2, number // 2)
    return tuple(sequence[:simulations])

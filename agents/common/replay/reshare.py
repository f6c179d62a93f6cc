"""Redistributes a replay for a different number of workers: the games' columns move to other rings.

    two rings of two games          one ring of four
    row   games 0 1 | 2 3           row   games 0 1 2 3
     ⋮                ⋮              0 …         as many rows as the shortest ring has
    951         · · | ·             L-1          ignored: the games restart

The newest steps are kept. Of the last row only the observation is kept: it is the final one of a truncated game.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from agents.common.replay.ring import FIELDS, FrameRing


def reshare(old: Iterable[FrameRing], counts: Sequence[int], new: Sequence[FrameRing]) -> None:
    """Fill the empty rings `new` with the contents of `old`, whose row counts are `counts`.

    Both have the same games in the same order, equally many per ring. `old` is iterated one ring at a time, so that not
    all rings have to be in memory.
    """
    width = new[0].num_envs
    width_old = len(new) * width // len(counts)
    for number, ring in enumerate(new):
        feeding = range(number * width // width_old, ((number + 1) * width - 1) // width_old + 1)
        ring.count = min(ring.rows, *(counts[index] for index in feeding))
    for index, source in enumerate(old):
        for number, ring in enumerate(new):
            begin, end = max(number * width, index * width_old), min((number + 1) * width, (index + 1) * width_old)
            if begin < end:
                rows = np.arange(source.count - ring.count, source.count) % source.rows
                for name in FIELDS:
                    came = getattr(source, name)[rows, begin - index * width_old : end - index * width_old]
                    getattr(ring, name)[: ring.count, begin - number * width : end - number * width] = came
    for ring in new:
        if ring.count:
            ring.valid[: ring.stack - 1] = False  # their stacks would reach before the first row
            ring.ended[max(0, ring.count - 2)] = True
            ring.valid[ring.count - 1] = False

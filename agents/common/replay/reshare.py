"""Continue a replay with another number of workers: the games' columns move to other rings.

    two rings of two games          one ring of four
    row   games 0 1 | 2 3           row   games 0 1 2 3
     ⋮                ⋮              0 …         as many rows as the shortest of them has
    951         · · | ·             L-1          ignored: the games begin anew

The newest steps are kept. Of a game's last row only the observation is kept, as the final one of a truncated game.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from agents.common.replay.ring import FIELDS, FrameRing


def reshare(old: Iterable[FrameRing], counts: Sequence[int], new: Sequence[FrameRing]) -> None:
    """Fill the rings `new`, which are empty, with what those of `old` hold, of which `counts` are the rows.

    Both have the same games in the same order, equally many in each ring. Those of `old` are asked for one after the
    other, so that not all have to be in memory.
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
            ring.valid[: ring.stack - 1] = False  # their stacks would reach too far back
            ring.ended[max(0, ring.count - 2)] = True
            ring.valid[ring.count - 1] = False

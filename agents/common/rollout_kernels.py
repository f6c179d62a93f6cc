"""Kernels for rollout.py: four consecutive frames become four channels of each pixel."""

from __future__ import annotations

from tengen.jit import kernel


@kernel
def interleave_four(frames, out):  # type: ignore[no-untyped-def]
    """Interleave bytes [B, 4, P] into `out` [B, P * 4]."""
    for b in range(len(frames)):
        first, second, third, fourth, to = frames[b, 0], frames[b, 1], frames[b, 2], frames[b, 3], out[b]
        for p in range(len(first)):
            to[4 * p] = first[p]
            to[4 * p + 1] = second[p]
            to[4 * p + 2] = third[p]
            to[4 * p + 3] = fourth[p]


@kernel
def stack_frames(frames, valid, black, out, column, of, start, stop):  # type: ignore[no-untyped-def]
    """Build the stacks of steps `start` to `stop` - 1 from bytes [T + 3, b, P], which hold each screen once.

    `out` [T * of, P * 4]: step t of game g is row t * of + column + g. Its stack is frames t to t + 3. `valid` [T, b]
    is False where step t + 1 is the first of a new game: earlier frames are replaced by `black` [P] in the stacks of
    that step and the next two. `frames` holds the first step's stack unchanged.
    """
    for t in range(start, stop):
        for b in range(frames.shape[1]):
            known = 4  # number of newest frames in the stack that belong to this game
            for back in range(1, 4):
                if t >= back and known == 4 and not valid[t - back, b]:
                    known = back
            first = frames[t, b] if known > 3 else black
            second = frames[t + 1, b] if known > 2 else black
            third = frames[t + 2, b] if known > 1 else black
            fourth, to = frames[t + 3, b], out[t * of + column + b]
            for p in range(len(fourth)):
                to[4 * p] = first[p]
                to[4 * p + 1] = second[p]
                to[4 * p + 2] = third[p]
                to[4 * p + 3] = fourth[p]

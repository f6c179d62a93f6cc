"""Random playouts: uniform over legal moves that do not fill an own eye, to the end of the game.

All rules apply, including superko. A playout ends when both sides have only eyes left to fill (two passes)
and is scored by area.
"""

from __future__ import annotations

import numpy as np

from envs.go.board import (
    EMPTY,
    KO,
    LEGAL,
    LIMIT,
    MOVES,
    PASSES,
    SIZE,
    TO_MOVE,
    copy_state,
    move,
    open_board,
    remember,
    verdict,
)
from envs.go.features import is_eye
from envs.go.score import area
from tengen.jit import inlined, kernel


@inlined
def next_random(random):
    """xorshift64* (Vigna 2016, arXiv:1402.6246); `random` [1] uint64, never 0. Returns the upper 32 bits."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return (x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(32)


@inlined
def seed_random(random, seed):
    """Spread the seed over all 64 bits (splitmix64)."""
    z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    random[0] = z if z != 0 else np.uint64(1)


@inlined
def random_game(b, random, empties, taken):
    """Play the board to the end; returns the number of moves. `empties` and `taken` [M] are scratch."""
    m = b.meta
    size = m[SIZE]
    free = 0
    for row in range(size):
        for p in range((row + 1) * (size + 1) + 1, (row + 1) * (size + 1) + 1 + size):
            if b.colour[p] == EMPTY:
                empties[free] = p
                free += 1
    c = m[TO_MOVE]
    passes = m[PASSES]
    length = 0
    while passes < 2 and m[MOVES] < m[LIMIT]:
        untried = free
        chosen = 0
        while untried > 0:
            i = (next_random(random) * np.uint64(untried)) >> np.uint64(32)
            p = empties[i]
            untried -= 1
            if not is_eye(b, p, c) and verdict(b, p, c) == LEGAL:
                chosen = p
                free -= 1  # the last of the list takes its place
                empties[i] = empties[untried]
                empties[untried] = empties[free]
                break
            empties[i] = empties[untried]
            empties[untried] = p
        if chosen == 0:
            passes += 1
            m[KO] = 0
        else:
            passes = 0
            count = move(b, chosen, c, taken)
            for i in range(count):
                empties[free] = taken[i]
                free += 1
        c = 3 - c
        m[TO_MOVE] = c
        m[MOVES] += 1
        length += 1
        remember(b)
    m[PASSES] = passes
    return length


@kernel
def playouts(s16, s64, row, seed, count, scores, owners):
    """Play `count` random games from state `row`.

    `scores` [count] gets Black's points minus White's, without komi; `owners` [M] float32 gets the mean owner
    of each point. Returns the total number of moves and how many games the move limit cut short.
    """
    w64 = np.empty(s64.shape[1], np.int64)
    n = owners.size
    scratch = (np.empty(n, np.int16), np.empty(n, np.int16), np.zeros(n, np.int8), np.empty(1, np.uint64))
    return _playouts(s16[row], s64[row], w64.view(np.int16), w64, seed, count, scores, owners, scratch)


@inlined
def _playouts(row16, row64, w16, w64, seed, count, scores, owners, scratch):
    empties, taken, owner, random = scratch
    for p in range(owners.size):
        owners[p] = 0
    moves = 0
    cut = 0
    for k in range(count):
        copy_state(w16, w64, row16, row64)
        b = open_board(w16, w64)
        seed_random(random, seed + k)
        moves += random_game(b, random, empties, taken)
        cut += b.meta[PASSES] < 2
        scores[k] = area(b, owner, taken)
        for p in range(owners.size):
            owners[p] += owner[p]
    for p in range(owners.size):
        owners[p] /= max(count, 1)
    return moves, cut

"""Proves what one side can force on a tiny Go board, superko included; counts the legal positions of a board."""

from __future__ import annotations

import numpy as np

from envs.boards.game import BLACK
from envs.go import board
from envs.go.board import (
    END,
    PASSED,
    PASSES,
    SIZE,
    TO_MOVE,
    advance,
    clear,
    copy_state,
    open_board,
    point_of,
    put,
    verdict,
)
from envs.go.game import Go
from envs.go.score import area, unconditional
from tengen.jit import inlined, kernel, routine


@inlined
def _settled(b, prover, target, owner, work, taken):
    """1 if `prover` is certain of its target, 0 if it has missed or cannot reach it, -1 if undecided."""
    m = b.meta
    size = m[SIZE]
    total = size * size
    black, white = 0, 0
    if m[END] != PASSED:
        unconditional(b, owner, work)
        for p in range(owner.size):
            black += owner[p] == 1
            white += owner[p] == -1
    least, most = 2 * black - total, total - 2 * white  # bounds on Black's points minus White's
    if m[END] == PASSED:
        least = most = area(b, owner, taken)
    if (least >= target) if prover == 1 else (most <= target):
        return 1
    if (most < target) if prover == 1 else (least > target):
        return 0
    if m[PASSES] == 1:  # a pass now ends the game
        points = area(b, owner, taken)
        enough = points >= target if prover == 1 else points <= target
        mine = m[TO_MOVE] == prover
        if mine and enough:
            return 1
        if not mine and not enough:
            return 0
    return -1


@routine
def _prove(s16, s64, limit, target, prover, owner, work, taken, tried, nodes):
    """Whether `prover` can force its target from the state at level 0.

    Depth-first with an explicit stack, since numba does not find recursive functions in its on-disk cache: the
    states of the line are in `s16` and `s64`, the number of moves tried in `tried`.
    """
    level = 0
    entering = True
    answer = -1  # result of the level just left: 1 reached, 0 not, -1 still searching
    while True:
        b = open_board(s16[level], s64[level])
        if entering:
            entering = False
            nodes[0] += 1
            tried[level] = 0
            answer = _settled(b, prover, target, owner, work, taken)
            if answer < 0 and level == limit:
                answer = 0
        if answer >= 0:
            if level == 0:
                return answer == 1
            level -= 1
            if (answer == 1) == (s16[level, TO_MOVE] == prover):
                continue  # one good move is enough, for either side
            answer = -1
            b = open_board(s16[level], s64[level])
        c = b.meta[TO_MOVE]
        size = b.meta[SIZE]
        total = size * size
        found = False
        while tried[level] <= total and not found:
            k = tried[level]
            tried[level] += 1
            action = (k + total // 2) % total if k < total else total  # centre first, pass last
            if action == total or verdict(b, point_of(action, size), c) == board.LEGAL:
                copy_state(s16[level + 1], s64[level + 1], s16[level], s64[level])
                advance(open_board(s16[level + 1], s64[level + 1]), action, taken)
                found = True
        if found:
            level += 1
            entering = True
        else:
            answer = 0 if c == prover else 1


@kernel
def _proves(s16, s64, limit, target, prover, owner, work, taken, tried, nodes):
    return _prove(s16, s64, limit, target, prover, owner, work, taken, tried, nodes)


def go_reaches(game: Go, state: np.ndarray, prover: int, target: int, depth: int) -> tuple[bool, int]:
    """Whether `prover` can force an area score (Black minus White, without komi) of at least `target` (at most,
    for White) within `depth` moves; and the number of positions visited.

    True is a proof: no repetition is cut short, superko is followed along every line, chains count as
    safe only by Benson's theorem. False may only mean that `depth` was too small.
    """
    stack = np.repeat(state, depth + 2)
    words = stack.view(np.int64).reshape(len(stack), -1)
    m = board.points(game.size)
    nodes = np.zeros(1, np.int64)
    scratch = (np.zeros(m, np.int8), np.zeros((14, m), np.int16), np.zeros(m, np.int16), np.zeros(depth + 2, np.int16))
    side = board.BLACK if prover == BLACK else board.WHITE
    found = _proves(words.view(np.int16), words, depth, target, side, *scratch, nodes)
    return bool(found), int(nodes[0])


@routine
def _count_legal(row16, row64, size):
    b = open_board(row16, row64)
    total = size * size
    legal = 0
    for code in range(3**total):
        clear(b, size)
        rest = code
        for a in range(total):
            if rest % 3 != 0:
                put(b, point_of(a, size), rest % 3)
            rest //= 3
        breathing = True
        for p in range(b.colour.size):
            if 0 < b.colour[p] < 3 and b.libs[b.chain[p]] == 0:
                breathing = False
        legal += breathing
    return legal


@kernel
def _counted(s16, s64, size):
    return _count_legal(s16[0], s64[0], size)


def count_legal_positions(size: int) -> int:
    """How many of the 3^(size²) stone patterns leave every chain a liberty (Tromp's L(size, size)).

    4x4 takes about ten seconds.
    """
    state = Go(size).new(1)
    words = state.view(np.int64).reshape(1, -1)
    return int(_counted(words.view(np.int16), words, size))

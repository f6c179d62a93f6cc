"""The compiled kernels of Go, over the rows [start, stop) of a batch of states.

A state arrives as its int16 words [B, W16] and its int64 words [B, W64], two views of the same memory.
One compilation serves every board size.
"""

from __future__ import annotations

import numpy as np

from envs.go.board import (
    END,
    LEGAL,
    PLAYING,
    POSITIONS,
    SCORING,
    SIZE,
    TERRITORY,
    TO_MOVE,
    advance,
    clear,
    open_board,
    point_of,
    put,
    remember,
    verdict,
)
from envs.go.features import encode_alphago, encode_compact, encode_zero
from envs.go.ladders import count_liberties, new_scratch
from envs.go.score import area, territory, unconditional
from envs.jit import kernel

OVER, OUTSIDE = 10, 11  # further reasons besides board.verdict's


@kernel
def reset(s16, s64, start, stop, size):
    for i in range(start, stop):
        s16[i, SIZE] = size
        clear(open_board(s16[i], s64[i]), size)


@kernel
def legal(s16, s64, start, stop, out):
    """`out` [B, A] bool. Passing is legal as long as the game goes on."""
    for i in range(start, stop):
        b = open_board(s16[i], s64[i])
        size = b.meta[SIZE]
        if b.meta[END] != PLAYING:
            out[i] = False
            continue
        c = b.meta[TO_MOVE]
        p = size + 2
        for row in range(size):
            for a in range(row * size, row * size + size):
                out[i, a] = verdict(b, p, c) == LEGAL
                p += 1
            p += 1
        out[i, size * size] = True


@kernel
def check(s16, s64, start, stop, actions, why):
    """Into `why` [B]: LEGAL, or the reason why the action is not."""
    for i in range(start, stop):
        b = open_board(s16[i], s64[i])
        size = b.meta[SIZE]
        a = actions[i]
        if b.meta[END] != PLAYING:
            why[i] = OVER
        elif a < 0 or a > size * size:
            why[i] = OUTSIDE
        elif a == size * size:
            why[i] = LEGAL
        else:
            why[i] = verdict(b, point_of(a, size), b.meta[TO_MOVE])


@kernel
def play(s16, s64, start, stop, actions):
    taken = np.empty(s16.shape[1], np.int16)
    for i in range(start, stop):
        advance(open_board(s16[i], s64[i]), actions[i], taken)


@kernel
def setup(s16, s64, black, white, mover):
    """Put stones on the board of row 0 without a move; False if a chain were left without liberties."""
    b = open_board(s16[0], s64[0])
    for c, stones in ((1, black), (2, white)):
        for p in stones:
            if b.colour[p] != 0:
                return False
            put(b, p, c)
    for p in range(b.colour.size):
        if 0 < b.colour[p] < 3 and b.libs[b.chain[p]] == 0:
            return False
        b.trail[p] = b.colour[p]
    b.meta[TO_MOVE] = mover
    b.meta[POSITIONS] = 0  # what stood before the set-up is forgotten
    remember(b)
    return True


@kernel
def score(s16, s64, start, stop, dead, owner, out):
    """Black's points less White's, without komi. `dead` [B, M] bool, `owner` [B, M] int8 is written."""
    stack = np.empty(s16.shape[1], np.int16)
    for i in range(start, stop):
        b = open_board(s16[i], s64[i])
        if b.meta[SCORING] == TERRITORY:
            out[i] = territory(b, dead[i], owner[i], stack)
        else:
            out[i] = area(b, owner[i], stack)


@kernel
def alive(s16, s64, start, stop, owner, out):
    """Benson: `owner` [B, M] int8 and Black's unconditional points less White's."""
    work = np.empty((14, owner.shape[1]), np.int16)
    for i in range(start, stop):
        out[i] = unconditional(open_board(s16[i], s64[i]), owner[i], work)


@kernel
def chains(s16, s64, libs, laddered):
    """Of row 0: distinct liberties at every chain's head [M], and whether a ladder catches it [M]."""
    b = open_board(s16[0], s64[0])
    count_liberties(b, libs)
    scratch = new_scratch(s16[0], s64[0])
    out = np.zeros((b.meta[SIZE], b.meta[SIZE], 18), np.int8)
    owner = np.empty(b.colour.size, np.int8)
    work = np.empty((14, b.colour.size), np.int16)
    encode_compact(b, s16[0], s64[0], out, libs, owner, work, scratch, np.empty(2, np.int16))
    size = b.meta[SIZE]
    for a in range(size * size):
        laddered[point_of(a, size)] = out[a // size, a % size, 12]


@kernel
def planes_zero(s16, s64, start, stop, out):
    for i in range(start, stop):
        encode_zero(open_board(s16[i], s64[i]), out[i])


@kernel
def planes_compact(s16, s64, start, stop, out):
    b = open_board(s16[start], s64[start])
    m = b.colour.size
    libs = np.empty(m, np.int16)
    owner = np.empty(m, np.int8)
    work = np.empty((14, m), np.int16)
    scratch = new_scratch(s16[start], s64[start])
    first_moves = np.empty(2, np.int16)
    for i in range(start, stop):
        b = open_board(s16[i], s64[i])
        encode_compact(b, s16[i], s64[i], out[i], libs, owner, work, scratch, first_moves)


@kernel
def planes_alphago(s16, s64, start, stop, out):
    m = open_board(s16[start], s64[start]).colour.size
    libs = np.empty(m, np.int16)
    scratch = new_scratch(s16[start], s64[start])
    first_moves = np.empty(2, np.int16)
    for i in range(start, stop):
        encode_alphago(open_board(s16[i], s64[i]), s16[i], s64[i], out[i], libs, scratch, first_moves)

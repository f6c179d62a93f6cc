"""Compiled Go kernels over rows [start, stop) of a batch of states.

States are passed as int16 words [B, W16] and int64 words [B, W64], two views of the same memory. One
compilation serves every board size. A kernel allocates its scratch memory and calls a function that loops
over the rows and allocates nothing (tengen/jit.py explains why).
"""

from __future__ import annotations

import numpy as np

from envs.go.board import (
    END,
    LEGAL,
    PASSED,
    PASSES,
    PLAYING,
    SCORING,
    SIZE,
    TERRITORY,
    TO_MOVE,
    advance,
    clear,
    forget,
    open_board,
    point_of,
    put,
    remember,
    verdict,
)
from envs.go.board import (
    points_of_size as points,
)
from envs.go.features import encode_alphago, encode_compact, encode_zero
from envs.go.ladders import caught, count_liberties, new_scratch
from envs.go.score import area, territory, unconditional
from tengen.jit import inlined, kernel

OVER, OUTSIDE = 10, 11  # reasons in addition to those of board.verdict


@kernel
def reset(s16, s64, start, stop, size):
    _reset(s16, s64, start, stop, size)


@inlined
def _reset(s16, s64, start, stop, size):
    for i in range(start, stop):
        s16[i, SIZE] = size
        clear(open_board(s16[i], s64[i]), size)


@kernel
def legal(s16, s64, start, stop, out):
    """`out` [B, A] bool. Passing is legal until the game ends."""
    _legal(s16, s64, start, stop, out)


@inlined
def _legal(s16, s64, start, stop, out):
    for i in range(start, stop):
        b = open_board(s16[i], s64[i])
        size = b.meta[SIZE]
        if b.meta[END] != PLAYING:
            for a in range(out.shape[1]):
                out[i, a] = False
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
    """Writes to `why` [B]: LEGAL, or the reason why the action is illegal."""
    _check(s16, s64, start, stop, actions, why)


@inlined
def _check(s16, s64, start, stop, actions, why):
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
    _play(s16, s64, start, stop, actions, np.empty(s16.shape[1], np.int16))


@inlined
def _play(s16, s64, start, stop, actions, taken):
    for i in range(start, stop):
        advance(open_board(s16[i], s64[i]), actions[i], taken)


@kernel
def play_paths(s16, s64, start, stop, actions, lengths):
    _play_paths(s16, s64, start, stop, actions, lengths, np.empty(s16.shape[1], np.int16))


@inlined
def _play_paths(s16, s64, start, stop, actions, lengths, taken):
    for i in range(start, stop):
        b = open_board(s16[i], s64[i])
        for k in range(lengths[i]):
            advance(b, np.int64(actions[i, k]), taken)


@kernel
def setup(s16, s64, black, white, mover):
    """Place set-up stones on the board of row 0; False if this would leave a chain without liberties."""
    return _setup(s16, s64, black, white, mover)


@inlined
def _setup(s16, s64, black, white, mover):
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
    forget(b)  # positions before the set-up
    remember(b)
    return True


@kernel
def retrace(s16, s64, start, stop, entries, first, setup, ply, size, check, played):
    """Set row i to the position of a stored game after `ply[i]` moves (envs/go/collection.py: one uint16 per entry).

    `first` [B] is the index of its first entry, `setup` [B] how many entries are set-up stones. With `check`,
    moves are tested for legality and `played` [B] gets the number of legal moves before the first illegal one.
    """
    _retrace(s16, s64, start, stop, entries, first, setup, ply, size, check, played, np.empty(s16.shape[1], np.int16))


@inlined
def _retrace(s16, s64, start, stop, entries, first, setup, ply, size, check, played, taken):
    for i in range(start, stop):
        s16[i, SIZE] = size
        b = open_board(s16[i], s64[i])
        clear(b, size)
        at = first[i]
        if setup[i] > 0:
            for j in range(at, at + setup[i]):
                put(b, point_of(entries[j] & 1023, size), 1 + (entries[j] >> 10))
            for p in range(b.colour.size):
                b.trail[p] = b.colour[p]
            forget(b)
            remember(b)
        at += setup[i]
        played[i] = ply[i]
        for k in range(ply[i] + 1):  # one entry beyond the moves: its colour tells who is to move
            action = np.int64(entries[at + k] & 1023)
            b.meta[TO_MOVE] = 1 + (entries[at + k] >> 10)
            if k == ply[i]:
                break
            if b.meta[END] == PASSED:  # players may resume after two passes if they disagree
                b.meta[END] = PLAYING
                b.meta[PASSES] = 0
            if check and action < size * size and verdict(b, point_of(action, size), b.meta[TO_MOVE]) != LEGAL:
                played[i] = k
                break
            advance(b, action, taken)
        if b.meta[END] == PASSED:
            b.meta[END] = PLAYING
            b.meta[PASSES] = 0


@kernel
def score(s16, s64, start, stop, dead, owner, out):
    """Black's points minus White's, without komi. `dead` [B, M] bool; writes `owner` [B, M] int8."""
    _score(s16, s64, start, stop, dead, owner, out, np.empty(s16.shape[1], np.int16))


@inlined
def _score(s16, s64, start, stop, dead, owner, out, stack):
    for i in range(start, stop):
        b = open_board(s16[i], s64[i])
        if b.meta[SCORING] == TERRITORY:
            out[i] = territory(b, dead[i], owner[i], stack)
        else:
            out[i] = area(b, owner[i], stack)


@kernel
def alive(s16, s64, start, stop, owner, out):
    """Benson: writes `owner` [B, M] int8 and Black's unconditional points minus White's."""
    _alive(s16, s64, start, stop, owner, out, np.empty((14, owner.shape[1]), np.int16))


@inlined
def _alive(s16, s64, start, stop, owner, out, work):
    for i in range(start, stop):
        out[i] = unconditional(open_board(s16[i], s64[i]), owner[i], work)


@kernel
def chains(s16, s64, libs, laddered):
    """For row 0: the distinct liberties of every chain, at its head [M], and whether a ladder catches it [M]."""
    _chains(s16, s64, libs, laddered, new_scratch(s16[0], s64[0]))


@inlined
def _chains(s16, s64, libs, laddered, ladder):
    b = open_board(s16[0], s64[0])
    count_liberties(b, libs)
    for p in range(b.colour.size):
        head = b.chain[p]
        if 0 < b.colour[p] < 3 and libs[head] <= 2:
            laddered[p] = caught(s16[0], s64[0], p, libs[head] == 2, ladder)


@kernel
def planes_zero(s16, s64, start, stop, out):
    _zero(s16, s64, start, stop, out)


@inlined
def _zero(s16, s64, start, stop, out):
    for i in range(start, stop):
        encode_zero(open_board(s16[i], s64[i]), out[i])


@kernel
def planes_compact(s16, s64, start, stop, out):
    m = points(s16[start, SIZE])
    scratch = (np.empty(m, np.int16), np.empty(m, np.int8), np.empty((14, m), np.int16))
    _compact(s16, s64, start, stop, out, scratch, new_scratch(s16[start], s64[start]))


@inlined
def _compact(s16, s64, start, stop, out, scratch, ladder):
    libs, owner, work = scratch
    for i in range(start, stop):
        encode_compact(open_board(s16[i], s64[i]), s16[i], s64[i], out[i], libs, owner, work, ladder)


@kernel
def planes_alphago(s16, s64, start, stop, out):
    libs = np.empty(points(s16[start, SIZE]), np.int16)
    _alphago(s16, s64, start, stop, out, libs, new_scratch(s16[start], s64[start]))


@inlined
def _alphago(s16, s64, start, stop, out, libs, ladder):
    for i in range(start, stop):
        encode_alphago(open_board(s16[i], s64[i]), s16[i], s64[i], out[i], libs, ladder)

"""The board of Go in flat arrays, and what a move does to it. Compiled; one code for every size.

Points are numbered with a border, so that no neighbour needs a bounds check (size 3, stride 4):

     0  1  2  3        border
     4 [5  6  7]       column 0 of each row is border and serves the row before as its right border
     8 [9 10 11]
    12[13 14 15]
    16 17 18 19 20     border

A chain is a ring of linked points with one of them as its head. At the head stand the chain's stones,
its pseudo-liberties (every pair of a stone and an adjacent empty point counts) and the exclusive-or of
its stones' Zobrist keys. With them, whether a move captures, is suicide or repeats a position is known
from the four neighbours, before anything is changed.

Superko without search: a position can only repeat if the point was occupied by the same colour before
(`seen`), so the list of earlier positions is read for few moves only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs.jit import inlined

EMPTY, BLACK, WHITE, BORDER = 0, 1, 2, 3
MAX_SIZE = 25

# meta, one int16 each
SIZE, TO_MOVE, PASSES, END, MOVES, KO, KO_RULE, SUICIDE, KOMI2, SCORING = range(10)
CAPTURED_BLACK, CAPTURED_WHITE, BONUS, WINNER, POSITIONS, LIMIT, HANDICAP = range(10, 17)
LAST = 20  # five fields: the newest five actions, newest first, -1 for none
META = 32

SIMPLE, POSITIONAL, SITUATIONAL = 0, 1, 2  # ko rules
PLAYING, PASSED, RESIGNED, CUT = 0, 1, 2, 3  # meta[END]
AREA, TERRITORY = 0, 1


class Board(NamedTuple):
    """Views into one state. M = (size + 2) (size + 1) + 1 points with the border."""

    meta: np.ndarray  # [32] int16
    colour: np.ndarray  # [M] int16
    chain: np.ndarray  # [M] int16 head of the chain of the stone here
    link: np.ndarray  # [M] int16 next stone of the chain's ring
    stones: np.ndarray  # [M] int16 at heads: number of stones
    libs: np.ndarray  # [M] int16 at heads: pseudo-liberties
    seen: np.ndarray  # [M] int16 bit 1: black has stood here, bit 2: white
    age: np.ndarray  # [M] int16 number of the move that put the stone here, 0 for none
    trail: np.ndarray  # [M] int16 colours here after the newest 8 moves, two bits each, newest lowest
    key: np.ndarray  # [1] int64 Zobrist key of the stones
    chain_key: np.ndarray  # [M] int64 at heads
    history: np.ndarray  # [limit + 2] int64 keys of all positions so far, meta[POSITIONS] of them


def points(size: int) -> int:
    """Points of a board with its border, rounded up so that arrays stay aligned to 8 bytes."""
    return -(-((size + 2) * (size + 1) + 1) // 4) * 4


def state_dtype(size: int, limit: int) -> np.dtype:
    """The record of one state; `limit` is the greatest number of moves."""
    m = points(size)
    fields = ("colour", "chain", "link", "stones", "libs", "seen", "age", "trail")
    return np.dtype(
        [("meta", np.int16, META)]
        + [(name, np.int16, m) for name in fields]
        + [("key", np.int64, 1), ("chain_key", np.int64, m), ("history", np.int64, limit + 2)]
    )


_random = np.random.default_rng(19)
_KEYS = _random.integers(-(2**63), 2**63 - 1, size=(3, points(MAX_SIZE)), dtype=np.int64)
_KEYS[0] = 0
WHITE_TO_MOVE = int(_random.integers(-(2**63), 2**63 - 1))  # enters the keys of situational superko


@inlined
def open_board(row16, row64):
    """The board in one state, given as its int16 words and its int64 words."""
    n = row16[0]  # meta[SIZE]
    m = ((n + 2) * (n + 1) + 4) // 4 * 4
    a = META
    k = (META + 8 * m) // 4
    return Board(
        row16[:META],
        row16[a : a + m],
        row16[a + m : a + 2 * m],
        row16[a + 2 * m : a + 3 * m],
        row16[a + 3 * m : a + 4 * m],
        row16[a + 4 * m : a + 5 * m],
        row16[a + 5 * m : a + 6 * m],
        row16[a + 6 * m : a + 7 * m],
        row16[a + 7 * m : a + 8 * m],
        row64[k : k + 1],
        row64[k + 1 : k + 1 + m],
        row64[k + 1 + m :],
    )


@inlined
def copy_state(to16, to64, from16, from64):
    """Copy a state; of the history only what is used."""
    n = from16[0]
    m = ((n + 2) * (n + 1) + 4) // 4 * 4
    words = (META + 8 * m) // 4 + 1 + m + from16[POSITIONS]
    to64[:words] = from64[:words]


@inlined
def clear(b, size):
    """An empty board; the rules in meta stay as they are."""
    m = b.meta
    m[SIZE] = size
    m[TO_MOVE] = BLACK
    for i in (PASSES, END, MOVES, KO, CAPTURED_BLACK, CAPTURED_WHITE, BONUS, WINNER, POSITIONS, HANDICAP):
        m[i] = 0
    m[LAST : LAST + 5] = -1
    b.colour[:] = BORDER
    for row in range(size):
        b.colour[(row + 1) * (size + 1) + 1 : (row + 1) * (size + 1) + 1 + size] = EMPTY
    b.chain[:] = 0
    b.link[:] = 0
    b.stones[:] = 0
    b.libs[:] = 0
    b.seen[:] = 0
    b.age[:] = 0
    b.trail[:] = 0
    b.key[0] = 0
    b.chain_key[:] = 0
    remember(b)


@inlined
def point_of(action, size):
    """The bordered point of action `row * size + column`."""
    return (action // size + 1) * (size + 1) + action % size + 1


@inlined
def action_of(point, size):
    return (point // (size + 1) - 1) * size + point % (size + 1) - 1


@inlined
def situation(key, rule, mover_is_white):
    """What superko compares: the stones, and for situational superko whose turn it is."""
    if rule == SITUATIONAL and mover_is_white:
        return key ^ WHITE_TO_MOVE
    return key


@inlined
def remember(b):
    """Put the present position on the list that superko looks at."""
    m = b.meta
    b.history[m[POSITIONS]] = situation(b.key[0], m[KO_RULE], m[TO_MOVE] == WHITE)
    m[POSITIONS] += 1


@inlined
def _repeats(b, key):
    hits = 0
    for i in range(b.meta[POSITIONS]):  # no early exit: this way it runs four at a time
        hits += b.history[i] == key
    return hits > 0


OCCUPIED, SUICIDAL, KO_BAN, LEGAL = 0, 1, 2, 3  # what `verdict` says


@inlined
def verdict(b, p, c):
    """Whether colour `c` may play at the point `p`, and if not, why; nothing is changed."""
    colour, chain = b.colour, b.chain
    if colour[p] != EMPTY:
        return OCCUPIED
    stride = b.meta[SIZE] + 1
    room = False  # a liberty is left without captures
    captures = False
    key = b.key[0] ^ _KEYS[c, p]
    own = np.int64(0)  # keys of own chains that lose their last liberty here
    joined = False
    around = (p - stride, p - 1, p + 1, p + stride)
    for i in range(4):
        q = around[i]
        x = colour[q]
        if x == EMPTY:
            room = True
        elif x != BORDER:
            head = chain[q]
            touching = 0
            first = True
            for j in range(4):
                r = around[j]
                x_r = colour[r]
                if (x_r == BLACK or x_r == WHITE) and chain[r] == head:
                    touching += 1
                    if j < i:
                        first = False
            last_liberty = b.libs[head] == touching
            if x == c:
                joined = True
                if not last_liberty:
                    room = True
                elif first:
                    own ^= b.chain_key[head]
            elif last_liberty:
                captures = True
                if first:
                    key ^= b.chain_key[head]
    rule = b.meta[KO_RULE]
    if room or captures:
        if rule == SIMPLE:
            if p == b.meta[KO] and c == b.meta[TO_MOVE]:
                return KO_BAN
            return LEGAL
        if b.seen[p] & c == 0:
            return LEGAL
    else:
        if b.meta[SUICIDE] == 0:
            return SUICIDAL
        if not joined and rule != SITUATIONAL:
            return LEGAL if rule == SIMPLE else KO_BAN  # one stone's suicide: the position stands as it stood
        key = b.key[0] ^ own
        if rule == SIMPLE:
            return LEGAL
    if _repeats(b, situation(key, rule, c == BLACK)):  # after the move it is the other's turn
        return KO_BAN
    return LEGAL


@inlined
def put(b, p, c):
    """Put a stone and join chains; captures nothing."""
    colour, chain, link, libs = b.colour, b.chain, b.link, b.libs
    stride = b.meta[SIZE] + 1
    colour[p] = c
    chain[p] = p
    link[p] = p
    b.stones[p] = 1
    b.chain_key[p] = _KEYS[c, p]
    b.seen[p] |= c
    b.key[0] ^= _KEYS[c, p]
    free = 0
    for q in (p - stride, p - 1, p + 1, p + stride):
        x = colour[q]
        if x == EMPTY:
            free += 1
        elif x != BORDER:
            libs[chain[q]] -= 1
    libs[p] = free
    for q in (p - stride, p - 1, p + 1, p + stride):
        if colour[q] == c and chain[q] != chain[p]:
            _join(b, chain[q], chain[p])


@inlined
def _join(b, one, other):
    """Make two chains one; the smaller one's stones get the larger one's head."""
    keep, give = (one, other) if b.stones[one] >= b.stones[other] else (other, one)
    q = give
    while True:
        b.chain[q] = keep
        q = b.link[q]
        if q == give:
            break
    b.link[keep], b.link[give] = b.link[give], b.link[keep]  # two rings become one
    b.stones[keep] += b.stones[give]
    b.libs[keep] += b.libs[give]
    b.chain_key[keep] ^= b.chain_key[give]


@inlined
def take(b, head, taken, count):
    """Take a chain off the board. Its points go to `taken` from `count` on; returns the new count."""
    colour, chain, libs = b.colour, b.chain, b.libs
    stride = b.meta[SIZE] + 1
    b.key[0] ^= b.chain_key[head]
    p = head
    while True:
        colour[p] = EMPTY
        taken[count] = p
        count += 1
        for q in (p - stride, p - 1, p + 1, p + stride):
            x = colour[q]
            if x == BLACK or x == WHITE:
                libs[chain[q]] += 1
        p = b.link[p]
        if p == head:
            break
    return count


@inlined
def move(b, p, c, taken):
    """Play `c` at `p`, known to be legal: put, capture, note the ko. Returns how many points are in `taken`."""
    colour = b.colour
    stride = b.meta[SIZE] + 1
    put(b, p, c)
    other = 3 - c
    count = 0
    for q in (p - stride, p - 1, p + 1, p + stride):
        if colour[q] == other and b.libs[b.chain[q]] == 0:
            count = take(b, b.chain[q], taken, count)
    b.meta[CAPTURED_BLACK if other == BLACK else CAPTURED_WHITE] += count
    head = b.chain[p]
    b.meta[KO] = 0
    if b.libs[head] == 0:
        suicides = take(b, head, taken, count) - count
        b.meta[CAPTURED_BLACK if c == BLACK else CAPTURED_WHITE] += suicides
        count += suicides
    elif count == 1 and b.stones[head] == 1 and b.libs[head] == 1:
        b.meta[KO] = taken[0]
    return count


@inlined
def advance(b, action, taken):
    """A whole turn, known to be legal, with all that features and superko need later. `action` size² passes."""
    m = b.meta
    c = m[TO_MOVE]
    size = m[SIZE]
    m[MOVES] += 1
    if action == size * size:
        m[PASSES] += 1
        m[KO] = 0
    else:
        p = point_of(action, size)
        m[PASSES] = 0
        count = move(b, p, c, taken)
        b.age[p] = m[MOVES]
        for i in range(count):
            b.age[taken[i]] = 0
    for i in range(b.trail.size):
        b.trail[i] = (b.trail[i] << 2) | b.colour[i]
    for i in range(4):
        m[LAST + 4 - i] = m[LAST + 3 - i]
    m[LAST] = action
    m[TO_MOVE] = 3 - c
    remember(b)
    if m[PASSES] >= 2:
        m[END] = PASSED
    elif m[MOVES] >= m[LIMIT]:
        m[END] = CUT

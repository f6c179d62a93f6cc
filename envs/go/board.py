"""The Go board in flat arrays, and how a move changes it. Compiled; the same code for every size.

Points are numbered with a border, so neighbours need no bounds checks (size 3, stride 4):

     0  1  2  3        border
     4 [5  6  7]       column 0 of each row is border, and the right border of the row before
     8 [9 10 11]
    12[13 14 15]
    16 17 18 19 20     border

A chain is a ring of linked points, one of which is its head. The head stores the number of stones, the
number of pseudo-liberties (pairs of a stone and an adjacent empty point) and the exclusive-or of the
stones' Zobrist keys. With these, the four neighbours tell whether a move captures, is suicide or repeats a
position, before anything changes.

Superko rarely needs a search: a position can repeat only if the same colour has stood on the point before
(`seen`) and the bit of its key is set in a small filter. Only then is the list of earlier positions scanned.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tengen.jit import inlined

EMPTY, BLACK, WHITE, BORDER = 0, 1, 2, 3
MAX_SIZE = 25

# Indices into meta (int16)
SIZE, TO_MOVE, PASSES, END, MOVES, KO, KO_RULE, SUICIDE, KOMI2, SCORING = range(10)
CAPTURED_BLACK, CAPTURED_WHITE, BONUS, WINNER, POSITIONS, LIMIT, HANDICAP = range(10, 17)
LAST = 20  # five fields: the last five actions, newest first, -1 for none
META = 32

SIMPLE, POSITIONAL, SITUATIONAL = 0, 1, 2  # ko rules
PLAYING, PASSED, RESIGNED, CUT = 0, 1, 2, 3  # meta[END]
AREA, TERRITORY = 0, 1


class Board(NamedTuple):
    """Views into one state. M = (size + 2) (size + 1) + 1 points including the border."""

    meta: np.ndarray  # [32] int16
    colour: np.ndarray  # [M] int16
    chain: np.ndarray  # [M] int16 head of this stone's chain
    link: np.ndarray  # [M] int16 next stone in the chain's ring
    stones: np.ndarray  # [M] int16 at heads: number of stones
    libs: np.ndarray  # [M] int16 at heads: pseudo-liberties
    seen: np.ndarray  # [M] int16 bit 1: Black has stood here, bit 2: White
    age: np.ndarray  # [M] int16 number of the move that placed this stone, 0 for none
    trail: np.ndarray  # [M] int16 colours here after the last 8 moves, two bits each, newest lowest
    key: np.ndarray  # [1] int64 Zobrist key of the stones
    chain_key: np.ndarray  # [M] int64 at heads
    filter: np.ndarray  # [16 or 64] int64 bit filter, one bit per key in `history`
    history: np.ndarray  # [limit + 2] int64 keys of all positions so far; meta[POSITIONS] are used


def points(size: int) -> int:
    """Number of points including the border, rounded up so that arrays stay aligned to 8 bytes."""
    return -(-((size + 2) * (size + 1) + 1) // 4) * 4


def filter_words(limit: int) -> int:
    """Words in the filter: at the end of a typical game about one bit in ten is set."""
    return 16 if limit <= 512 else 64


points_of_size, words_of_filter = inlined(points), inlined(filter_words)


def state_dtype(size: int, limit: int) -> np.dtype:
    """dtype of one state; `limit` is the maximum number of moves."""
    m = points(size)
    fields = ("colour", "chain", "link", "stones", "libs", "seen", "age", "trail")
    return np.dtype(
        [("meta", np.int16, META)]
        + [(name, np.int16, m) for name in fields]
        + [
            ("key", np.int64, 1),
            ("chain_key", np.int64, m),
            ("filter", np.int64, filter_words(limit)),
            ("history", np.int64, limit + 2),
        ]
    )


_random = np.random.default_rng(19)
_KEYS = _random.integers(-(2**63), 2**63 - 1, size=(3, points(MAX_SIZE)), dtype=np.int64)
_KEYS[0] = 0
WHITE_TO_MOVE = int(_random.integers(-(2**63), 2**63 - 1))  # mixed into the keys for situational superko


@inlined
def open_board(row16, row64):
    """The board of one state, given as its int16 and int64 words."""
    n = row16[0]  # meta[SIZE]
    m = points_of_size(n)
    a = META
    k = (META + 8 * m) // 4
    f = words_of_filter(row16[LIMIT])
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
        row64[k + 1 + m : k + 1 + m + f],
        row64[k + 1 + m + f :],
    )


@inlined
def copy_state(to16, to64, from16, from64):
    """Copy a state, and only the used part of its history."""
    n = from16[0]
    m = points_of_size(n)
    words = np.int64((META + 8 * m) // 4 + 1 + m + words_of_filter(from16[LIMIT]) + from16[POSITIONS])
    for i in range(words):
        to64[i] = from64[i]


@inlined
def copy_stones(to64, from64, size):
    """Copy meta, colour, chain, link, stones and libs: enough to place and remove stones."""
    for i in range((META + 5 * points_of_size(size)) // 4):
        to64[i] = from64[i]


@inlined
def clear(b, size):
    """Empty the board; keep the rules in meta."""
    m = b.meta
    m[SIZE] = size
    m[TO_MOVE] = BLACK
    for i in (PASSES, END, MOVES, KO, CAPTURED_BLACK, CAPTURED_WHITE, BONUS, WINNER, HANDICAP):
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
    forget(b)
    remember(b)


@inlined
def point_of(action, size):
    """The point in the bordered arrays for action `row * size + column`."""
    return (action // size + 1) * (size + 1) + action % size + 1


@inlined
def situation(key, rule, mover_is_white):
    """The key that superko compares: the stones and, for situational superko, the player to move."""
    if rule == SITUATIONAL and mover_is_white:
        return key ^ WHITE_TO_MOVE
    return key


@inlined
def remember(b):
    """Add the current position to the superko history."""
    m = b.meta
    key = situation(b.key[0], m[KO_RULE], m[TO_MOVE] == WHITE)
    b.history[m[POSITIONS]] = key
    m[POSITIONS] += 1
    bit = key & (b.filter.size * 64 - 1)
    b.filter[bit >> 6] |= np.int64(1) << (bit & 63)


@inlined
def forget(b):
    """Clear the superko history."""
    b.meta[POSITIONS] = 0
    for i in range(b.filter.size):
        b.filter[i] = 0


@inlined
def _breaks_superko(b, key):
    bit = key & (b.filter.size * 64 - 1)
    if (b.filter[bit >> 6] >> (bit & 63)) & 1 == 0:
        return False
    history = b.history
    hits = 0
    for i in range(np.int64(b.meta[POSITIONS])):  # no early exit, so that the loop vectorises
        hits += history[i] == key
    return hits > 0


OCCUPIED, SUICIDAL, KO_BAN, LEGAL = 0, 1, 2, 3  # values of `verdict`


@inlined
def verdict(b, p, c):
    """Whether colour `c` may play at point `p` and, if not, why not. Changes nothing."""
    colour = b.colour
    if colour[p] != EMPTY:
        return OCCUPIED
    stride = b.meta[SIZE] + 1
    room = (
        (colour[p - stride] == EMPTY)
        | (colour[p - 1] == EMPTY)
        | (colour[p + 1] == EMPTY)
        | (colour[p + stride] == EMPTY)
    )
    # An empty neighbour is a liberty; a point where `c` has never stood cannot repeat a position.
    if room and (b.seen[p] & c == 0 or b.meta[KO_RULE] == SIMPLE):
        return LEGAL
    return _closer_look(b, p, c, stride, room)


@inlined
def _closer_look(b, p, c, stride, room):
    """`verdict` when the neighbouring chains matter. `room`: there is an empty neighbour."""
    colour, chain, libs = b.colour, b.chain, b.libs
    q0, q1, q2, q3 = p - stride, p - 1, p + 1, p + stride
    x0, x1, x2, x3 = colour[q0], colour[q1], colour[q2], colour[q3]
    # Heads of the neighbouring chains; distinct negative numbers where there is no stone.
    h0 = chain[q0] if x0 == BLACK or x0 == WHITE else -1
    h1 = chain[q1] if x1 == BLACK or x1 == WHITE else -2
    h2 = chain[q2] if x2 == BLACK or x2 == WHITE else -3
    h3 = chain[q3] if x3 == BLACK or x3 == WHITE else -4
    e01, e02, e03, e12, e13, e23 = h0 == h1, h0 == h2, h0 == h3, h1 == h2, h1 == h3, h2 == h3
    # A chain is in atari here if all its pseudo-liberties are contacts with this point.
    last0 = h0 >= 0 and libs[h0] == 1 + e01 + e02 + e03
    last1 = h1 >= 0 and libs[h1] == 1 + e01 + e12 + e13
    last2 = h2 >= 0 and libs[h2] == 1 + e02 + e12 + e23
    last3 = h3 >= 0 and libs[h3] == 1 + e03 + e13 + e23
    other = 3 - c
    takes0, takes1, takes2, takes3 = (
        last0 & (x0 == other),
        last1 & (x1 == other),
        last2 & (x2 == other),
        last3 & (x3 == other),
    )
    captures = takes0 | takes1 | takes2 | takes3
    room |= (
        ((x0 == c) & (not last0)) | ((x1 == c) & (not last1)) | ((x2 == c) & (not last2)) | ((x3 == c) & (not last3))
    )
    rule = b.meta[KO_RULE]
    if room or captures:
        if rule == SIMPLE:
            return KO_BAN if p == b.meta[KO] and c == b.meta[TO_MOVE] else LEGAL
        if b.seen[p] & c == 0:
            return LEGAL
        key = b.key[0] ^ _KEYS[c, p]
        if takes0:
            key ^= b.chain_key[h0]
        if takes1 and not e01:
            key ^= b.chain_key[h1]
        if takes2 and not (e02 or e12):
            key ^= b.chain_key[h2]
        if takes3 and not (e03 or e13 or e23):
            key ^= b.chain_key[h3]
    else:
        if b.meta[SUICIDE] == 0:
            return SUICIDAL
        if rule == SIMPLE:
            return LEGAL
        key = b.key[0]  # suicide: the new stone and the chains it joins disappear
        if x0 == c:
            key ^= b.chain_key[h0]
        if x1 == c and not e01:
            key ^= b.chain_key[h1]
        if x2 == c and not (e02 or e12):
            key ^= b.chain_key[h2]
        if x3 == c and not (e03 or e13 or e23):
            key ^= b.chain_key[h3]
    if _breaks_superko(b, situation(key, rule, c == BLACK)):  # after the move the other colour is to move
        return KO_BAN
    return LEGAL


@inlined
def put(b, p, c):
    """Place a stone and join chains; no captures."""
    colour, chain, link, libs = b.colour, b.chain, b.link, b.libs
    stride = b.meta[SIZE] + 1
    q0, q1, q2, q3 = p - stride, p - 1, p + 1, p + stride
    x0, x1, x2, x3 = colour[q0], colour[q1], colour[q2], colour[q3]
    key = _KEYS[c, p]
    colour[p] = c
    b.seen[p] |= c
    b.key[0] ^= key
    if x0 == BLACK or x0 == WHITE:
        libs[chain[q0]] -= 1
    if x1 == BLACK or x1 == WHITE:
        libs[chain[q1]] -= 1
    if x2 == BLACK or x2 == WHITE:
        libs[chain[q2]] -= 1
    if x3 == BLACK or x3 == WHITE:
        libs[chain[q3]] -= 1
    free = (x0 == EMPTY) + (x1 == EMPTY) + (x2 == EMPTY) + (x3 == EMPTY)
    own = q0 if x0 == c else q1 if x1 == c else q2 if x2 == c else q3 if x3 == c else 0
    if own == 0:
        chain[p] = p
        link[p] = p
        b.stones[p] = 1
        libs[p] = free
        b.chain_key[p] = key
        return
    head = chain[own]
    chain[p] = head
    link[p] = link[head]
    link[head] = p
    b.stones[head] += 1
    libs[head] += free
    b.chain_key[head] ^= key
    if x1 == c and chain[q1] != chain[p]:
        _join(b, chain[q1], chain[p])
    if x2 == c and chain[q2] != chain[p]:
        _join(b, chain[q2], chain[p])
    if x3 == c and chain[q3] != chain[p]:
        _join(b, chain[q3], chain[p])


@inlined
def _join(b, one, other):
    """Merge two chains; the smaller one's stones take the larger one's head."""
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
    """Remove a chain. Writes its points to `taken` from index `count` on; returns the new count."""
    colour, chain, libs, link = b.colour, b.chain, b.libs, b.link
    stride = b.meta[SIZE] + 1
    b.key[0] ^= b.chain_key[head]
    p = head
    while True:
        colour[p] = EMPTY
        taken[count] = p
        count += 1
        q0, q1, q2, q3 = p - stride, p - 1, p + 1, p + stride
        if 0 < colour[q0] < BORDER:
            libs[chain[q0]] += 1
        if 0 < colour[q1] < BORDER:
            libs[chain[q1]] += 1
        if 0 < colour[q2] < BORDER:
            libs[chain[q2]] += 1
        if 0 < colour[q3] < BORDER:
            libs[chain[q3]] += 1
        p = link[p]
        if p == head:
            return count


@inlined
def move(b, p, c, taken):
    """Play `c` at `p`, known to be legal: place, capture, record ko. Returns the number of points in `taken`."""
    colour, chain, libs = b.colour, b.chain, b.libs
    stride = b.meta[SIZE] + 1
    put(b, p, c)
    other = 3 - c
    count = 0
    q0, q1, q2, q3 = p - stride, p - 1, p + 1, p + stride
    if colour[q0] == other and libs[chain[q0]] == 0:
        count = take(b, chain[q0], taken, count)
    if colour[q1] == other and libs[chain[q1]] == 0:
        count = take(b, chain[q1], taken, count)
    if colour[q2] == other and libs[chain[q2]] == 0:
        count = take(b, chain[q2], taken, count)
    if colour[q3] == other and libs[chain[q3]] == 0:
        count = take(b, chain[q3], taken, count)
    head = chain[p]
    b.meta[KO] = 0
    if count > 0:
        b.meta[CAPTURED_BLACK if other == BLACK else CAPTURED_WHITE] += count
        if count == 1 and b.stones[head] == 1 and libs[head] == 1:
            b.meta[KO] = taken[0]
    elif libs[head] == 0:
        count = take(b, head, taken, 0)
        b.meta[CAPTURED_BLACK if c == BLACK else CAPTURED_WHITE] += count
    return count


@inlined
def advance(b, action, taken):
    """Play a full turn, known to be legal, and update what features and superko need. `action` size² passes."""
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

"""Network input: three sets of named feature planes.

    zero     17 planes   Silver et al. 2017, AlphaGo Zero: the last eight boards of each colour, and the player to move
    alphago  48 planes   Silver et al. 2016, extended data table 2 (the value network's 49th is `zero`'s last)
    compact  18 planes   features that KataGo (Wu 2019, arXiv:1902.10565) found useful: liberties, ladders,
                         unconditionally alive area, ko and superko bans, last moves, komi, a board mask

Planes are int8. All are 0 or 1 except `compact`'s komi, which is twice the komi the mover has to overcome
(at most 127); the network scales it. Kernels write one position as [size, size, planes], the layout that
suits convolutions; `encode` returns it as [B, planes, size, size] without a copy.

Deviation from the 2016 table: "turns since" counts every move, including passes.
"""

from __future__ import annotations

from envs.go.board import (
    BLACK,
    BONUS,
    BORDER,
    EMPTY,
    KO_BAN,
    KOMI2,
    LAST,
    LEGAL,
    MOVES,
    PASSES,
    SIZE,
    TO_MOVE,
    copy_state,
    move,
    open_board,
    verdict,
)
from envs.go.ladders import caught, count_liberties, liberties, runs_away
from envs.go.score import unconditional
from tengen.jit import inlined, routine

ZERO = (*(f"{who} stones {t} moves ago" for who in ("own", "opponent") for t in range(8)), "black to move")


def _eight(name: str) -> tuple[str, ...]:
    return tuple(f"{name} {i}{' or more' if i == 8 else ''}" for i in range(1, 9))


ALPHAGO = (
    *("own stones", "opponent stones", "empty", "ones"),
    *_eight("turns since"),
    *_eight("liberties"),
    *_eight("capture size"),
    *_eight("self-atari size"),
    *_eight("liberties after move"),
    *("ladder capture", "ladder escape", "sensible", "zeros"),
)
COMPACT = (
    "board",
    "own stones",
    "opponent stones",
    "one liberty",
    "two liberties",
    "three liberties",
    "banned by ko or superko",
    *(f"move {i} ago" for i in range(1, 6)),
    "caught in a ladder",
    "ladder works",
    "own alive area",
    "opponent alive area",
    "last move was a pass",
    "komi",
)


@inlined
def is_eye(b, p, c):
    """Whether the empty point `p` is surrounded by `c`, with too few enemy diagonals to make it a false eye."""
    colour = b.colour
    n = b.meta[SIZE] + 1
    other = 3 - c
    x0, x1, x2, x3 = colour[p - n], colour[p - 1], colour[p + 1], colour[p + n]
    if x0 == EMPTY or x1 == EMPTY or x2 == EMPTY or x3 == EMPTY:
        return False
    if x0 == other or x1 == other or x2 == other or x3 == other:
        return False
    d0, d1, d2, d3 = colour[p - n - 1], colour[p - n + 1], colour[p + n - 1], colour[p + n + 1]
    enemies = (d0 == other) + (d1 == other) + (d2 == other) + (d3 == other)
    edge = d0 == BORDER or d1 == BORDER or d2 == BORDER or d3 == BORDER
    return enemies + edge < 2


@routine
def encode_zero(b, out):
    """Writes `out` [size, size, 17]."""
    size = b.meta[SIZE]
    mover = b.meta[TO_MOVE]
    black = mover == BLACK
    for row in range(size):
        for column in range(size):
            p = (row + 1) * (size + 1) + column + 1
            trail = b.trail[p] if b.meta[MOVES] > 0 else b.colour[p]
            for t in range(8):
                x = (trail >> (2 * t)) & 3
                out[row, column, t] = x == mover
                out[row, column, 8 + t] = x == 3 - mover
            out[row, column, 16] = black


@routine
def encode_compact(b, row16, row64, out, libs, owner, work, ladder):
    """Writes `out` [size, size, 18]; `libs`, `owner`, `work` and `ladder` are scratch."""
    meta, colour, chain = b.meta, b.colour, b.chain
    size = meta[SIZE]
    stride = size + 1
    mover = meta[TO_MOVE]
    count_liberties(b, libs)
    unconditional(b, owner, work)
    sign = 1 if mover == BLACK else -1
    komi = _clip(sign * (meta[KOMI2] + 2 * meta[BONUS]))
    passed = meta[PASSES] > 0
    for row in range(size):
        for column in range(size):
            p = (row + 1) * stride + column + 1
            o = out[row, column]
            x = colour[p]
            n = libs[chain[p]] if x != EMPTY else 0
            o[0] = 1
            o[1] = x == mover
            o[2] = x == 3 - mover
            o[3] = n == 1
            o[4] = n == 2
            o[5] = n == 3
            o[6] = x == EMPTY and b.seen[p] & mover != 0 and verdict(b, p, mover) == KO_BAN
            for i in range(7, 14):
                o[i] = 0
            o[14] = owner[p] == sign
            o[15] = owner[p] == -sign
            o[16] = passed
            o[17] = komi
    for i in range(5):
        action = meta[LAST + i]
        if 0 <= action < size * size:
            out[action // size, action % size, 7 + i] = 1
    for row in range(size):
        for column in range(size):
            p = (row + 1) * stride + column + 1
            if colour[p] == EMPTY or chain[p] != p or libs[p] > 2:
                continue
            two = libs[p] == 2
            near = ladder[9]
            liberties(b, p, near)
            if runs_away(b, near[0], colour[p], near[1] if two else 0, libs) and (
                not two or runs_away(b, near[1], colour[p], near[0], libs)
            ):
                continue
            if not caught(row16, row64, p, two, ladder):
                continue
            q = p
            while True:
                out[q // stride - 1, q % stride - 1, 12] = 1
                q = b.link[q]
                if q == p:
                    break
            if two and colour[p] != mover:
                for f in ladder[10]:
                    if f != 0:
                        out[f // stride - 1, f % stride - 1, 13] = 1


@inlined
def _clip(x):
    return min(127, max(-127, x))


@routine
def encode_alphago(b, row16, row64, out, libs, ladder):
    """Writes `out` [size, size, 48]; `libs` and `ladder` are scratch."""
    meta, colour, chain = b.meta, b.colour, b.chain
    size = meta[SIZE]
    stride = size + 1
    mover = meta[TO_MOVE]
    s16, s64 = ladder[0], ladder[1]
    taken = ladder[8]
    many = libs[: size * size]  # reused once the liberties are written
    count_liberties(b, libs)
    for row in range(size):
        for column in range(size):
            p = (row + 1) * stride + column + 1
            o = out[row, column]
            o[:] = 0
            x = colour[p]
            o[0] = x == mover
            o[1] = x == 3 - mover
            o[2] = x == EMPTY
            o[3] = 1
            if x != EMPTY:
                if b.age[p] > 0:
                    o[4 + min(7, meta[MOVES] - b.age[p])] = 1
                o[12 + min(7, libs[chain[p]] - 1)] = 1
    for row in range(size):
        for column in range(size):
            p = (row + 1) * stride + column + 1
            o = out[row, column]
            if colour[p] != EMPTY or verdict(b, p, mover) != LEGAL:
                continue
            copy_state(s16[0], s64[0], row16, row64)
            after = open_board(s16[0], s64[0])
            captures = move(after, p, mover, taken)
            if after.colour[p] != mover:  # multi-stone suicide
                captures = 0
            head = after.chain[p]
            o[20 + min(7, captures)] = 1
            if after.colour[p] == mover:
                n = liberties(after, head, many)
                o[36 + min(7, n - 1)] = 1
                if n == 1:
                    o[28 + min(7, after.stones[head] - 1)] = 1
            o[46] = not is_eye(b, p, mover)
    count_liberties(b, libs)
    for row in range(size):
        for column in range(size):
            p = (row + 1) * stride + column + 1
            if colour[p] == EMPTY or chain[p] != p:
                continue
            if colour[p] != mover and libs[p] == 2:
                caught(row16, row64, p, True, ladder)
                for f in ladder[10]:
                    if f != 0:
                        out[f // stride - 1, f % stride - 1, 44] = 1
            elif colour[p] == mover and libs[p] == 1:
                _escapes(b, row16, row64, p, out, ladder)


@routine
def _escapes(b, row16, row64, target, out, ladder):
    """Mark in plane 45 the moves with which the mover's chain in atari escapes the ladder."""
    size = b.meta[SIZE]
    stride = size + 1
    mover = b.meta[TO_MOVE]
    depth = ladder[0].shape[0] - 1
    after16, after64 = ladder[0][depth], ladder[1][depth]  # the deepest level, never used by `caught`
    found = ladder[9]
    for row in range(size):
        for column in range(size):
            p = (row + 1) * stride + column + 1
            if b.colour[p] != EMPTY or out[row, column, 45] != 0 or verdict(b, p, mover) != LEGAL:
                continue
            touches = liberties(b, b.chain[target], found[:1]) == 1 and found[0] == p
            copy_state(after16, after64, row16, row64)
            after = open_board(after16, after64)
            captures = move(after, p, mover, ladder[8])
            if (not touches and captures == 0) or after.colour[target] != mover:
                continue
            n = liberties(after, after.chain[target], found)
            if n > 2 or (n == 2 and not caught(after16, after64, target, True, ladder)):
                out[row, column, 45] = 1

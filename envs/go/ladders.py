"""Counts liberties and reads ladders.

In a ladder the attacker plays one of a chain's two liberties, the chain (now in atari) extends or captures,
and so on. The chain is caught if every defence eventually leaves it with one liberty, and free as soon as
one defence gives it three.
"""

from __future__ import annotations

import numpy as np

from envs.go.board import (
    EMPTY,
    KO_RULE,
    LEGAL,
    SIMPLE,
    SIZE,
    TO_MOVE,
    copy_stones,
    move,
    open_board,
    verdict,
)
from tengen.jit import allocating, inlined, routine

LEVELS = 100  # maximum moves in a ladder
FORKS = 4  # maximum moves in one line, by either side, that had an alternative
OPTIONS = 8  # maximum alternatives per move
ATTACK, DEFEND = 0, 1


@inlined
def liberties(b, head, found):
    """Writes the chain's distinct liberties to `found`, at most `found.size` of them; returns their number."""
    colour = b.colour
    stride = b.meta[SIZE] + 1
    count = 0
    p = head
    while True:
        for q in (p - stride, p - 1, p + 1, p + stride):
            if colour[q] == EMPTY:
                known = False
                for i in range(count):
                    known |= found[i] == q
                if not known:
                    found[count] = q
                    count += 1
                    if count == found.size:
                        return count
        p = b.link[p]
        if p == head:
            return count


@inlined
def count_liberties(b, libs):
    """Writes the number of distinct liberties of every chain to `libs` [M], at its head."""
    colour, chain = b.colour, b.chain
    size = b.meta[SIZE]
    stride = size + 1
    for p in range(libs.size):
        libs[p] = 0
    for row in range(size):
        for p in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            if colour[p] != EMPTY:
                continue
            h0 = chain[p - stride] if 0 < colour[p - stride] < 3 else -1
            h1 = chain[p - 1] if 0 < colour[p - 1] < 3 else -1
            h2 = chain[p + 1] if 0 < colour[p + 1] < 3 else -1
            h3 = chain[p + stride] if 0 < colour[p + stride] < 3 else -1
            if h0 >= 0:
                libs[h0] += 1
            if h1 >= 0 and h1 != h0:
                libs[h1] += 1
            if h2 >= 0 and h2 != h0 and h2 != h1:
                libs[h2] += 1
            if h3 >= 0 and h3 != h0 and h3 != h1 and h3 != h2:
                libs[h3] += 1


@routine
def _options(b, target, kind, options, found):
    """The moves to try: the two liberties for the attacker, the liberty and captures for the defender."""
    colour, chain, link = b.colour, b.chain, b.link
    stride = b.meta[SIZE] + 1
    head = chain[target]
    count = liberties(b, head, found[:3])
    n = 0
    if kind == ATTACK:
        for i in range(2):
            escape = found[1 - i]
            free = 0
            for q in (escape - stride, escape - 1, escape + 1, escape + stride):
                free += colour[q] == EMPTY and q != found[i]
            if free < 3:  # otherwise extending there gives the chain three liberties at once
                options[n] = found[i]
                n += 1
        return n
    options[0] = found[0]
    n = count
    p = head
    enemy = 3 - colour[target]
    while True:
        for q in (p - stride, p - 1, p + 1, p + stride):
            if colour[q] == enemy and n < options.size and liberties(b, chain[q], found[:2]) == 1:
                known = False
                for i in range(n):
                    known |= options[i] == found[0]
                if not known:
                    options[n] = found[0]
                    n += 1
        p = link[p]
        if p == head:
            return n


@inlined
def runs_away(b, p, c, besides, libs):
    """Whether a stone of `c` at the empty point `p` certainly has three liberties, not counting `besides`.

    `libs` [M] holds every chain's liberties at its head. A quick test that rules out most ladders.
    """
    stride = b.meta[SIZE] + 1
    free = 0
    for q in (p - stride, p - 1, p + 1, p + stride):
        x = b.colour[q]
        if x == EMPTY:
            free += q != besides
        elif x == c and libs[b.chain[q]] > 4:  # it loses at most `p` and `besides`
            return True
    return free >= 3


@routine
def caught(row16, row64, target, attacker_first, scratch):
    """Whether the chain at `target` is caught in a ladder.

    With `attacker_first` the chain has two liberties and the attacker moves; otherwise it has one and its owner
    moves. The attacker's first moves that work are written to the last field of `scratch` (0 for none).
    """
    s16, s64, kind, forks, options, tried, numbers, found, taken, _, first_moves = scratch
    first_moves[:] = 0
    size = row16[SIZE]
    copy_stones(s64[0], row64, size)
    b = open_board(s16[0], s64[0])
    b.meta[KO_RULE] = SIMPLE  # longer cycles are ignored
    colour = b.colour[target]
    kind[0] = ATTACK if attacker_first else DEFEND
    tried[0] = 0
    numbers[0] = _options(b, target, kind[0], options[0], found)
    forks[0] = numbers[0] > 1
    level = 0
    answer = -1  # result of the level just left: 1 caught, 0 free, -1 none yet
    while True:
        if answer >= 0:
            if level == 0 and attacker_first and answer == 1:
                first_moves[0 if first_moves[0] == 0 else 1] = options[0, tried[0] - 1]
            elif (answer == 1) == (kind[level] == ATTACK):  # decided: an attack that works or a defence that escapes
                if level == 0:
                    return answer == 1
                level -= 1
                continue
            answer = -1
        if tried[level] == numbers[level]:
            if level == 0 and attacker_first:
                return first_moves[0] != 0
            answer = 1 if kind[level] == DEFEND else 0
            if level == 0:
                return answer == 1
            level -= 1
            continue
        p = options[level, tried[level]]
        tried[level] += 1
        b = open_board(s16[level], s64[level])
        mover = colour if kind[level] == DEFEND else 3 - colour
        b.meta[TO_MOVE] = mover
        if verdict(b, p, mover) != LEGAL:
            continue
        copy_stones(s64[level + 1], s64[level], size)
        b = open_board(s16[level + 1], s64[level + 1])
        move(b, p, mover, taken)
        count = 0
        if b.colour[target] == colour:
            count = liberties(b, b.chain[target], found[:3])
        if kind[level] == ATTACK:
            if count == 0:
                answer = 1
                continue
            if count > 1:
                answer = 0
                continue
        elif count != 2:
            answer = 0 if count > 2 else 1
            continue
        if level + 2 >= LEVELS:
            answer = 0
            continue
        level += 1
        kind[level] = DEFEND if kind[level - 1] == ATTACK else ATTACK
        tried[level] = 0
        numbers[level] = _options(b, target, kind[level], options[level], found)
        forks[level] = forks[level - 1] + (numbers[level] > 1)
        if forks[level] > FORKS or numbers[level] == OPTIONS:
            level -= 1
            answer = 0


@allocating
def new_scratch(row16, row64):
    """Scratch memory for `caught`, for states of this size."""
    s64 = np.empty((LEVELS, row64.size), np.int64)
    return (
        s64.view(np.int16),
        s64,
        np.empty(LEVELS, np.int16),
        np.empty(LEVELS, np.int16),
        np.empty((LEVELS, OPTIONS), np.int16),
        np.empty(LEVELS, np.int16),
        np.empty(LEVELS, np.int16),
        np.empty(4, np.int16),
        np.empty(row16.size, np.int16),
        np.empty(3, np.int16),
        np.empty(2, np.int16),
    )

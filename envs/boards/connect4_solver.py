"""Exact Connect 4 solver: who wins a position, and how soon.

After P. Pons (blog.gamesolver.org): bitboards; wins are detected from the winning cells without playing them; moves
that lose at once are skipped; moves that make the most threats come first. Every search is a null-window query, "is
the score at least `target`?", so a node answers yes or no, and a few queries give the score. Our additions:

1. A move is pruned, or known to win, before it is played: the threats computed for move ordering already tell whether
   the opponent has a reply, and are passed on to the child.
2. The follow-up rule (claimeven, Allis 1988, "A Knowledge-based Approach of Connect-Four"): see `_follow_up`.
3. Early in the game, where it matters, a position and its mirror image share a table entry.
4. The transposition table has buckets of four words, half a cache line: three keep the positions that took longest
   to search, the fourth is always replaced.

The bitboard layout is that of envs/boards/lines.py: column by column, with an empty row on top.
"""

from __future__ import annotations

import numpy as np

from tengen.jit import inlined, kernel

_W, _H = 7, 6
_CELLS = _W * _H
_BOTTOM = sum(1 << (c * (_H + 1)) for c in range(_W))
_BOARD = _BOTTOM * ((1 << _H) - 1)
_ODD_ROWS = _BOTTOM * 0b010101  # the first, third and fifth from the bottom
_EVEN_ROWS = _BOTTOM * 0b101010
_COLUMN = np.array([((1 << _H) - 1) << (c * (_H + 1)) for c in (3, 2, 4, 1, 5, 0, 6)], np.int64)  # centre first

_MIRROR_BEFORE = 14  # stones; later positions hardly ever occur in both orientations
_BUCKET = 4  # entries
_SOON = 12  # moves that `outcome` first looks ahead
_NO, _YES, _GAVE_UP = 0, 1, 2

# A table entry in one word: lower bound + 20 (6 bits), upper bound + 20 (6), key (49), effort (3)
_KEY = (1 << 49) - 1
_EFFORT = 61


@inlined
def _winning_cells(stones, mask):
    """The empty cells that complete four in a row for `stones`."""
    r = (stones << 1) & (stones << 2) & (stones << 3)  # vertical
    for step in (_H, _H + 1, _H + 2):
        p = (stones << step) & (stones << (2 * step))
        r |= p & (stones << (3 * step))
        r |= p & (stones >> step)
        p = (stones >> step) & (stones >> (2 * step))
        r |= p & (stones << step)
        r |= p & (stones >> (3 * step))
    return r & (_BOARD ^ mask)


@inlined
def _has_four(stones):
    line = stones & 0
    for step in (1, _H, _H + 1, _H + 2):
        pair = stones & (stones >> step)
        line |= pair & (pair >> (2 * step))
    return line != 0


@inlined
def _popcount(x):
    x -= (x >> 1) & 0x5555555555555555
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    return (x * 0x0101010101010101) >> 56


@inlined
def _cannot_reply(mask, threats):
    """Whether the player to move, who cannot win now, loses at once to the opponent's winning cells `threats`."""
    playable = (mask + _BOTTOM) & _BOARD
    forced = playable & threats
    safe = playable & ~(threats >> 1)  # not below a winning cell
    if forced:
        return (forced & (forced - 1)) != 0 or (forced & safe) == 0
    return safe == 0


@inlined
def _follow_up(first, second):
    """An upper bound on the score of the first player, who is to move: -1, 0, or _CELLS if nothing is known.

    In every column with an even number of stones the second player replies on top of the first player's stone and
    so gets the even rows. The other columns have an even number of empty cells in total: there the second player
    replies anywhere, and we assume that the first player may get all of them. If the first player has no four in a
    row even then, the first player cannot win.
    """
    mask = first | second
    next_cell = mask + _BOTTOM
    odd = next_cell & _EVEN_ROWS  # the next cell is in an even row: the column has an odd number of stones
    odd |= odd >> 1 | odd >> 2
    odd = ((odd | odd >> 3) & _BOTTOM) * ((1 << _H) - 1)  # those columns, all cells
    empty = _BOARD ^ mask
    if _has_four(first | (empty & (odd | _ODD_ROWS))):
        return _CELLS
    return -1 if _has_four(second | (empty & ~odd & _EVEN_ROWS)) else 0


@inlined
def _key_of(stones, mask, moves):
    """Hash key of the position (`stones`: player to move); early in the game, the same for its mirror image."""
    key = stones + mask + _BOTTOM
    if moves < _MIRROR_BEFORE:
        other = key & (127 << 21)
        for c in range(3):
            other |= (key >> (7 * c) & 127) << (42 - 7 * c) | (key >> (42 - 7 * c) & 127) << (7 * c)
        key = min(key, other)
    return key


@inlined
def _bucket(table, key):
    """The first entry of the bucket that `key` belongs to (Fibonacci hashing)."""
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mixed >> np.uint64(32)) & (table.size // _BUCKET - 1)


@inlined
def _known(table, key, target):
    """The table's answer to "is the score at least `target`?": _YES, _NO, or _GAVE_UP if unknown."""
    at = _bucket(table, key) * _BUCKET
    for i in range(at, at + _BUCKET):
        if (table[i] >> 12) & _KEY == key:
            if (table[i] & 63) - 20 >= target:
                return _YES
            return _NO if (table[i] >> 6 & 63) - 20 < target else _GAVE_UP
    return _GAVE_UP


@inlined
def _keep(table, key, target, answer, nodes):
    """Store the answer to "is the score at least `target`?", which took `nodes` positions to find."""
    effort = 0
    while nodes > 1 and effort < 7:
        nodes >>= 3
        effort += 1
    at = _bucket(table, key) * _BUCKET
    low, high, place, least = -20, 20, at + _BUCKET - 1, effort
    for i in range(at, at + _BUCKET):
        spent = table[i] >> _EFFORT & 7
        if (table[i] >> 12) & _KEY == key:
            low, high = (table[i] & 63) - 20, (table[i] >> 6 & 63) - 20
            place, effort = i, max(effort, spent)
            break
        if spent <= least and i < at + _BUCKET - 1:
            place, least = i, spent - 1
    if answer == _YES:
        low = max(low, target)
    else:
        high = min(high, target - 1)
    table[place] = np.int64(effort) << _EFFORT | key << 12 | (high + 20) << 6 | (low + 20)


@kernel
def _at_least(stones, mask, moves, target, table, nodes):
    """Whether the score is at least `target`: _YES, _NO, or _GAVE_UP after `nodes[1]` positions (0: no limit).

    `stones` belong to the player to move, who has no immediate win. `nodes[0]` counts positions. Depth-first with an
    explicit stack: numba does not find recursive functions in its on-disk cache.
    """
    own = np.empty(_CELLS, np.int64)  # [level] stones of the player to move
    taken = np.empty(_CELLS, np.int64)  # [level] both players' stones
    against = np.empty(_CELLS, np.int64)  # [level] the opponent's winning cells
    keys = np.empty(_CELLS, np.int64)
    began = np.empty(_CELLS, np.int64)  # [level] node count on entry
    move = np.empty((_CELLS, _W), np.int64)  # [level, i] best first
    threats = np.empty((_CELLS, _W), np.int64)  # [level, i] the mover's winning cells after it
    count, tried = np.empty(_CELLS, np.int64), np.empty(_CELLS, np.int64)
    weight = np.empty(_W, np.int64)
    own[0], taken[0], against[0] = stones, mask, _winning_cells(stones ^ mask, mask)
    if _cannot_reply(mask, against[0]):
        return _YES if -((_CELLS - moves) // 2) >= target else _NO
    level = 0
    while True:
        # Enter the position at `level`: the player to move is not lost at once, and has no immediate win
        nodes[0] += 1
        if nodes[0] > nodes[1] > 0:
            return _GAVE_UP
        s, m, k = own[level], taken[level], moves + level
        answer = _GAVE_UP
        if k >= _CELLS - 2:
            answer = _YES if target <= 0 else _NO  # neither side can still win
        elif target <= -((_CELLS - 2 - k) // 2):
            answer = _YES  # the game cannot end that soon
        elif target > (_CELLS - 1 - k) // 2 or (k % 2 == 0 and target >= 0 and _follow_up(s, s ^ m) < target):
            answer = _NO
        if answer == _GAVE_UP:
            keys[level] = _key_of(s, m, k)
            answer = _known(table, keys[level], target)
        if answer == _GAVE_UP:
            n = 0
            playable = (m + _BOTTOM) & _BOARD
            forced = playable & against[level]
            playable = (forced if forced else playable) & ~(against[level] >> 1)
            for column in _COLUMN:
                stone = playable & column
                if stone == 0:
                    continue
                cells = _winning_cells(s | stone, m)
                if _cannot_reply(m | stone, cells):
                    answer = _YES
                    break
                w, i = _popcount(cells), n
                while i > 0 and weight[i - 1] < w:
                    weight[i], move[level, i], threats[level, i] = (
                        weight[i - 1],
                        move[level, i - 1],
                        threats[level, i - 1],
                    )
                    i -= 1
                weight[i], move[level, i], threats[level, i] = w, stone, cells
                n += 1
            count[level], tried[level], began[level] = n, -1, nodes[0]
        # Go up while answers are known: the opponent's "no" to 1 - target is this player's "yes" to target
        while answer != _GAVE_UP:
            if level == 0:
                return answer
            level -= 1
            target = 1 - target
            answer = _YES if answer == _NO else _NO if tried[level] + 1 == count[level] else _GAVE_UP
            if answer != _GAVE_UP:
                _keep(table, keys[level], target, answer, nodes[0] - began[level])
        # Go down along the next move
        tried[level] += 1
        i = tried[level]
        own[level + 1], taken[level + 1] = own[level] ^ taken[level], taken[level] | move[level, i]
        against[level + 1] = threats[level, i]
        level += 1
        target = 1 - target


@kernel
def _wins_now(stones, mask):
    return (_winning_cells(stones, mask) & (mask + _BOTTOM) & _BOARD) != 0


class Connect4Solver:
    """Exact scores of Connect 4. Keeps its table of bounds, at most `megabytes` large, between calls."""

    def __init__(self, megabytes: int = 64) -> None:
        words = max(1, megabytes) * 1_000_000 // 8
        self._table = np.zeros(1 << (words.bit_length() - 1), np.int64)  # number of entries: a power of two

    def score(self, state: np.ndarray) -> int:
        """The score of a `connect4` state [1] for the player to move.

        0 is a draw; a win scores the number of stones the winner has left plus one (a win with the very last
        stone is 1); a loss is the negative of that. This is the scale of Pons' test sets.
        """
        moves = int(state["moves"][0])
        low, high = -((_CELLS + 2 - moves) // 2), (_CELLS + 1 - moves) // 2
        while low < high:
            middle = (low + high) // 2
            if middle <= 0 and low // 2 < middle:  # for wide windows try the far end first: quick to refute
                middle = low // 2
            elif middle >= 0 and high // 2 > middle:
                middle = high // 2
            if self.at_least(state, middle + 1):
                low = middle + 1
            else:
                high = middle
        return low

    def outcome(self, state: np.ndarray, most_nodes: int = 0) -> int | None:
        """The outcome of a `connect4` state [1] for the player to move: 1, 0 or -1. Much faster than `score`.

        None if one of its queries takes more than `most_nodes` positions (0: no limit).
        """
        soon = (_CELLS - int(state["moves"][0]) - _SOON) // 2 + 1  # the lowest score of a win within that many moves
        if soon > 1:  # a cheap query that settles most decided positions
            if self.at_least(state, soon, most_nodes):
                return 1
            if self.at_least(state, 1 - soon, most_nodes) is False:
                return -1
        wins = self.at_least(state, 1, most_nodes)
        if wins is None or wins:
            return None if wins is None else 1
        draws = self.at_least(state, 0, most_nodes)
        return None if draws is None else 0 if draws else -1

    def at_least(self, state: np.ndarray, score: int, most_nodes: int = 0) -> bool | None:
        """Whether the player to move has at least `score` in `state` [1]: 1 asks for a win, 0 for at least a draw.

        None if that takes more than `most_nodes` positions (0: no limit).
        """
        first, second = (int(x) for x in state["stones"][0])
        moves = int(state["moves"][0])
        if state["end"][0] == 1:  # won by the player who moved last
            return -((_CELLS + 2 - moves) // 2) >= score
        if moves == _CELLS:
            return score <= 0
        mover = first if moves % 2 == 0 else second
        if _wins_now(mover, first | second):
            return (_CELLS + 1 - moves) // 2 >= score
        answer = _at_least(mover, first | second, moves, score, self._table, np.array([0, most_nodes]))
        return None if answer == _GAVE_UP else bool(answer)

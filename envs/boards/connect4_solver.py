"""Who wins a position of Connect 4, and how soon, exactly.

After P. Pons (blog.gamesolver.org): bitboards; winning cells are counted instead of played; moves that lose at once
are left out; the moves that make the most threats come first. Every search is one question, "is the score at least
`target`?", so that a node answers yes or no, and a score is found by asking a few of them. What else is ours:

1. A move is dropped or taken as won before it is played: the threats that order the moves already say whether the
   opponent has a reply, and are handed on to the child.
2. The follow-up rule (claimeven, Allis 1988, "A Knowledge-based Approach of Connect-Four"): see `_follow_up`.
3. A position and its mirror image share an entry of the table, early in the game, where it matters.
4. The table has buckets of four words, one cache line in two: three keep the positions that took the longest, the
   last takes whatever comes.

A board's bits are those of envs/boards/lines.py: one column after the other, with an empty row above.
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

_MIRROR_BEFORE = 14  # stones; later positions are hardly ever met in both orientations
_BUCKET = 4  # entries
_SOON = 12  # moves that `outcome` looks ahead at first
_NO, _YES, _GAVE_UP = 0, 1, 2

# An entry of the table, in one word: lower bound + 20 (6 bits), upper bound + 20 (6), key (49), effort (3)
_KEY = (1 << 49) - 1
_EFFORT = 61


@inlined
def _winning_cells(stones, mask):
    """The empty cells that complete four in a row for `stones`."""
    r = (stones << 1) & (stones << 2) & (stones << 3)  # upright
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
    """Whether the player to move, who cannot win now, loses against these winning cells of the other's."""
    playable = (mask + _BOTTOM) & _BOARD
    forced = playable & threats
    safe = playable & ~(threats >> 1)  # not below a winning cell
    if forced:
        return (forced & (forced - 1)) != 0 or (forced & safe) == 0
    return safe == 0


@inlined
def _follow_up(first, second):
    """An upper bound of the score of the first player, who is to move: -1, 0, or _CELLS where nothing is known.

    In every column with an even number of stones the second player answers on top of the first player's stone, and
    so gets the even rows. The empty cells of the other columns are even in number: there he answers anywhere, and
    may be left with nothing. If the first player has no four in all that he can get, he cannot win.
    """
    mask = first | second
    next_cell = mask + _BOTTOM
    odd = next_cell & _EVEN_ROWS  # where the next cell is in an even row, the column has an odd number of stones
    odd |= odd >> 1 | odd >> 2
    odd = ((odd | odd >> 3) & _BOTTOM) * ((1 << _H) - 1)  # those columns as a whole
    empty = _BOARD ^ mask
    if _has_four(first | (empty & (odd | _ODD_ROWS))):
        return _CELLS
    return -1 if _has_four(second | (empty & ~odd & _EVEN_ROWS)) else 0


@inlined
def _key_of(stones, mask, moves):
    """A number for the position (stones of the player to move); the same for its mirror image, early in the game."""
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
    """What the table says to "is the score at least `target`?": _YES, _NO, or _GAVE_UP if nothing."""
    at = _bucket(table, key) * _BUCKET
    for i in range(at, at + _BUCKET):
        if (table[i] >> 12) & _KEY == key:
            if (table[i] & 63) - 20 >= target:
                return _YES
            return _NO if (table[i] >> 6 & 63) - 20 < target else _GAVE_UP
    return _GAVE_UP


@inlined
def _keep(table, key, target, answer, nodes):
    """Enter the answer to "is the score at least `target`?", which took `nodes` positions to find."""
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
    """Whether the score is at least `target`: _YES, _NO, or _GAVE_UP beyond `nodes[1]` positions (0: no limit).

    `stones` are those of the player to move, who cannot win with the next one. `nodes` [2] counts in its first
    number. Depth first with a stack of its own: numba does not find a function that calls itself in its cache again.
    """
    own = np.empty(_CELLS, np.int64)  # [level] stones of the player to move
    taken = np.empty(_CELLS, np.int64)  # [level] both players' stones
    against = np.empty(_CELLS, np.int64)  # [level] the other player's winning cells
    keys = np.empty(_CELLS, np.int64)
    began = np.empty(_CELLS, np.int64)  # [level] nodes counted when this one was entered
    move = np.empty((_CELLS, _W), np.int64)  # [level, i] best first
    threats = np.empty((_CELLS, _W), np.int64)  # [level, i] the mover's winning cells after it
    count, tried = np.empty(_CELLS, np.int64), np.empty(_CELLS, np.int64)
    weight = np.empty(_W, np.int64)
    own[0], taken[0], against[0] = stones, mask, _winning_cells(stones ^ mask, mask)
    if _cannot_reply(mask, against[0]):
        return _YES if -((_CELLS - moves) // 2) >= target else _NO
    level = 0
    while True:
        # Enter the position at `level`: its player has a reply, and cannot win with it
        nodes[0] += 1
        if nodes[0] > nodes[1] > 0:
            return _GAVE_UP
        s, m, k = own[level], taken[level], moves + level
        answer = _GAVE_UP
        if k >= _CELLS - 2:
            answer = _YES if target <= 0 else _NO  # nobody wins any more
        elif target <= -((_CELLS - 2 - k) // 2):
            answer = _YES  # it cannot end so soon
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
        # Go up as long as answers are known: the other's "no" to 1 - target is this player's "yes" to target
        while answer != _GAVE_UP:
            if level == 0:
                return answer
            level -= 1
            target = 1 - target
            answer = _YES if answer == _NO else _NO if tried[level] + 1 == count[level] else _GAVE_UP
            if answer != _GAVE_UP:
                _keep(table, keys[level], target, answer, nodes[0] - began[level])
        # Go down by the next move
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
    """Exact scores of Connect 4. Keeps its table of bounds, of at most `megabytes`, between calls."""

    def __init__(self, megabytes: int = 64) -> None:
        words = max(1, megabytes) * 1_000_000 // 8
        self._table = np.zeros(1 << (words.bit_length() - 1), np.int64)  # a power of two of entries

    def score(self, state: np.ndarray) -> int:
        """Of a `connect4` state [1], for the player to move.

        0 is a draw; a win counts the stones the winner has left over then, plus one (a win with the very
        last stone is 1); a loss is negative likewise. That is the scale of Pons' test sets.
        """
        moves = int(state["moves"][0])
        low, high = -((_CELLS + 2 - moves) // 2), (_CELLS + 1 - moves) // 2
        while low < high:
            middle = (low + high) // 2
            if middle <= 0 and low // 2 < middle:  # wide windows are halved around the far end: quick to refute
                middle = low // 2
            elif middle >= 0 and high // 2 > middle:
                middle = high // 2
            if self.at_least(state, middle + 1):
                low = middle + 1
            else:
                high = middle
        return low

    def outcome(self, state: np.ndarray, most_nodes: int = 0) -> int | None:
        """Who wins a `connect4` state [1], as the player to move sees it: 1, 0 or -1. Much quicker than `score`.

        None where that takes more than `most_nodes` positions (0: as many as it takes) for one of its questions.
        """
        soon = (_CELLS - int(state["moves"][0]) - _SOON) // 2 + 1  # the least score of a win within so many moves
        if soon > 1:  # cheap to ask, and enough for most positions that are decided
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
        """Whether the player to move has at least this score in `state` [1]: 1 asks for a win, 0 for a draw.

        None where that takes more than `most_nodes` positions (0: as many as it takes).
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

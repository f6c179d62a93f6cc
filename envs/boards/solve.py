"""Exact values of small games: the yardsticks that search and learning are held against.

solve(game, state)          any small game by exhaustive search (tic-tac-toe in a second)
Connect4Solver().score(…)   alpha-beta on bitboards after P. Pons (blog.gamesolver.org): winning cells are
                            counted instead of played, moves that lose at once are left out, bounds are kept
go_reaches(game, state, …)  proves what one side can reach on a tiny Go board, superko and all
"""

from __future__ import annotations

import numpy as np

from envs.boards.game import BLACK, Game
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
from envs.go.rules import Go
from envs.go.score import area, unconditional
from tengen.jit import inlined, kernel, routine

# --- any small game -----------------------------------------------------------------------------------


def solve(game: Game, state: np.ndarray, known: dict[int, float] | None = None) -> float:
    """The value of `state` [1] to the player to move: 1, 0 or -1. For games without repetition only."""
    known = {} if known is None else known
    key = int(game.keys(state)[0])
    if key in known:
        return known[key]
    if game.ended(state)[0]:
        value = float(game.result(state)[0] * game.to_move(state)[0])
    else:
        actions = np.flatnonzero(game.legal(state)[0])
        children = np.repeat(state, len(actions))
        game.play(children, actions)
        value = max(-solve(game, child, known) for child in np.split(children, len(actions)))
    known[key] = value
    return value


# --- Connect 4 ----------------------------------------------------------------------------------------

_W, _H = 7, 6
_BOTTOM = sum(1 << (c * (_H + 1)) for c in range(_W))
_BOARD = _BOTTOM * ((1 << _H) - 1)
_CENTRE_FIRST = np.array([3, 2, 4, 1, 5, 0, 6])
_COLUMN = np.array([((1 << _H) - 1) << (c * (_H + 1)) for c in range(_W)], np.int64)


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
def _popcount(x):
    count = 0
    while x:
        x &= x - 1
        count += 1
    return count


@kernel
def _connect4(stones, mask, moves, alpha, beta, table_key, table_value, nodes):
    """Negamax. `stones` are the mover's; the mover cannot win with the next stone. Score as in `Connect4Solver`.

    `nodes` [2] counts positions; beyond the second number (0: none) the search is given up and says nothing.
    """
    nodes[0] += 1
    if nodes[0] > nodes[1] > 0:
        return 0
    possible = (mask + _BOTTOM) & _BOARD
    threats = _winning_cells(stones ^ mask, mask)
    forced = possible & threats
    if forced:
        if forced & (forced - 1):
            return -((_W * _H - moves) // 2)  # two threats cannot both be met
        possible = forced
    possible &= ~(threats >> 1)  # never below a winning cell of the other's
    if possible == 0:
        return -((_W * _H - moves) // 2)
    if moves >= _W * _H - 2:
        return 0
    low = -((_W * _H - 2 - moves) // 2)
    if alpha < low:
        alpha = low
        if alpha >= beta:
            return alpha
    high = (_W * _H - 1 - moves) // 2
    key = stones + mask
    slot = key % table_key.size
    kept = table_value[slot] if table_key[slot] == key else 0
    if kept > 0:  # an upper bound, stored as bound + 100; lower bounds are stored negative
        high = min(high, kept - 100)
    elif kept < 0:
        bound = kept + 100
        if alpha < bound:
            alpha = bound
            if alpha >= beta:
                return alpha
    if beta > high:
        beta = high
        if alpha >= beta:
            return beta
    order = np.empty(_W, np.int64)
    weight = np.empty(_W, np.int64)
    n = 0
    for column in _CENTRE_FIRST:
        move = possible & _COLUMN[column]
        if move == 0:
            continue
        w = _popcount(_winning_cells(stones | move, mask))
        i = n
        while i > 0 and weight[i - 1] < w:
            weight[i], order[i] = weight[i - 1], order[i - 1]
            i -= 1
        weight[i], order[i] = w, move
        n += 1
    for i in range(n):
        value = -_connect4(stones ^ mask, mask | order[i], moves + 1, -beta, -alpha, table_key, table_value, nodes)
        if nodes[0] > nodes[1] > 0:
            return 0
        if value >= beta:
            table_key[slot] = key
            table_value[slot] = value - 100
            return value
        alpha = max(alpha, value)
    table_key[slot] = key
    table_value[slot] = alpha + 100
    return alpha


@kernel
def _connect4_score(stones, mask, moves, low, high, table_key, table_value, nodes):
    """The score within `low` and `high`: -1 and 1 ask only who wins, which is quicker."""
    possible = (mask + _BOTTOM) & _BOARD
    if _winning_cells(stones, mask) & possible:
        return min(high, (_W * _H + 1 - moves) // 2)
    low, high = max(low, -((_W * _H - moves) // 2)), min(high, (_W * _H + 1 - moves) // 2)
    while low < high and not nodes[0] > nodes[1] > 0:
        middle = low + (high - low) // 2
        if middle <= 0 and low // 2 < middle:
            middle = low // 2
        elif middle >= 0 and high // 2 > middle:
            middle = high // 2
        value = _connect4(stones, mask, moves, middle, middle + 1, table_key, table_value, nodes)
        if value <= middle:
            high = value
        else:
            low = value
    return low


class Connect4Solver:
    """Exact scores of Connect 4. Keeps its table of bounds (`megabytes`) between calls."""

    def __init__(self, megabytes: int = 64) -> None:
        entries = megabytes * 1_000_000 // 9 | 1  # odd: keys spread over it
        self._key = np.zeros(entries, np.int64)
        self._value = np.zeros(entries, np.int8)

    def score(self, state: np.ndarray) -> int:
        """Of a `connect4` state [1], for the player to move.

        0 is a draw; a win counts the stones the winner has left over then, plus one (a win with the very
        last stone is 1); a loss is negative likewise. That is the scale of Pons' test sets.
        """
        score = self._search(state, _W * _H, 0)
        assert score is not None
        return score

    def outcome(self, state: np.ndarray, most_nodes: int = 0) -> int | None:
        """Who wins a `connect4` state [1], as the player to move sees it: 1, 0 or -1. Quicker than `score`.

        None where that takes more than `most_nodes` positions (0: as many as it takes).
        """
        score = self._search(state, 1, most_nodes)
        return None if score is None else int(np.sign(score))

    def _search(self, state: np.ndarray, widest: int, most_nodes: int) -> int | None:
        first, second = (int(x) for x in state["stones"][0])
        moves = int(state["moves"][0])
        if state["end"][0] == 1:  # won by the player who moved last
            return -((_W * _H + 2 - moves) // 2)
        if moves == _W * _H:
            return 0
        mover, nodes = first if moves % 2 == 0 else second, np.array([0, most_nodes])
        score: int = _connect4_score(mover, first | second, moves, -widest, widest, self._key, self._value, nodes)
        return None if nodes[0] > nodes[1] > 0 else score


# --- Go on tiny boards --------------------------------------------------------------------------------


@inlined
def _settled(b, prover, target, owner, work, taken):
    """1 if `prover` has its target for certain, 0 if it cannot get it or the game is over, -1 while open."""
    m = b.meta
    size = m[SIZE]
    total = size * size
    black, white = 0, 0
    if m[END] != PASSED:
        unconditional(b, owner, work)
        for p in range(owner.size):
            black += owner[p] == 1
            white += owner[p] == -1
    least, most = 2 * black - total, total - 2 * white  # of Black's points less White's
    if m[END] == PASSED:
        least = most = area(b, owner, taken)
    if (least >= target) if prover == 1 else (most <= target):
        return 1
    if (most < target) if prover == 1 else (least > target):
        return 0
    if m[PASSES] == 1:  # who passes now ends the game
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
    """Whether `prover` reaches its target from the state at level 0, whatever the other does.

    Depth first, with the states of the line in `s16`, `s64` and the number of moves tried in `tried`: a
    function that calls itself is not found again in numba's cache.
    """
    level = 0
    entering = True
    answer = -1  # for the level just left: 1 reached, 0 not, -1 still looking
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
            action = (k + total // 2) % total if k < total else total  # the centre first, passing last
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
    """Whether `prover` can force area points (Black's less White's, without komi) of at least `target`
    (at most, if White proves), looking `depth` moves ahead; and the number of positions looked at.

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
    """How many of the 3^(size²) patterns of stones leave every chain a liberty (Tromp's L(size, size)).

    4x4 takes about ten seconds.
    """
    state = Go(size).new(1)
    words = state.view(np.int64).reshape(1, -1)
    return int(_counted(words.view(np.int16), words, size))

"""Games between two players under our rules: who wins how often, and how sure that is.

Games come in pairs: the same opening twice with colours changed, so that neither an easy opening nor the first
move favours anybody. Openings are a few random moves away from the edge, each different from those of all other
pairs, turned and mirrored ones too: games that repeat would make a match look more certain than it is.

A game of Go ends early when unconditionally alive stones have settled it: that is a proof, not a judgement. At the
end the board is counted as it stands. Where one side is a program that can say which stones
are dead, its word is taken: that can only cost the other side points, never win it any.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from envs.boards.game import BLACK, Game
from envs.go.records import GoRecord
from envs.go.rules import Go
from selfplay.ending import go_record, settled
from selfplay.players import RESIGNS, Gtp, Player
from tengen.statistics import wilson


@dataclass(frozen=True)
class Played:
    """One game of a match."""

    number: int
    first_is_black: bool  # whether the match's first player began
    actions: tuple[int, ...]
    result: float  # as Black sees it: 1, 0, -1; NaN for a game without result
    score: float | None  # Black's points less White's and komi, where it was counted
    why: str  # points, resignation, move limit, or what went wrong

    @property
    def for_first(self) -> float:
        """As the match's first player sees it."""
        return self.result if self.first_is_black else -self.result


@dataclass(frozen=True)
class Tally:
    """The games of a match so far, as the first player sees them."""

    wins: int
    draws: int
    losses: int
    void: int  # without a result
    as_black: tuple[int, int]  # wins, games

    @property
    def games(self) -> int:
        return self.wins + self.draws + self.losses

    @property
    def rate(self) -> float:
        return (self.wins + 0.5 * self.draws) / max(1, self.games)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the win rate (Wilson 1927; a draw counts as half a win)."""
        return wilson(self.rate, self.games)


def tally(games: Sequence[Played]) -> Tally:
    points = [g.for_first for g in games]
    black = [g for g in games if g.first_is_black and not np.isnan(g.result)]
    return Tally(
        sum(p == 1 for p in points),
        sum(p == 0 for p in points),
        sum(p == -1 for p in points),
        sum(bool(np.isnan(p)) for p in points),
        (sum(g.for_first == 1 for g in black), len(black)),
    )


def play_match(
    game: Game,
    first: Player,
    second: Player,
    games: int,
    *,
    boards: int = 8,
    opening: int = 2,
    seed: int = 1,
    played_before: Collection[int] = (),
    finished: Callable[[Played], None] = lambda played: None,
) -> list[Played]:
    """Play `games` games, `boards` at a time; `finished` hears of each as it ends. In the order of their numbers.

    Those whose numbers are in `played_before` are left out.
    """
    players = (first, second)
    begin_with = openings(game, opening, seed, (games + 1) // 2)
    waiting = [n for n in range(games) if n not in played_before]
    boards = min(boards, len(waiting))
    states = game.new(boards)
    number = np.full(boards, -1)  # of the game at each board, -1 for none
    actions: list[list[int]] = [[] for _ in range(boards)]
    done: list[Played] = []
    while True:
        for board in np.flatnonzero(number < 0):
            if waiting:
                number[board] = waiting.pop(0)
                _begin(game, players, states, int(board), actions, begin_with[number[board] // 2])
        going = np.flatnonzero(number >= 0)
        if len(going) == 0:
            return sorted(done, key=lambda g: g.number)
        movers = game.to_move(states[going])
        first_moves = (movers == BLACK) == (number[going] % 2 == 0)
        for turn, player in ((first_moves, first), (~first_moves, second)):
            asked = going[turn]
            if len(asked) == 0:
                continue
            chosen = np.asarray(player.choose(asked, states[asked]), np.int64)
            gave_up = chosen == RESIGNS
            for board in asked[gave_up]:
                winner, why = -float(game.to_move(states[board : board + 1])[0]), "resignation"
                if isinstance(player, Gtp):
                    why = player.failed.get(int(board), why)
                    winner = np.nan if int(board) in player.refused else winner  # rules that differ: nobody's win
                done.append(_end(number, actions, int(board), winner, None, why, finished))
            moved, moves = asked[~gave_up], chosen[~gave_up]
            _play(game, players, states, moved, moves, actions)
            won = settled(game, states[moved])
            for board, winner in zip(moved[won != 0], won[won != 0], strict=True):
                done.append(_end(number, actions, int(board), float(winner), None, "decided", finished))
            for board in moved[game.ended(states[moved]) & (won == 0)]:
                result, score, why = _count(game, players, states[board : board + 1], int(board))
                done.append(_end(number, actions, int(board), result, score, why, finished))


_DRAWS = 60  # of an opening, before it is taken that none is left of its length
_LONGER = 3  # moves, at most, where there are too few of the length that is wanted


def openings(game: Game, moves: int, seed: int, pairs: int) -> list[list[int]]:
    """Random legal actions that begin both games of each pair; in Go off the first line (and the second from 9x9 on).

    No two are equal, as they are or under a symmetry of the board. Where there are too few of `moves` actions (two on
    9x9: 85), the others are longer. What a pair begins with does not depend on the pairs after it.
    """
    if moves == 0:
        return [[] for _ in range(pairs)]
    drawn: list[list[int]] = []
    known: set[int] = set()
    length = moves
    for pair in range(pairs):
        random, draws = np.random.default_rng([seed, pair]), 0
        while (key := _key_of_all(game, opening := _opening(game, length, random))) in known:
            draws += 1
            if draws % _DRAWS == 0:
                if length == moves + _LONGER:
                    break  # a game with so few openings repeats them
                length += 1
        drawn.append(opening)
        known.add(key)
    return drawn


def _key_of_all(game: Game, opening: Sequence[int]) -> int:
    """The same number for an opening and all that look like it under a symmetry of the board."""
    ways = game.action_symmetries
    states = game.new(len(ways))
    for action in opening:
        game.play(states, ways[:, action])
    return int(game.keys(states).min())


def _opening(game: Game, moves: int, random: np.random.Generator) -> list[int]:
    state, chosen = game.new(1), []
    for _ in range(moves):
        legal = game.legal(state)[0]
        if isinstance(game, Go):
            edge = 2 if game.size >= 9 else 1 if game.size >= 5 else 0
            inner = np.zeros(game.board_shape, bool)
            inner[edge : game.size - edge, edge : game.size - edge] = True
            legal &= np.append(inner.ravel(), False)
        action = int(random.choice(np.flatnonzero(legal)))
        game.play(state, np.array([action]))
        chosen.append(action)
        if game.ended(state)[0]:
            return chosen[:-1]
    return chosen


def _begin(
    game: Game,
    players: tuple[Player, Player],
    states: np.ndarray,
    board: int,
    actions: list[list[int]],
    opening: list[int],
) -> None:
    here = np.array([board])
    fresh = game.new(1)
    states[board] = fresh[0]
    actions[board] = []
    for player in players:
        player.start(here, fresh)
    for action in opening:
        _play(game, players, states, here, np.array([action]), actions)


def _play(
    game: Game,
    players: tuple[Player, Player],
    states: np.ndarray,
    boards: np.ndarray,
    moves: np.ndarray,
    actions: list[list[int]],
) -> None:
    if len(boards) == 0:
        return
    moving = states[boards]
    game.play(moving, moves)
    states[boards] = moving
    for board, action in zip(boards, moves, strict=True):
        actions[board].append(int(action))
    for player in players:
        player.played(boards, moves)


def _count(
    game: Game, players: tuple[Player, Player], state: np.ndarray, board: int
) -> tuple[float, float | None, str]:
    """(result, score, why) of a game that has ended on the board."""
    result = float(game.result(state)[0])
    if not isinstance(game, Go):
        return result, None, "the end" if not np.isnan(result) else "move limit"
    if np.isnan(result):
        return result, None, "move limit"
    dead = np.zeros((1, game.size**2), bool)
    for player in players:
        if isinstance(player, Gtp):
            stones = [a for a in player.dead(board) if a < game.size**2]
            dead[0, stones] = game.stones(state).reshape(1, -1)[0, stones] != 0
    score = float(game.score(state, dead)[0])
    return float(np.sign(score)), score, "points"


def _end(
    number: np.ndarray,
    actions: list[list[int]],
    board: int,
    result: float,
    score: float | None,
    why: str,
    finished: Callable[[Played], None],
) -> Played:
    played = Played(int(number[board]), bool(number[board] % 2 == 0), tuple(actions[board]), result, score, why)
    number[board] = -1
    finished(played)
    return played


def record_of(played: Played, game: Go, names: tuple[str, str]) -> GoRecord:
    """A game as a record, good for SGF; `names` of the match's first and second player."""
    score = np.nan if played.score is None else played.score
    sides = names if played.first_is_black else names[::-1]
    return go_record(
        game.size, played.actions, game.rules.komi, played.result, score, played.why, sides, played.number + 1
    )

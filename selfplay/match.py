"""Games between two players under our rules: who wins how often, and how sure that is.

Games come in pairs: the same opening twice with colours changed, so that neither an easy opening nor the first
move favours anybody.

A game ends early when it is settled (in Go by unconditionally alive stones): that is a proof, not a judgement. At the
end the board is counted as it stands. Where a side is a program that can say which stones are dead, its answer
is used, for the stones of both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from envs.boards.capabilities import FinishedGame
from envs.boards.game import BLACK, Game
from selfplay.ending import settled, why_ended
from selfplay.openings import openings
from selfplay.players.player import RESIGNS, Outsider, Player
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
    """The score of `games`."""
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
    """Play `games` games, `boards` at a time; `finished` is called with each as it ends. Sorted by their numbers.

    Games whose numbers are in `played_before` are not played.
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
        first_moves = (game.to_move(states[going]) == BLACK) == (number[going] % 2 == 0)
        for moves_now, player in ((first_moves, first), (~first_moves, second)):
            asked = going[moves_now]
            if len(asked) == 0:
                continue
            chosen = np.asarray(player.choose(asked, states[asked]), np.int64)
            gave_up = chosen == RESIGNS
            for board in asked[gave_up]:
                winner, why = -float(game.to_move(states[board : board + 1])[0]), "resignation"
                if isinstance(player, Outsider):
                    why = player.failed.get(int(board), why)
                    winner = np.nan if int(board) in player.refused else winner  # the rules differ: nobody wins
                done.append(_end(number, actions, int(board), winner, None, why, finished))
            moved, moves = asked[~gave_up], chosen[~gave_up]
            _play(game, players, states, moved, moves, actions)
            won = settled(game, states[moved])
            for board, winner in zip(moved[won != 0], won[won != 0], strict=True):
                done.append(_end(number, actions, int(board), float(winner), None, "decided", finished))
            for board in moved[game.ended(states[moved]) & (won == 0)]:
                result, score, why = _count(game, players, states[board : board + 1], int(board))
                done.append(_end(number, actions, int(board), result, score, why, finished))


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
    why = why_ended(game, result)
    if np.isnan(result) or game.can.count is None:
        return result, None, why
    dead = np.zeros((1, game.point_symmetries.shape[1]), bool)
    for player in players:
        if isinstance(player, Outsider):
            dead[0, [a for a in player.dead(board) if a != game.can.passing]] = True
    score = float(game.can.count(state, dead).score[0])
    return float(np.sign(score)), score, why


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


def as_finished_game(played: Played, names: tuple[str, str]) -> FinishedGame:
    """For a game record; `names` of the match's first and second player."""
    black, white = names if played.first_is_black else names[::-1]
    return FinishedGame(played.actions, played.result, played.score, played.why, black, white, played.number + 1)

"""Games between two players under our rules, and the referee who enforces them.

Games come in pairs: the same opening twice with colours swapped, so that neither an easy opening nor the first move
favours a player. With handicap, the second player has Black and the stones in every game.

A game ends early when it is settled (in Go by unconditionally alive stones): that is a proof, not a judgement. At the
end the board is counted as it stands. If a side is a program that can say which stones are dead, its answer is used,
for the stones of both sides, unless it cannot be right (selfplay/dead.py). A player that hangs, dies, sends nonsense,
makes an illegal move or runs out of time loses that game; the match continues.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from envs.boards.game import BLACK, WHITE, Game
from envs.go.game import Go
from selfplay.clock import Clock, TimeControl
from selfplay.dead import counted
from selfplay.ending import settled, why_ended
from selfplay.openings import openings
from selfplay.played import Played
from selfplay.players.player import RESIGNS, Commenting, Outsider, Player, Timed

Take = Callable[[], int | None]  # the number of the next game, None when there is none


@dataclass(frozen=True)
class Terms:
    """The terms of all games of a match."""

    openings: Sequence[Sequence[int]]  # of each pair of games, in turn; with handicap of each game
    stones: tuple[int, ...] = ()  # handicap: the second player has Black, and these
    time: TimeControl | None = None

    def first_is_black(self, number: int) -> bool:
        return number % 2 == 0 and not self.stones

    def opening(self, number: int) -> Sequence[int]:
        return self.openings[(number if self.stones else number // 2) % len(self.openings)]


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
    waiting = iter([n for n in range(games) if n not in played_before])
    boards = min(boards, games - len(played_before))
    done: list[Played] = []

    def ended(played: Played) -> None:
        done.append(played)
        finished(played)

    terms = Terms(openings(game, opening, seed, (games + 1) // 2))
    Referee(game, (first, second), terms, boards).play(lambda: next(waiting, None), ended)
    return sorted(done, key=lambda g: g.number)


class Referee:
    """Two players at several boards. Used by one thread only; several referees can share a match's games."""

    def __init__(self, game: Game, players: tuple[Player, Player], terms: Terms, boards: int) -> None:
        self.game, self.players, self.terms = game, players, terms
        self.states = game.new(boards)
        self.number = np.full(boards, -1)  # of the game at each board, -1 for none
        self.actions: list[list[int]] = [[] for _ in range(boards)]
        self.comments: list[list[str]] = [[] for _ in range(boards)]
        self.clocks: list[tuple[Clock, Clock] | None] = [None] * boards

    def play(self, take: Take, finished: Callable[[Played], None], stopped: Callable[[], bool] = lambda: False) -> None:
        """Play what `take` gives until it gives no more, or leave everything when `stopped`."""
        self.finished = finished
        while not stopped():
            for board in np.flatnonzero(self.number < 0):
                number = take()
                if number is None:
                    break
                self._begin(int(board), number)
            going = np.flatnonzero(self.number >= 0)
            if len(going) == 0:
                return
            black_moves = self.game.to_move(self.states[going]) == BLACK
            first_is_black = np.array([self.terms.first_is_black(int(n)) for n in self.number[going]])
            for player, turn in ((0, black_moves == first_is_black), (1, black_moves != first_is_black)):
                if turn.any() and not stopped():
                    self._move(player, going[turn])

    def _begin(self, board: int, number: int) -> None:
        here, fresh, stones = np.array([board]), self.game.new(1), list(self.terms.stones)
        start = fresh
        if stones:
            assert self.game.can.setup is not None
            start = self.game.can.setup(stones, [], WHITE, len(stones))
        self.states[board] = start[0]
        self.number[board] = number
        self.actions[board], self.comments[board] = [], []
        for player in self.players:
            keeps_own_board = isinstance(player, Outsider)
            player.start(here, fresh if keeps_own_board else start)
            if stones and isinstance(player, Outsider):
                player.place(board, stones)
        if self.terms.time:
            self.clocks[board] = Clock(self.terms.time), Clock(self.terms.time)
            for player, clock in zip(self.players, self.clocks[board] or (), strict=True):
                if isinstance(player, Timed):
                    player.on_clock(board, clock)  # so that it knows the time control before the first move
        for action in self.terms.opening(number):
            self._play(here, np.array([action]), [""])

    def _move(self, which: int, boards: np.ndarray) -> None:
        """Ask player `which` for a move at each of `boards` [R]."""
        game, player = self.game, self.players[which]
        for board in boards:
            clocks = self.clocks[board]
            if clocks is not None and isinstance(player, Timed):
                player.on_clock(int(board), clocks[which])
        begun = time.perf_counter()
        chosen = np.asarray(player.choose(boards, self.states[boards]), np.int64)
        taken = time.perf_counter() - begun
        said = player.said if isinstance(player, Commenting) else {}
        going = np.ones(len(boards), bool)
        for row, number in enumerate(boards):
            board = int(number)
            going[row] = self._accept(board, which, int(chosen[row]), taken)
        moved = boards[going]
        self._play(moved, chosen[going], [said.get(int(board), "") for board in moved])
        won = settled(game, self.states[moved])
        for board, winner in zip(moved[won != 0], won[won != 0], strict=True):
            self._end(int(board), float(winner), None, "decided")
        for board in moved[game.ended(self.states[moved]) & (won == 0)]:
            self._end(int(board), *self._count(int(board)))

    def _accept(self, board: int, which: int, action: int, taken: float) -> bool:
        """Whether the game at `board` continues after player `which` answered in `taken` seconds."""
        player, clocks = self.players[which], self.clocks[board]
        lost = -float(self.game.to_move(self.states[board : board + 1])[0])
        failed = player.failed.get(board) if isinstance(player, Outsider) else None
        seconds = player.spent.get(board, taken) if isinstance(player, Outsider) else taken
        if clocks is not None and (failed is None or failed.kind == "hang") and not clocks[which].spend(seconds):
            self._end(board, lost, None, "time", f"{player.name} lost on time after {seconds:.1f} s for a move")
        elif failed is not None:
            nobody = failed.kind == "refusal"  # the rules differ
            self._end(board, np.nan if nobody else lost, None, failed.kind, failed.text)
        elif action == RESIGNS:
            self._end(board, lost, None, "resignation")
        else:
            return True
        return False

    def _play(self, boards: np.ndarray, moves: np.ndarray, said: Sequence[str]) -> None:
        if len(boards) == 0:
            return
        moving = self.states[boards]
        self.game.play(moving, moves)
        self.states[boards] = moving
        for board, action, text in zip(boards, moves, said, strict=True):
            self.actions[board].append(int(action))
            self.comments[board].append(text)
        for player in self.players:
            player.played(boards, moves)

    def _count(self, board: int) -> tuple[float, float | None, str, str]:
        """(result, score, why, what was wrong) of a game that has ended on the board."""
        game, state = self.game, self.states[board : board + 1]
        result = float(game.result(state)[0])
        why = why_ended(game, result)
        if np.isnan(result) or game.can.count is None:
            return result, None, why, ""
        outsiders = [player for player in self.players if isinstance(player, Outsider)]
        if not outsiders or not isinstance(game, Go):
            score = float(game.can.count(state, None).score[0])
            return float(np.sign(score)), score, why, ""
        said = [(player.name, [a for a in player.dead(board) if a != game.can.passing]) for player in outsiders]
        score, note = counted(game, state, said)
        if np.isnan(score):
            return score, None, "unsettled", note
        return float(np.sign(score)), score, why, note

    def _end(self, board: int, result: float, score: float | None, why: str, note: str = "") -> None:
        number = int(self.number[board])
        first_is_black, actions = self.terms.first_is_black(number), tuple(self.actions[board])
        comments = tuple(self.comments[board]) if any(self.comments[board]) else ()
        self.number[board] = -1
        self.finished(
            Played(number, first_is_black, actions, result, score, why, note, comments, tuple(self.terms.stones))
        )

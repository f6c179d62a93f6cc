"""A player that is a program: it speaks GTP (Go Text Protocol) through selfplay/gtp/client.py."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from envs.boards.game import BLACK, Game
from selfplay.gtp.client import GtpError, GtpProgram
from selfplay.players.player import RESIGNS, Seat
from tengen.errors import UserError


def from_name(name: str, rest: str, seat: Seat) -> Gtp:
    """gtp:'gnugo --mode gtp'. Starts one copy of the program for each board."""
    if not seat.game.can.gtp_setup:
        raise UserError(f"{name} plays Go, not {seat.game.name}")
    return Gtp(rest.strip().strip("'\""), seat.game, seat.boards)


class Gtp:
    """A program that speaks GTP, one running copy a board. It keeps its own board: ours is the referee's."""

    def __init__(self, command: str, game: Game, boards: int, timeout: float = 60.0) -> None:
        self.game, self.command, self.timeout = game, command, timeout
        self.programs = [GtpProgram(command, timeout) for _ in range(boards)]
        try:
            self.name = " ".join(self.programs[0].ask(question) for question in ("name", "version")).strip()
        except GtpError as error:
            self.close()
            raise UserError(
                f"gtp:{command} does not speak GTP ({error}); GNU Go does with: gnugo --mode gtp"
            ) from error
        self.to_play = np.zeros(boards, np.int64)
        self.generated: dict[int, int] = {}  # board -> the move it has just come up with
        self.failed: dict[int, str] = {}  # board -> why the program cannot go on there
        self.refused: set[int] = set()  # boards where it would not take a move that the referee allows

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        if self.game.moves(states).any() or (self.game.keys(states) != self.game.keys(self.game.new(1))).any():
            raise ValueError("GTP games begin at the empty board; tell of an opening by `played`")
        self.to_play[boards] = self.game.to_move(states)
        for board in boards:
            self.failed.pop(int(board), None)
            self.refused.discard(int(board))
            self.generated.pop(int(board), None)
            self._tell(int(board), *self.game.can.gtp_setup)

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        with ThreadPoolExecutor(len(boards)) as pool:  # all think at the same time
            one_by_one = [states[i : i + 1] for i in range(len(states))]
            return np.array(list(pool.map(self._genmove, [int(board) for board in boards], one_by_one)))

    def _genmove(self, board: int, state: np.ndarray) -> int:
        if board in self.failed:
            return RESIGNS
        try:
            answer = self.programs[board].ask(f"genmove {self._colour(board)}").lower()
            if answer == "resign":
                return RESIGNS
            action = self.game.parse_action(answer)
        except Exception as error:  # a refusal, a time-out, a move that is none
            self._fail(board, str(error))
            return RESIGNS
        if not self.game.legal(state)[0, action]:
            self._fail(board, f"{self.name} played {answer}, which the referee's rules do not allow")
            return RESIGNS
        self.generated[board] = action
        return action

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        for board, action in zip(boards, actions, strict=True):
            if self.generated.pop(int(board), None) != action:  # it knows of its own move
                self._tell(int(board), f"play {self._colour(int(board))} {self.game.action_name(int(action))}")
            self.to_play[board] = -self.to_play[board]

    def dead(self, board: int) -> list[int]:
        """Actions of the stones that the program considers dead at the end; nothing if it does not say."""
        try:
            answer = self.programs[board].ask("final_status_list dead")
            return [self.game.parse_action(word) for word in answer.split()]
        except Exception:
            return []

    def _colour(self, board: int) -> str:
        return "black" if self.to_play[board] == BLACK else "white"

    def _tell(self, board: int, *commands: str) -> None:
        if board in self.failed:
            return
        try:
            for command in commands:
                self.programs[board].ask(command)
        except GtpError as error:
            if "refused" in str(error):
                self.refused.add(board)
            self._fail(board, str(error))

    def _fail(self, board: int, why: str) -> None:
        self.failed[board] = why
        self.programs[board].close()
        self.programs[board] = GtpProgram(self.command, self.timeout)

    def close(self) -> None:
        for program in self.programs:
            program.close()

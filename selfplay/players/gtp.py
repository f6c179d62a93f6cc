"""A program that speaks GTP (Go Text Protocol) as a player, through selfplay/gtp/client.py."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from envs.boards.game import BLACK, Game
from selfplay.clock import Clock
from selfplay.gtp.client import GtpError, GtpProgram, close_all, printable
from selfplay.players.player import RESIGNS, Failure, Seat
from tengen.errors import UserError, first_line

_LATE = 2.0  # seconds of grace after a program's time is over; it has lost by then anyway


def from_name(name: str, rest: str, seat: Seat) -> Gtp:
    """gtp:'gnugo --mode gtp'. At most one copy of the program runs per board."""
    if not seat.game.can.gtp_setup:
        raise UserError(f"{name} plays Go, not {seat.game.name}")
    command = rest.strip()
    if len(command) > 1 and command[0] == command[-1] and command[0] in "'\"" and command.count(command[0]) == 2:
        command = command[1:-1]  # quotes left by the shell
    return Gtp(command, seat.game, seat.timeout, seat.seconds)


class Gtp:
    """A program that speaks GTP, one process per board. It keeps its own board; the referee's board decides.

    A process that fails loses its game and is restarted for the next one.
    """

    def __init__(self, command: str, game: Game, timeout: float = 60.0, seconds: float | None = None) -> None:
        """`timeout` for each answer; if `seconds` is given, the program is told to use that much time per move.

        UserError if the program cannot be started or does not speak GTP.
        """
        self.game, self.command, self.timeout, self.seconds = game, command, timeout, seconds
        self.programs: dict[int, GtpProgram] = {0: GtpProgram(command, timeout)}
        try:
            self.name = printable(" ".join(self.programs[0].ask(question) for question in ("name", "version"))).strip()
            self.knows = set(self.programs[0].ask("list_commands").split())
        except GtpError as error:
            self.close()
            raise UserError(
                f"gtp:{command} does not speak GTP ({error}); GNU Go does with: gnugo --mode gtp"
            ) from error
        self.to_play: dict[int, int] = {}  # board -> BLACK or WHITE
        self.generated: dict[int, int] = {}  # board -> the move it has just generated
        self.failed: dict[int, Failure] = {}
        self.spent: dict[int, float] = {}
        self.said: dict[int, str] = {}
        self.clocks: dict[int, Clock] = {}
        self._closed = False

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        if self.game.moves(states).any() or (self.game.keys(states) != self.game.keys(self.game.new(1))).any():
            raise ValueError("GTP games start from the empty board; pass an opening's moves to `played`")
        for number, to_play in zip(boards, self.game.to_move(states), strict=True):
            board = int(number)
            self.to_play[board] = int(to_play)
            for kept in (self.failed, self.generated, self.spent, self.said, self.clocks):
                kept.pop(board, None)  # type: ignore[attr-defined]
            setting = f"time_settings 0 {max(1, int(self.seconds))} 1" if self.seconds else ""
            self._launch(board)
            self._tell_rules(board)
            self._tell(board, *self.game.can.gtp_setup, *self._known(setting))

    def place(self, board: int, stones: Sequence[int]) -> None:
        vertices = [self.game.action_name(stone) for stone in stones]
        whole = f"set_free_handicap {' '.join(vertices)}"
        self._tell(board, *(self._known(whole) or [f"play black {vertex}" for vertex in vertices]))
        self.to_play[board] = -BLACK

    def give_komi(self, board: int, komi: float) -> None:
        """Play the game just started at `board` with another komi than the game's own."""
        self._tell(board, f"komi {komi:g}")

    def on_clock(self, board: int, clock: Clock) -> None:
        control, fresh = clock.control, board not in self.clocks
        self.clocks[board] = clock
        if fresh:
            self._tell(board, *(self._known(control.kgs_settings or "") or self._known(control.settings)))
        else:
            seconds, stones = clock.left
            if stones and self._known(control.kgs_settings or ""):
                stones = clock.periods  # KGS: the periods left
            self._tell(board, *self._known(f"time_left {self._colour(board)} {int(seconds)} {stones}"))

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        one_by_one = [states[i : i + 1] for i in range(len(states))]
        if len(boards) == 1:
            return np.array([self._genmove(int(boards[0]), states)])
        with ThreadPoolExecutor(len(boards)) as pool:  # all programs think at the same time
            try:
                return np.array(list(pool.map(self._genmove, [int(board) for board in boards], one_by_one)))
            except BaseException:
                self.close()  # nobody is waiting for the answers
                raise

    def _genmove(self, board: int, state: np.ndarray) -> int:
        if board in self.failed:
            return RESIGNS
        clock = self.clocks.get(board)
        timeout = self.timeout + (self.seconds or 0.0) if clock is None else clock.remaining + _LATE
        begun = time.perf_counter()
        try:
            answer = self.programs[board].ask(f"genmove {self._colour(board)}", timeout).lower()
        except GtpError as error:
            return self._fail(board, "rubbish" if error.kind == "refusal" else error.kind, str(error))
        finally:
            self.spent[board] = time.perf_counter() - begun
        if answer == "resign":
            return RESIGNS
        try:
            action = self.game.parse_action(answer)
        except UserError:
            return self._fail(board, "rubbish", f"{self.name} answered genmove with {printable(answer) or 'nothing'}")
        if not self.game.legal(state)[0, action]:
            text = f"{self.name} played {printable(answer)}, which the referee's rules do not allow"
            return self._fail(board, "illegal move", text)
        self.generated[board] = action
        self.said[board] = f"{self.spent[board]:.2f} s"
        return action

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        for number, action in zip(boards, actions, strict=True):
            board = int(number)
            if self.generated.pop(board, None) != action:  # it already knows its own move
                self._tell(board, f"play {self._colour(board)} {self.game.action_name(int(action))}")
            self.to_play[board] = -self.to_play[board]

    def dead(self, board: int) -> list[int]:
        try:
            answer = self.programs[board].ask("final_status_list dead")
            return [self.game.parse_action(word) for word in answer.split()]
        except GtpError as error:
            if error.kind != "refusal":
                self._end(board)  # it has ended or is of no use; another one starts with the next game
        except (UserError, KeyError):
            pass
        return []

    def _colour(self, board: int) -> str:
        return "black" if self.to_play[board] == BLACK else "white"

    def _known(self, command: str) -> list[str]:
        """[`command`] if the program supports it, else []."""
        return [command] if command and command.split()[0] in self.knows else []

    def _tell(self, board: int, *commands: str) -> None:
        for command in commands:
            if board in self.failed:
                return
            try:
                self.programs[board].ask(command)
            except GtpError as error:
                self._fail(board, error.kind, str(error))

    def _tell_rules(self, board: int) -> None:
        """Tell the program the rules, if it knows a command for that and accepts them."""
        for command in self.game.can.gtp_rules:
            if self._known(command) and board in self.programs:
                try:
                    self.programs[board].ask(command)
                    return
                except GtpError as error:
                    if error.kind != "refusal":
                        self._fail(board, error.kind, str(error))

    def _launch(self, board: int) -> None:
        """Make sure a program is running for `board`."""
        if board in self.programs:
            return
        if self._closed:
            self._fail(board, "crash", f"{self.name} is closed")
            return
        try:
            self.programs[board] = GtpProgram(self.command, self.timeout)
        except UserError as error:
            self._fail(board, "crash", first_line(error))

    def _fail(self, board: int, kind: str, text: str) -> int:
        self.failed[board] = Failure(kind, text)
        self._end(board)
        return RESIGNS

    def _end(self, board: int) -> None:
        if board in self.programs:
            self.programs.pop(board).child.end()

    def close(self) -> None:
        self._closed = True
        close_all(list(self.programs.values()))

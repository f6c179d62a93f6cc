"""A player from your own Python file: `python:my_player.py:Player` in `tengen match`.

    class Player:
        def __init__(self, game): ...          # an envs.boards.game.Game
        def choose(self, states):              # states [R] of R games where it is to move -> actions [R]
            return self.game.legal(states).argmax(1)

or a function `choose(states)` instead of the class. -1 in place of an action resigns that game.

The code runs in this process, as with `python my_player.py`: imports are looked up in its folder. It never runs just
because some file names it, only if it was named on the command line. The referee keeps the board: the states are
copies, and an exception, an answer of the wrong shape or an illegal move loses that game, as it does for programs.
Calls are made one at a time in one thread, so the code need not be thread-safe; a call that takes longer than the
match's timeout is interrupted, and loses the games it was asked about.
"""

from __future__ import annotations

import importlib.util
import inspect
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from envs.boards.game import Game
from selfplay.players.player import RESIGNS, Failure, Seat
from tengen.errors import UserError, first_line, unknown

EXAMPLE = "python:my_player.py:Player"
_loaded: dict[Path, ModuleType] = {}
_loading = threading.Lock()


def from_name(name: str, rest: str, seat: Seat) -> Python:
    """The player "python:FILE:NAME". UserError if the file or name does not exist, or the code fails."""
    file, _, thing = rest.rpartition(":")
    if not file or not thing:
        raise UserError(f"{name}: name a file and a class or function in it, {EXAMPLE}")
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise UserError(f"{name}: there is no file {file}")
    with _loading:
        module = _loaded.get(path) or _load(path, name)
    if not hasattr(module, thing):
        own = [key for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        raise unknown(f"class or function in {file}", thing, own)
    return Python(name, getattr(module, thing), seat.game, seat.timeout, path)


def _load(path: Path, name: str) -> ModuleType:
    """Run the file. Modules from an earlier player's folder are unloaded: two projects may both have a `parts`."""
    for other in {p.parent for p in _loaded} - {path.parent}:
        for key, module in list(sys.modules.items()):
            if (file := getattr(module, "__file__", None)) and Path(file).is_relative_to(other):
                del sys.modules[key]
        sys.path[:] = [entry for entry in sys.path if entry != str(other)]
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(f"player_{path.stem}", path)  # a unique module name
    if spec is None or spec.loader is None:
        raise UserError(f"{name}: {path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look up their module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise UserError(f"{name} cannot be loaded: {where(error, path)}") from error
    _loaded[path] = module
    return module


def _arguments(thing: type, game: Game) -> tuple[Game, ...]:
    """The game, if the constructor of `thing` takes it."""
    try:
        inspect.signature(thing).bind(game)
    except (TypeError, ValueError):  # it does not, or has no signature
        return ()
    return (game,)


class Python:
    """A user's `choose(states) -> actions` as a player that may fail."""

    def __init__(self, name: str, thing: Any, game: Game, timeout: float = 60.0, path: Path = Path("a player")) -> None:
        """`thing`: a class (which may take the game), an object with `choose`, or the function itself."""
        self.name, self.game, self.timeout, self.path = name, game, timeout, path
        try:
            made = thing(*_arguments(thing, game)) if isinstance(thing, type) else thing
        except (Exception, SystemExit) as error:
            raise UserError(f"{name} cannot be created: {where(error, path)}") from error
        choose = getattr(made, "choose", None) or made
        if not callable(choose):
            raise UserError(f"{name} has no choose(states): a player is a class with that method, or a function")
        self._choose: Callable[[np.ndarray], Any] = choose
        self.failed: dict[int, Failure] = {}
        self.spent: dict[int, float] = {}

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        for board in boards:
            self.failed.pop(int(board), None)

    def place(self, board: int, stones: Sequence[int]) -> None: ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        answer, wrong = self._ask(states)
        if wrong is not None and len(boards) > 1 and wrong.kind != "hang":  # find out which game it fails in
            return np.array([self.choose(boards[i : i + 1], states[i : i + 1])[0] for i in range(len(boards))])
        legal = self.game.legal(states)
        for row, board in enumerate(boards):
            action = int(answer[row])
            if wrong is None and action != RESIGNS and not (0 <= action < self.game.num_actions):
                text = f"{self.name} chose action {action}; {self.game.name} has 0 to {self.game.num_actions - 1}"
                self.failed[int(board)] = Failure("rubbish", text)
            elif wrong is None and action != RESIGNS and not legal[row, action]:
                text = f"{self.name} played {self.game.action_name(action)}, which the referee's rules do not allow"
                self.failed[int(board)] = Failure("illegal move", text)
            elif wrong is not None:
                self.failed[int(board)] = wrong
        return answer

    def _ask(self, states: np.ndarray) -> tuple[np.ndarray, Failure | None]:
        """([R] actions, what is wrong with them or None)."""
        given_up = np.full(len(states), RESIGNS)
        try:
            with _limited(self.timeout):
                answer = np.asarray(self._choose(states.copy()))
        except _TooLong:
            return given_up, Failure("hang", f"{self.name} did not answer within {self.timeout:g} s")
        except (Exception, SystemExit) as error:
            return given_up, Failure("crash", f"{self.name} failed: {where(error, self.path)}")
        if answer.shape != (len(states),) or not np.issubdtype(answer.dtype, np.integer):
            wanted = f"choose(states) must return {len(states)} whole numbers, one action per state"
            came = f"{answer.dtype} of shape {list(answer.shape)}"
            return given_up, Failure("rubbish", f"{self.name}: {wanted}; it returned {came}")
        return answer.astype(np.int64), None

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def dead(self, board: int) -> list[int]:
        return []

    def close(self) -> None: ...


def where(error: BaseException, path: Path) -> str:
    """An error in the user's code with its line: "ValueError: … (my_player.py, line 12)"."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({Path(error.filename or path).name}, line {error.lineno})"
    kind, text = type(error).__name__, first_line(error)
    here = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(path.parent)]
    place = f" ({Path(here[-1].filename).name}, line {here[-1].lineno})" if here else ""
    return (text if text == kind else f"{kind}: {text}") + place


class _TooLong(BaseException):
    """The user's code took too long; a BaseException, so that their `except Exception` does not catch it."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise `_TooLong` after `seconds`, if possible: in the main thread of a system with interval timers."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    handler = signal.signal(signal.SIGALRM, ring)
    left, every = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, left, every)

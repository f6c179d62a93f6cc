"""Who plays a game: at random, by a policy alone, by search, or a program that speaks GTP.

A player sits at several boards at once, each with a number. It is told of every move (`played`), its own too, and
asked for moves at the boards where it is its turn.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from agents.search.evaluators import Evaluator
from agents.search.model import GameModel, masked_softmax
from agents.search.search import Search, SearchConfig
from envs.boards.game import BLACK, Game
from envs.go.rules import Go
from selfplay.gtp.client import GtpError, GtpProgram


class Player(Protocol):
    """At `boards` (numbers) with `states` [R] of them."""

    name: str

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        """New games at these boards, from `states` (an opening may have been played)."""
        ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        """[R] an action each; RESIGNS gives the game up."""
        ...

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def close(self) -> None: ...


RESIGNS = -1  # in place of an action


class Random:
    """Uniform over the legal moves; in Go it passes only when nothing else is left or one time in fifty."""

    def __init__(self, game: Game, seed: int) -> None:
        self.name, self.game, self.random = "random", game, np.random.default_rng(seed)

    def start(self, boards: np.ndarray, states: np.ndarray) -> None: ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        legal = self.game.legal(states)
        if isinstance(self.game, Go):
            passing = self.random.random(len(states)) < 0.02
            legal[:, -1] &= passing | (legal.sum(1) == 1)
        return np.argmax(self.random.random(legal.shape) * legal, axis=1)

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def close(self) -> None: ...


class Policy:
    """The evaluator's most likely legal move, or one drawn from its policy.

    In Go it fills no eye of its own, as the policies of AlphaGo (Silver 2016, "sensible" moves), and passes when
    nothing else is left: people stop before they come to that, so a policy learned from them does not know it.
    """

    def __init__(self, name: str, game: Game, evaluator: Evaluator, seed: int, temperature: float = 0.0) -> None:
        self.name, self.game, self.evaluator, self.temperature = name, game, evaluator, temperature
        self.random = np.random.default_rng(seed)
        self.eyes: Go | None = None
        if isinstance(game, Go):
            self.eyes = Go(game.size, game.rules, features="alphago", max_moves=game.max_moves, threads=game.threads)

    def start(self, boards: np.ndarray, states: np.ndarray) -> None: ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        logits, _ = self.evaluator(states)
        legal = self.game.legal(states)
        if self.eyes is not None:
            planes = self.eyes.encode(states)[:, self.eyes.planes.index("sensible")]
            legal[:, :-1] &= planes.reshape(len(states), -1) == 1
        p = masked_softmax(logits / (self.temperature or 1.0), legal)
        if self.temperature == 0:
            return p.argmax(1)
        edges = p.cumsum(1)
        drawn = (edges < self.random.random((len(p), 1)) * edges[:, -1:]).sum(1)
        return np.minimum(drawn, p.shape[1] - 1)

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def close(self) -> None: ...


class Searcher:
    """Tree search with `simulations` a move; the tree is kept from move to move."""

    def __init__(
        self,
        name: str,
        game: Game,
        evaluator: Evaluator,
        boards: int,
        simulations: int,
        seed: int,
        config: SearchConfig | None = None,
        resign: float = -2.0,
    ) -> None:
        """`resign`: gives up when the root's value has been below this twice running; -2 never does."""
        self.name, self.game, self.simulations, self.resign = name, game, simulations, resign
        self.model = GameModel(game, evaluator, game.new(boards))
        config = config or SearchConfig()
        self.search = Search(self.model, boards, simulations, config, [seed * 100_003 + i for i in range(boards)])
        self.low = np.zeros(boards, np.int64)  # how often running the value was hopeless

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        self.search.forget(boards)
        self.low[boards] = 0

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        self.model.roots[boards] = states
        self.search.begin(boards, self.simulations, noisy=False)
        found = self.search.run(boards)
        hopeless = found.value < self.resign
        self.low[boards] = np.where(hopeless, self.low[boards] + 1, 0)
        return np.where(self.low[boards] >= 2, RESIGNS, found.best)

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        self.search.play(boards, actions)

    def close(self) -> None: ...


class Gtp:
    """A program that speaks GTP, one running copy a board. It keeps its own board: ours is the referee's."""

    def __init__(self, command: str, game: Go, boards: int, timeout: float = 60.0) -> None:
        self.game, self.command, self.timeout = game, command, timeout
        self.programs = [GtpProgram(command, timeout) for _ in range(boards)]
        first = self.programs[0]
        self.name = f"{first.ask('name')} {first.ask('version')}".strip()
        self.movers = np.zeros(boards, np.int64)
        self.generated: dict[int, int] = {}  # board -> the move it has just thought of
        self.failed: dict[int, str] = {}  # board -> why the program cannot go on there
        self.refused: set[int] = set()  # boards where it would not take a move that the referee allows

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        if self.game.moves(states).any() or self.game.stones(states).any():
            raise ValueError("GTP games begin at the empty board; tell of an opening by `played`")
        self.movers[boards] = self.game.to_move(states)
        for board in boards:
            self.failed.pop(int(board), None)
            self.refused.discard(int(board))
            self.generated.pop(int(board), None)
            self._tell(int(board), f"boardsize {self.game.size}", "clear_board", f"komi {self.game.rules.komi:g}")

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
            self.movers[board] = -self.movers[board]

    def dead(self, board: int) -> list[int]:
        """Actions of the stones that the program takes for dead at the end; nothing if it does not say."""
        try:
            answer = self.programs[board].ask("final_status_list dead")
            return [self.game.parse_action(word) for word in answer.split()]
        except Exception:
            return []

    def _colour(self, board: int) -> str:
        return "black" if self.movers[board] == BLACK else "white"

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

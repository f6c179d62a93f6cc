"""`tengen eval` for solved games: the fraction of a player's moves that keep the position's value.

Tic-tac-toe: the values of all positions are known. Connect 4: random positions, or a file with one position per line,
as the columns played, from 1 to 7 (and its score, as in the test sets of P. Pons, blog.gamesolver.org). A move keeps
the value if a won position stays won or a drawn one is not lost; in a lost position every move does. Positions and
moves that the solver cannot settle within its limit are counted and excluded from the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from envs.boards.catalogue import make_game
from envs.boards.connect4_solver import Connect4Solver
from envs.boards.game import Game, IllegalMove, Position, mover_result
from envs.boards.solve import solve
from selfplay.players.catalogue import make_player
from selfplay.players.player import Player
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.errors import UserError
from tengen.plural import counted
from tengen.statistics import wilson

SOLVED = ("tictactoe", "connect4")
_MOST_NODES = 20_000_000  # positions the solver visits per query, at most: a few seconds
_BATCH = 64  # positions given to the player at once
LOST, KEPT, UNSETTLED = 0, 1, 2  # what a move did to the value of its position


class Solver(Protocol):
    """Exact values of one game. States are [1]; values 1, 0 or -1 are for the player to move."""

    def outcome(self, state: np.ndarray) -> int | None: ...  # None: not settled

    def at_least(self, state: np.ndarray, value: int) -> bool | None: ...  # the same question, cheaper


class _Exhaustive:
    def __init__(self, game: Game) -> None:
        self._game, self._known = game, dict[int, float]()

    def outcome(self, state: np.ndarray) -> int:
        return int(solve(self._game, state, self._known))

    def at_least(self, state: np.ndarray, value: int) -> bool:
        return self.outcome(state) >= value


class _Connect4:
    def __init__(self, most_nodes: int) -> None:
        self._solver, self._most_nodes = Connect4Solver(256), most_nodes

    def outcome(self, state: np.ndarray) -> int | None:
        return self._solver.outcome(state, self._most_nodes)

    def at_least(self, state: np.ndarray, value: int) -> bool | None:
        return self._solver.at_least(state, value, self._most_nodes)


def solver_of(game: Game, most_nodes: int = _MOST_NODES) -> Solver:
    """The solver for `game`, one of `SOLVED`; for Connect 4 it gives up after `most_nodes` positions (0: never)."""
    return _Connect4(most_nodes) if game.name == "connect4" else _Exhaustive(game)


class Solved(NamedTuple):
    """N positions of a game with their values."""

    states: np.ndarray  # [N]
    values: np.ndarray  # [N] int: 1, 0, -1 for the player to move
    source: str
    unsettled: int = 0  # further positions, excluded because the solver gave up


@dataclass(frozen=True)
class Figures:
    """How many of a player's moves kept the value, among those the solver settled."""

    kept: float  # fraction of the moves
    ci95: tuple[float, float]
    kept_where_not_lost: float  # fraction of those in positions that were won or drawn
    unsettled_moves: int  # excluded from the fractions

    @classmethod
    def of(cls, verdicts: np.ndarray, values: np.ndarray) -> Figures:
        """From `verdicts` [N] (KEPT, LOST, UNSETTLED) on positions with `values` [N]."""
        settled = verdicts != UNSETTLED
        open_ = settled & (values > -1)  # where a move can be wrong
        kept = float((verdicts[settled] == KEPT).mean()) if settled.any() else 0.0
        return cls(
            kept=kept,
            ci95=wilson(kept, int(settled.sum())) if settled.any() else (0.0, 1.0),
            kept_where_not_lost=float((verdicts[open_] == KEPT).mean()) if open_.any() else 1.0,
            unsettled_moves=int((~settled).sum()),
        )


@dataclass(frozen=True)
class SolvedCard:
    """The score card for a solved game."""

    task: str
    source: str
    positions: int
    not_lost: int  # positions won or drawn for the player to move
    unsettled: int  # further positions, excluded
    search: Figures
    policy: Figures  # the bare policy of the same network
    simulations: int
    seed: int
    command: str

    def to_dict(self) -> dict[str, Any]:
        """The card as flat JSON."""
        card: dict[str, Any] = {"kind": "selfplay", "task": self.task, "protocol": "solved", "source": self.source}
        card |= {"positions": self.positions, "not_lost": self.not_lost, "unsettled": self.unsettled}
        for prefix, figures in (("", self.search), ("policy_", self.policy)):
            card |= {
                f"{prefix}kept": figures.kept,
                f"{prefix}ci95": list(figures.ci95),
                f"{prefix}kept_where_not_lost": figures.kept_where_not_lost,
                f"{prefix}unsettled_moves": figures.unsettled_moves,
            }
        return card | {"simulations": self.simulations, "seed": self.seed, "command": self.command}

    def describe(self) -> str:
        """Three lines, and a fourth if the solver could not settle everything."""
        lines = [f"{self.task}, {self.positions:,} positions ({self.source})"]
        for what, figures in ((f"with {self.simulations} simulations", self.search), ("bare policy", self.policy)):
            low, high = figures.ci95
            lines.append(
                f"{what}: {figures.kept:.2%} [{low:.2%}, {high:.2%}] of the moves keep the value"
                f" ({figures.kept_where_not_lost:.2%} of the {self.not_lost:,} where one could lose it)"
            )
        moves = self.search.unsettled_moves, self.policy.unsettled_moves
        if self.unsettled or any(moves):
            lines.append(
                f"not settled by the solver and left out: {counted(self.unsettled, 'positions')},"
                f" {counted(moves[0], 'moves')} with search, {moves[1]} of the bare policy"
            )
        return "\n".join(lines)


def examine(name: str, runs: Path, task: str, positions: str, count: int, simulations: int, seed: int) -> SolvedCard:
    """Test the network `name` on the positions of a file or folder, or on `count` positions of random games."""
    if task not in SOLVED:
        raise UserError(f"{task} is not solved; measure {name} in a match: tengen match {name} uct:1000 --board {task}")
    Compute(threads=cores()).start()
    game = make_game(task, threads=cores())
    solver = solver_of(game)
    tests = read_positions(game, Path(positions), solver) if positions else random_positions(game, count, seed, solver)
    shown = Counter(2 * len(tests.states), "positions")
    figures = []
    for k, who in enumerate((f"{name}:{simulations}", f"policy:{name}")):
        player = make_player(who, game, _BATCH, simulations, seed, runs)
        verdicts = judge(game, player, tests, solver, lambda done, k=k: shown(k * len(tests.states) + done))  # type: ignore[misc]
        figures.append(Figures.of(verdicts, tests.values))
    shown.end()
    options = f"--positions {Path(positions).name}" if positions else f"--episodes {count} --seed {seed}"
    return SolvedCard(
        task=task,
        source=tests.source,
        positions=len(tests.states),
        not_lost=int((tests.values > -1).sum()),
        unsettled=tests.unsettled,
        search=figures[0],
        policy=figures[1],
        simulations=simulations,
        seed=seed,
        command=f"tengen eval {name} {options} --simulations {simulations}",
    )


def read_positions(game: Game, path: Path, solver: Solver) -> Solved:
    """Read the positions of a file, or of all files in a folder; those without a score are solved."""
    files = sorted(path.glob("Test_*")) if path.is_dir() else [path]
    states: list[np.ndarray] = []
    values: list[int] = []
    unsettled = 0
    for file in files:
        try:
            lines = file.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file} is not a file of positions ({error})") from error
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words:
                continue
            try:
                state = Position.start(game).play_all(list(words[0])).state
                value = int(np.sign(int(words[1]))) if len(words) > 1 else solver.outcome(state)
            except (IllegalMove, UserError, ValueError) as error:
                raise UserError(f"{file}, line {number}: expected columns and a score ({error})") from error
            if value is None:
                unsettled += 1
            elif not game.ended(state)[0]:
                states.append(state)
                values.append(value)
    if not states and unsettled:
        raise UserError(f"the solver could settle none of the {unsettled} positions of {path}; add their scores")
    if not states:
        raise UserError(f"{path} holds no positions; each line is the columns played, e.g. 4453, and a score")
    source = f"{counted(len(files), 'files')} of {path.name}" if path.is_dir() else path.name
    return Solved(np.concatenate(states), np.array(values), source, unsettled)


def random_positions(game: Game, count: int, seed: int, solver: Solver) -> Solved:
    """`count` different positions of random games, solved."""
    random = np.random.default_rng(seed)
    states: list[np.ndarray] = []
    values: list[int] = []
    keys: set[int] = set()
    points = int(np.prod(game.board_shape))
    tried = unsettled = 0
    while len(states) < count and tried < 100 * count:
        tried += 1
        state = game.new(1)
        for _ in range(int(random.integers(0, points))):
            game.play(state, np.array([random.choice(np.flatnonzero(game.legal(state)[0]))]))
            if game.ended(state)[0]:
                break
        key = int(game.keys(state)[0])
        if game.ended(state)[0] or key in keys:
            continue
        keys.add(key)
        value = solver.outcome(state)
        if value is None:
            unsettled += 1
        else:
            states.append(state.copy())
            values.append(value)
    return Solved(np.concatenate(states), np.array(values), f"from random games, seed {seed}", unsettled)


def judge(game: Game, player: Player, solved: Solved, solver: Solver, say: Callable[[int], None]) -> np.ndarray:
    """[N] the effect of the `player`'s moves on the positions' values: KEPT, LOST or UNSETTLED."""
    verdicts = np.full(len(solved.states), KEPT, np.int8)
    for start in range(0, len(solved.states), _BATCH):
        states = solved.states[start : start + _BATCH]
        boards = np.arange(len(states))
        player.start(boards, states)
        actions = np.asarray(player.choose(boards, states))
        after = states.copy()
        game.play(after, actions)
        for i, value in enumerate(solved.values[start : start + _BATCH]):
            if value > -1:
                verdicts[start + i] = _verdict(game, after[i : i + 1], int(value), solver)
        say(start + len(states))
    return verdicts


def _verdict(game: Game, child: np.ndarray, value: int, solver: Solver) -> int:
    """Whether the player who moved to `child` [1] still has `value`, 1 or 0."""
    if game.ended(child)[0]:
        return KEPT if -mover_result(game, child)[0] >= value else LOST
    better = solver.at_least(child, 1 - value)  # whether the opponent has more than -value
    return UNSETTLED if better is None else LOST if better else KEPT

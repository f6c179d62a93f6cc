"""`tengen eval` of a player of a solved game: how many of its moves keep what the position is worth.

Tic-tac-toe: all positions are known. Connect 4: random positions, or a file of them, a position a line as the
columns that were played, from 1 to 7 (and its score, as in the test sets of P. Pons, blog.gamesolver.org). A move
keeps the value when a won position stays won and a drawn one is not lost; in a lost position every move does. Where
the solver cannot say within its limit whether a move was right, it counts as wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from envs.boards.catalogue import make_game
from envs.boards.game import Game, IllegalMove, Position, mover_result
from envs.boards.solve import Connect4Solver, solve
from selfplay.players.catalogue import make_player
from selfplay.players.player import Player
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.errors import UserError
from tengen.statistics import wilson

SOLVED = ("tictactoe", "connect4")
_MOST_NODES = 500_000  # positions that the solver looks at for one answer
_BATCH = 64  # positions that a player is asked about at once


class Solved(NamedTuple):
    """N positions of a game and who wins them."""

    states: np.ndarray  # [N]
    values: np.ndarray  # [N] int: 1, 0, -1 as the mover sees it
    source: str


@dataclass(frozen=True)
class SolvedCard:
    """How many moves of a player keep what a position is worth."""

    values: Mapping[str, Any]

    def describe(self) -> str:
        return describe(dict(self.values))

    def to_dict(self) -> dict[str, Any]:
        return dict(self.values)


Outcome = Callable[[np.ndarray], int | None]  # of one state [1], as the mover sees it; None: not known


def outcome_of(game: Game) -> Outcome:
    """Who wins a position of `game`, exactly."""
    if game.name == "connect4":
        solver = Connect4Solver(256)
        return lambda state: solver.outcome(state, _MOST_NODES)
    known: dict[int, float] = {}
    return lambda state: int(solve(game, state, known))


def read_positions(game: Game, path: Path, outcome: Outcome) -> Solved:
    """The positions of a file, or of all files of a folder; those that have no score are solved."""
    files = sorted(path.glob("Test_*")) if path.is_dir() else [path]
    states: list[np.ndarray] = []
    values: list[int] = []
    for file in files:
        try:
            lines = file.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file} cannot be read as positions ({error})") from error
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words:
                continue
            try:
                state = Position.start(game).play_all(list(words[0])).state
                value = int(np.sign(int(words[1]))) if len(words) > 1 else outcome(state)
            except (IllegalMove, UserError, ValueError) as error:
                raise UserError(f"{file}, line {number}: expected columns and a score ({error})") from error
            if value is not None and not game.ended(state)[0]:
                states.append(state)
                values.append(value)
    if not states:
        raise UserError(f"{path} holds no positions; a line is the columns played, for example 4453 and a score")
    return Solved(np.concatenate(states), np.array(values), f"{len(files)} files of {path.name}")


def random_positions(game: Game, count: int, seed: int, outcome: Outcome) -> Solved:
    """`count` different positions of random games, solved."""
    random = np.random.default_rng(seed)
    states: list[np.ndarray] = []
    values: list[int] = []
    keys: set[int] = set()
    points = int(np.prod(game.board_shape))
    tried = 0
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
        if (value := outcome(state)) is not None:
            states.append(state.copy())
            values.append(value)
    return Solved(np.concatenate(states), np.array(values), f"from random games, seed {seed}")


def kept(game: Game, player: Player, solved: Solved, outcome: Outcome, say: Callable[[int], None]) -> np.ndarray:
    """[N] bool: the moves of `player` that keep the value."""
    right = np.ones(len(solved.states), bool)
    for start in range(0, len(solved.states), _BATCH):
        states = solved.states[start : start + _BATCH]
        boards = np.arange(len(states))
        player.start(boards, states)
        actions = np.asarray(player.choose(boards, states))
        after = states.copy()
        game.play(after, actions)
        for i, value in enumerate(solved.values[start : start + _BATCH]):
            if value > -1:
                child = after[i : i + 1]
                over = bool(game.ended(child)[0])
                theirs = int(mover_result(game, child)[0]) if over else outcome(child)
                right[start + i] = theirs is not None and -theirs >= value
        say(start + len(states))
    return right


def examine(name: str, runs: Path, task: str, positions: str, count: int, simulations: int, seed: int) -> SolvedCard:
    """The card of the network `name`: on the positions of a file or folder, or on `count` of random games."""
    if task not in SOLVED:
        raise UserError(f"{task} is not solved; measure {name} in a match: tengen match {name} uct:1000 --board {task}")
    Compute(threads=cores()).start()
    game = make_game(task, threads=cores())
    outcome = outcome_of(game)
    tests = (
        read_positions(game, Path(positions), outcome) if positions else random_positions(game, count, seed, outcome)
    )
    shown = Counter(2 * len(tests.states), "positions")
    right = []
    for k, who in enumerate((f"{name}:{simulations}", f"policy:{name}")):
        player = make_player(who, game, _BATCH, simulations, seed, runs)
        right.append(kept(game, player, tests, outcome, lambda done, k=k: shown(k * len(tests.states) + done)))  # type: ignore[misc]
    shown.end()
    options = f"--positions {Path(positions).name}" if positions else f"--episodes {count} --seed {seed}"
    command = f"tengen eval {name} {options} --simulations {simulations}"
    card = card_of(game, tests, right[0], right[1]) | {"simulations": simulations, "seed": seed, "command": command}
    return SolvedCard(card)


def card_of(game: Game, solved: Solved, search: np.ndarray, policy: np.ndarray) -> dict[str, Any]:
    """From which moves [N] of the player with search, and of its bare policy, kept the value."""
    open_ = solved.values > -1  # where a move can be wrong
    card: dict[str, Any] = {"kind": "selfplay", "task": game.name, "protocol": "solved", "source": solved.source}
    card |= {"positions": len(search), "not_lost": int(open_.sum())}
    for prefix, right in (("", search), ("policy_", policy)):
        share = float(right.mean())
        card |= {
            f"{prefix}kept": share,
            f"{prefix}ci95": list(wilson(share, len(right))),
            f"{prefix}kept_where_not_lost": float(right[open_].mean()) if open_.any() else 1.0,
        }
    return card


def describe(card: dict[str, Any]) -> str:
    """The card in three lines."""
    lines = [f"{card['task']}, {card['positions']:,} positions ({card['source']})"]
    for prefix, what in (("", f"with {card['simulations']} simulations"), ("policy_", "bare policy")):
        low, high = card[f"{prefix}ci95"]
        lines.append(
            f"{what}: {card[f'{prefix}kept']:.2%} [{low:.2%}, {high:.2%}] of the moves keep the value"
            f" ({card[f'{prefix}kept_where_not_lost']:.2%} of the {card['not_lost']:,} where one could lose it)"
        )
    return "\n".join(lines)

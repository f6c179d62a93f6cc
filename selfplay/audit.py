"""Checks that a run has each of its games exactly once, whatever happened to its workers and its learner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.alphazero.config import Config
from selfplay.actors import unbegun
from selfplay.record import GameRecord, iterations, read_iteration
from tengen.checkpoint import Tree, read_newest
from tengen.config import from_dict
from tengen.description import Description
from tengen.plural import counted
from tengen.run import Run


@dataclass(frozen=True)
class Audit:
    """The games of a run up to its newest checkpoint."""

    games: int  # finished
    in_progress: int
    moves: int  # in finished games and games in progress
    step: int  # moves requested: slightly fewer, because all games of an actor move together
    wrong: tuple[str, ...]  # problems found, in words; empty if there are none


def check_games(run: Run) -> Audit:
    """Count the games of `run` up to its newest checkpoint.

    UserError if there is no checkpoint, or a file of games is damaged.
    """
    _, tree = read_newest(run.checkpoint_folder)
    return audit(run.path / "games", tree, from_dict(Config, Description.of_run(run).config))


def audit(folder: Path, tree: Tree, config: Config) -> Audit:
    """Count the games in `folder` and those in progress in `tree`, the state of an `AlphaZero`: no duplicate numbers,
    no gaps, and as many moves as the step count implies."""
    step, iteration, states = tree["step"], tree["own"]["iteration"], tree["own"]["actors"]
    files = iterations(folder)
    wrong = [f"iteration {n} is missing" for n in sorted({*range(iteration)} - {n for n, _ in files})]
    records = [record for n, path in files if n < iteration for record in read_iteration(path)]
    boards = 1 + len(config.sizes.split(",")) if config.sizes else 1
    sizes = sorted({len(record.ownership) for record in records}, reverse=True)  # the boards, largest first
    each = len(states) // boards
    for i in range(boards):
        of = [record for record in records if i < len(sizes) and len(record.ownership) == sizes[i]]
        wrong += _wrong(of, states[i * each : (i + 1) * each], f" on board {i + 1}" if boards > 1 else "")
    trajectories = [one for state in states for one in state["trajectories"]]
    moves = sum(len(record.moves) for record in records) + sum(len(one["moves"]) for one in trajectories)
    # An actor stops once it has made its share of the moves; its boards move together, so it may make a few more.
    units = step / config.moves_per_iteration
    least, most = step - (units + 1) * len(states), step + (units + 1) * config.boards
    if not least <= moves <= most:
        wrong.append(f"{moves} moves were made; {step} steps mean {least:.0f} to {most:.0f}")
    return Audit(len(records), len(trajectories), moves, step, tuple(wrong))


def _wrong(records: Sequence[GameRecord], states: Sequence[dict[str, Any]], where: str) -> list[str]:
    """Problems with the games of one board size."""
    ended = [record.number for record in records]
    playing = [one["number"] for state in states for one in state["trajectories"]]
    counts = Counter([*ended, *playing])
    expected = np.ones(max(state["next"] for state in states), bool)
    expected[unbegun(states)] = False
    begun = {int(n) for n in np.flatnonzero(expected)}
    wrong = [f"game {n} appears {count} times{where}" for n, count in sorted(counts.items()) if count > 1]
    wrong += [f"game {n} is missing{where}" for n in sorted(begun - counts.keys())]
    wrong += [f"game {n} exists but was never started{where}" for n in sorted(counts.keys() - begun)]
    if (told := sum(state["ended"] for state in states)) != len(ended):
        wrong.append(f"{counted(len(ended), 'games')} ended, but the actors counted {told}{where}")
    return wrong

"""Audit a run: is each of its games there exactly once, whatever happened to its workers and its learner?"""

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
from tengen.run import Run


@dataclass(frozen=True)
class Audit:
    """The games of a run, up to its newest checkpoint."""

    games: int  # that ended
    in_progress: int
    moves: int  # in both
    step: int  # moves that were asked for: a little less, because all games of an actor move together
    wrong: tuple[str, ...]  # what should not be, in words; empty where all is well


def check_games(run: Run) -> Audit:
    """Count the games of `run` up to its newest checkpoint.

    UserError where there is none, or a file of games is damaged.
    """
    _, tree = read_newest(run.checkpoint_folder)
    return audit(run.path / "games", tree, from_dict(Config, Description.of_run(run).config))


def audit(folder: Path, tree: Tree, config: Config) -> Audit:
    """Count the games in `folder` and those in progress in `tree`, the state of an `AlphaZero`: no number twice, none
    missing, and as many moves as the steps say."""
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
    # An actor stops with the move that makes its part whole; up to all of its boards move together with that one.
    units = step / config.moves_per_iteration
    least, most = step - (units + 1) * len(states), step + (units + 1) * config.boards
    if not least <= moves <= most:
        wrong.append(f"{moves} moves were made, where {step} steps mean {least:.0f} to {most:.0f}")
    return Audit(len(records), len(trajectories), moves, step, tuple(wrong))


def _wrong(records: Sequence[GameRecord], states: Sequence[dict[str, Any]], where: str) -> list[str]:
    """What is wrong with the games of one board."""
    ended = [record.number for record in records]
    playing = [one["number"] for state in states for one in state["trajectories"]]
    counts = Counter([*ended, *playing])
    expected = np.ones(max(state["next"] for state in states), bool)
    expected[unbegun(states)] = False
    begun = {int(n) for n in np.flatnonzero(expected)}
    wrong = [f"game {n} is there {count} times{where}" for n, count in sorted(counts.items()) if count > 1]
    wrong += [f"game {n} is missing{where}" for n in sorted(begun - counts.keys())]
    wrong += [f"game {n} was not begun yet{where}" for n in sorted(counts.keys() - begun)]
    if (told := sum(state["ended"] for state in states)) != len(ended):
        wrong.append(f"{len(ended)} games ended, where the actors counted {told}{where}")
    return wrong

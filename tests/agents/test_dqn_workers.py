"""DQN on workers: the same as without, bit for bit, where they take turns; learning and the paper's ratio where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.catalogue import recipe
from agents.evaluate import NetworkPlayer
from agents.session import AgentSession
from agents.settings import Settings
from envs.evaluate import play_games
from envs.worlds import find_world
from tengen.checkpoint import differences, read_checkpoint, write_checkpoint
from tengen.device import Compute
from tengen.metrics import Tick, same_metrics
from tests.ray import needs_ray

pytestmark = [needs_ray, pytest.mark.usefixtures("ray")]

SMALL = {"num_envs": 4, "replay": 2_000, "learning_starts": 64, "tick_steps": 64, "target_every": 5}
ALL = {"prioritised": True, "dueling": True, "n_step": 2, "double": True}


def session(task: str, workers: int, sync: bool = True, seed: int = 3, **options: Any) -> AgentSession:
    base = recipe(find_world(task), "dqn")
    settings = Settings(
        steps=100_000, seed=seed, reseed_every=600, threads=1, workers=workers, sync=sync, worker_cpus=0.1
    )
    return AgentSession(replace(base, settings=settings, config=replace(base.config, **options)), Compute(threads=1))


def run(ticks: Iterator[Tick], count: int) -> list[Tick]:
    return [tick._replace(seconds={}, metrics=same_metrics(tick.metrics)) for tick, _ in zip(ticks, range(count))]


def learned(one: AgentSession) -> dict[str, Any]:
    """What was learned, without who played."""
    state = one.learner.state()
    return {name: state[name] for name in ("weights", "optimiser", "step", "gradient_steps", "own")}


@pytest.mark.parametrize(("task", "options"), [("catch", ALL), ("CartPole-v1", {})])
def test_one_worker_that_takes_turns_is_none(task: str, options: dict[str, Any], tmp_path: Path) -> None:
    """Resumed on the way: by one process what a worker began, by a worker what one process began."""
    here = session(task, 0, **SMALL, **options)
    ticks = here.learner.ticks()
    expected = run(ticks, 5)
    begun = write_checkpoint(tmp_path / "here", 1, here.learner.state())
    expected += run(ticks, 4)

    there = session(task, 1, **SMALL, **options)
    assert run(there.learner.ticks(), 5) == expected[:5]
    path = write_checkpoint(tmp_path / "there", 1, there.learner.state())
    there.close()
    for workers, checkpoint in ((0, path), (1, path), (1, begun)):
        again = session(task, workers, **SMALL, **options)
        again.learner.load(read_checkpoint(checkpoint))
        assert run(again.learner.ticks(), 4) == expected[5:]
        assert differences(learned(again), learned(here)) == []
        again.close()
    here.close()

"""DQN on workers: the same as without, bit for bit, where they take turns; learning and the paper's ratio where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from agents.catalogue import recipe
from agents.session import AgentSession
from agents.settings import Settings
from envs.worlds import find_world
from tengen.checkpoint import differences, read_checkpoint, write_checkpoint
from tengen.device import Compute
from tengen.metrics import Tick, same_metrics
from tests.long import takes_long
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
    return [tick._replace(seconds={}, metrics=same_metrics(tick.metrics)) for tick in islice(ticks, count)]


def learned(one: AgentSession) -> dict[str, Any]:
    """What was learned, without who played."""
    state = one.learner.state()
    return {name: state[name] for name in ("weights", "optimiser", "step", "gradient_steps", "own")}


@takes_long
def test_one_worker_that_takes_turns_is_none(tmp_path: Path) -> None:
    """Resumed on the way: by one process what a worker began, by a worker what one process began."""
    here = session("catch", 0, **SMALL, **ALL)
    ticks = here.learner.ticks()
    expected = run(ticks, 5)
    begun = write_checkpoint(tmp_path / "here", 1, here.learner.state())
    expected += run(ticks, 4)

    there = session("catch", 1, **SMALL, **ALL)
    assert run(there.learner.ticks(), 5) == expected[:5]
    path = write_checkpoint(tmp_path / "there", 1, there.learner.state())
    there.close()
    for workers, checkpoint in ((0, path), (1, begun)):
        again = session("catch", workers, **SMALL, **ALL)
        again.learner.load(read_checkpoint(checkpoint))
        assert run(again.learner.ticks(), 4) == expected[5:]
        assert differences(learned(again), learned(here)) == []
        again.close()
    here.close()


@takes_long
def test_screens_too() -> None:
    here, there = (session("pong", workers, **SMALL, net="small", subtract_mean=True) for workers in (0, 1))
    assert run(here.learner.ticks(), 2) == run(there.learner.ticks(), 2)
    assert differences(learned(here), learned(there)) == []
    here.close()
    there.close()


def test_two_workers_learn_and_go_on_as_one_process(tmp_path: Path) -> None:
    """Catch with priorities; the ratio of gradient steps to environment steps is kept, whoever waits for whom."""
    options = {"prioritised": True, "epsilon_steps": 4_000, "learning_starts": 500}
    both = session("catch", 2, sync=False, **options)
    for tick in both.learner.ticks():
        assert tick.metrics["gradient_steps"] == tick.step // 4 - 496 // 4
        assert tick.metrics["worker/staleness"] <= 2
        if tick.step >= 7_000:
            break
    assert tick.metrics["score"] > 0.6  # at random -0.5, at best 1
    replay = both.learner.replay
    sizes = [len(ring) for ring in replay.memory.parts]
    assert sum(sizes) == tick.step and min(sizes) > 0.3 * tick.step
    path = write_checkpoint(tmp_path, 1, both.learner.state())
    both.close()

    here, said = session("catch", 0, **options), list[str]()
    here.learner.listen(said.append)
    here.learner.load(read_checkpoint(path))
    assert len(here.learner.replay.memory) > 0.6 * tick.step and "start again" in said[0]
    (after,) = run(here.learner.ticks(), 1)
    assert after.metrics["gradient_steps"] == after.step // 4 - 496 // 4
    assert after.metrics["episodes"] > tick.metrics["episodes"] > 500
    here.close()

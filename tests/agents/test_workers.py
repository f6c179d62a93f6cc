"""Agents whose games are played by workers on a real Ray: the same learning, whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.catalogue import AGENTS, recipe
from agents.session import AgentSession
from agents.settings import Settings
from envs.worlds import find_world
from scripts.cli import main
from tengen.checkpoint import differences, read_checkpoint, write_checkpoint
from tengen.device import Compute
from tengen.errors import UserError
from tengen.metrics import Tick, same_metrics
from tests.agents.test_learners import SMALL
from tests.long import takes_long
from tests.ray import needs_ray

with_ray = pytest.mark.usefixtures("ray")


def session(task: str, agent: str, workers: int = 0, sync: bool = True, **options: Any) -> AgentSession:
    world = find_world(task)
    base = recipe(world, agent)
    config = replace(base.config, **(SMALL[agent] | options))
    settings = Settings(steps=100_000, seed=3, reseed_every=600, threads=1, workers=workers, sync=sync, worker_cpus=0.5)
    return AgentSession(replace(base, settings=settings, config=config), Compute(threads=1))


def run(ticks: Iterator[Tick], count: int) -> list[tuple[int, dict[str, Any]]]:
    return [(tick.step, same_metrics(tick.metrics)) for _, tick in zip(range(count), ticks, strict=False)]


def weights(made: AgentSession) -> dict[str, Any]:
    return dict(made.learner.net.state_dict())


@needs_ray
@with_ray
@pytest.mark.parametrize(
    ("task", "agent", "count"),
    [
        pytest.param("pong", "ppo", 3, marks=takes_long),
        ("CartPole-v1", "pqn", 6),
        ("catch", "reinforce", 6),
    ],
)
def test_one_worker_in_turns_is_playing_here(task: str, agent: str, count: int, tmp_path: Path) -> None:
    """Metrics, weights, and checkpoints: each goes on from that of the other."""
    here, there = session(task, agent), session(task, agent, workers=1)
    assert run(here.learner.ticks(), count) == run(there.learner.ticks(), count)
    paths = [write_checkpoint(tmp_path / name, 1, s.learner.state()) for name, s in (("a", here), ("b", there))]
    expected = run(here.learner.ticks(), count)
    assert run(there.learner.ticks(), count) == expected
    assert differences(weights(here), weights(there)) == []
    there.close()
    again, said = (session(task, agent), session(task, agent, workers=1)), list[str]()
    for one, path in zip(again, reversed(paths), strict=True):
        one.learner.listen(said.append)
        one.learner.load(read_checkpoint(path))
        assert run(one.learner.ticks(), count) == expected
        assert differences(weights(here), weights(one)) == []
        one.close()
    assert not any("anew" in line for line in said)


@needs_ray
@with_ray
def test_a_worker_that_dies_changes_nothing() -> None:
    here, there = session("catch", "ppo"), session("catch", "ppo", workers=1)
    expected, said, rows = run(here.learner.ticks(), 8), list[str](), []
    pool = there._workers.pool
    there.learner.listen(said.append)
    for tick in there.learner.ticks():
        rows.append((tick.step, same_metrics(tick.metrics)))
        if len(rows) == 4:
            os.kill(pool._ray.get(pool.slots[0].actor.ping.remote()), signal.SIGKILL)
        if len(rows) == 8:
            break
    assert rows == expected and differences(weights(here), weights(there)) == []
    assert sum("was lost" in line for line in said) == 1 == tick.metrics["worker/restarts"]
    there.close()


@needs_ray
@with_ray
def test_workers_that_play_on_while_the_learner_learns(tmp_path: Path) -> None:
    """They find the optimum of the bandit, and no step is counted twice or lost, also where others go on."""
    made = session("bandit", "ppo", workers=2, sync=False, epochs=6)
    for tick in made.learner.ticks():
        if tick.metrics.get("score", 0) > 0.95 or tick.step > 20_000:
            break
    assert tick.metrics["score"] > 0.95
    states = made.learner.state()["workers"]
    rounds = 600 // 4  # steps of each game between two reseeds; each worker has two games, and cuts take no action
    assert (
        made.learner.step
        == tick.step
        == sum(2 * (state["env"]["segment"] * (rounds + 1) + len(state["env"]["actions"])) for state in states)
    )
    path = write_checkpoint(tmp_path, 1, made.learner.state())
    made.close()
    other, said = session("bandit", "ppo"), list[str]()
    other.learner.listen(said.append)
    other.learner.load(read_checkpoint(path))
    ((step, metrics),) = run(other.learner.ticks(), 1)
    assert step == tick.step + 64 and metrics["score"] > 0.9 and metrics["episodes"] > tick.metrics["episodes"]
    assert len(said) == 1 and "games in progress start again" in said[0]


@needs_ray
@with_ray
def test_a_run_from_the_command_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It stops, goes on without workers and with them, and is proved exact."""
    fixed = "--threads 1 --precision float32 --wandb off --final-games 0 --checkpoint-seconds 0 --workers 1 --sync"
    where = ["--runs", str(tmp_path)]
    assert main(["train", "catch", "--steps", "1024", *fixed.split(), *where]) == 0
    assert main(["resume", "last", "--steps", "1536", "--workers", "0", *where]) == 0
    assert main(["resume", "last", "--steps", "2048", "--workers", "1", *where]) == 0
    assert main(["resume", "last", "--verify", *where]) == 0
    out = capfd.readouterr()
    assert "1 worker " in out.out and "waiting" in out.out and "anew" not in out.out and "Warning" not in out.err


@pytest.mark.parametrize(
    ("workers", "message"),
    [(3, "share 4 games equally: use --workers 2 or 4, or --num-envs 6"), (8, "--workers 2 or 4, or --num-envs 8")],
)
def test_games_are_shared_equally(workers: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        session("catch", "ppo", workers=workers)


def test_an_agent_without_workers_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AGENTS, "pqn", replace(AGENTS["pqn"], elsewhere=""))
    with pytest.raises(UserError, match="pqn plays in one process only; --workers is for ppo, "):
        session("catch", "pqn", workers=2)


def test_without_workers_nothing_of_ray_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from scripts.cli import main; status = main(sys.argv[1:]);"
        "assert 'agents.ppo.train' in sys.modules;"
        "sys.exit(status or any(name == 'ray' or name.startswith('ray.') for name in sys.modules))"
    )
    options = ["--steps", "256", "--threads", "1", "--wandb", "off", "--final-games", "0", "--runs", str(tmp_path)]
    assert subprocess.run([sys.executable, "-c", code, "train", "bandit", *options], check=False).returncode == 0

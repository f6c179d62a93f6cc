"""What the learner makes of its workers' rollouts; the workers are in this process, without Ray."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from tengen.lookup import find
from tengen.work import Result
from tests.agents.test_workers import run, session


class Pool:
    """Workers that take turns; `twice` is one that brings two units at a time."""

    def __init__(self, worker: str, arguments: list[dict[str, Any]], settings: Any, twice: int = -1) -> None:
        self.workers = [find(worker)(**one) for one in arguments]
        self.twice, self.made = twice, 0
        self.say: Any = print

    def publish(self, version: int, weights: dict[str, np.ndarray], task: Any = None) -> None:
        for worker in self.workers:
            worker.use(version, weights)
        self.task = task

    def collect(self, count: int) -> list[Result]:
        order = [*range(len(self.workers)), *([self.twice] if self.twice >= 0 else [])]
        units = [(slot, *self.workers[slot].work(self.task)) for slot in order]
        self.made += sum(steps for *_, steps in units)
        return [Result(slot, 0, part) for slot, part, _ in units]

    def metrics(self) -> dict[str, float]:
        return {}

    def states(self) -> list[Any]:
        return [worker.state() for worker in self.workers]

    def load(self, states: list[Any]) -> None:
        for worker, state in zip(self.workers, states, strict=True):
            worker.load(state)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.workers.Pool", Pool)


@pytest.mark.parametrize("agent", ["ppo", "pqn", "reinforce"])
def test_several_workers_go_on_exactly_or_say_that_games_begin_anew(agent: str) -> None:
    made, same, more = (session("catch", agent, workers=n) for n in (2, 2, 4))
    run(made.learner.ticks(), 5)
    state, said = deepcopy(made.learner.state()), list[str]()
    for other in (same, more):
        other.learner.listen(said.append)
        other.learner.load(deepcopy(state))
    assert said == ["2 workers played so far, 4 do now: games in progress start again"]
    expected = run(made.learner.ticks(), 5)
    assert run(same.learner.ticks(), 5) == expected
    ((step, metrics),) = run(more.learner.ticks(), 1)
    assert step > state["step"] and metrics["episodes"] >= state["episodes"] > 0
    had = max(worker["env"]["segment"] for worker in state["workers"])
    assert [worker["env"]["segment"] for worker in more.learner.state()["workers"]] == [had + 1] * 4


def test_workers_draw_different_actions() -> None:
    made = session("bandit", "ppo", workers=2)
    run(made.learner.ticks(), 1)
    one, other = (worker["env"]["actions"] for worker in made.learner.state()["workers"])
    assert (one != other).any()


@pytest.mark.parametrize("agent", ["ppo", "pqn"])
def test_what_more_units_bring_is_learned_from_and_counted(agent: str) -> None:
    """Where a unit would become too old, there are more than one of each worker."""
    made = session("catch", agent, workers=2)
    pool = made._workers.pool
    rows = run(made.learner.ticks(), 2)
    pool.twice = 1
    rows += run(made.learner.ticks(), 2)
    assert [step for step, _ in rows] == [64, 128, 224, 320] and pool.made == 320
    steps = [metrics["gradient_steps"] for _, metrics in rows]
    epochs = made.training.config.epochs
    assert np.diff([0, *steps]).tolist() == [2 * epochs, 2 * epochs, 3 * epochs, 3 * epochs]

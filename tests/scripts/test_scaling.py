"""The scaling model for many workers: by hand, and against a simulation with real actors that sleep."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from scripts.bench import scaling_model
from scripts.bench.scaling_model import Costs, most_workers, predict, slowest
from tests.long import takes_long
from tests.ray import needs_ray

COSTS = Costs(unit=2.0, deviation=0.0, learn=0.1, publish=0.05, handle=0.01, round_trip=0.02)


def test_one_worker_by_hand() -> None:
    """max(2.0 + 0.02, 0.1 + 0.05) + 0.01."""
    found = predict(COSTS, 1)
    assert found.seconds == pytest.approx(2.03)
    assert found.units == pytest.approx(1 / 2.03)
    assert found.busy == pytest.approx(2.0 / 2.03)
    assert found.bottleneck == "workers"


def test_the_learner_becomes_the_bottleneck() -> None:
    """40 workers: max(2.02, 40 x 0.1 + 0.05) + 40 x 0.01 = 4.45 s for 40 units."""
    found = predict(COSTS, 40)
    assert found.seconds == pytest.approx(4.45)
    assert found.bottleneck == "learner"
    least = most_workers(COSTS)
    assert least == 20, "19 x 0.1 + 0.05 < 2.02 <= 20 x 0.1 + 0.05"
    assert [predict(COSTS, n).bottleneck for n in (least - 1, least)] == ["workers", "learner"]


def test_the_network_becomes_the_bottleneck() -> None:
    """10 workers on 5 nodes: 10 x 30 MB + 5 x 20 MB at 100 MB/s take 4 s."""
    costs = Costs(2.0, 0.0, 0.1, 0.05, unit_bytes=30e6, weights_bytes=20e6, bandwidth=100e6, workers_a_node=2)
    found = predict(costs, 10)
    assert found.seconds == pytest.approx(4.0)
    assert found.bottleneck == "network"
    assert found.bytes == pytest.approx(100e6)


def test_handling_becomes_the_bottleneck() -> None:
    assert predict(Costs(2.0, 0.0, 0.001, 0.0, handle=0.02), 200).bottleneck == "handling"


def test_the_slowest_of_many() -> None:
    """E[max] of n standard normals: 1/sqrt(pi) for 2, 3/(2 sqrt(pi)) for 3; Monte Carlo for 64."""
    assert slowest(5.0, 2.0, 1) == 5.0
    assert slowest(0.0, 1.0, 2) == pytest.approx(np.pi**-0.5, abs=1e-4)
    assert slowest(0.0, 1.0, 3) == pytest.approx(1.5 * np.pi**-0.5, abs=1e-4)
    draws = np.random.default_rng(0).normal(size=(20_000, 64)).max(axis=1)
    assert slowest(0.0, 1.0, 64) == pytest.approx(draws.mean(), abs=0.02)


def test_costs_of_self_play_by_hand() -> None:
    """10,117 x 0.95 / 2 evaluations per second and core, 400 per move; 1,817 samples per second, 6 per move."""
    training = scaling_model.selfplay("", 400.0)
    assert training.plays == pytest.approx(12.0139, abs=1e-3)
    assert training.learns == pytest.approx(302.833, abs=1e-3)
    costs = training.costs(seconds=10.0)
    assert costs.learn == pytest.approx(120.139 / 302.833, rel=1e-4)
    few, _ = training.rate(8)
    many, found = training.rate(1000)
    assert 0.9 * 8 * training.plays < few < 8 * training.plays
    assert found.bottleneck == "learner" and 0.9 * training.learns < many < training.learns


def test_without_workers_there_is_no_prediction() -> None:
    with pytest.raises(ValueError, match="at least one"):
        predict(COSTS, 0)


def test_the_simulation_uses_the_model_for_nothing_but_comparison() -> None:
    """The simulation's workers, pool and learner get their timing from sleeping, not from the model's formulas."""
    folder = Path(scaling_model.__file__).parent
    text = (folder / "simulation.py").read_text()
    used = re.findall(r"\b(predict|slowest|most_workers|selfplay|Costs)\(", text)
    assert sorted(used) == ["Costs", "predict"], "costs measured on one worker, and what is printed beside"
    assert "scaling_model" not in (folder / "workers.py").read_text()


@needs_ray
@takes_long
@pytest.mark.usefixtures("ray")
def test_the_model_of_one_worker_predicts_two_four_and_eight() -> None:
    """Within 15 %; eight workers are more than this learner can serve. On a busy machine, retry once or twice."""
    from scripts.bench.simulation import measure_one, simulate
    from scripts.bench.sleeper import Profile

    profile = Profile(unit=0.4, spread=0.04, unit_bytes=200_000, learn=0.08, weights_bytes=1_000_000)
    errors: dict[int, float] = {}
    for _ in range(3):
        costs = measure_one(profile, iterations=8)
        for count in (2, 4, 8):
            ratio = simulate(profile, count, 5).units / predict(costs, count).units
            errors[count] = min(errors.get(count, 9.9), abs(ratio - 1))
        if max(errors.values()) <= 0.15:
            break
    assert max(errors.values()) <= 0.15, errors
    assert [predict(costs, n).bottleneck for n in (2, 8)] == ["workers", "learner"]


@needs_ray
@pytest.mark.usefixtures("ray")
def test_many_light_workers_go_through_the_same_pool() -> None:
    """70 workers in two processes: each does its units exactly once and in order."""
    from scripts.bench.workers import SharedPool
    from tengen.settings import Distributed

    profile = {"unit": 0.02, "spread": 0.1, "unit_bytes": 100, "learn": 0.0, "weights_bytes": 8}
    arguments = [{"slot": slot, "profile": profile} for slot in range(70)]
    pool = SharedPool("scripts.bench.sleeper:Sleeper", arguments, Distributed(workers=70, worker_cpus=0.001))
    try:
        pool.publish(1, {"w": np.zeros(2, np.float32)})
        results = pool.collect(210)
    finally:
        pool.close()
    done = [sum(result.slot == slot for result in results) for slot in range(70)]
    assert sum(done) == len(results) >= 210
    assert [state["count"] for state in pool.states() if state] == [n for n in done if n]

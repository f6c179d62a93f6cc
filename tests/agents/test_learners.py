"""Guarantees of every agent: the same seed gives the same metrics, and a resumed run equals an uninterrupted one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.catalogue import AGENTS, recipe
from agents.ppo.config import Config
from agents.ppo.train import entropy_weight, learning_rate
from agents.session import AgentSession
from agents.settings import Settings
from envs.worlds import find_world
from tengen.checkpoint import differences, read_checkpoint, write_checkpoint
from tengen.device import Compute
from tengen.metrics import Tick

SMALL = {
    "ppo": {"num_envs": 4, "num_steps": 16, "minibatch": 32},
    "pqn": {"num_envs": 4, "num_steps": 16, "minibatch": 32},
    "dqn": {"num_envs": 4, "replay": 2_000, "learning_starts": 64, "tick_steps": 64, "target_every": 5},
    "reinforce": {"num_envs": 4, "longest": 60},
}
CASES = [(agent, {}) for agent in AGENTS] + [
    ("dqn", {"prioritised": True, "dueling": True, "n_step": 2, "double": True})
]


def session(task: str, agent: str, options: dict, seed: int = 3) -> AgentSession:
    world = find_world(task)
    base = recipe(world, agent)
    config = replace(base.config, **(SMALL[agent] | options))
    if world.kind == "atari":
        config = replace(config, net="small", subtract_mean=True)
    settings = Settings(steps=100_000, seed=seed, reseed_every=600, threads=1)
    return AgentSession(replace(base, settings=settings, config=config), Compute(threads=1))


def run(ticks: Iterator[Tick], count: int) -> list[Tick]:
    return [next(ticks)._replace(seconds={}) for _ in range(count)]


@pytest.mark.parametrize(("agent", "options"), CASES, ids=lambda x: x if isinstance(x, str) else "".join(x))
@pytest.mark.parametrize("task", ["catch", "CartPole-v1", "pong"])
def test_resumed_equals_uninterrupted(task: str, agent: str, options: dict, tmp_path: Path) -> None:
    count = 3 if task == "pong" else 8
    straight = session(task, agent, options)
    straight.learner.attach(tmp_path, writing=True)
    ticks = straight.learner.ticks()
    run(ticks, count)
    path = write_checkpoint(tmp_path, straight.learner.step, straight.learner.state())
    expected = run(ticks, count)

    resumed = session(task, agent, options)
    resumed.learner.attach(tmp_path, writing=True)
    resumed.learner.load(read_checkpoint(path))
    assert run(resumed.learner.ticks(), count) == expected
    assert differences(straight.learner.state(), resumed.learner.state()) == []
    straight.close()
    resumed.close()


def test_a_minibatch_of_one_sample() -> None:
    """The last minibatch of a rollout may be a single sample, whose advantage has no standard deviation."""
    learner = session("catch", "ppo", {"num_envs": 3, "num_steps": 11}).learner
    for tick in run(learner.ticks(), 3):
        assert np.isfinite([tick.metrics["loss/policy"], tick.metrics["approx_kl"]]).all()


def test_learning_from_the_first_step() -> None:
    ticks = run(session("catch", "dqn", {"learning_starts": 0}).learner.ticks(), 1)
    assert ticks[0].metrics["gradient_steps"] > 0


def test_one_game_of_one_step() -> None:
    for tick in run(session("bandit", "reinforce", {"num_envs": 1}).learner.ticks(), 3):
        assert np.isfinite(tick.metrics["loss"])


@pytest.mark.parametrize("agent", list(AGENTS))
def test_the_seed_decides(agent: str) -> None:
    one, same, other = (run(session("catch", agent, {}, seed).learner.ticks(), 5) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_the_learning_rate_stands_and_then_falls_to_zero() -> None:
    """Constant for half the training, then linear to 0; by default linear from the start; constant if not annealed."""

    def rates(config: Config) -> list[float]:
        return [learning_rate(config, done) for done in (0.0, 0.25, 0.5, 0.75, 1.0, 1.1)]

    assert rates(Config(lr=1, anneal_from=0.5)) == [1, 1, 1, 0.5, 0, 0]
    assert rates(Config(lr=1)) == [1, 0.75, 0.5, 0.25, 0, 0]
    assert rates(Config(lr=1, anneal=False)) == rates(Config(lr=1, anneal_from=1.0)) == [1] * 6


def test_the_entropy_bonus_falls_in_the_middle_third() -> None:
    """0.01 falling by four fifths: 0.006 half way, 0.002 in the last third; without a fall it is constant."""
    falling = Config(entropy_coef=0.01, entropy_fall=0.8)
    weights = [entropy_weight(falling, done) for done in (0.0, 1 / 3, 0.5, 2 / 3, 1.0)]
    assert weights == pytest.approx([0.01, 0.01, 0.006, 0.002, 0.002])
    assert {entropy_weight(Config(), done) for done in (0.0, 0.5, 1.0)} == {0.01}


def test_moments_keep_the_layout_of_their_weights(tmp_path: Path) -> None:
    """Fused kernels treat weights and moments as flat memory: a different layout would pair the wrong ones."""
    made = session("pong", "ppo", {})
    next(made.learner.ticks())
    path = write_checkpoint(tmp_path, 1, made.learner.state())
    again = session("pong", "ppo", {})
    again.learner.load(read_checkpoint(path))
    optimiser = again.learner.optimiser
    screens = [p for p in again.learner.net.parameters() if p.dim() == 4]
    assert screens and all(optimiser.state[p]["exp_avg"].stride() == p.stride() for p in screens)

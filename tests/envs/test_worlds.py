"""One law-checker for every world, the toys' optima, and names."""

import numpy as np
import pytest

from envs.toy import TOYS
from envs.vector import VecEnv
from envs.worlds import find_world, make_world
from tengen.errors import UserError

TASKS = ["bandit", "corridor", "catch", "CartPole-v1", "Acrobot-v1", "pong"]


def check_laws(make: object, steps: int = 120) -> None:
    """Determinism, shapes, kinds, and what NEXT_STEP autoreset promises."""
    one, two = make(), make()  # type: ignore[operator]
    assert isinstance(one.num_envs, int)
    random = np.random.default_rng(0)
    a, b = one.reset(7), two.reset(7)
    assert np.array_equal(a, b) and a.shape == (one.num_envs, *one.obs_shape) and a.dtype == one.obs_dtype
    ended = np.zeros(one.num_envs, bool)
    for _ in range(steps):
        actions = random.integers(one.num_actions, size=one.num_envs)
        before = a.copy()
        t, u = one.step(actions), two.step(actions)
        assert np.array_equal(before, a), "a step changed an observation that was handed out"
        assert all(np.array_equal(x, y) for x, y in zip(t[:6], u[:6], strict=True))
        assert t.obs.shape == a.shape and t.obs.dtype == one.obs_dtype and t.reward.dtype == np.float32
        assert not (t.terminated & t.truncated).any()
        assert np.array_equal(t.valid, ~ended) and (t.reward[~t.valid] == 0).all()
        assert (t.discount[t.terminated] == 0).all() and not t.ended[~t.valid].any()
        ended, a = t.ended, t.obs
    assert np.array_equal(one.reset(7), b)
    one.close()
    two.close()


@pytest.mark.parametrize("task", TASKS)
def test_laws(task: str) -> None:
    check_laws(lambda: make_world(find_world(task), 3))


def best_action(name: str, obs: np.ndarray) -> np.ndarray:
    if name == "bandit":
        return np.array([2, 0, 3, 1])[obs.argmax(1)]
    if name == "corridor":
        return np.ones(len(obs), np.int64)
    ball = obs[:, 0, :9].max(1).argmax(1)
    paddle = obs[:, 0, 9].argmax(1)
    return np.sign(ball - paddle) + 1


@pytest.mark.parametrize("name", list(TOYS))
def test_the_stated_optimum_is_reached_by_the_best_policy(name: str) -> None:
    world: VecEnv = TOYS[name](16)
    obs, score, scores = world.reset(3), np.zeros(16), []
    for _ in range(200):
        t = world.step(best_action(name, obs))
        obs = t.obs
        score += t.reward
        scores += list(score[t.ended])
        score[t.ended] = 0
    assert np.mean(scores) == pytest.approx(TOYS[name].optimum)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("task", "name", "kind"),
    [
        ("pong", "pong", "atari"),
        ("ALE/Breakout-v5", "breakout", "atari"),
        ("Catch", "catch", "toy"),
        ("cartpole", "CartPole-v1", "gym"),
        ("CartPole-v0", "CartPole-v0", "gym"),
    ],
)
def test_names(task: str, name: str, kind: str) -> None:
    assert find_world(task)[:2] == (name, kind)


@pytest.mark.parametrize(("task", "near"), [("pongg", "pong"), ("brekout", "breakout"), ("CartPol-v1", "CartPole-v1")])
def test_a_wrong_task_names_the_nearest(task: str, near: str) -> None:
    with pytest.raises(UserError, match=near):
        find_world(task)


def test_worlds_that_agents_cannot_play_are_refused() -> None:
    with pytest.raises(UserError, match="Discrete"):
        make_world(find_world("Pendulum-v1"), 1)

"""Every world obeys the laws; the toys' optima; task names; supported observations."""

import numpy as np
import pytest
from gymnasium.spaces import Discrete, MultiDiscrete

from envs.gym import GymVec, view_of
from envs.laws import check_laws
from envs.vector import Transition, VecEnv
from envs.worlds import TOYS, find_world, make_world, optimum, toy
from tengen.errors import UserError

TASKS = [
    "bandit",
    "corridor",
    "catch",
    "CartPole-v1",
    "Acrobot-v1",
    "FrozenLake-v1",
    "Taxi-v3",
    "CliffWalking-v1",
    "pong",
]


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
    world: VecEnv = toy(name)(16)
    obs, score, scores = world.reset(3), np.zeros(16), []
    for _ in range(200):
        t = world.step(best_action(name, obs))
        obs = t.obs
        score += t.reward
        scores += list(score[t.ended])
        score[t.ended] = 0
    assert np.mean(scores) == pytest.approx(toy(name).optimum)


@pytest.mark.parametrize(
    ("task", "name", "kind"),
    [
        ("pong", "pong", "atari"),
        ("ALE/Breakout-v5", "breakout", "atari"),
        ("Catch", "catch", "toy"),
        ("cartpole", "CartPole-v1", "gym"),
        ("CartPole-v0", "CartPole-v0", "gym"),
        ("cliffwalking", "CliffWalking-v1", "gym"),
    ],
)
def test_names(task: str, name: str, kind: str) -> None:
    assert find_world(task)[:2] == (name, kind)


@pytest.mark.parametrize(("task", "near"), [("pongg", "pong"), ("brekout", "breakout"), ("CartPol-v1", "CartPole-v1")])
def test_a_wrong_task_names_the_nearest(task: str, near: str) -> None:
    with pytest.raises(UserError, match=near):
        find_world(task)


def test_worlds_that_agents_cannot_play_are_refused() -> None:
    for name, what in (("Pendulum-v1", "actions Box"), ("Blackjack-v1", "observations Tuple")):
        with pytest.raises(UserError, match=what):
            GymVec(name, 1)


def walk(task: str, actions: list[int]) -> tuple[list[int], list[float], Transition]:
    """The cells a game visits, its rewards, and the last transition."""
    env = make_world(find_world(task), 1)
    cells, rewards = [int(env.reset(1)[0].argmax())], []
    for action in actions:
        t = env.step(np.array([action]))
        assert t.obs.shape == (1, *env.obs_shape) and t.obs.sum() == 1 and t.obs.max() == 1
        cells.append(int(t.obs[0].argmax()))
        rewards.append(float(t.reward[0]))
    return cells, rewards, t


def test_a_discrete_observation_is_one_hot() -> None:
    """The best path along the cliff: up, eleven steps right, down. Cell = row * 12 + column, from the top."""
    cells, rewards, last = walk("CliffWalking-v1", [0, *[1] * 11, 2])
    assert cells == [36, *range(24, 36), 47]
    assert sum(rewards) == optimum(find_world("cliffwalking")) == -13 and last.terminated[0]


def test_a_world_without_a_limit_is_cut() -> None:
    env = make_world(find_world("CliffWalking-v1"), 1)
    env.reset(1)
    ends = [bool(env.step(np.array([0])).truncated[0]) for _ in range(1000)]
    assert ends == [False] * 999 + [True]


def test_states_that_do_not_begin_with_zero_are_seen_from_zero_on() -> None:
    view = view_of(Discrete(3, start=5))
    assert view is not None and view.shape == (3,)
    assert view.see(np.array([5, 7])).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert view_of(MultiDiscrete([2, 2])) is None

"""The games as a Gymnasium `VectorEnv`: NEXT_STEP autoreset, training rewards and raw scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from agents.engines.env import GymnasiumVector
from agents.engines.schedules import epsilon_schedule, lr_schedule
from envs.vector import Transition
from envs.worlds import find_world, make_world

Z, O = 0.0, 1.0  # noqa: E741


class Scripted:
    """One game with scripted transitions: (reward, discount, terminated, truncated, valid)."""

    num_envs, num_actions, obs_shape, obs_dtype, frames_per_step = 1, 2, (1,), np.dtype(np.float32), 1

    def __init__(self, *rows: tuple[float, float, bool, bool, bool]) -> None:
        self.rows, self.at, self.actions = rows, 0, []

    def reset(self, seed: int) -> np.ndarray:
        self.seed = seed
        return np.zeros((1, 1), np.float32)

    def step(self, actions: np.ndarray) -> Transition:
        reward, discount, terminated, truncated, valid = self.rows[self.at]
        self.at += 1
        self.actions.append(int(actions[0]))
        obs = np.full((1, 1), self.at, np.float32)
        return Transition(
            obs,
            np.array([reward], np.float32),
            np.array([discount], np.float32),
            np.array([terminated]),
            np.array([truncated]),
            np.array([valid]),
        )

    def close(self) -> None: ...


def kept_rows(env: Scripted, **options: Any) -> tuple[list[tuple[float, ...]], GymnasiumVector]:
    """(observation acted on, reward, next observation, terminated, truncated) as a NEXT_STEP caller stores them."""
    games = GymnasiumVector(env, 1, **options)
    obs = games.reset()[0]
    rows, over = [], False
    for _ in env.rows:
        following, reward, terminated, truncated, _ = games.step(np.array([0]))
        if not over:
            rows.append((obs[0, 0], reward[0], following[0, 0], terminated[0], truncated[0]))
        over, obs = terminated[0] or truncated[0], following
    return rows, games


def test_the_row_after_a_games_end_is_not_kept() -> None:
    env = Scripted(
        (Z, O, False, False, True), (3.0, Z, True, False, True), (Z, O, False, False, False), (O, O, False, False, True)
    )
    rows, games = kept_rows(env, clip=True)
    assert rows == [(0, 0, 1, False, False), (1, 1, 2, True, False), (3, 1, 4, False, False)]
    played = games.take()
    assert played.steps == 4 and played.finished == [(3.0, 1.0, 2)], "the score is raw, the ignored row has no length"
    assert games.take().finished == []


def test_a_truncated_game_keeps_its_value() -> None:
    rows, _ = kept_rows(Scripted((Z, O, False, True, True), (Z, O, False, False, False), (Z, O, False, False, True)))
    assert rows == [(0, 0, 1, False, True), (2, 0, 3, False, False)]


def test_a_lost_life_ends_the_return_and_the_game_goes_on() -> None:
    """The step after it is played but not learned from."""
    env = Scripted(
        (Z, Z, False, False, True), (O, O, False, False, True), (Z, Z, True, False, True), (Z, O, False, False, False)
    )
    rows, games = kept_rows(env)
    assert rows == [(0, 0, 1, True, False), (2, 0, 3, True, False)]
    assert games.take().finished == [(1.0, 1.0, 3)]


def test_a_point_ends_the_return() -> None:
    env = Scripted((-2.0, O, False, False, True), (Z, O, False, False, True), (Z, O, False, False, True))
    assert kept_rows(env, clip=True, point_ends=True)[0] == [(0, -1, 1, True, False), (2, 0, 3, False, False)]


def test_a_game_that_ends_in_a_row_that_is_not_kept() -> None:
    """Then the autoreset falls in a kept row, which says that nothing follows the final observation."""
    env = Scripted(
        (Z, Z, False, False, True),
        (Z, Z, True, False, True),
        (Z, O, False, False, False),
        (Z, O, False, False, True),
        (O, O, False, False, True),
    )
    assert kept_rows(env)[0] == [(0, 0, 1, True, False), (2, 0, 3, True, False), (4, 1, 5, False, False)]


@pytest.mark.parametrize("task", ["pong", "CartPole-v1", "catch"])
def test_it_is_what_gymnasium_expects(task: str) -> None:
    def play() -> list[np.ndarray]:
        games = GymnasiumVector(make_world(find_world(task), 2), 7)
        games.action_space.seed(3)
        obs, infos = games.reset(seed=5)
        assert infos == {} and games.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
        seen = [obs]
        for _ in range(20):
            obs, reward, terminated, truncated, infos = games.step(games.action_space.sample())
            assert games.observation_space.contains(obs) and reward.shape == terminated.shape == truncated.shape == (2,)
            assert reward.dtype == np.float32 and terminated.dtype == truncated.dtype == bool and infos == {}
            seen.append(obs)
        games.close()
        return seen

    first, second = play(), play()
    assert all((a == b).all() for a, b in zip(first, second, strict=True)), "the same seed, the same games"


def test_neighbouring_seeds_give_different_games() -> None:
    env = Scripted()
    games = GymnasiumVector(env, 7)
    seeds = set()
    for seed in (1, 2, None, None):
        games.reset(seed=seed)
        seeds.add(env.seed)
    assert len(seeds) == 4 and max(seeds) - min(seeds) > 1000


def test_schedules_go_on_where_a_training_was() -> None:
    from agents.engines.ppo import Config

    assert lr_schedule(Config(lr=1.0), 0, 100) == [[0, 1.0], [100, 0.0]]
    assert lr_schedule(Config(lr=1.0), 25, 100) == [[0, 0.75], [75, 0.0]]
    assert lr_schedule(Config(lr=1.0, anneal=False), 25, 100) == 1.0
    assert epsilon_schedule(0.0, 10, 10, 15) == [[0, 0.5], [5, 0.0]]
    assert epsilon_schedule(0.1, 10, 10, 50) == [[0, 0.1], [1, 0.1]]

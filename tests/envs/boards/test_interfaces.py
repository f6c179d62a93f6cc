"""The board games under PettingZoo's and Gymnasium's own checkers, and single games by hand."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, seed_test

from envs.boards import single_player
from envs.boards.aec import board_game
from envs.boards.game import Game
from envs.boards.lines import connect4, tictactoe
from envs.go.game import Go

GAMES: dict[str, Callable[[], Game]] = {
    "tictactoe": tictactoe,
    "connect4": connect4,
    "go5": lambda: Go(5),
    "go3, cut short": lambda: Go(3, max_moves=6),
}
SINGLE = [name for name in gym.registry if name.startswith("tengen/")]


@pytest.fixture(autouse=True)
def _warnings_are_faults() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Both arise only because observations are dicts of planes and mask, PettingZoo's own convention for board games
        warnings.filterwarnings("ignore", message="Observation is not a NumPy array")
        warnings.filterwarnings("ignore", message="Observation space for each agent probably should be")
        yield


@pytest.mark.parametrize("name", GAMES)
def test_pettingzoo_api(name: str) -> None:
    api_test(board_game(GAMES[name]()), num_cycles=60)
    api_test(board_game(GAMES[name](), render_mode="ansi"), num_cycles=10)


@pytest.mark.parametrize("name", GAMES)
def test_pettingzoo_seeds(name: str) -> None:
    seed_test(lambda: board_game(GAMES[name]()), num_cycles=20)


@pytest.mark.parametrize("name", SINGLE)
def test_gymnasium(name: str) -> None:
    check_env(gym.make(name).unwrapped)
    check_env(gym.make(name, colour="random", render_mode="ansi").unwrapped)


def test_all_single_player_games_are_registered() -> None:
    assert set(SINGLE) >= {f"tengen/{name}-v0" for name in ("TicTacToe", "Connect4", "Go5", "Go9", "Go19")}
    assert isinstance(gym.make("tengen/Connect4-v0").unwrapped, single_player.SinglePlayer)


def test_both_agents_get_the_result() -> None:
    env = board_game(connect4())
    env.reset()
    for action in (0, 1, 0, 1, 0, 1, 0):
        env.step(action)
    assert env.rewards == {"black_0": 1.0, "white_0": -1.0} and all(env.terminations.values())
    assert not env.observe("black_0")["action_mask"].any()


def test_an_illegal_move_loses_and_the_seed_decides_the_opponent() -> None:
    env = gym.make("tengen/TicTacToe-v0")
    env.reset(seed=1)
    _, reward, over, _, info = env.step(4)
    assert reward == 0 and not over and info["action_mask"].sum() == 7
    _, reward, over, _, info = env.step(4)
    assert reward == -1 and over and info["illegal"]
    first = [gym.make("tengen/TicTacToe-v0") for _ in range(2)]
    seen = [(env.reset(seed=3), env.step(0)[0])[1] for env in first]
    assert np.array_equal(seen[0], seen[1])

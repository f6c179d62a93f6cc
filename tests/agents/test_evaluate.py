"""Statistics by hand, whole games by their protocol, and the card."""

import numpy as np
import pytest
import torch

from agents.evaluate import Player, check_fits, play_games, score_card
from envs.atari_scores import human_normalised
from envs.worlds import find_world
from supervised.nets.headed import HeadedNet, build
from tengen.errors import UserError
from tengen.statistics import bootstrap, interquartile_mean


def net(task: str, heads: dict) -> HeadedNet:
    shape = {"pong": [4, 84, 84], "catch": [1, 10, 5]}[task]
    return build({"trunk": {"kind": "small" if task == "pong" else "mlp", "input_shape": shape}, "heads": heads}, 1)


def test_statistics_by_hand() -> None:
    assert interquartile_mean(np.array([9.0, 1, 2, 3, 4, 5, 6, -100])) == 3.5  # 2, 3, 4, 5
    assert interquartile_mean(np.array([1.0, 2.0, 6.0])) == 3.0
    low, high = bootstrap([0.0, 1.0] * 50, lambda x: x.mean(-1))
    assert low == pytest.approx(0.4, abs=0.03) and high == pytest.approx(0.6, abs=0.03)
    assert bootstrap([3.0, 3.0], lambda x: x.mean(-1)) == (3.0, 3.0)


def test_human_normalised() -> None:
    assert human_normalised("pong", -20.7) == 0 and human_normalised("pong", 14.6) == 1
    assert human_normalised("nothing", 1.0) is None


def test_the_first_game_of_each_slot_counts_whatever_its_length() -> None:
    scores, way = play_games(net("catch", {"q": 3}), find_world("catch"), "plain", 40, seed=1)
    assert len(scores) == 40 and set(scores) <= {-1.0, 1.0} and "epsilon" in way
    again, _ = play_games(net("catch", {"q": 3}), find_world("catch"), "plain", 40, seed=1)
    assert scores == again


def test_a_policy_at_its_temperature() -> None:
    """One weight a bias: probabilities 0.2, 0.3, 0.5; squared and made to sum to one 4, 9, 25 of 38; at 0 the third."""
    made = net("catch", {"policy": 3})
    for parameter in made.parameters():
        parameter.data.zero_()
    made.heads["policy"].out.bias.data = torch.tensor([0.2, 0.3, 0.5]).log()
    obs = np.zeros((20_000, 1, 10, 5), np.float32)
    for temperature, expected in ((1.0, [0.2, 0.3, 0.5]), (0.5, [4 / 38, 9 / 38, 25 / 38]), (0.0, [0, 0, 1])):
        player = Player(made, 1, temperature)
        found = np.bincount(player.act(obs), minlength=3) / len(obs)
        assert found == pytest.approx(expected, abs=0.015), player.way
    assert "temperature 0.5" in Player(made, 1).way


def test_whole_pong_games_and_their_card() -> None:
    world = find_world("pong")
    scores, way = play_games(net("pong", {"policy": 6, "value": 1}), world, "classic", 2, seed=5)
    assert all(-21 <= s <= -15 for s in scores)
    card = score_card(world, "ppo", "classic", scores, 5, 1000, way, "tengen eval x")
    assert card["seeds"] == [5, 6] and card["mean"] == np.mean(scores) and card["hns"] < 0.2
    assert card["ci95"][0] <= card["mean"] <= card["ci95"][1] and card["protocol"] == "classic"


def test_a_network_for_another_world_is_refused() -> None:
    with pytest.raises(UserError, match="does not fit catch"):
        play_games(net("pong", {"q": 6}), find_world("catch"), "plain", 1, seed=1)
    with pytest.raises(UserError, match="has 4 actions"):
        check_fits(net("pong", {"q": 4}), (4, 84, 84), 6, "pong")
    with pytest.raises(UserError, match="none that chooses actions"):
        Player(net("catch", {"value": 1}), 1)

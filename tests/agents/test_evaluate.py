"""A network as a player: how it chooses actions, and which worlds it fits."""

import numpy as np
import pytest
import torch

from agents.evaluate import NetworkPlayer, card_of, check_fits
from envs.worlds import find_world
from supervised.nets.headed import HeadedNet, build
from tengen.errors import UserError


def net(task: str, heads: dict) -> HeadedNet:
    shape = {"pong": [4, 84, 84], "catch": [1, 10, 5]}[task]
    return build({"trunk": {"kind": "small" if task == "pong" else "mlp", "input_shape": shape}, "heads": heads}, 1)


def test_the_card_of_an_untrained_network() -> None:
    """Forty games end with 1 or -1 each; the same seed gives the same games."""
    made, world = net("catch", {"q": 3}), find_world("catch")
    card = card_of(made, world, "pqn", 0, "x", 40, seed=1)
    assert card.episodes == 40 and card.mean == pytest.approx(2 * round((card.mean + 1) * 20) / 40 - 1)
    assert -1 <= card.mean <= 1 and "epsilon" in card.actions and card.protocol == "plain"
    assert card == card_of(made, world, "pqn", 0, "x", 40, seed=1)


def test_a_policy_at_its_temperature() -> None:
    """Only biases: probabilities 0.2, 0.3, 0.5; squared and normalised 4, 9, 25 of 38; at temperature 0 the third."""
    made = net("catch", {"policy": 3})
    for parameter in made.parameters():
        parameter.data.zero_()
    made.heads["policy"].out.bias.data = torch.tensor([0.2, 0.3, 0.5]).log()
    obs = np.zeros((20_000, 1, 10, 5), np.float32)
    for temperature, expected in ((1.0, [0.2, 0.3, 0.5]), (0.5, [4 / 38, 9 / 38, 25 / 38]), (0.0, [0, 0, 1])):
        player = NetworkPlayer(made, 1, temperature)
        found = np.bincount(player(obs), minlength=3) / len(obs)
        assert found == pytest.approx(expected, abs=0.015), player.actions
    assert "temperature 0.5" in NetworkPlayer(made, 1).actions


def test_a_network_for_another_world_is_refused() -> None:
    with pytest.raises(UserError, match="does not fit catch"):
        card_of(net("pong", {"q": 6}), find_world("catch"), "pqn", 0, "x", 1)
    with pytest.raises(UserError, match="has 4 actions"):
        check_fits(net("pong", {"q": 4}), (4, 84, 84), 6, "pong")
    with pytest.raises(UserError, match="none of them chooses actions"):
        NetworkPlayer(net("catch", {"value": 1}), 1)

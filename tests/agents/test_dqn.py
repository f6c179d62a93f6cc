"""DQN's components by hand: targets, heads, and which one an option selects."""

from dataclasses import replace

import pytest
import torch

from agents.dqn.config import PRESETS, Config
from agents.dqn.targets import double_q_target, dqn_target
from agents.dqn.train import network_heads

LATER = torch.zeros(2, 1)
REWARD, DISCOUNT = torch.tensor([1.0, 1.0]), torch.tensor([0.5, 0.0])


def online(later: torch.Tensor) -> torch.Tensor:
    assert later is LATER
    return torch.tensor([[9.0, 0.0], [9.0, 0.0]])


def target(later: torch.Tensor) -> torch.Tensor:
    assert later is LATER
    return torch.tensor([[1.0, 5.0], [7.0, 2.0]])


def test_the_target_network_picks_and_judges() -> None:
    """1 + 0.5 * max(1, 5); the second does not bootstrap."""
    assert dqn_target(REWARD, DISCOUNT, LATER, online, target).tolist() == [3.5, 1.0]


def test_the_online_network_picks_and_the_target_network_judges() -> None:
    """The online network prefers action 0, which the target network values at 1: 1 + 0.5 * 1."""
    assert double_q_target(REWARD, DISCOUNT, LATER, online, target).tolist() == [1.5, 1.0]


def test_both_are_the_same_for_equal_networks() -> None:
    q = torch.randn(2, 5)
    targets = [piece(REWARD, DISCOUNT, LATER, lambda _: q, lambda _: q) for piece in (dqn_target, double_q_target)]
    assert targets[0].equal(targets[1])


@pytest.mark.parametrize(("dueling", "heads"), [(False, {"q": 6}), (True, {"dueling": 6})])
def test_dueling_is_a_head(dueling: bool, heads: dict[str, int]) -> None:
    assert network_heads(6, replace(Config(), dueling=dueling)) == heads


def test_the_papers_preset_has_none_of_the_later_ideas() -> None:
    plain = PRESETS["atari"]
    assert (plain.double, plain.dueling, plain.prioritised, plain.n_step) == (False, False, False, 1)

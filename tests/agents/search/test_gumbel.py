"""Gumbel search by hand: sequential halving, its visit schedule, the improved policy."""

from __future__ import annotations

import numpy as np
import pytest

from agents.search.evaluators import Uniform
from agents.search.halving import halving_schedule
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.lines import connect4
from tests.agents.search.helpers import Fixed, after, chain, think


def test_sequential_halving_by_hand() -> None:
    assert halving_schedule(4, 8) == (0, 0, 0, 0, 1, 1, 2, 2)
    assert halving_schedule(2, 4) == (0, 0, 1, 1)
    assert halving_schedule(1, 3) == (0, 1, 2)
    sixteen = halving_schedule(16, 200)
    assert len(sixteen) == 200 and sixteen[:16] == (0,) * 16


def test_gumbel_visits_follow_the_schedule() -> None:
    game = connect4()
    made, result = think(game, game.new(1), 32, Fixed(game), kind="gumbel", max_considered_actions=4)
    visited = np.sort(result.visits[0])[::-1]
    assert (visited > 0).sum() == 4 and visited.sum() == 32
    assert visited.tolist() == [12, 12, 4, 4, 0, 0, 0]  # 4 each, then 8 more for the best two
    t, g = made.tree, made.tree.gumbel[0]
    considered = set(np.flatnonzero(result.visits[0]))
    assert considered == set(np.argsort(-(g + np.log(t.prior[0, 0])))[:4])
    assert result.visits[0, result.best[0]] == 12


def test_the_improved_policy_by_hand() -> None:
    """Two actions, prior (0.75, 0.25), value 0; one visit to the first, worth -0.5: v_mix = (0 + 1 * -0.5) / 2."""
    made = Search(
        chain([0.0, 0.5, 0, 0, 0, 0, 0], [[0.75, 0.25]] * 7),
        1,
        1,
        SearchConfig(kind="gumbel", gumbel_scale=0, c_visit=4, c_scale=0.5),
        [0],
    )
    made.begin(np.arange(1), 1)
    result = made.run(np.arange(1))
    assert result.visits[0].tolist() == [1, 0]
    sigma = (4 + 1) * 0.5
    logits = np.log([0.75, 0.25]) + sigma * (np.array([-0.5, -0.25]) + 1) / 2
    assert result.policy[0] == pytest.approx(np.exp(logits) / np.exp(logits).sum(), abs=1e-5)


def test_gumbel_improves_a_policy_with_few_simulations() -> None:
    """Among seven moves, 8 simulations choose a winning move with a small prior (Danihelka 2022, section 4)."""
    game = connect4()
    state = after(game, "1", "7", "2", "7", "3", "6")
    better = 0
    for seed in range(30):
        made = Search(
            GameModel(game, Uniform(game), state.copy()),
            1,
            8,
            SearchConfig(kind="gumbel", max_considered_actions=8),
            [seed],
        )
        made.begin(np.arange(1), 8)
        result = made.run(np.arange(1))
        better += int(result.best[0]) == 3
        assert result.policy[0, 3] == result.policy[0].max()
    assert better == 30

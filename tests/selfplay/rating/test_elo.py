"""Ratings: closed forms, gradients by finite differences, interval coverage, informative pairings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selfplay.rating.difference import elo_interval, elo_of
from selfplay.rating.elo import Score, _Table, rate, win_probability
from selfplay.rating.pairing import most_informative
from tests.long import takes_long


def ladder(
    seed: int, players: int, games: int, draw: float = 0.0, gap: float = 150.0
) -> tuple[np.ndarray, list[Score]]:
    """(true ratings relative to the first, games of a round robin); moving first is worth 40 Elo."""
    random = np.random.default_rng(seed)
    truth = np.cumsum(random.normal(0, gap, players))
    scores = []
    for black in range(players):
        for white in range(players):
            if black != white:
                wins = win_probability(truth[black] - truth[white] + 40 - draw)
                losses = win_probability(truth[white] - truth[black] - 40 - draw)
                counts = random.multinomial(games // 2, [wins, max(0.0, 1 - wins - losses), losses])
                scores.append(Score(black, white, *(int(c) for c in counts)))
    return truth - truth[0], scores


def covered(ladders: int, players: int, games: int, draw: float = 0.0) -> float:
    """The fraction of ratings whose interval covers the true one."""
    inside = 0
    for seed in range(ladders):
        truth, scores = ladder(seed, players, games, draw)
        found = rate(players, scores)
        inside += int(((found.low <= truth) & (truth <= found.high))[1:].sum())
    return inside / (ladders * (players - 1))


def test_two_players_agree_with_the_closed_form() -> None:
    scores = [Score(0, 1, 40, 0, 60), Score(1, 0, 70, 0, 30)]  # player 1 won 130 of 200
    found = rate(2, scores)
    assert found.elo[1] == pytest.approx(400 * math.log10(130.5 / 70.5), abs=3)
    assert found.elo[1] == pytest.approx(elo_of(130, 0, 70), abs=3)
    low, high = elo_interval(130, 0, 70)
    assert found.low[1] == pytest.approx(low, abs=6) and found.high[1] == pytest.approx(high, abs=6)
    assert found.elo[0] == found.low[0] == found.high[0] == 0
    assert found.advantage == pytest.approx((147.2 - 70.4) / 2, abs=3) and found.draw == 0


def test_the_interval_of_two_players_is_known_from_the_beta_distribution() -> None:
    assert elo_of(5, 0, 5) == 0 and elo_of(3, 4, 3) == 0
    low, high = elo_interval(10, 0, 0)  # 2.5 % quantile of Beta(10.5, 0.5): 0.7828
    assert low == pytest.approx(400 * math.log10(0.7828 / 0.2172), abs=1) and math.isfinite(high)
    low, high = elo_interval(50, 0, 50)
    assert low == pytest.approx(-high) and high == pytest.approx(68, abs=1.5)  # 1.96 * 400 / ln 10 * 2 / sqrt(100)


def test_gradient_and_curvature_are_those_of_the_posterior() -> None:
    _, scores = ladder(3, 4, 20, draw=60)
    table = _Table(4, scores)
    p = np.array([0.3, -0.2, 0.5, 0.1, 0.2, 0.4])
    steps = 1e-5 * np.eye(len(p))
    slope = np.array([(table.log(p + h) - table.log(p - h)) / 2e-5 for h in steps])
    assert table.gradient(p) == pytest.approx(slope, abs=1e-4)
    bend = np.array([(table.gradient(p + h) - table.gradient(p - h)) / 2e-5 for h in steps])
    assert table.curvature(p) == pytest.approx(bend, abs=1e-4)
    assert table.gradient(table.maximum()) == pytest.approx(np.zeros(6), abs=1e-6)


def test_who_never_met_is_rated_through_others_and_a_clean_sweep_is_finite() -> None:
    found = rate(3, [Score(0, 1, 5, 0, 15), Score(1, 2, 5, 0, 15), Score(2, 1, 15, 0, 5)])
    assert found.elo[2] > found.elo[1] > 0 and found.better(2, 0) > 0.97
    swept = rate(2, [Score(0, 1, 0, 0, 10), Score(1, 0, 10, 0, 0)])
    assert 300 < swept.elo[1] < 1500 and swept.high[1] - swept.elo[1] > swept.elo[1] - swept.low[1]  # lopsided
    nobody = rate(2, [])
    assert nobody.elo[1] == 0 and nobody.high[1] > 1000
    drawn = rate(2, [Score(0, 1, 0, 20, 0), Score(1, 0, 0, 20, 0)])
    assert drawn.elo[1] == pytest.approx(0, abs=1e-6) and drawn.draw > 100 and drawn.high[1] < 400


def test_intervals_hold_what_they_promise() -> None:
    assert 0.92 < covered(60, 5, 30) < 0.98


@takes_long
@pytest.mark.parametrize("draw", [0.0, 60.0])
def test_of_1000_ladders(draw: float) -> None:
    assert 0.93 < covered(1000, 6, 40, draw) < 0.97


def test_the_next_pair_is_the_one_that_teaches_most() -> None:
    known = [Score(a, b, 50, 0, 50) for a in range(3) for b in range(3) if a != b]
    pair, gain = most_informative(rate(4, known), 8)
    assert 3 in pair and gain > 0  # the newcomer
    far = [Score(0, 1, 10, 0, 10), Score(1, 2, 1, 0, 39), Score(2, 3, 10, 0, 10), Score(3, 2, 10, 0, 10)]
    pair, _ = most_informative(rate(4, far), 8)
    assert set(pair) in ({0, 1}, {1, 2}, {0, 2}, {1, 3}, {0, 3})
    # the expected gain is close to the actual one
    ratings = rate(4, known)
    before = np.trace(ratings.covariance) - ratings.covariance.sum() / 4
    (i, j), gain = most_informative(ratings, 8)
    after = rate(4, [*known, Score(i, j, 2, 0, 2), Score(j, i, 2, 0, 2)]).covariance
    assert before - (np.trace(after) - after.sum() / 4) == pytest.approx(gain, rel=0.35)

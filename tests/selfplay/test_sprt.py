"""The sequential test: Wald's formula without draws, the requested error rates, the order of games."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selfplay.match_card import Match
from selfplay.match_session import played_match
from selfplay.sprt import ALPHA, BETA, Running, Sprt, llr, score_of, sprt
from tengen.errors import UserError
from tests.long import LONG


def test_without_draws_it_is_walds_test() -> None:
    test = Sprt(0, 50)
    p0, p1 = score_of(0), score_of(50)
    by_hand = 30 * math.log(p1 / p0) + 20 * math.log((1 - p1) / (1 - p0))
    assert llr(test, 20, 0, 30) == pytest.approx(by_hand, abs=1e-6)
    assert llr(test, 0, 0, 0) == 0.0 and llr(test, 0, 0, 5) == pytest.approx(5 * math.log(p1 / p0), abs=1e-6)
    assert llr(Sprt(-20, 20), 11, 7, 11) == pytest.approx(0, abs=1e-9)  # even between even hypotheses


def test_draws_make_results_more_certain() -> None:
    """The same lead in points is stronger evidence with draws in place of wins and losses."""
    assert llr(Sprt(0, 50), 5, 30, 15) > llr(Sprt(0, 50), 20, 0, 30) > 0


@pytest.mark.parametrize("draws", [0.0, 0.4])
@pytest.mark.parametrize(("truth", "wrong", "allowed"), [(0.0, 60.0, ALPHA), (60.0, 0.0, BETA)])
def test_error_rates_are_what_was_asked_for(truth: float, wrong: float, allowed: float, draws: float) -> None:
    random, errors, tests = np.random.default_rng(5), 0, 4000 if LONG else 150
    win = score_of(truth) - draws / 2
    results = iter(random.choice([1.0, 0.0, -1.0], 100_000 + 300 * tests, p=[win, draws, 1 - win - draws]).tolist())
    for _ in range(tests):
        running, number = Running(sprt(0, 60)), 0
        while running.accepted is None:
            running.add(number, next(results))
            number += 1
        errors += running.accepted == wrong
    assert errors / tests < allowed + 2.6 * math.sqrt(allowed * (1 - allowed) / tests)
    assert errors > 0  # a statistical test must err sometimes


def test_games_count_in_their_order_and_not_as_they_end() -> None:
    running = Running(sprt(0, 400))
    for number in range(1, 40):
        running.add(number, 1.0)
    assert running.counted == 0 and running.accepted is None
    running.add(0, -1.0)
    assert running.accepted == 400 and running.counted < 15


def test_a_match_ends_when_it_is_decided() -> None:
    match = Match("uct:100", "random", "tictactoe", games=400, sprt=(0, 200))
    card = played_match(match, boards=4)
    assert 5 < card.games < 100 and card.sprt.startswith("sprt: +200 Elo rather than +0, LLR")
    with pytest.raises(UserError, match="the lower one first"):
        sprt(20, 0)

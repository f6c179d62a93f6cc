"""Clocks by hand, and matches on the clock."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from envs.boards.lines import tictactoe
from selfplay.clock import Clock, TimeControl, time_control
from selfplay.match import Referee, Terms, play_match
from selfplay.match_card import Match
from selfplay.match_session import played_match
from selfplay.played import Played
from selfplay.players.random import Random
from tengen.errors import UserError


@pytest.mark.parametrize(
    ("text", "control", "settings"),
    [
        ("30m", TimeControl(1800), "time_settings 1800 0 0"),
        ("90", TimeControl(90), "time_settings 90 0 0"),
        ("5m+10s", TimeControl(300, 10), "time_settings 300 10 1"),
        ("5m+3x10s", TimeControl(300, 10, 1, 3), "time_settings 300 10 1"),
        ("1h+60s/15", TimeControl(3600, 60, 15), "time_settings 3600 60 15"),
        ("0+2.5s", TimeControl(0, 2.5), "time_settings 0 2 1"),
        ("90.6+3.5s", TimeControl(90.6, 3.5), "time_settings 90 3 1"),
        ("0+0.5s", TimeControl(0, 0.5), "time_settings 0 0 0"),
    ],
)
def test_time_controls(text: str, control: TimeControl, settings: str) -> None:
    assert time_control(text) == control and control.settings == settings
    assert (control.kgs_settings is None) == (control.periods == 1)


@pytest.mark.parametrize(
    "text", ["", "0", "0+0", "5m+", "-3", "5m+3x10s/4", "5m+0x3s", "1e9", "soon", "9999999s", "²m"]
)
def test_what_is_no_time_control(text: str) -> None:
    with pytest.raises(UserError, match="--time"):
        time_control(text)


def test_absolute_time() -> None:
    clock = Clock(time_control("10s"))
    assert clock.spend(9.5) and clock.left == (0.5, 0) and clock.thinking < 0.5
    assert not clock.spend(0.6)


def test_byo_yomi_by_hand() -> None:
    clock = Clock(time_control("10s+3x5s"))
    assert clock.remaining == 25 and clock.spend(8) and clock.left == (2, 0)
    assert clock.spend(6) and clock.periods == 3 and clock.left == (5, 1)  # four seconds into the first period
    assert clock.spend(5) and clock.periods == 3  # just in time: no period is lost
    assert clock.spend(11) and clock.periods == 1 and clock.remaining == 5
    assert not clock.spend(5.1)


def test_canadian_time_by_hand() -> None:
    clock = Clock(time_control("1s+10s/3"))
    assert clock.spend(2) and clock.left == (9, 2)
    assert clock.spend(4) and clock.left == (5, 1) and clock.remaining == 5
    assert clock.spend(4) and clock.left == (10, 3)  # three moves made: the period restarts
    assert not clock.spend(10.5)


@pytest.mark.parametrize("text", ["20s", "2s+1s", "3s+3x2s", "3s+10s/8", "0+1s"])
def test_whoever_thinks_as_long_as_the_clock_advises_is_never_late(text: str) -> None:
    clock = Clock(time_control(text))
    for _ in range(300):
        assert clock.spend(clock.thinking + 0.005)


class Slow(Random):
    """Takes a while for each move."""

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        time.sleep(0.6)
        return super().choose(boards, states)


def test_who_oversteps_the_time_has_lost() -> None:
    game, games = tictactoe(), iter(range(2))
    slow, quick = Slow(game, 1), Random(game, 2)
    slow.name = "slow"
    done: list[Played] = []
    play_match(game, quick, quick, 2)  # loads the kernels
    terms = Terms([[]], time=TimeControl(1.0))
    Referee(game, (slow, quick), terms, 1).play(lambda: next(games, None), done.append)
    assert [g.why for g in done] == ["time", "time"] and [g.for_first for g in done] == [-1, -1]
    assert len(done[0].actions) == 2 and "slow lost on time" in done[0].note


@pytest.mark.parametrize(
    "match", [Match("uct", "random", "tictactoe", time="2s+1s"), Match("uct:0.02s", "random", "go5")]
)
def test_a_search_keeps_its_time(match: Match, tmp_path: Path) -> None:
    card = played_match(Match(**{**vars(match), "games": 2}), boards=1, out=tmp_path)
    assert card.wins + card.draws >= 1 and "time" not in card.ended_by
    assert card.to_dict().get("time", "") == match.time

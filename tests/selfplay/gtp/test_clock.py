"""Clocks: time shares by hand, and whole games on a simulated clock that must not be lost on time."""

from __future__ import annotations

import pytest

from envs.boards.game import BLACK, WHITE
from selfplay.gtp.clock import Clocks, TimeSystem, moves_to_come
from tests.selfplay.gtp.talking import talk


def test_shares_by_hand() -> None:
    """0.95 of the time minus the lag, divided."""
    assert Clocks(TimeSystem()).budget(BLACK, 30) is None
    assert Clocks(TimeSystem("absolute", 100.0), lag=0.0).budget(BLACK, 19) == pytest.approx(5.0 - 0.02)
    assert Clocks(TimeSystem("canadian", 0.0, 100.0, 10), lag=0.0).budget(BLACK, 50) == pytest.approx(9.5)
    assert Clocks(TimeSystem("byoyomi", 0.0, 10.0, 3), lag=0.5).budget(BLACK, 50) == pytest.approx(9.0)
    assert Clocks(TimeSystem("fischer", 100.0, 2.0), lag=0.0).budget(BLACK, 19) == pytest.approx(5.0 + 1.9)


def test_main_time_may_run_into_the_overtime() -> None:
    clocks = Clocks(TimeSystem("byoyomi", 10.0, 30.0, 5), lag=0.0)
    assert clocks.budget(WHITE, 40) == pytest.approx(28.5)


def test_own_count_of_the_overtime() -> None:
    clocks = Clocks(TimeSystem("byoyomi", 5.0, 10.0, 3), lag=0.0)
    clocks.spent(BLACK, 6.0)  # main time and one second of the first period
    assert clocks.budget(BLACK, 30) == pytest.approx(9.5)
    clocks.spent(BLACK, 12.0)  # a period is lost
    assert (clocks._sides[BLACK].left, clocks._sides[BLACK].stones) == (10.0, 2)
    canadian = Clocks(TimeSystem("canadian", 5.0, 10.0, 3), lag=0.0)
    canadian.spent(BLACK, 6.0)
    assert (canadian._sides[BLACK].left, canadian._sides[BLACK].stones) == (9.0, 2)
    canadian.spent(BLACK, 2.0)
    canadian.spent(BLACK, 2.0)
    assert (canadian._sides[BLACK].left, canadian._sides[BLACK].stones) == (10.0, 3)


def test_a_period_of_which_the_client_reports_nothing_left() -> None:
    clocks = Clocks(TimeSystem("byoyomi", 10.0, 1.0, 3), lag=0.0)
    clocks.tell(BLACK, 0.0, 1)
    assert clocks.budget(BLACK, 30) == pytest.approx(0.005), "one evaluation"
    clocks.tell(BLACK, 0.0, 0)
    assert clocks.budget(BLACK, 30) == pytest.approx(0.95), "main time is over, and the first period begins"
    own = Clocks(TimeSystem("byoyomi", 0.0, 1.0, 1), lag=0.0)
    own.spent(BLACK, 1.2)
    assert own.budget(BLACK, 30) == pytest.approx(0.95), "lost by our own count, but the client plays on"


SYSTEMS = [
    TimeSystem("absolute", 60.0),
    TimeSystem("absolute", 10.0),
    TimeSystem("canadian", 20.0, 10.0, 5),
    TimeSystem("canadian", 0.0, 5.0, 10),
    TimeSystem("byoyomi", 10.0, 2.0, 3),
    TimeSystem("byoyomi", 0.0, 1.0, 1),
    TimeSystem("fischer", 10.0, 1.0),
]


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
@pytest.mark.parametrize("told", [True, False])
def test_no_game_is_lost_on_time(system: TimeSystem, told: bool) -> None:
    """180 moves, each 15 ms slower than planned; with or without `time_left`, rounded down as servers do."""
    clocks, judge = Clocks(system), _Judge(system)
    for number in range(180):
        if told:
            clocks.tell(BLACK, int(judge.left), judge.stones)
        share = clocks.budget(BLACK, moves_to_come(19, 2 * number))
        assert share is not None
        seconds = share + 0.015
        assert judge.move(seconds), f"lost at move {number}"
        clocks.spent(BLACK, seconds)


class _Judge:
    """The referee's clock."""

    def __init__(self, system: TimeSystem) -> None:
        self.system, self.left, self.stones = system, system.main, 0
        if system.main == 0 and system.stones:
            self.left, self.stones = system.period, system.stones

    def move(self, seconds: float) -> bool:
        s = self.system
        self.left -= seconds
        if s.kind == "fischer":
            self.left += s.period
            return self.left >= s.period
        if s.kind == "absolute":
            return self.left >= 0
        if self.left < 0 and self.stones == 0:
            self.left, self.stones = self.left + s.period, s.stones
        elif s.kind == "byoyomi" and self.stones:
            while self.left < 0 and self.stones > 1:
                self.left, self.stones = self.left + s.period, self.stones - 1
        if self.left < 0:
            return False
        if self.stones and s.kind == "byoyomi":
            self.left = s.period
        elif self.stones:
            self.stones -= 1
            if self.stones == 0:
                self.left, self.stones = s.period, s.stones
        return True


def test_time_commands() -> None:
    accepted = ("time_settings 60 30 5", "kgs-time_settings byoyomi 10 5 3", "kata-time_settings fischer 10 2")
    assert talk(*accepted, "time_left b 5 2", "kgs-time_settings none", "time_settings 0 1 0") == ["="] * 6
    refused = (
        "time_settings 1 2",
        "time_settings nan 0 0",
        "time_settings -1 0 0",
        "kgs-time_settings hourglass 1",
        "time_left b",
    )
    assert [answer[0] for answer in talk(*refused, "kgs-time_settings byoyomi 1 0 5")] == ["?"] * 6

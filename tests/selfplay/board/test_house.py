"""Which games a server with many of them closes: those in use stay open, and no more are begun if all are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from selfplay.board import panels
from selfplay.board.asking import ask
from selfplay.board.house import House
from selfplay.board.options import BoardOptions
from selfplay.board.sitting import Sitting
from tengen.errors import UserError


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(BoardOptions("random", "tictactoe", you="both", runs=tmp_path))
    yield house
    house.close()


def still_open(house: House, sitting: Sitting) -> bool:
    return house.find(sitting.number) is sitting and not sitting.closed


def test_a_game_that_is_played_outlives_any_number_of_openings(house: House) -> None:
    played, opened = house.begin(), []
    ask(house, played, {"ask": "point", "value": 4})
    for _ in range(60):
        opened.append(house.begin())
        assert still_open(house, opened[-1])
    assert still_open(house, played)
    assert [still_open(house, s) for s in opened] == 37 * [False] + 23 * [True]  # 24 in all, the newest


def test_a_game_on_a_page_outlives_those_that_nobody_looks_at(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nicegui")
    from selfplay.board.page import Page

    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    watched, left = house.begin(), house.begin()
    ask(house, left, {"ask": "point", "value": 4})  # played, but its page is gone
    page = Page(house, watched)
    for _ in range(60):
        now += 4000.0
        page.seen = watched.version  # nothing to draw
        page.refresh()
        ask(house, house.begin(), {"ask": "point", "value": 0})
    assert still_open(house, watched) and not still_open(house, left)


def test_where_all_games_are_in_use_no_more_are_begun(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    opened = [house.begin() for _ in range(24)]
    for i, sitting in enumerate(opened):
        if i % 2:
            ask(house, sitting, {"ask": "point", "value": 4})
        else:
            sitting.looked = now  # on a page
    with pytest.raises(UserError, match="24 games are open"):
        house.begin()
    assert all(still_open(house, s) for s in opened)
    now += 60.0  # the pages are closed
    house.begin()
    assert [still_open(house, s) for s in opened] == [False] + 23 * [True]
    for _ in range(60):
        house.begin()
    assert [still_open(house, s) for s in opened] == 12 * [False, True]
    now += 4000.0  # nobody came back
    for _ in range(60):
        house.begin()
    assert not any(still_open(house, s) for s in opened)


def test_a_closed_game_says_so(house: House) -> None:
    sitting = house.begin()
    sitting.you = "white"
    sitting.changed()
    for _ in range(24):
        house.begin()
    assert sitting.closed and "This game is closed" in panels.status(sitting)
    with pytest.raises(UserError, match="closed"):
        ask(house, sitting, {"ask": "point", "value": 4})

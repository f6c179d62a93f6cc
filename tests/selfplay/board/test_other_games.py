"""Connect 4 and tic-tac-toe on the board page, in a real browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.selfplay.board.browser import Tab, board_server, needs_chromium

pytestmark = [needs_chromium, pytest.mark.slow]


def test_tic_tac_toe_to_a_win_by_keyboard_on_a_phone(tictactoe_board: str) -> None:
    from selenium.webdriver.common.keys import Keys

    tab = Tab(390, 844)
    try:
        tab.open(tictactoe_board)
        for _ in range(30):
            tab.keys(Keys.TAB)
            if tab.js("document.activeElement.id") == "board":
                break
        tab.keys(Keys.ENTER)  # shows the cursor in the middle
        for keys in ((), (Keys.ARROW_LEFT,), (Keys.ARROW_UP,), (Keys.ARROW_DOWN, Keys.ARROW_DOWN)):
            before = tab.stones()
            tab.keys(*keys, Keys.ENTER)
            tab.until(f"document.querySelectorAll('.stones .sign').length === {before + 1}")
        tab.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ENTER)
        tab.until("document.querySelectorAll('.stones .sign').length === 5")
        assert not tab.js("document.querySelector('#pass')") and not tab.js("document.querySelector('#open')")
        tab.shot("board-tictactoe")
        tab.js("document.activeElement.blur()")
        tab.keys(Keys.HOME)
        tab.until("document.querySelectorAll('.stones .sign').length === 0")
    finally:
        tab.close()


def test_connect_four_against_the_network(tmp_path: Path) -> None:
    with board_server(tmp_path, "--board", "connect4") as address:
        tab = Tab()
        try:
            tab.open(address)
            name = "document.querySelector('.side1 b')"
            assert tab.js(f"{name}.innerText") == "connect4-alphazero"
            assert tab.js(f"{name}.scrollWidth <= {name}.clientWidth && {name}.scrollHeight <= {name}.clientHeight")
            _the_cursor_is_on_a_column_and_shows_where_the_disc_lands(tab)
            for column in (3, 3, 2, 4):
                tab.my_turn()
                before = tab.stones()
                tab.point(column)  # the top of the column: the disc falls
                tab.until(f"document.querySelectorAll('.stones .stone').length === {before + 2}")
            tab.my_turn()
            tab.choose("hints", "visits")
            tab.until("document.querySelectorAll('.marks .spot').length > 2")
            _no_line_is_shown_where_a_disc_was_played_until_the_mouse_moves(tab)
            tab.shot("board-connect4")
            assert tab.errors() == []
        finally:
            tab.close()
        assert "Traceback" not in (tmp_path / "server.log").read_text()


def _no_line_is_shown_where_a_disc_was_played_until_the_mouse_moves(tab: Tab) -> None:
    before = tab.stones()
    tab.point(3)
    tab.until(f"document.querySelectorAll('.stones .stone').length === {before + 2}")
    tab.until("document.querySelectorAll('.marks .spot').length === 7")
    assert not tab.js("document.querySelector('.hint.shown')")
    tab.nudge(3)
    tab.until("document.querySelectorAll('.hint.shown').length === 1")


def _the_cursor_is_on_a_column_and_shows_where_the_disc_lands(tab: Tab) -> None:
    from selenium.webdriver.common.keys import Keys

    def box(which: str) -> dict[str, float]:
        return dict(tab.js(f"document.querySelector('{which}').getBoundingClientRect().toJSON()"))

    def middle(box: dict[str, float]) -> list[float]:
        return [(box["left"] + box["right"]) / 2, (box["top"] + box["bottom"]) / 2]

    tab.js("document.querySelector('#board').focus()")
    tab.keys(Keys.ENTER, Keys.ARROW_LEFT)
    tab.until("getComputedStyle(document.querySelector('#cursor .line')).visibility === 'visible'")
    assert box("#cursor .line")["height"] > 0.8 * box("#board")["height"]
    lowest = middle(box('.hit[data-point="37"]'))  # of the third column
    assert np.allclose(middle(box("#ghost .red .stone")), lowest, atol=2)
    tab.shot("board-cursor")
    tab.js("document.activeElement.blur()")
    tab.until("getComputedStyle(document.querySelector('#cursor .line')).visibility === 'hidden'")
    assert not tab.js("document.querySelector('#ghost.on')")

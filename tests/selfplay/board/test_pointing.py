"""Mouse and keys on the board page, in a real browser: what is shown at a point, and where keys go."""

from __future__ import annotations

import pytest

from tests.selfplay.board.browser import Tab, needs_chromium

pytestmark = [needs_chromium, pytest.mark.slow]
GHOST = """[...document.querySelectorAll('#ghost *')].filter(e => e.checkVisibility({visibilityProperty: true}) &&
    e.localName !== 'g').map(e => e.getAttribute('class').split(' ').at(-1))"""


@pytest.fixture
def tab(browser: Tab, tictactoe_board: str) -> Tab:
    browser.size(1280, 800)
    return browser.open(tictactoe_board)


def played(tab: Tab, *points: int) -> None:
    for count, point in enumerate(points, tab.stones() + 1):
        tab.point(point)
        tab.until(f"document.querySelectorAll('.stones .sign').length === {count}")


def test_the_mark_that_a_click_would_play_is_shown_on_free_points_only(tab: Tab) -> None:
    tab.hover(4)
    tab.until(f"{GHOST}.join() === 'x'")
    played(tab, 4)
    assert tab.js(GHOST) == []  # the mouse is still there
    tab.hover(0)
    tab.until(f"{GHOST}.join() === 'o'")
    tab.hover(4)
    tab.until(f"{GHOST}.length === 0")
    played(tab, 0, 3, 1)
    tab.hover(8)
    tab.until(f"{GHOST}.join() === 'x'")
    played(tab, 5)
    tab.hover(8)
    assert tab.js(GHOST) == []  # X has won
    bar, first, last = (
        tab.js(f"(({{left, right}}) => (left + right) / 2)(document.querySelector('{which}').getBoundingClientRect())")
        for which in (".marks .won.rim", '.hit[data-point="3"]', '.hit[data-point="5"]')
    )
    assert abs(bar - (first + last) / 2) < 3  # over the winning row


def test_keys_step_through_the_game_after_a_choice_from_a_list(tab: Tab) -> None:
    from selenium.webdriver.common.keys import Keys

    played(tab, 4, 0, 8)
    tab.choose("hints", "win rate")
    assert tab.js("document.activeElement") == tab.js("document.body")
    tab.keys(Keys.HOME)
    tab.until("document.querySelectorAll('.stones .sign').length === 0")
    tab.keys(Keys.ARROW_RIGHT)
    tab.until("document.querySelectorAll('.stones .sign').length === 1")
    tab.js("document.querySelector('#hints').focus()")
    tab.keys(Keys.ARROW_DOWN)  # by keyboard the list keeps the focus, even when it is redrawn
    tab.until("document.querySelector('#hints option[selected]').value === 'visits'")
    assert tab.js("document.activeElement.id") == "hints"
    tab.keys(Keys.ESCAPE, Keys.ARROW_RIGHT)
    tab.until("document.querySelectorAll('.stones .sign').length === 2")
    assert tab.js("document.activeElement") == tab.js("document.body")


def test_every_number_on_the_board_has_its_expected_line(tab: Tab) -> None:
    tab.choose("hints", "policy")
    tab.until("document.querySelectorAll('.hint').length === 9")
    assert (
        tab.js("[...document.querySelectorAll('.hint')].filter(hint => !hint.querySelector('.line .sign')).length") == 0
    )
    tab.hover(8)
    tab.until("document.querySelectorAll('.hint.shown').length === 1")
    assert tab.js(GHOST) == []  # the line begins with that move


def test_tab_leads_to_the_board_after_a_click_on_it(tab: Tab) -> None:
    from selenium.webdriver.common.keys import Keys

    played(tab, 4)
    tab.keys(Keys.TAB)
    assert tab.js("document.activeElement.id") == "board"

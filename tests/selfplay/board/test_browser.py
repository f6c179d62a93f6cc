"""The board in a real browser, against the network shipped with Tengen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from envs.boards.catalogue import make_game
from selfplay.players.catalogue import make_player
from tests.long import takes_long
from tests.selfplay.board.browser import Tab, board_server, needs_chromium

pytestmark = [needs_chromium, pytest.mark.slow]
LINE = "document.querySelectorAll('.hint.shown').length === 1"
TOAST = "document.querySelector('#toast').className.includes('on')"
SHOWN = """(point => [...document.querySelectorAll('.stones .stone')].some(stone => {
  const square = document.querySelector(`.hit[data-point="${point}"]`), {x, y} = square, {cx, cy} = stone;
  return Math.hypot(cx.baseVal.value - x.baseVal.value - 20, cy.baseVal.value - y.baseVal.value - 20) < 3;
}))"""
BOX = "(({left, right, height}) => [left, right, height])(document.querySelector('#board').getBoundingClientRect())"
RECORD = Path(__file__).parent / "record.sgf"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("board")
    with board_server(folder, "--board", "go9") as address:
        yield address
    log = (folder / "server.log").read_text()
    assert "Traceback" not in log, log
    assert sorted(path.name for path in folder.iterdir()) == ["server.log"]  # it writes nothing else


@pytest.fixture
def tab(browser: Tab, address: str) -> Tab:
    browser.size(1280, 800)
    browser.driver.get_log("browser")
    return browser.open(address)


def test_a_whole_game_by_clicks_to_a_scored_end(tab: Tab) -> None:
    game = make_game("go9")
    me = make_player("policy:go9-alphazero", game, 1, 1, 1, Path("runs"))
    state, count = game.new(1), 0
    tab.choose("strength", "1")
    while not game.ended(state)[0]:
        action = int(me.choose(np.array([0]), state)[0])
        if action == game.can.passing:
            tab.press("pass")
        else:
            tab.point(action)
        game.play(state, np.array([action]))
        count += 1 if game.ended(state)[0] else 2
        tab.until(f"document.querySelector('.say').innerText.startsWith('Move {count}:')")
        if count == 16:  # the search's moves, and predicted ownership
            tab.choose("hints", "win rate")
            tab.press("ownership")
            tab.until("document.querySelectorAll('.marks .spot').length > 3")
            tab.until("document.querySelectorAll('.marks .owned').length > 9")
            tab.shot("board")
            tab.choose("hints", "off")
            tab.press("ownership")
        if answer := re.match(rf"Move {count}: White (passed|\w+)", tab.said()):
            if game.ended(state)[0]:
                break
            game.play(state, np.array([game.parse_action(answer[1].replace("passed", "pass"))]))
    tab.until("document.querySelector('.say').innerText.includes('wins')")
    score = float(game.can.count(state, None).score[0])  # type: ignore[misc]
    assert f"{'Black' if score > 0 else 'White'} wins by {abs(score):g} points" in tab.said()
    assert tab.js("document.querySelectorAll('.marks .owned').length") > 0
    said = tab.said()
    winners = game.can.count(state, None).owner[0].ravel() * np.sign(score)  # type: ignore[misc]
    point = next(p for p in range(81) if winners[p] == 1 and tab.js(f"{SHOWN}({p})"))
    tab.point(point)  # marking a chain dead changes the score
    tab.until("document.querySelectorAll('.stones .dead').length > 0")
    assert tab.said() != said
    tab.shot("board-count")
    assert tab.errors() == []


def test_an_illegal_move_is_refused_and_a_move_is_taken_back(tab: Tab) -> None:
    tab.choose("strength", "1")
    tab.point(40)
    tab.until("document.querySelectorAll('.stones .stone').length === 2")
    tab.my_turn()
    tab.point(40)
    tab.until("document.querySelector('#toast.error')?.innerText.includes('occupied')")
    assert tab.stones() == 2
    tab.press("back")
    tab.until("document.querySelectorAll('.stones .stone').length === 0")
    assert "Your move" in tab.said()


def test_reload_and_two_tabs(tab: Tab, address: str) -> None:
    tab.choose("strength", "1")
    tab.point(40)
    tab.until("document.querySelectorAll('.stones .stone').length === 2")
    here, first = tab.driver.current_url, tab.driver.current_window_handle
    tab.open(here)  # a reload restores the game
    assert tab.stones() == 2
    tab.driver.switch_to.new_window("tab")
    tab.open(address)  # another game
    assert tab.stones() == 0 and tab.driver.current_url != here
    tab.open(here)  # the same game in a second tab
    tab.my_turn()
    tab.press("back")
    tab.until("document.querySelectorAll('.stones .stone').length === 0")
    tab.driver.close()
    tab.driver.switch_to.window(first)
    tab.until("document.querySelectorAll('.stones .stone').length === 0")  # it sees what the other tab did


def test_by_keyboard_alone(tab: Tab) -> None:
    from selenium.webdriver.common.keys import Keys

    tab.choose("strength", "1")
    tab.js("document.activeElement.blur()")
    for _ in range(40):
        tab.keys(Keys.TAB)
        if tab.js("document.activeElement.id") == "board":
            break
    assert tab.js("document.activeElement.id") == "board"
    tab.keys(Keys.ARROW_RIGHT, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ENTER)  # the first key shows the cursor in the middle
    tab.until("document.querySelectorAll('.stones .stone').length === 2")
    assert tab.js("document.querySelector('#whisper').innerText") == "E7"
    assert tab.js("document.querySelector('#cursor').classList.contains('on')")
    tab.my_turn()
    tab.keys("u")
    tab.until("document.querySelectorAll('.stones .stone').length === 0")
    tab.keys("p")
    tab.until("document.querySelector('.say').innerText.match(/Move [12]/)")
    tab.keys("?")
    tab.until("document.querySelector('#keys').open")
    tab.keys(Keys.ESCAPE)
    tab.until("!document.querySelector('#keys').open")
    tab.keys("n")
    tab.until("document.querySelector('#new').open")
    komi = "document.querySelector('#new-komi').value"
    give = "(list => {{ list.value = '{}'; list.dispatchEvent(new Event('change', {{bubbles: true}})) }})"
    usual = tab.js(komi)
    tab.js(f"{give.format(2)}(document.querySelector('#new-handicap'))")
    assert tab.js(komi) == "0.5"  # with handicap stones
    tab.js(f"{give.format(0)}(document.querySelector('#new-handicap'))")
    assert tab.js(komi) == usual
    tab.js("(komi => { komi.focus(); komi.select() })(document.querySelector('#new-komi'))")
    tab.keys("3.5", Keys.ENTER)
    tab.until("!document.querySelector('#new').open && document.querySelector('.players').innerText.includes('+3.5')")


def test_on_a_phone(tab: Tab) -> None:
    tab.size(390, 844)
    tab.choose("strength", "1")
    assert tab.js("document.documentElement.scrollWidth") <= 390
    left, right, height = tab.js(BOX)
    assert left >= 0 and right <= 390 and height > 340
    small = "[...document.querySelectorAll('.actions button, .walk .steps button, .files button, select')]"
    assert tab.js(f"{small}.filter(b => b.offsetWidth && b.getBoundingClientRect().height < 40).length") == 0
    for point in (24, 56, 60):
        tab.my_turn()
        before = tab.moves()
        tab.point(point)
        tab.until(f"parseInt(document.querySelector('.count').innerText) >= {before + 2} || {TOAST}")
    tab.js("scrollTo(0, 0)")
    tab.shot("board-phone")


@pytest.mark.parametrize(("width", "height"), [(320, 568), (844, 390), (667, 375)])
def test_small_screens(tab: Tab, width: int, height: int) -> None:
    tab.size(width, height)
    tab.choose("hints", "win rate")
    tab.until("document.querySelectorAll('.marks .spot').length > 3")
    assert tab.js("document.documentElement.scrollWidth") <= width
    parts = "[...document.querySelectorAll('.side *:not(svg *)')]"
    beyond = f"e.scrollWidth > e.clientWidth + 1 && e.clientWidth || e.getBoundingClientRect().right > {width}"
    assert tab.js(f"{parts}.filter(e => {beyond}).map(e => e.outerHTML.slice(0, 99))") == []
    for needed in ("#board", ".say", *(["#pass"] if width > height else [])):  # without scrolling
        assert tab.js(f"document.querySelector('{needed}').getBoundingClientRect().bottom") <= height, needed


def test_review_of_a_record(tab: Tab) -> None:
    from selenium.webdriver.common.by import By

    tab.driver.find_element(By.ID, "file").send_keys(str(RECORD))
    tab.until("document.querySelector('.count i')?.innerText.includes('/ 44')")
    assert "First" in tab.js("document.querySelector('.players').innerText")
    tab.press("review")
    tab.until("document.querySelector('progress') && document.querySelector('progress').value > 2")
    tab.press("step-last")  # the page still responds
    tab.until("parseInt(document.querySelector('.count').innerText) === 44")
    tab.until("document.querySelector('progress').value === document.querySelector('progress').max")
    assert tab.js("document.querySelectorAll('.turns li').length") > 0
    tab.press(tab.js("document.querySelector('.turns button').id"))
    tab.until("parseInt(document.querySelector('.count').innerText) < 44")
    tab.driver.execute_script(  # the graph is clickable
        "document.querySelectorAll('.graph .column')[20].dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    tab.until("parseInt(document.querySelector('.count').innerText) === 20")
    tab.choose("hints", "win rate")
    tab.until("document.querySelectorAll('.marks .spot').length > 2")
    tab.until(
        "Number(document.querySelector('.thinking').innerText.match(/([\\d,]+) sim/)?.[1].replace(',', '')) > 1000"
    )
    tab.shot("board-review")
    tab.choose("hints", "off")
    tab.press("step-first")
    tab.until("document.querySelectorAll('.stones .stone').length === 0")
    tab.press("step-next")
    tab.until("document.querySelectorAll('.branches button').length > 1")  # two variations in the record
    assert tab.errors() == []


def test_moves_come_in_time_and_the_page_lives_meanwhile(tab: Tab) -> None:
    tab.choose("strength", "5s")
    tab.point(40)
    tab.until("document.querySelector('.say').innerText.includes('thinking')")
    begun = time.monotonic()
    tab.my_turn()
    assert 3.0 < time.monotonic() - begun < 20.0
    tab.choose("strength", "60s")
    tab.point(24)
    tab.until("document.querySelector('#now')")
    begun = time.monotonic()
    for name in ("policy", "visits", "off"):
        tab.choose("hints", name)
    assert time.monotonic() - begun < 20.0  # it answers while the network thinks
    tab.press("now")
    assert tab.until("document.querySelector('#board').dataset.turn !== 'none'") < 20.0
    tab.point(56)
    tab.until("document.querySelector('.say').innerText.includes('thinking')")
    tab.driver.get("about:blank")  # tab closed during a search: the final check of the log says whether all is well


def test_an_expected_line_stays_in_view_while_the_search_goes_on(tab: Tab) -> None:
    from selenium.webdriver.common.keys import Keys

    def stays() -> None:
        tab.until(LINE)
        for _ in range(3):
            before = tab.js("document.querySelector('.thinking').innerText")
            tab.until(f"document.querySelector('.thinking').innerText !== {before!r}")
            assert tab.js(LINE)

    tab.choose("hints", "win rate")
    tab.until("document.querySelectorAll('.marks .spot').length > 3")
    tab.hover(40)
    stays()
    tab.hover(80)
    tab.until(f"!({LINE})")
    tab.js("document.querySelector('#board').focus()")
    tab.keys(Keys.ENTER)  # the cursor, in the middle
    stays()


def test_the_buttons_stay_where_they_are(tab: Tab) -> None:
    def top() -> float:
        return float(tab.js("document.querySelector('#pass').getBoundingClientRect().top"))

    tab.choose("hints", "win rate")
    tab.until("document.querySelectorAll('.marks .spot').length > 3")
    tab.choose("strength", "1s")
    tops = {top()}
    tab.point(40)
    tab.until("document.querySelector('.say').innerText.includes('thinking')")
    tops.add(top())
    tab.my_turn()
    tops.add(top())
    assert len(tops) == 1


def test_first_paint(tab: Tab) -> None:
    tab.until("performance.getEntriesByName('first-contentful-paint').length")
    (painted,) = [
        entry["startTime"]
        for entry in tab.js("performance.getEntriesByType('paint')")
        if entry["name"] == "first-contentful-paint"
    ]
    assert painted < 5000  # milliseconds; the long test asks for a second, on a quiet machine


@takes_long
def test_first_paint_within_a_second(address: str) -> None:
    fresh = Tab()
    try:
        fresh.open(address)
        assert min(e["startTime"] for e in fresh.js("performance.getEntriesByType('paint')")) < 1000
    finally:
        fresh.close()

"""What a person sees: plain lines, the panel, the expected curve."""

import io

import pytest

from agents.session import WORDS
from tengen.display import Display, duration, interpolate, sparkline, spoken

CURVE = [(0, -20.0), (100, -10.0), (200, 20.0)]


def row(step: int, score: float | None) -> dict:
    base = {"step": step, "frames": 4 * step, "seconds": 9.0, "rate": 50.0, "episodes": 3.0}
    times = {"time/environment": 1.0, "time/acting": 1.0, "time/learning": 2.0}
    return base | times | ({} if score is None else {"score": score})


def test_plain_line_says_score_speed_shares_and_what_is_left() -> None:
    out = io.StringIO()
    display = Display("pong", 200, WORDS, expected=CURVE, file=out)
    display.row(row(100, -9.0))
    display.close(None)
    text = out.getvalue()
    for part in ("100 of 200", "score -9.00", "50/s", "learning 50%", "2s left", "as expected (about -10.0"):
        assert part in text


@pytest.mark.parametrize(
    ("score", "words"),
    [(None, "no game has finished"), (-10.0, "as expected"), (-20.0, "behind"), (5.0, "ahead of the expected -10.0")],
)
def test_against_the_expected_curve(score: float | None, words: str) -> None:
    assert words in Display("x", 200, WORDS, expected=CURVE, file=io.StringIO()).against_expected(row(100, score))


def test_interpolation() -> None:
    assert [interpolate(CURVE, s) for s in (-5, 0, 50, 150, 900)] == [-20, -20, -15, 5, 20]


def test_panel_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = io.StringIO()
    display = Display("pong", 200, WORDS, expected=CURVE, picture=lambda: "X . [O]", file=out)
    display.row(row(100, -9.0))
    display.close(None)
    assert "Ctrl-C stops and saves" in out.getvalue() and "X . [O]" in out.getvalue()


def test_small_words() -> None:
    assert [duration(s) for s in (5, 90, 3720)] == ["5s", "1m30s", "1h02m"]
    assert sparkline([0, 1]) == "▁█" and sparkline([1]) == ""


def test_columns_are_spoken_as_people_say_them() -> None:
    assert spoken("rate/evaluations", 2345.4) == "evaluations/s 2,345" and spoken("games", 6122.0) == "games 6,122"
    assert spoken("kl", 0.38214) == "kl 0.3821" and spoken("batch", 64.0) == "batch 64"

"""What the user sees: plain lines, the panel, the expected curve."""

import io

import pytest

from agents.session import WORDS
from tengen.display import Counter, Display, duration, interpolate, sparkline, speed, spoken, summary, worker_rows

CURVE = [(0, -20.0), (100, -10.0), (200, 20.0)]


def row(step: int, score: float | None) -> dict:
    base = {"step": step, "frames": 4 * step, "seconds": 9.0, "rate": 50.0, "episodes": 3.0}
    times = {"time/environment": 1.0, "time/acting": 1.0, "time/learning": 2.0}
    return base | times | ({} if score is None else {"score": score})


def test_plain_line_says_score_speed_and_shares() -> None:
    out = io.StringIO()
    display = Display("pong", 200, WORDS, expected=CURVE, file=out)
    display.row(row(100, -9.0))
    display.close(None)
    text = out.getvalue()
    for part in ("100 of 200", "score -9.00", "50/s", "learning 50%", "as expected (about -10.0"):
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


def test_what_is_done_once_counts_in_the_first_estimate_only() -> None:
    out = io.StringIO()
    display = Display("text", 1000, WORDS, file=out, plain_every=0)
    display.row(row(10, None) | {"rate": 0.5, "time/learning": 90.0})  # includes compilation
    display.row(row(20, None) | {"rate": 10.0})
    first, second = out.getvalue().splitlines()
    assert "about 33m00s left" in first and "10/s" in second and "1m38s left" in second


def test_a_short_first_row_says_nothing_of_the_time_left() -> None:
    out = io.StringIO()
    display = Display("kmeans", 300, WORDS, file=out, plain_every=0)
    display.row(row(1, None) | {"rate": 0.4})  # mostly one-off work: first centres, memory
    display.row(row(2, None) | {"rate": 10.0})
    display.row(row(300, None) | {"rate": 10.0})
    first, second, last = out.getvalue().splitlines()
    assert "left" not in first and "30s left" in second and "0s left" in last


@pytest.mark.parametrize(
    ("rate", "said"),
    [(1034.2, "1,034/s"), (10, "10/s"), (3.14, "3.1/s"), (0.26, "0.3/s"), (0.04, "25 s each"), (0, "0/s")],
)
def test_a_slow_rate_is_no_zero(rate: float, said: str) -> None:
    assert speed(rate) == said
    assert "for each of the steps" in speed(0.04, "steps")


def with_workers(count: int, restarts: float = 0.0) -> dict:
    of = {"rate": 1034.2, "age": 1.0, "idle": 0.04}
    row_of = {f"worker/{w}/{name}": value for w in range(count) for name, value in of.items()}
    all_of = {"worker/alive": float(count), "worker/restarts": restarts, "worker/staleness": 1.0}
    return row(100, -9.0) | row_of | all_of


def test_workers_have_a_line_each_and_many_of_them_a_summary() -> None:
    assert worker_rows(row(100, -9.0), "steps") == []
    line = "1,034 steps/s, weights 1 old, idle 4%"
    assert worker_rows(with_workers(2), "steps") == [("worker 0", line), ("worker 1", line)]
    assert worker_rows(with_workers(2, restarts=3), "steps")[2:] == [
        ("workers", "2 of 2 workers 1,034 + 1,034/s, weights <= 1 old, idle 4%, 3 made again")
    ]
    many = worker_rows(with_workers(12), "steps")
    assert len(many) == 9 and many[8][1] == "12 of 12 workers 12,410/s, weights <= 1 old, idle 4%"


def test_the_plain_line_says_how_the_workers_are() -> None:
    out = io.StringIO()
    Display("pong", 200, WORDS, file=out).row(with_workers(1))
    assert "1 worker 1,034/s, weights <= 1 old, idle 4%" in out.getvalue()


def test_workers_that_say_little_and_columns_that_are_no_workers() -> None:
    """RLlib's runners are only counted; inference actors have their own columns."""
    counted = {"worker/alive": 2.0, "worker/restarts": 1.0}
    assert summary(counted) == "2 workers"
    assert worker_rows(counted, "steps") == [("workers", "2, 1 made again")]
    one = {"worker/0/rate": 5.0, "worker/0/age": 0.0, "worker/0/idle": 0.5, "worker/inference/batch": 7.0}
    full = one | {"worker/alive": 1.0, "worker/restarts": 0.0, "worker/staleness": 0.0}
    assert summary(full) == "1 worker 5/s, weights <= 0 old, idle 50%"
    assert len(worker_rows(full, "moves")) == 1


def test_a_counter_says_how_long_it_still_takes_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    clock = iter([0.0, 10.0, 40.0])
    monkeypatch.setattr("tengen.display.time.monotonic", lambda: next(clock))
    shown = Counter(400, "sentences")
    shown(100)
    assert capsys.readouterr().err == "\r\x1b[K100 of 400 sentences, 30s left"
    shown(400)
    assert capsys.readouterr().err.endswith("\r\x1b[K")


def test_a_count_without_a_terminal_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    clock = iter([0.0, 20.0, 40.0, 50.0, 80.0])
    monkeypatch.setattr("tengen.display.time.monotonic", lambda: next(clock))
    shown = Counter(8000, "temperatures")
    for done in (2000, 4000, 5000, 8000):
        shown(done)
    said = ["4,000 of 8,000 temperatures, 40s left", "8,000 of 8,000 temperatures, 0s left"]
    assert capsys.readouterr().err.splitlines() == said

"""Programs that hang, fork, flood, drip, die or lie: each loses its game, blocks nothing, and leaves no process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from envs.go.game import Go
from envs.go.rules import katago_rules
from selfplay import match_session
from selfplay.clock import Clock, time_control
from selfplay.gtp.client import GtpError, GtpProgram, close_all
from selfplay.match import play_match
from selfplay.match_card import Match
from selfplay.match_session import Hall
from selfplay.played import Played
from selfplay.players.gtp import Gtp
from selfplay.players.random import Random
from tengen.errors import UserError
from tests.long import takes_long
from tests.selfplay.odd_programs import odd

GO5 = Go(5)


class Corner(Random):
    """Plays A1, then passes."""

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        corner = self.game.parse_action("A1")
        return self.game.legal(states)[:, corner].choose([self.game.num_actions - 1, corner])


def gone(note: Path) -> bool:
    """Whether all processes that wrote their ids to `note` have ended."""

    def alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    return not any(alive(int(line)) for line in note.read_text().split())


def soon(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Load the kernels, so that the tests below time only the programs."""
    play_match(GO5, Random(GO5, 1), Random(GO5, 2), 2)


@pytest.mark.parametrize(
    ("mode", "why", "note"),
    [
        ("hangs", "hang", "did not answer within 0.4 s: genmove"),
        ("forks", "hang", "did not answer within 0.4 s: genmove"),
        ("leaves", "hang", "did not answer within 0.4 s: genmove"),
        ("drips", "hang", "did not answer within 0.4 s: genmove"),
        ("chats", "rubbish", "said 'blah blah hello' and gave no answer within 0.4 s: genmove"),
        ("dies", "crash", "ended, asked: genmove"),
        ("talks", "rubbish", "sent endless output"),
        ("floods", "rubbish", "sent endless output"),
        ("binary", "rubbish", "answered genmove with"),
        ("nonsense", "rubbish", "answered genmove with z99"),
        ("large", "rubbish", "answered genmove with a999"),
        ("escapes", "rubbish", "answered genmove with ?[31me5"),
        ("illegal", "illegal move", "do not allow"),
        ("resigns", "resignation", ""),
        ("refuses", "refusal", "refused play"),
        ("stays", "points", ""),
    ],
)
def test_a_program_that_misbehaves_loses_and_the_match_goes_on(mode: str, why: str, note: str, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    begun = time.monotonic()
    program = Gtp(odd(tmp_path, mode, pids), GO5, timeout=60.0)
    if why == "hang" or mode == "chats":
        program.timeout = program.programs[0].timeout = 0.4
    try:
        games = play_match(GO5, Corner(GO5, 1), program, 2, boards=1, opening=0)
    finally:
        program.close()
    assert [g.number for g in games] == [0, 1] and time.monotonic() - begun < 45
    assert games[0].why == why and note in games[0].note
    if mode == "refuses":
        assert np.isnan(games[0].result)  # a difference in rules is a win for neither side
    elif mode != "stays":
        assert games[0].for_first == 1
        assert games[1].why == why or mode == "illegal"  # restarted, it failed again
    assert soon(lambda: gone(pids)), "a process is left behind"


def test_answers_that_came_unasked_are_not_taken_for_the_next(tmp_path: Path) -> None:
    program = GtpProgram(odd(tmp_path, "twice"), timeout=20.0)
    try:
        assert program.ask("name") == "too much"
        time.sleep(0.5)  # until it has said more than asked
        assert program.ask("version") == "1"
    finally:
        program.close()


def test_many_programs_that_stay_are_ended_together(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    programs = [GtpProgram(odd(tmp_path, "stays", note)) for _ in range(8)]  # closing them one by one would take 4 s
    for program in programs:
        program.ask("name")
    begun = time.monotonic()
    close_all(programs)
    close_all(programs)  # closing twice is harmless
    assert time.monotonic() - begun < 3.5 and gone(note)
    with pytest.raises(GtpError, match="ended, asked: name") as error:
        programs[0].ask("name")
    assert error.value.kind == "crash"


def test_programs_that_do_not_exist_are_one_clear_line() -> None:
    with pytest.raises(UserError, match="no program named gnu-goo"):
        GtpProgram("gnu-goo --mode gtp")
    with pytest.raises(UserError, match="empty GTP command"):
        GtpProgram("")
    with pytest.raises(UserError, match="no closing quotation; quote it"):
        GtpProgram("gnugo 'mode")
    program = GtpProgram("cat", timeout=0.3)
    with pytest.raises(GtpError, match="gave no answer"):
        program.ask("name")


MATCH = """
import sys
from scripts.cli import main
sys.exit(main(["match", "random", "gtp:" + sys.argv[1], "--board", "go5", "--games", "40", "--opening", "0"]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        signal.SIGINT,
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=takes_long),
        pytest.param(signal.SIGHUP, marks=takes_long),
    ],
)
def test_however_a_match_ends_its_programs_end_too(how: signal.Signals, tmp_path: Path) -> None:
    note = tmp_path / "pids"
    command = [sys.executable, "-c", MATCH, odd(tmp_path, "forks", note)]
    match = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert soon(lambda: note.exists() and len(note.read_text().split()) >= 4, 60), "the programs have not started"
    time.sleep(0.3)
    begun = time.monotonic()
    os.kill(match.pid, how)
    _, said = match.communicate(timeout=30)
    assert time.monotonic() - begun < 15  # a second on a quiet machine; waiting for an answer would take a minute
    assert match.returncode == (130 if how == signal.SIGINT else -how)
    assert "Traceback" not in said
    assert soon(lambda: gone(note)), "a process is left behind"


def test_a_program_that_dies_while_it_counts_is_there_for_the_next_game(tmp_path: Path) -> None:
    one, other = Gtp(odd(tmp_path, "dies at the end"), GO5), Gtp(odd(tmp_path, "dies at the end"), GO5)
    try:
        assert [g.why for g in play_match(GO5, one, other, 4, boards=2, opening=0)] == ["points"] * 4
    finally:
        one.close()
        other.close()


def test_programs_that_are_closed_while_they_think_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_session, "cores", lambda: 2)  # two rooms
    note = tmp_path / "pids"
    hall = Hall(Match(f"gtp:{odd(tmp_path, 'forks', note)}", "random", "go5", games=16, opening=0), 8, tmp_path, 60.0)
    done: list[Played] = []
    thinking: list[bool] = []
    hall.open()

    def leave() -> None:  # once some of the eight think, each in a child of its own
        thinking.append(soon(lambda: len(note.read_text().split()) >= 8 + 2))
        hall.close()

    leaving = threading.Thread(target=leave)
    leaving.start()
    hall.play(set(), done.append)
    leaving.join()
    assert hall.rooms == 2 and thinking == [True] and not done and soon(lambda: gone(note))


def test_a_program_is_told_the_rules_and_the_periods_of_its_clock(tmp_path: Path) -> None:
    note = tmp_path / "heard"
    program, clock = Gtp(odd(tmp_path, "listens", note), Go(5, "chinese")), Clock(time_control("5s+3x10s"))
    try:
        program.start(np.array([0]), program.game.new(1))
        program.on_clock(0, clock)
        clock.spend(16.0)  # the main time and a period
        program.on_clock(0, clock)
    finally:
        program.close()
    heard = [line for line in note.read_text().splitlines() if line.startswith(("k", "t", "b"))]
    rules = json.dumps(katago_rules(program.game.rules), separators=(",", ":"))
    assert heard == [
        f"kata-set-rules {rules}",
        "kgs-rules chinese",
        "boardsize 5",
        "komi 7.5",
        "kgs-time_settings byoyomi 5 10 3",
        "time_left black 10 2",
    ]

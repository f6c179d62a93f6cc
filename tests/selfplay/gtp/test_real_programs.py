"""Our engine with real programs: a game against GNU Go, and our own checker on our engine."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from selfplay.gtp.check.examine import examine
from selfplay.gtp.clock import TimeSystem
from tests.long import takes_long
from tests.selfplay.gtp.many_games import GNUGO, played
from tests.selfplay.gtp.referee import Terms, play_game
from tests.selfplay.gtp.talking import command

needs_gnugo = pytest.mark.skipif(
    shutil.which("gnugo", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/games", "/usr/local/games"])) is None,
    reason="GNU Go is not installed (Debian: apt install gnugo)",
)
PACHI = os.environ.get("TENGEN_PACHI", "")


@needs_gnugo
def test_a_game_on_the_clock_with_gnu_go() -> None:
    """Until it is counted or resigned. Our score equals the referee's with the stones we call dead; GNU Go's may differ
    from that with its own list by a neutral point."""
    ours = command("go9-alphazero:16", "--rules", "chinese")
    game = play_game((GNUGO, ours), Terms(9, clock=TimeSystem("absolute", 60.0)))
    assert not game.wrong and game.result[:2] in ("B+", "W+") and not game.result.endswith("T")
    if game.counts:
        assert game.counts["white"] == game.counts["referee with white's dead"], game.board


def test_our_engine_keeps_to_the_protocol() -> None:
    results = examine(command("random"), 60.0, ["protocol"])
    assert [r.line() for r in results if r.outcome != "ok"] == []


@takes_long
@pytest.mark.parametrize("player", ["uct:50", "go9-alphazero:50", "policy:go9-policy"])
def test_our_engine_passes_every_check(player: str) -> None:
    results = examine(command(player), 120.0)
    assert [r.line() for r in results if r.outcome in ("FAIL", "warn")] == []
    assert sum(r.outcome == "ok" for r in results) >= 52


@takes_long
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_sabaki_s_own_library_drives_our_engine(tmp_path: Path) -> None:
    """Games, take-backs, handicap and analysis as Sabaki requests them, through its GTP library from npm."""
    npm = ["npm", "install", "--prefix", str(tmp_path), "--no-audit", "--no-fund", "@sabaki/gtp@3.0.0"]
    if subprocess.run(npm, capture_output=True, timeout=120).returncode:
        pytest.skip("npm cannot install @sabaki/gtp")
    script = str(Path(__file__).with_name("sabaki.js"))
    paths = {**os.environ, "NODE_PATH": str(tmp_path / "node_modules")}
    ours = shlex.split(command("go9-alphazero:32"))
    said = subprocess.run(["node", script, *ours], env=paths, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stdout


@takes_long
@needs_gnugo
def test_games_with_gnu_go_on_every_clock() -> None:
    rows = list(played({"GNU Go": GNUGO}, [9, 13]))
    assert [row for row in rows if row["wrong"] or row["result"].endswith("T")] == []


@takes_long
@pytest.mark.skipif(not PACHI, reason="TENGEN_PACHI is not set to a command that starts Pachi (docs/play.md)")
def test_games_with_pachi_on_every_clock() -> None:
    rows = list(played({"Pachi": f"{PACHI} -t =500 threads=1"}, [9, 13]))
    ours = [row for row in rows if row["result"].endswith("T") and row["result"][0].lower() != row["we_are"][0]]
    assert ours == [] and not any(row["wrong"] for row in rows)

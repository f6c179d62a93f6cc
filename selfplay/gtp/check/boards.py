"""Checks of the board: sizes, moves that every rule set allows or forbids, undo, handicap, records."""

from __future__ import annotations

import tempfile
from pathlib import Path

from envs.go.coords import fixed_handicap, to_vertex
from selfplay.gtp.check.probe import Broken, Probe
from selfplay.gtp.check.report import Group

BOARD = Group("board")
# White's stone on E5 has one liberty left; Black captures it from E4, and White may not recapture on E5 at once.
_KO = ("D4 b", "D5 w", "E3 b", "E6 w", "F4 b", "F5 w", "A1 b", "E4 w", "E5 b")


def begin(engine: Probe, size: int = 9) -> None:
    engine.tell(f"boardsize {size}", "clear_board", "komi 7")


def play(engine: Probe, *moves: str) -> None:
    """Moves like `D4 b`."""
    for move in moves:
        point, colour = move.split()
        engine.tell(f"play {colour} {point}")


@BOARD.should("9x9, 13x13 and 19x19 can be played")
def sizes(engine: Probe) -> None:
    for size in (9, 13, 19):
        begin(engine, size)
        engine.tell(f"play black {to_vertex(size - 1, size)}")  # the upper right corner
        engine.refuses(f"play white {to_vertex(size, size + 1)}")


@BOARD.must("invalid board sizes are refused")
def no_sizes(engine: Probe) -> None:
    engine.refuses("boardsize 0", "boardsize -1", "boardsize 1000")


@BOARD.must("colours and points are accepted in upper and lower case, b and w too")
def spellings(engine: Probe) -> None:
    begin(engine)
    engine.tell("play b A1", "play W c2", "play black D3", "play WHITE e4", "play B F5")


@BOARD.must("there is no column I, and nothing outside the board")
def no_points(engine: Probe) -> None:
    begin(engine)
    engine.refuses("play black I5", "play black K5", "play black A10", "play black A0", "play black A")
    engine.tell("play black J9")


@BOARD.must("an occupied point is refused, and the board is unchanged")
def occupied(engine: Probe) -> None:
    begin(engine)
    engine.tell("play black C3")
    engine.refuses("play white C3", "play black C3")
    engine.tell("play white C4")


@BOARD.must("clear_board empties the board")
def clears(engine: Probe) -> None:
    begin(engine)
    engine.tell("play black E5", "clear_board", "play white E5")


@BOARD.must("a side may play twice in a row")
def twice_running(engine: Probe) -> None:
    begin(engine)
    engine.tell("play black C3", "play black D4", "play white E5", "play white F6")


@BOARD.must("passing is allowed, and a game goes on after two passes")
def passes(engine: Probe) -> None:
    begin(engine)
    engine.tell("play black C3", "play white pass", "play black PASS", "play white D4", "play black E5")


@BOARD.must("captured stones leave the board")
def captures(engine: Probe) -> None:
    begin(engine)
    play(engine, "A1 w", "A2 b", "B1 b")
    engine.tell("play black A1")


@BOARD.must("a chain is captured as a whole")
def captures_chains(engine: Probe) -> None:
    begin(engine)
    play(engine, "A1 w", "B1 w", "C1 w", "A2 b", "B2 b", "C2 b", "D1 b", "B1 b", "A1 b", "C1 b")


@BOARD.must("a ko may not be retaken at once, but later")
def ko(engine: Probe) -> None:
    begin(engine)
    play(engine, *_KO)
    engine.refuses("play white E4")
    play(engine, "J9 w", "J1 b", "E4 w")


@BOARD.must("a single stone cannot kill itself")
def suicide(engine: Probe) -> None:
    begin(engine)
    play(engine, "A2 b", "B1 b")
    engine.refuses("play white A1")
    engine.tell("play black A1")


@BOARD.must("komi may be whole, half, zero and negative")
def komi(engine: Probe) -> None:
    engine.tell("komi 6.5", "komi 7", "komi 0", "komi -3.5", "komi 0.5")


@BOARD.should("undo takes back a move with its captures, and no more moves than were played")
def undo(engine: Probe) -> None:
    engine.need("undo")
    begin(engine)
    engine.refuses("undo")
    play(engine, "A1 w", "A2 b", "B1 b")
    engine.tell("undo")
    engine.refuses("play black A1")
    engine.tell("play black B1", "undo", "undo", "undo")
    engine.refuses("undo")


@BOARD.should("fixed_handicap places the traditional stones")
def fixed(engine: Probe) -> None:
    engine.need("fixed_handicap")
    for size, most in ((9, 9), (13, 9), (19, 9)):
        for stones in (2, 3, 4, 5, most):
            begin(engine, size)
            placed = {word.upper() for word in engine.tell(f"fixed_handicap {stones}").split()}
            wanted = {to_vertex(a, size) for a in fixed_handicap(stones, size)}
            if placed != wanted:
                found, usual = " ".join(sorted(placed)), " ".join(sorted(wanted))
                raise Broken(f"fixed_handicap {stones} on {size}x{size} gave {found}, expected {usual}")
    engine.refuses("fixed_handicap 2")
    begin(engine)
    engine.refuses("fixed_handicap 1", "fixed_handicap 10", "fixed_handicap many")


@BOARD.should("place_free_handicap names the stones it places")
def placed_by_engine(engine: Probe) -> None:
    engine.need("place_free_handicap")
    begin(engine, 19)
    points = engine.tell("place_free_handicap 4").split()
    if not 2 <= len(points) <= 4 or len({p.upper() for p in points}) < len(points):
        raise Broken(f"place_free_handicap 4 was answered {' '.join(points)!r}")
    for point in points:
        engine.refuses(f"play white {point}")


@BOARD.should("set_free_handicap places the given stones, and refuses invalid ones")
def placed_by_us(engine: Probe) -> None:
    engine.need("set_free_handicap")
    begin(engine)
    engine.refuses("set_free_handicap C3 C3", "set_free_handicap", "set_free_handicap C3 Z9", "set_free_handicap C3")
    begin(engine)
    engine.tell("set_free_handicap C3 G7 E5")
    engine.refuses("play white E5", "set_free_handicap A1 B2")
    engine.tell("play white A1")


@BOARD.should("loadsgf loads a record, optionally up to a move, and refuses invalid files")
def records(engine: Probe) -> None:
    engine.need("loadsgf")
    with tempfile.TemporaryDirectory() as folder:
        good, bad = Path(folder) / "good.sgf", Path(folder) / "bad.sgf"
        good.write_text("(;GM[1]FF[4]SZ[9]KM[6.5];B[cc];W[gg];B[ee])")
        bad.write_text("this is no record")
        engine.tell(f"loadsgf {good}")
        engine.refuses("play white E5")
        engine.tell(f"loadsgf {good} 3", "play white E5")
        engine.refuses("play black C7")
        engine.refuses(f"loadsgf {folder}/missing.sgf", f"loadsgf {bad}")


@BOARD.should("showboard shows something")
def shows(engine: Probe) -> None:
    engine.need("showboard")
    begin(engine)
    if engine.tell("showboard").count("\n") < 8:
        raise Broken("showboard is shorter than the board")

"""Records: SGF round trips, archives with garbage in them, and the collections next to the project."""

from __future__ import annotations

import io
import os
import re
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE, IllegalMove
from envs.go import board
from envs.go.archive import Report, read_records
from envs.go.game import Go
from envs.go.records import replay
from envs.go.sgf import BadRecord, GoRecord, Move, parse_result, read_sgf, write_sgf
from tengen.errors import UserError

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
SMALL = b"(;GM[1]FF[4]SZ[9]KM[7]PB[A]PW[B]RE[W+3.5];B[ee];W[cc];B[];W[tt])"


def test_sgf_by_hand() -> None:
    record = read_sgf(SMALL, "x.sgf")
    assert record.size == 9 and record.komi == 7 and record.winner == WHITE and record.margin == 3.5
    assert record.moves == (Move(BLACK, 40), Move(WHITE, 20), Move(BLACK, 81), Move(WHITE, 81))
    *_, last = replay(record)
    assert last["meta"][0, board.END] == board.PASSED and (Go(9).stones(last) != 0).sum() == 2


def test_sgf_there_and_back() -> None:
    random = np.random.default_rng(0)
    moves = tuple(Move(BLACK if k % 2 == 0 else WHITE, int(a)) for k, a in enumerate(random.permutation(81)[:30]))
    record = GoRecord(
        9, moves, 6.5, 0, (), (), BLACK, None, "resignation", "Chinese", "A]\\:B", "Ü", "3d", "9p", "2001"
    )
    assert read_sgf(write_sgf(record)) == record
    handicap = GoRecord(19, (Move(WHITE, 72),), 0.5, 2, (60, 300), (), WHITE, 12.5, "points")
    assert read_sgf(write_sgf(handicap)) == handicap


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("B+3.5", (BLACK, 3.5, "points")),
        ("W+Resign", (WHITE, None, "resignation")),
        ("B+T", (BLACK, None, "time")),
        ("W+F", (WHITE, None, "forfeit")),
        ("B+0,5", (BLACK, 0.5, "points")),
        ("0", (0, 0.0, "points")),
        ("Jigo", (0, 0.0, "points")),
        ("Void", (None, None, "")),
        ("?", (None, None, "")),
        ("", (None, None, "")),
        ("W+", (WHITE, None, "")),
        ("B+nan", (BLACK, None, "")),
    ],
)
def test_results(text: str, expected: tuple[object, ...]) -> None:
    assert parse_result(text) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not SGF"),
        (b"\x00\xff\xfe rubbish", "not SGF"),
        (b"(;GM[1]SZ[9];B[ee", "not SGF"),
        (b"(;GM[1]SZ[99];B[ee])", "not SGF"),
        (b"(;GM[1]SZ[1];B[aa])", "board of 1x1"),
        (b"(;GM[2]SZ[8];B[aa])", "not a game of Go"),
        (b"(;GM[1]SZ[9];B[zz])", "no point of the board"),
        (b"(;GM[1]SZ[9];B[ee];AB[aa])", "set up in the middle"),
        (b"(" * 100_000, "not SGF"),
    ],
)
def test_rubbish_is_a_bad_record(data: bytes, reason: str) -> None:
    with pytest.raises(BadRecord, match=reason):
        read_sgf(data)


def test_an_illegal_record_names_the_move() -> None:
    with pytest.raises(IllegalMove, match="move 3, Black E5: the point is occupied"):
        list(replay(read_sgf(b"(;SZ[9];B[ee];W[cc];B[ee])")))


def test_archives_with_rubbish_inside(tmp_path: Path) -> None:
    members = {"a/good.sgf": SMALL, "a/bad.sgf": b"no", "a/readme.txt": b"hello", "b/GOOD.SGF": SMALL}
    with tarfile.open(tmp_path / "one.tar.xz", "w:xz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    (tmp_path / "three.tar.gz").write_bytes(b"not an archive")
    whole = (tmp_path / "one.tar.xz").read_bytes()
    (tmp_path / "four.tar.xz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "five.sgf").write_bytes(SMALL)
    (tmp_path / "six.zip").write_bytes(b"PK\x03\x04")
    report = Report()
    records = list(read_records(tmp_path, report))
    assert report.read == len(records) == 6  # two from each intact archive, one from the truncated one, one single file
    assert sum(n for reason, n in report.skipped.items() if "damaged" in reason) == 3
    assert sum(n for reason, n in report.skipped.items() if "not SGF" in reason) == 2
    assert "6 games read, 5 left out" in str(report)
    with pytest.raises(UserError, match="no file or folder"):
        list(read_records(tmp_path / "nowhere"))


def test_seven_zip(tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr", reason="7z archives need py7zr")
    with py7zr.SevenZipFile(tmp_path / "x.7z", "w") as archive:
        archive.writestr(SMALL, "x/game.sgf")
    assert len(list(read_records(tmp_path / "x.7z"))) == 1
    (tmp_path / "x.7z").write_bytes(b"7z\xbc\xaf\x27\x1c rubbish")
    report = Report()
    assert list(read_records(tmp_path / "x.7z", report)) == [] and sum(report.skipped.values()) == 1


# Collection, games in the regular tests, games in `make proofs`, and how many of the latter are illegal.
SETS = [
    ("go_9x9/games_9x9_8292.tar.xz", 400, 8292, 0),
    ("go_tom_9d/tom_9d_50956.tar.xz", 300, 5000, 5),
    ("go_kgs_19x19/KGS-2015-19-8133-.tar.gz", 200, 5000, 0),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count", "all_of_it", "illegal"), SETS)
def test_collections_replay(name: str, count: int, all_of_it: int, illegal: int) -> None:
    """The few illegal records are illegal for sgfmill's board too: a ko retaken at once, late in the game."""
    if not (DATA / name).exists():
        pytest.skip(f"shared/data/{name} is not here")
    long = bool(os.environ.get("TENGEN_LONG"))
    report, broken = Report(), []
    for k, record in enumerate(read_records(DATA / name, report)):
        if k == (all_of_it if long else count):
            break
        try:
            for _ in replay(record):
                pass
        except IllegalMove as error:
            broken.append((record, str(error)))
    assert sum(report.skipped.values()) == 0, str(report)
    assert len(broken) == illegal if long else len(broken) <= illegal
    for record, reason in broken:
        found = re.search(r"move (\d+), .*: ko$", reason)
        assert found, reason
        assert sgfmill_calls_it_ko(record, int(found[1])), reason


def sgfmill_calls_it_ko(record: GoRecord, number: int) -> bool:
    from sgfmill.boards import Board

    other, banned = Board(record.size), None
    for move in record.moves[: number - 1]:
        row, column = divmod(move.action, record.size)
        banned = None
        if move.action < record.size**2:
            banned = other.play(record.size - 1 - row, column, "b" if move.colour == BLACK else "w")
    row, column = divmod(record.moves[number - 1].action, record.size)
    return bool(banned == (record.size - 1 - row, column))

"""What the first user of a board would wait for is done before the server is up, and compiling is announced."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numba
import pytest

_PROGRAM = """
import gc
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from selfplay.board import panels
from selfplay.board.asking import ask
from selfplay.board.house import House
from selfplay.board.options import BoardOptions

def compiled():
    return {one: len(one.overloads) for one in gc.get_objects() if isinstance(one, Dispatcher)}

house = House(BoardOptions("random", "go9", you="both", runs=Path("runs")))
house.warm_up()
before = compiled()
s = house.begin()
for record in (b"(;SZ[9]HA[2]KM[0.5]AB[cg][gc];W[ee];B[cc];AW[aa]AE[ee];B[dd])", b"(;SZ[9]RU[Chinese];B[ee];B[cc])"):
    house.open(s, record)
    ask(house, s, {"ask": "step", "value": "last"})
    panels.players(s)
for rules in ("handicap", "none"):
    ask(house, s, {"ask": "new", "value": {"size": "9", "handicap": 2 * (rules == "handicap"), "you": "both"}})
    for wish in ({"ask": "point", "value": 12}, {"ask": "pass"}, {"ask": "pass"}, {"ask": "point", "value": 12}):
        ask(house, s, wish)
        panels.players(s), panels.status(s)
print([one.py_func.__name__ for one, number in compiled().items() if number > before.get(one, 0)])
house.close()
"""


def test_opening_a_record_and_a_handicap_game_compile_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=tmp_path, capture_output=True, text=True, timeout=500)
    assert done.stdout == "[]\n", done.stdout + done.stderr


def test_compiling_is_announced_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from selfplay.board.app import _tell_of_compiling

    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    _tell_of_compiling()
    for offset in (1, 2):
        assert numba.njit(lambda x, offset=offset: x + offset)(1) == 1 + offset
    assert capsys.readouterr().out.count("compiling kernels") == 1  # once

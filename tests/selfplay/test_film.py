"""Films of game records: stones are where they were played, captures vanish, several games are shown side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts.cli import main
from selfplay.film import film_records, is_record
from tengen.errors import UserError

PONNUKI = b"(;GM[1]SZ[5]PB[one]PW[two];B[bc];W[cc];B[cb];W[ee];B[dc];W[ea];B[cd])"


def test_a_captured_stone_leaves_the_picture(tmp_path: Path) -> None:
    (tmp_path / "game.sgf").write_bytes(PONNUKI)
    assert is_record(str(tmp_path / "game.sgf")) and not is_record("go9-alphazero")
    film = film_records(tmp_path / "game.sgf")
    assert "one" in film.caption and "7 moves" in film.caption
    height, width, _ = film.frames[0].shape
    strip, cell = height - width, width / 6.4
    y = x = round((2 + 1.2) * cell)  # C3, the centre
    colours = [
        tuple(int(v) for v in frame[strip + y + round(cell / 4), x + round(cell / 4)]) for frame in film.frames[:8]
    ]
    assert min(colours[2]) > 200 and min(colours[6]) > 200  # white
    assert max(colours[7]) - min(colours[7]) > 60  # wood
    assert np.array_equal(film.frames[-1], film.frames[7])  # the last frame is held


def test_a_match_is_filmed_whole_and_by_game(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "match"
    assert main(["match", "random", "random", "--board", "connect4", "--games", "4", "--out", str(out)]) == 0
    assert main(["watch", str(out)]) == 0
    assert "4 games" in capsys.readouterr().out
    assert (out / "watch.gif").stat().st_size > 3000 and (out / "watch.mp4").stat().st_size > 1000
    assert len(film_records(out, 2).frames) < len(film_records(out).frames) + 20
    assert main(["watch", str(out), "--game", "9"]) == 2
    assert "holds no game 9" in capsys.readouterr().err


HEAD = '{"task": "tictactoe", "first": "a", "second": "b"}'
ROW = '{"number": 0, "first_is_black": true, "result": 1, "actions": %s}'


@pytest.mark.parametrize(
    "text",
    [f"{HEAD}\n{ROW % actions}" for actions in ("[0, 0]", '["x"]', "[99]", "7", "[9e999]")]
    + [f"{HEAD}\n{ROW % [0]}".replace("tictactoe", "chess"), HEAD, "{}"],
)
def test_damaged_games_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "games.jsonl").write_text(text)
    with pytest.raises(UserError):
        film_records(tmp_path)


def test_a_record_of_too_many_moves_is_refused(tmp_path: Path) -> None:
    record = tmp_path / "long.sgf"
    record.write_text("(;SZ[9]" + ";B[];W[]" * 10_001 + ")")
    with pytest.raises(UserError, match="20,002 moves; films have at most 20,000"):
        film_records(record)

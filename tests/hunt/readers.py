"""Feeds parsers of files and replies with corrupted valid input. A parser may only reject it with a `UserError`."""

from __future__ import annotations

import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from envs.go.archive import read_records
from envs.go.game import Go
from envs.go.sgf import read_sgf
from selfplay.checked import check_records
from selfplay.gtp.client import _answer, printable
from selfplay.gtp.desk import Settings
from selfplay.gtp.engine import serve
from selfplay.gtp.session import agreement_of
from selfplay.openings import read_openings
from selfplay.record import GameRecord, read_iteration, write_iteration
from supervised.data import folders, idx
from tengen.errors import UserError
from tengen.files import read_yaml
from tengen.listing import print_runs
from tengen.run import metric_rows
from tests.hunt.mutate import changed, spoilt, value

SGF = b"""(;GM[1]FF[4]CA[UTF-8]SZ[9]KM[6.5]HA[2]RU[Chinese]PB[a]PW[b]RE[W+2.5]AB[cc][gg]
;W[ee]C[good];B[ec](;W[ce];B[];W[tt])(;W[ge]TR[ge]LB[ge:1];B[gc]))"""
GO5 = Go(5, "cgos", komi=0.5)
Made = Callable[[random.Random, Path], Callable[[], None]]


def _refusing(action: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            action()
        except UserError as error:
            said = str(error)
        else:
            said = "nothing was wrong"
        assert said.strip() and len(said) < 5000, "a refusal that says nothing, or too much"

    return run


def sgf(dice: random.Random, folder: Path) -> Callable[[], None]:
    data = spoilt(SGF, dice)
    return _refusing(lambda: read_sgf(data, "spoilt.sgf"))


def archive(dice: random.Random, folder: Path) -> Callable[[], None]:
    stream, kind = io.BytesIO(), dice.choice(("tar", "tar.gz", "tar.xz", "zip"))
    if kind == "zip":
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
            for i in range(3):
                zipped.writestr(f"{i}.sgf", SGF)
    else:
        mode = "w:" + kind.partition(".")[2]
        with tarfile.open(fileobj=stream, mode=mode) as tarred:  # type: ignore[call-overload]
            for i in range(3):
                info = tarfile.TarInfo(f"{i}.sgf")
                info.size = len(SGF)
                tarred.addfile(info, io.BytesIO(SGF))
    data = spoilt(stream.getvalue(), dice)

    def read() -> None:
        path = folder / f"games.{kind}"
        path.write_bytes(data)
        list(read_records(path))

    return _refusing(read)


def pictures(dice: random.Random, folder: Path) -> Callable[[], None]:
    picture, stream = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (8, 8), (9, 99, 200)).save(picture, dice.choice(("PNG", "GIF", "JPEG", "BMP", "WEBP")))
    with zipfile.ZipFile(stream, "w") as zipped:
        for split in ("train", "test"):
            for label in "ab":
                zipped.writestr(f"{split}/{label}/1.png", picture.getvalue())
                zipped.writestr(f"{split}/{label}/2.png", spoilt(picture.getvalue(), dice))
    data = spoilt(stream.getvalue(), dice) if dice.random() < 0.3 else stream.getvalue()

    def read() -> None:
        (folder / "pictures.zip").write_bytes(data)
        folders.read(folder / "pictures.zip", folder / "cache", lambda text: None)

    return _refusing(read)


def idx_file(dice: random.Random, folder: Path) -> Callable[[], None]:
    data = spoilt(b"\0\0\x08\x03" + np.array([2, 4, 4], ">u4").tobytes() + bytes(32), dice)

    def read() -> None:
        (folder / "a-idx3-ubyte").write_bytes(data)
        idx.read_file(folder / "a-idx3-ubyte")

    return _refusing(read)


def yaml(dice: random.Random, folder: Path) -> Callable[[], None]:
    text = b"task: corridor\nsettings: {steps: 100, seed: 1}\nconfig:\n  lr: 1.0\n  layers: [1, 2, &a 3, *a]\n"
    data = spoilt(text, dice)

    def read() -> None:
        (folder / "config.yaml").write_bytes(data)
        read_yaml(folder / "config.yaml")

    return _refusing(read)


def listing(dice: random.Random, folder: Path) -> Callable[[], None]:
    config = {"kind": "agent", "task": "corridor", "agent": "ppo", "settings": {"steps": 100}, "config": {}}
    row, card = {"step": 3, "seconds": 2.0, "score": 1.5}, {"mean": 1.0, "ci95": [0.5, 1.5], "episodes": 3}
    written = {"config.yaml": config, "metrics.jsonl": row, "eval/card.json": card}
    files = {name: json.dumps(tree).encode() + b"\n" for name, tree in written.items()}
    name = dice.choice(list(files))
    if dice.random() < 0.5:
        files[name] = json.dumps(changed(written[name], dice)).encode("utf-8", "surrogatepass")
    else:
        files[name] = spoilt(files[name], dice)

    def read() -> None:
        for file, data in files.items():
            (folder / "runs" / "one" / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / "runs" / "one" / file).write_bytes(data)
        print_runs(folder / "runs")
        metric_rows(folder / "runs" / "one" / "metrics.jsonl")

    return _refusing(read)


def answers(dice: random.Random, folder: Path) -> Callable[[], None]:
    data = spoilt(b"hello\n=1 E5\n\n? no\n\n= \n\n", dice)

    def read() -> None:
        answer = _answer(data)
        assert answer is None or (answer[0] in "=?" and printable(answer[1]).isprintable())

    return read


_KNOWN = """name version list_commands boardsize komi clear_board play genmove undo fixed_handicap place_free_handicap
set_free_handicap time_settings time_left final_score final_status_list showboard known_command loadsgf reg_genmove
kgs-rules kgs-time_settings lz-analyze kata-analyze kata-set-rules kata-get-rules quit protocol_version"""
_SAID = """black white b w A1 E5 J9 T19 Z99 pass resign 5 9 19 25 0 -1 dead alive seki nowhere.sgf chinese interval"""
_COMMANDS, _WORDS = _KNOWN.split(), _SAID.split()


def engine(dice: random.Random, folder: Path) -> Callable[[], None]:
    lines = []
    for i in range(dice.randrange(1, 25)):
        words = [dice.choice(_COMMANDS), *(dice.choice(_WORDS) for _ in range(dice.randrange(4)))]
        if dice.random() < 0.3:
            words[dice.randrange(len(words))] = value(dice)[:300]
        lines.append((f"{i} " if dice.random() < 0.5 else "") + " ".join(words))
    data = ("boardsize 5\n" + "\n".join(lines) + "\nquit\n").encode("utf-8", "surrogatepass")
    data = spoilt(data, dice) if dice.random() < 0.3 else data

    def run() -> None:
        out = io.BytesIO()
        serve(Settings("uct:8", 5, agreement_of("tromp-taylor", None), folder, seconds=0.02), io.BytesIO(data), out)
        text = out.getvalue().decode()
        assert all(part[:1] in "=?" for part in text.split("\n\n") if part.strip()), f"no answer: {text!r}"

    return run


def opening(dice: random.Random, folder: Path) -> Callable[[], None]:
    data = spoilt(b"A1 B2 C3\nE5 D4 # a comment\nC3, C4\n", dice)

    def read() -> None:
        (folder / "openings.txt").write_bytes(data)
        read_openings(GO5, folder / "openings.txt")

    return _refusing(read)


def games(dice: random.Random, folder: Path) -> Callable[[], None]:
    half = np.float16
    good = GameRecord(1, 0, 0.5, np.array([3, 4], np.int16), np.ones(2, bool), np.ones((2, 26), half) / 26,
                      np.zeros(2, np.float32), 1.0, 3.5, np.zeros(25, np.int8), "points")  # fmt: skip
    path = write_iteration(folder / "records", 0, [good, good])
    if dice.random() < 0.5:
        data = spoilt(path.read_bytes(), dice)
    else:  # well-formed, with other numbers
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        name = dice.choice(list(arrays))
        kind = dice.choice(("i2", "i8", "f4", "f8", "u1", "?", "U3"))
        numbers = np.array([dice.choice((0, 1, -1, 26, 30_000, 2)) for _ in range(dice.randrange(60))])
        arrays[name] = numbers.astype(kind)
        stream = io.BytesIO()
        np.savez(stream, **arrays)
        data = stream.getvalue()

    def read() -> None:
        path.write_bytes(data)
        try:
            check_records([GO5], read_iteration(path))
        except ValueError:
            return

    return _refusing(read)


READERS: dict[str, Made] = {
    "SGF": sgf,
    "archives of games": archive,
    "archives of pictures": pictures,
    "IDX files": idx_file,
    "YAML": yaml,
    "tengen runs": listing,
    "GTP from a program": answers,
    "GTP to the engine": engine,
    "openings": opening,
    "records of self-play": games,
}

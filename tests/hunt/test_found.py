"""Regression tests for what the hunt has found."""

from __future__ import annotations

import io
import json
import os
import struct
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from scripts.cli import main
from selfplay.gtp.inbox import Inbox
from selfplay.openings import read_openings
from selfplay.record import GameRecord, read_iteration, write_iteration
from supervised.data import folders
from supervised.data.pictures import binary_pictures
from supervised.trained import net_of_run
from tengen.checkpoint import write_checkpoint
from tengen.errors import UserError
from tengen.run import Run
from tests.hunt.readers import GO5


def rewritten(folder: Path, **arrays: np.ndarray) -> Path:
    """A record file with other arrays."""
    moves, full, policy = np.array([3], np.int16), np.ones(1, bool), np.ones((1, 26), np.float16)
    value, owner = np.zeros(1, np.float32), np.zeros(25, np.int8)
    one = GameRecord(1, 0, 0.5, moves, full, policy, value, 1.0, 3.5, owner, "points")
    path = write_iteration(folder, 0, [one])
    with np.load(path, allow_pickle=False) as file:
        found = dict(file) | arrays
    stream = io.BytesIO()
    np.savez(stream, **found)
    path.write_bytes(stream.getvalue())
    return path


def encrypted(path: Path) -> Path:
    data = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):  # flags field of the first member
        data[data.index(sign) + at] |= 1
    path.write_bytes(data)
    return path


def test_records_with_numbers_that_are_texts(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="damaged"):
        read_iteration(rewritten(tmp_path, result=np.array(["won"])))


def test_records_with_numbers_that_are_too_large(tmp_path: Path) -> None:
    read_iteration(rewritten(tmp_path, ownership=np.full(25, 300)))  # cast on reading: the boards reject them later
    with pytest.raises(UserError, match="damaged"):
        read_iteration(rewritten(tmp_path, ownership=np.array(["300"] * 25)))


def test_records_behind_a_password(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="damaged .*encrypted"):
        read_iteration(encrypted(rewritten(tmp_path)))


HEADERS = [b"{'descr': '<f8', 'shape': (3,\n", b"{\n}\n  1\n 2\n"]  # tokenize.TokenError, IndentationError


def damaged_array(header: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def damaged_file(path: Path, kind: str) -> Path:
    """A .npz with unreadable arrays, or not an .npz at all."""
    packed, plain = io.BytesIO(), io.BytesIO()
    np.save(plain, np.arange(5000))
    method = zipfile.ZIP_LZMA if kind == "lzma" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(packed, "w", method) as file:
        for name in ("train", "number"):
            of = (
                damaged_array(HEADERS[0 if kind == "open" else 1]) if kind in ("open", "indented") else plain.getvalue()
            )
            file.writestr(f"{name}.npy", of)
    data = bytearray(packed.getvalue())
    if kind in ("deflate", "lzma"):
        for name in (b"train.npy", b"number.npy"):
            at = data.index(name) + len(name) + 5
            data[at : at + 8] = b"\xff" * 8
    path.write_bytes(plain.getvalue() if kind == "plain" else bytes(data))
    return encrypted(path) if kind == "password" else path


@pytest.mark.parametrize("kind", ["open", "indented", "deflate", "lzma", "password", "plain"])
def test_arrays_that_cannot_be_unpacked(kind: str, tmp_path: Path) -> None:
    path = damaged_file(tmp_path / "bits.npz", kind)
    with pytest.raises(UserError, match="damaged"):
        read_iteration(path)
    with pytest.raises(UserError, match="should hold arrays train, valid and test"):
        binary_pictures(str(path), print)


@pytest.mark.parametrize("header", HEADERS)
def test_a_cache_of_pictures_whose_headers_are_spoilt(header: bytes, tmp_path: Path) -> None:
    for split in ("train", "test"):
        for label in ("a", "b"):
            (tmp_path / "data" / split / label).mkdir(parents=True)
            Image.new("RGB", (4, 4)).save(tmp_path / "data" / split / label / "1.png")
    folders.read(tmp_path / "data", tmp_path / "cache", print)
    (kept,) = (tmp_path / "cache").iterdir()
    (kept / "train-labels.npy").write_bytes(damaged_array(header))
    with pytest.raises(UserError, match="are damaged"):
        folders.read(tmp_path / "data", tmp_path / "cache", print)


def test_a_refusal_does_not_repeat_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "openings.txt").write_text("a" * 50_000)
    with pytest.raises(UserError) as refused:
        read_openings(GO5, tmp_path / "openings.txt")
    assert len(str(refused.value)) < 1000 and "aaa…aaa" in str(refused.value)


def test_an_engine_whose_output_is_closed_already(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[object] = []
    ended = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda args: (failed.append(args.exc_value), ended.set()))
    with Path(os.devnull).open("wb") as out:
        pass
    assert Inbox(io.BytesIO(b"name\n"), out).get() == b"name\n"
    assert not ended.wait(0.5), failed


def test_a_path_that_is_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "go9-policy", "--records", "[" * 3000]) == 2
    assert "at most 255 bytes" in capsys.readouterr().err


ODD: list[dict[str, Any]] = [
    {"network": 7, "weights": {}},
    {"network": {"trunk": None}, "weights": {}},
    {"network": {}, "step": 1},
    {"weights": {"a": torch.zeros(1)}},
    {"network": {"trunk": {"kind": "mlp"}, "heads": []}, "weights": {}},
]


DEEP = "a/" * 2000
REFUSED = [
    (["train", "text", "--steps", "5", "--schedule", "5."], "is not one of constant, step, cosine, one-cycle"),
    (["train", "digits", "--learner", "tree", "--learner", "lr=1"], "no learner named 'lr=1'"),
    (["rate", "random", "uct:2", "uct:4", "--board", "tictactoe", "--out", DEEP], "2,000 folders deep"),
    (["match", "random", "uct:2", "--board", "tictactoe", "--out", DEEP], "2,000 folders deep"),
    (["train", "bandit", "--steps", "8", "--runs", DEEP], "2,000 folders deep"),
]


@pytest.mark.parametrize(("typed", "said"), REFUSED)
def test_a_command_that_ended_in_a_traceback(
    typed: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*typed, *(["--wandb", "off"] if typed[0] == "train" else [])]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_in_place_of_a_matchs_games(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "games.jsonl").mkdir()
    assert main(["match", "random", "uct:2", "--board", "tictactoe", "--out", str(tmp_path)]) == 2
    assert "games.jsonl: not a file" in capsys.readouterr().err


def test_a_game_of_a_rating_whose_number_is_none(tmp_path: Path) -> None:
    rate = ["rate", "random", "uct:2", "--board", "tictactoe", "--games", "2", "--out", str(tmp_path)]
    assert main(rate) == 0
    (file,) = tmp_path.glob("*/games.jsonl")
    file.write_text(file.read_text().replace('"number": 0', '"number": [1]'))
    assert main(rate) in (0, 2)


@pytest.mark.parametrize("tree", ODD)
def test_a_network_out_of_a_checkpoint_that_holds_none(tree: dict[str, Any], tmp_path: Path) -> None:
    run = Run.create(tmp_path, "run", {"task": "catch"}, {})
    write_checkpoint(run.checkpoint_folder, 5, tree)
    with pytest.raises(UserError):
        net_of_run(run.path)


@pytest.mark.slow
def test_a_run_is_verified_from_a_damaged_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["--steps", "1024", "--final-games", "0", "--checkpoint-seconds", "0", "--wandb", "off", "--threads", "1"]
    assert main(["train", "bandit", *few, "--runs", str(tmp_path)]) == 0
    (run,) = tmp_path.iterdir()
    for damaged in sorted((run / "checkpoints").glob("step-*")):
        whole = (damaged / "tree.json").read_bytes()
        (damaged / "tree.json").write_text(json.dumps({"step": [[1]]}))
        assert main(["resume", "--verify", str(run)]) == 2
        assert "cannot be verified" in capsys.readouterr().err
        (damaged / "tree.json").write_bytes(whole)
    assert main(["resume", "--verify", str(run)]) == 0

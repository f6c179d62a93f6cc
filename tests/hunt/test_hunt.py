"""The quick part of the hunt: a fixed seed and a few inputs of each kind; and that it finds planted faults."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.hunt import readers
from tests.hunt.__main__ import Hunt
from tests.hunt.__main__ import main as hunt
from tests.hunt.forks import Ended, run, run_all

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in readers.READERS if kind != "GTP to the engine"])
def test_readers_refuse_what_is_spoilt(kind: str, tmp_path: Path) -> None:
    made = [readers.READERS[kind](random.Random(f"0 {kind} {i}"), tmp_path) for i in range(30)]
    assert [(i, ended.said[-500:]) for i, ended in run_all(made, tmp_path, 10.0)] == []


@pytest.mark.slow
def test_commands_end_as_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the first hundred. Trainings may not survive a process fork and are left to `make hunt`."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    asked = [sys.executable, "-m", "tests.hunt.few_commands", str(tmp_path / "work")]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    guilty = json.loads(done.stdout.splitlines()[-1])
    assert guilty == {}
    assert {p.name for p in tmp_path.iterdir()} <= {"work", "home"}


def fails() -> int:
    raise RuntimeError("a mistake of ours")


def crashes() -> int:
    os.abort()


def hangs() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    time.sleep(600)
    return 0


def is_in_a_long_step() -> int:
    from tengen.drive import Stop

    with Stop():
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            return 130
    return 0


@pytest.mark.parametrize(
    ("action", "guilt"),
    [
        (fails, "traceback"),
        (crashes, "signal 6"),
        (hangs, "hang"),
        (is_in_a_long_step, ""),
        (lambda: 3, "exit status 3"),
        (lambda: 2, "refused without a word"),
        (lambda: 0, ""),
    ],
)
def test_the_hunt_knows_guilt(action: object, guilt: str, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    seconds, patience = (3.0, 0.3) if action in (hangs, is_in_a_long_step) else (60.0, 60.0)
    assert run(action, tmp_path / "work", seconds, patience).guilt() == guilt  # type: ignore[arg-type]


def test_an_interrupted_hunt_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    children: list[int] = []

    def interrupted(seconds: float) -> None:
        if (tmp_path / "work" / "written").exists():
            children.append(int((tmp_path / "work" / "pid").read_text()))
            raise KeyboardInterrupt

    def waits() -> int:
        Path("pid").write_text(str(os.getpid()))
        Path("written").touch()
        time.sleep(600)
        return 0

    monkeypatch.setattr("tests.hunt.forks.time", SimpleNamespace(monotonic=time.monotonic, sleep=interrupted))
    with pytest.raises(KeyboardInterrupt):
        run(waits, tmp_path / "work", 600.0)
    with pytest.raises(ProcessLookupError):
        os.kill(children[0], 0)


def test_one_input_that_crashes_is_named_and_the_rest_is_fed(tmp_path: Path) -> None:
    fed = tmp_path / "fed"

    def feeds(i: int) -> None:
        with fed.open("a") as file:
            file.write(f"{i} ")
        if i == 2:
            crashes()
        if i == 4:
            fails()

    guilty = run_all([lambda i=i: feeds(i) for i in range(6)], tmp_path, 10.0)  # type: ignore[misc]
    assert [i for i, _ in guilty] == [2, 4] and fed.read_text().split() == list("012345")


@pytest.mark.parametrize(
    ("kind", "typed", "guilty"),
    [
        ("commands", ["train", "--runs", "../other/passwd"], False),
        ("commands", ["train"], True),
        ("damaged folders", ["resume", "RUN"], True),
    ],
)
def test_what_is_written_beside_was_asked_for(kind: str, typed: list[str], guilty: bool, tmp_path: Path) -> None:
    made = Hunt(tmp_path, 0, "")
    (tmp_path / "other").mkdir()
    made._judge(kind, typed, Ended(0, "", 0.1, 1.0, False), tmp_path / "work")
    assert [found["guilt"] for found in made.found] == ["wrote ['other']"] * guilty
    assert not (tmp_path / "other").exists(), "the next is not blamed for it"


def test_a_kind_that_there_is_not_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["hunt", "--only", "typo"])
    assert hunt() == 2 and "--only typo: there is no such kind" in capsys.readouterr().err

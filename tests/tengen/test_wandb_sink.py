"""The mirror at Weights & Biases: offline it is a folder, it says nothing of its own, and it never stops a training."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tengen.wandb_sink import WandbSink

ROOT = Path(__file__).resolve().parent.parent.parent
MIRROR = """
import sys
from pathlib import Path
from tengen.wandb_sink import WandbSink
folder = Path("catch-s1")
(folder / "eval").mkdir(parents=True)
sink = WandbSink("auto", folder, {"task": "catch"}, lambda text: sys.exit(text))
sink.row({"seconds": 0.0, "step": 1, "score": 1.0})
sink.close({"mean": 1.0})
import os, wandb
from tengen.wandb_sink import _logged_in
wandb.teardown()
Path(os.environ["NETRC"]).write_text("machine api.wandb.ai login user password " + "0" * 40)
print(_logged_in(wandb))
"""


@pytest.mark.slow
def test_an_offline_mirror_is_silent(tmp_path: Path) -> None:
    """No deprecation, no advertisement; `auto` is offline without credentials, which a .netrc has."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WANDB_")}
    clean |= {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "NETRC": str(tmp_path / "netrc")}
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", MIRROR],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout.strip(), done.stderr) == ("True", "")
    assert list((tmp_path / "catch-s1" / "wandb").glob("offline-run-*/run-*.wandb"))


class Broken:
    """A module `wandb` that fails at the n-th thing asked of it."""

    def __init__(self, failing: str) -> None:
        self.failing, self.logged, self.saved = failing, [], []
        self.summary: dict[str, Any] = {}

    def Settings(self, **_: Any) -> None: ...  # noqa: N802

    def Video(self, path: str, format: str) -> str:  # noqa: N802
        return path

    Image = staticmethod(str)

    def init(self, **_: Any) -> Broken:
        return self._done("init")

    def log(self, row: dict[str, Any], step: int = 0) -> None:
        self._done("log")
        self.logged.append(row)

    def save(self, pattern: str, **_: Any) -> None:
        self.saved.append(pattern)

    def finish(self) -> None:
        self._done("finish")

    def _done(self, what: str) -> Broken:
        if what == self.failing:
            raise SystemExit("no space left\nand a long story")
        return self


def mirrored(fake: Broken, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setitem(sys.modules, "wandb", fake)  # type: ignore[arg-type]
    said: list[str] = []
    sink = WandbSink("offline", folder, {}, said.append)
    for seconds in (0.0, 5.0, 30.0):
        sink.row({"seconds": seconds, "step": 1})
    sink.close({"mean": 1.0})
    return said


@pytest.mark.parametrize("failing", ["init", "log", "finish"])
def test_a_failure_is_said_once(failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = mirrored(Broken(failing), tmp_path, monkeypatch)
    assert line == "Weights & Biases is off for this run (no space left); metrics.jsonl has everything"


def test_card_films_pictures_and_games_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("eval/watch.mp4", "curve.png", "pictures/filters.png", "sgf/1.sgf"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    fake = Broken("nothing")
    assert mirrored(fake, tmp_path, monkeypatch) == []
    assert [row for row in fake.logged if "seconds" in row] == [{"seconds": s, "step": 1} for s in (0.0, 30.0)]
    assert fake.summary == {"card/mean": 1.0}
    assert {"video/watch", "picture/curve", "picture/filters"} <= {name for row in fake.logged for name in row}
    assert fake.saved == [str(tmp_path / "sgf" / "*.sgf")]

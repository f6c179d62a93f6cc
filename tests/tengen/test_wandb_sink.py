"""The Weights & Biases mirror: offline it is a folder, it prints nothing of its own, and it never stops a training."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tengen.checkpoint import write_checkpoint
from tengen.wandb_sink import WandbSink, trained_model
from tests.long import takes_long

ROOT = Path(__file__).resolve().parent.parent.parent
MIRROR = """
import sys
import threading
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
    """No deprecation warnings or adverts; `auto` is offline without credentials, which may be in .netrc."""
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


TRIAL = """
from pathlib import Path
import torch
from tengen.checkpoint import write_checkpoint
from tengen.wandb_sink import WandbSink
folder = Path("catch-sweep-1/trial-003")
folder.mkdir(parents=True)
(folder.parent / "sweep.json").touch()
write_checkpoint(folder / "checkpoints", 7, {"network": {"heads": {}}, "weights": {"w": torch.ones(2)}})
sink = WandbSink("offline", folder, {"kind": "agent", "task": "catch", "agent": "ppo"}, print, artifacts=True)
sink.row({"seconds": 0.0, "step": 1, "worker/0/rate": 5.0, "worker/0/memory": 120.0})
sink.close({"mean": 1.0})
"""


def records(file: Path) -> list[Any]:
    """The contents of a .wandb file: LevelDB's log format, 32 KB blocks of records with a header of 7 bytes."""
    from wandb.proto import wandb_internal_pb2 as proto

    data, at, found, parts = file.read_bytes(), 7, [], b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        size, part = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        parts += data[at + 7 : at + 7 + size]
        at += 7 + size
        if part in (1, 4):  # a full record, or the last part of one
            found.append(proto.Record.FromString(parts))
            parts = b""
    return found


@pytest.mark.slow
def test_a_trial_belongs_to_its_sweep_and_leaves_its_network_as_an_artifact(tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WANDB_")}
    clean |= {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PWD": str(tmp_path)}
    command = [sys.executable, "-c", TRIAL]
    done = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
    folder = tmp_path / "catch-sweep-1" / "trial-003"
    (file,) = (folder / "wandb").glob("offline-run-*/run-*.wandb")
    found = records(file)
    (run,) = [record.run for record in found if record.HasField("run")]
    assert (run.run_id, run.run_group, run.display_name) == ("catch-sweep-1-trial-003", "catch-sweep-1", "trial-003")
    columns = {"/".join(item.nested_key) or item.key for r in found for item in r.history.item}
    assert {"worker/0/rate", "worker/0/memory"} <= columns
    (artifact,) = [r.request.log_artifact.artifact for r in found if r.request.HasField("log_artifact")] or [
        record.artifact for record in found if record.HasField("artifact")
    ]
    assert (artifact.name, artifact.type) == ("catch-sweep-1-trial-003-model", "model")
    contents = {entry.path: Path(entry.local_path) for entry in artifact.manifest.contents}
    assert contents.keys() == {"card.json", "network.json", "weights.safetensors"}
    assert all(path.is_file() and path.is_relative_to(folder) for path in contents.values()), (
        "as `wandb sync` needs them"
    )


def test_the_network_of_a_run_lies_as_in_the_zoo(tmp_path: Path) -> None:
    from supervised.nets.catalogue import trunk_spec
    from supervised.nets.headed import build, load_network

    assert trained_model(tmp_path, None) is None
    net = build({"trunk": trunk_spec("mlp", (3,)), "heads": {"q": 2}}, 1)
    tree = {"network": net.spec, "weights": dict(net.state_dict())}
    write_checkpoint(tmp_path / "checkpoints", 7, tree)
    model = trained_model(tmp_path, {"mean": 1.0})
    assert model is not None
    assert str(load_network(model).state_dict()) == str(net.state_dict())


class Broken:
    """A `wandb` module that fails on its n-th use."""

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


@pytest.mark.parametrize("then", ["row", "close"])
def test_a_failure_after_its_row_is_said(then: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(Broken):
        def log(self, row: dict[str, Any], step: int = 0) -> None:
            may_fail.wait()
            super().log(row, step)

    may_fail = threading.Event()
    monkeypatch.setitem(sys.modules, "wandb", Late("log"))  # type: ignore[arg-type]
    said: list[str] = []
    sink = WandbSink("offline", tmp_path, {}, said.append)
    sink.row({"seconds": 0.0, "step": 1})
    assert said == []
    may_fail.set()
    deadline = time.monotonic() + 60.0
    while not sink._off and time.monotonic() < deadline:
        time.sleep(0.01)
    if then == "row":
        sink.row({"seconds": 30.0, "step": 2})
    else:
        sink.close(None)
    (line,) = said
    assert line.startswith("Weights & Biases is off for this run")


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


@pytest.mark.parametrize("silent", ["init", "log", "finish"])
def test_nobody_waits_for_a_server_that_is_silent(silent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Broken):
        def _done(self, what: str) -> Broken:
            if what == silent:
                forever.wait()
            return self

    forever = threading.Event()
    monkeypatch.setattr("tengen.wandb_sink._START", 0.2)
    monkeypatch.setattr("tengen.wandb_sink._END", 0.2)
    (tmp_path / "wandb" / "run-1").mkdir(parents=True)
    (line,) = mirrored(Silent("nothing"), tmp_path, monkeypatch)  # it returns
    forever.set()
    assert "did not take everything" in line and line.endswith(f"wandb sync {tmp_path / 'wandb' / 'run-1'}")


SILENT = """
import os, socket, sys, threading
from pathlib import Path
import tengen.wandb_sink
server = socket.create_server(("127.0.0.1", 0))
held = []
threading.Thread(target=lambda: [held.append(server.accept()) for _ in range(1000)], daemon=True).start()
os.environ |= {"WANDB_BASE_URL": f"http://127.0.0.1:{server.getsockname()[1]}", "WANDB_API_KEY": "0" * 40}
tengen.wandb_sink._START = tengen.wandb_sink._END = 3.0
sink = tengen.wandb_sink.WandbSink("auto", Path("catch-s1"), {}, print)
sink.row({"seconds": 0.0, "step": 1})
sink.close({"mean": 1.0})
"""


@takes_long
def test_a_real_mirror_with_a_silent_server_ends(tmp_path: Path) -> None:
    """It reports that it uploads and what it could not; no process stays behind, and Python's exit does not wait."""
    (tmp_path / "catch-s1").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SILENT],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,  # without deadlines it took 290 s
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("uploads to Weights & Biases") and "wandb sync catch-s1/wandb/run-" in second
    assert (done.returncode, done.stderr) == (0, "")

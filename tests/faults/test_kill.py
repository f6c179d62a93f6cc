"""kill -9 at random moments, damage, full disks, two processes on one run: nothing is lost and nothing crashes."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tengen.checkpoint import checkpoints, read_checkpoint
from tengen.metrics import same_metrics
from tengen.run import read_rows
from tests.faults import trainings
from tests.faults.resumed import ENVIRONMENT, after_a_checkpoint, command, only_run, train_killed, train_whole, unlike
from tests.faults.trainings import WAY
from tests.long import takes_long

COMMON = [*trainings.COMMON, *WAY, "--checkpoint-seconds", "0"]
AGENT = ["--final-games", "0"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "options"),
    [
        pytest.param(
            "catch", [*AGENT, "--agent", "dqn", "--steps", "9000", "--learning-starts", "200"], marks=takes_long
        ),
        pytest.param(
            "pong",
            [*AGENT, "--agent", "ppo", "--steps", "4000", "--games", "8", "--rollout", "32", "--reseed-every", "2500"],
            marks=takes_long,
        ),
        (
            "tictactoe",
            [
                "--steps",
                "3000",
                "--positions-per-turn",
                "256",
                "--boards",
                "16",
                "--simulations",
                "8",
                "--rate-games",
                "4",
                "--rate-every",
                "1",
            ],
        ),
        pytest.param(
            "digits",
            ["--net", "vgg", "--dropout", "0.2", "--epochs", "8", "--ema", "0.99", "--mixup", "0.2"],
            marks=takes_long,
        ),
    ],
)
def test_killed_and_resumed_equals_uninterrupted(task: str, options: list[str], tmp_path: Path) -> None:
    whole, _ = train_whole([task, *COMMON, *options], tmp_path / "whole")
    dice = random.Random(7)
    moments = [partial(after_a_checkpoint, dice.uniform(0.0, 0.6)) for _ in range(2)]
    kills = train_killed([task, *COMMON, *options], tmp_path / "killed", moments)
    assert kills and [kill.complaints() for kill in kills] == [[] for _ in kills]
    assert unlike(whole, only_run(tmp_path / "killed")) == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    done = subprocess.run(
        command("train", "corridor", *COMMON, *AGENT, "--steps", "4000", "--runs", str(folder)),
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    return only_run(folder)


def resume(run: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command("resume", str(run)), env=ENVIRONMENT, capture_output=True, text=True, check=False)


def copied(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run, tmp_path / run.name))


def test_the_newest_is_damaged(finished: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    newest = checkpoints(run / "checkpoints")[-1][1]
    (newest / "state.safetensors").write_bytes(b"")
    before = [same_metrics(row) for row in read_rows(finished / "metrics.jsonl")]
    done = resume(run)
    assert done.returncode == 0, done.stderr
    assert "skipped a damaged checkpoint" in (run / "train.log").read_text()
    assert [same_metrics(row) for row in read_rows(run / "metrics.jsonl")] == before


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.yaml", "task: [", "cannot be read"),
        ("config.yaml", "- 1", "contains no settings"),
        ("config.yaml", "!!python/object/apply:os.system ['touch pwned']", "cannot be read"),
        ("config.yaml", "task: corridor\nagent: ppo\n", "missing or invalid"),
    ],
)
def test_a_damaged_config_is_one_line(finished: Path, tmp_path: Path, file: str, content: str, message: str) -> None:
    run = copied(finished, tmp_path)
    (run / file).write_text(content)
    done = resume(run)
    assert done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1
    assert not Path("pwned").exists()


def test_another_network_than_the_checkpoint_is_refused(finished: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    config = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(config.replace("task: corridor", "task: bandit"))
    done = resume(run)
    assert done.returncode == 2 and "does not fit" in done.stderr and done.stderr.count("\n") == 1


def test_no_checkpoint_left(finished: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    shutil.rmtree(run / "checkpoints")
    done = resume(run)
    assert done.returncode == 2 and "no usable checkpoint" in done.stderr


def test_two_at_once_are_refused(finished: Path, tmp_path: Path) -> None:
    import fcntl

    run = copied(finished, tmp_path)
    with (run / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = resume(run)
    assert done.returncode == 2 and "another process" in done.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        command("train", "bandit", "--wandb", "off", "--runs", str(tmp_path / "file" / "runs")),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "use --runs FOLDER" in done.stderr and "Traceback" not in done.stderr


def test_a_full_disk_keeps_the_last_checkpoint(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tengen.errors import UserError
    from tengen.session import resume as resume_here

    run = copied(finished, tmp_path)
    for _, path in checkpoints(run / "checkpoints")[1:]:
        shutil.rmtree(path)
    (kept, _) = checkpoints(run / "checkpoints")[0]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tengen.run.write_checkpoint", full)
    with pytest.raises(UserError, match=f"No space left on device.*from step {kept}"):
        resume_here(run, {}, {}, lambda *_: None, print)
    assert [step for step, _ in checkpoints(run / "checkpoints")] == [kept]
    read_checkpoint(checkpoints(run / "checkpoints")[0][1])


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(
            "train", "corridor", "--wandb", "off", "--threads", "1", "--steps", "100000000", "--runs", str(tmp_path)
        ),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in range(200):
        if list(tmp_path.glob("*/metrics.jsonl")) and only_run(tmp_path).joinpath("metrics.jsonl").stat().st_size > 500:
            break
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and "tengen resume" in out
    step, path = checkpoints(only_run(tmp_path) / "checkpoints")[-1]
    assert read_checkpoint(path)["step"] == step


@pytest.mark.parametrize("failure", ["absent", "offline", "breaks"])
def test_weights_and_biases(failure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tengen.wandb_sink import WandbSink

    said: list[str] = []
    row = {"step": 1, "seconds": 20.0, "score": 1.0}
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    if failure == "absent":
        monkeypatch.setitem(sys.modules, "wandb", None)
    sink = WandbSink("offline", tmp_path, {"a": 1}, said.append)
    if failure == "breaks":
        sink._run.finish()
        monkeypatch.setattr(sink._run, "log", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("gone")))
    sink.row(row)
    sink.row(row | {"step": 2, "seconds": 50.0})
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "pictures" / "filters.png")
    (tmp_path / "sgf").mkdir()
    (tmp_path / "sgf" / "step-1-best.sgf").write_text("(;SZ[9])")
    sink.close({"mean": 1.0})
    if failure == "offline":
        assert said == [] and list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
        kept = {path.name for path in tmp_path.glob("wandb/offline-run-*/files/**/*") if path.is_file()}
        assert any(name.startswith("filters") for name in kept) and "step-1-best.sgf" in kept
    else:
        assert len(said) == 1 and "metrics.jsonl has everything" in said[0]


def test_metrics_rows_cut_by_a_kill_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(json.dumps({"step": 1}) + "\n" + '{"step": 2, "sco')
    assert read_rows(path) == [{"step": 1}]

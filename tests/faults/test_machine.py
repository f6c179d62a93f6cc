"""The machine misbehaves during training: it is suspended, its disk fills up, its clock goes back."""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tengen.checkpoint import checkpoints, differences, read_checkpoint
from tests.faults.resumed import ENVIRONMENT, ROOT, command, only_run
from tests.faults.test_kill import AGENT, COMMON
from tests.long import takes_long

_PACKAGES = ("agents", "capstones", "envs", "scripts", "selfplay", "supervised", "tengen")


def _can_mount() -> bool:
    unshare = shutil.which("unshare")
    tried = [unshare or "", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return bool(unshare) and subprocess.run(tried, capture_output=True, check=False).returncode == 0


@takes_long
def test_a_training_that_was_stopped_for_a_while_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    training = ["train", "corridor", *COMMON, *AGENT, "--steps", "60000"]
    subprocess.run(
        command(*training, "--runs", str(tmp_path / "whole")), env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL
    )
    stopped = tmp_path / "stopped"
    process = subprocess.Popen(command(*training, "--runs", str(stopped)), env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    while not list(stopped.glob("*/checkpoints/step-*/sums.json")) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGSTOP)
    assert process.poll() is None, "too short a training to be stopped"
    time.sleep(3)
    process.send_signal(signal.SIGCONT)
    assert process.wait(300) == 0
    one, other = (checkpoints(only_run(tmp_path / name) / "checkpoints")[-1] for name in ("whole", "stopped"))
    assert one[0] == other[0] and differences(read_checkpoint(one[1]), read_checkpoint(other[1])) == []


@takes_long
@pytest.mark.skipif(not _can_mount(), reason="cannot mount a file system here (unshare -rm mount -t tmpfs)")
def test_a_disk_that_fills_up_costs_one_line_and_no_checkpoint(tmp_path: Path) -> None:
    """A real file system of 500 kB: the training stops, and resumes once there is room."""
    train = " ".join(command("train", "catch", *COMMON, *AGENT, "--agent", "dqn", "--steps", "6000", "--runs", "."))
    resume = " ".join(command("resume", "last", "--runs", "."))
    done = subprocess.run(
        [
            "unshare",
            "-rm",
            "sh",
            "-c",
            f"mount -t tmpfs -o size=500k tmpfs {tmp_path} && cd {tmp_path} && {train}; echo status $?;"
            f" mount -o remount,size=300m {tmp_path}; {resume}; echo status $?",
        ],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert re.findall(r"status (\d+)", done.stdout) == ["2", "0"], said
    assert "No space left on device" in done.stderr and "Traceback" not in said
    assert "resumed from step" in said and "skipped" not in said


def test_a_clock_that_goes_back_decides_nothing() -> None:
    """The wall clock is used only for names and the log; waiting and timing use a monotonic clock."""
    asked = {
        str(path.relative_to(ROOT))
        for package in _PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\btime\.time\(|datetime\.(now|utcnow|today)\(|from time import .*\btime\b", path.read_text())
    }
    assert asked == {"tengen/provenance.py", "tengen/run.py", "tengen/sweep/record.py"}

"""The training loop: metric rows, checkpoints, and how it ends."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tengen.checkpoint import checkpoints
from tengen.drive import Stop, drive
from tengen.errors import Diverged, UserError
from tengen.metrics import Tick, same_metrics
from tengen.run import Run


class Counting:
    """Ten environment steps per tick, a hundred in total."""

    def __init__(self, at: Callable[[int], None] = lambda step: None) -> None:
        self.step, self._at = 0, at

    def ticks(self) -> Iterator[Tick]:
        while self.step < 100:
            self.step += 10
            self._at(self.step)
            yield Tick(self.step, {"score": self.step / 3}, {"acting": 0.123456789})

    def state(self) -> dict[str, Any]:
        return {"step": self.step}

    def load(self, tree: Any) -> None:
        self.step = tree["step"]


class Kept:
    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def row(self, row: dict[str, Any]) -> None:
        self.rows.append(row)

    def close(self, card: dict[str, Any] | None) -> None: ...


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path, "r", {}, {})


def steps_saved(run: Run) -> list[int]:
    return [step for step, _ in checkpoints(run.checkpoint_folder)]


def test_rows_go_to_the_file_and_to_each_sink(run: Run) -> None:
    kept = Kept()
    assert drive(run, Counting(), [kept], frames_per_step=4) == "finished"
    assert run.rows() == kept.rows and [row["step"] for row in kept.rows] == list(range(10, 101, 10))
    row = kept.rows[0]
    assert row["frames"] == 40 and row["score"] == 10 / 3, "what is measured is not rounded"
    assert row["time/acting"] == 0.123457 and row["rate"] > 0
    assert same_metrics(row) == {"step": 10, "frames": 40, "score": 10 / 3}
    assert steps_saved(run) == [100]
    assert "finished at step 100" in (run.path / "train.log").read_text()


def test_it_ends_early_and_goes_on(run: Run) -> None:
    trainer = Counting()
    assert drive(run, trainer, [], until=25) == "stopped" and steps_saved(run) == [30]
    seconds = run.rows()[-1]["seconds"]
    assert drive(run, trainer, []) == "finished"
    rows = run.rows()
    assert [row["step"] for row in rows] == list(range(10, 101, 10))
    assert rows[3]["seconds"] >= seconds, "time goes on where it was"


def test_checkpoints_come_as_often_as_is_asked(run: Run) -> None:
    seen: list[list[int]] = []
    drive(run, Counting(lambda step: seen.append(steps_saved(run))), [], checkpoint_seconds=0)
    assert seen[3] == [20, 30], "the newest two"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_after_the_tick(number: signal.Signals, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(number)
    trainer = Counting(lambda step: os.kill(os.getpid(), number) if step == 50 else None)
    assert drive(run, trainer, []) == "stopped"
    assert trainer.step == 50 and steps_saved(run) == [50] and signal.getsignal(number) == before
    assert ("stopping after this step" in capfd.readouterr().err) == (number == signal.SIGINT)


def test_a_second_ctrl_c_ends_at_once() -> None:
    with Stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_full_disk_names_the_step_that_is_safe(run: Run) -> None:
    def full(step: int) -> None:
        if step == 60:
            raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match=r"No space left on device\); free some space, then .* from step 50"):
        drive(run, Counting(full), [], checkpoint_seconds=0)


class Learning(Counting):
    """Its loss and its weight are NaN or inf from the given steps on; so is a column without a value."""

    def __init__(self, loss: int = 1000, weight: int = 1000) -> None:
        super().__init__()
        self._loss, self._weight = loss, weight

    def ticks(self) -> Iterator[Tick]:
        for tick in super().ticks():
            yield tick._replace(metrics={"loss": math.nan if tick.step >= self._loss else 0.5, "score": math.inf})

    def state(self) -> dict[str, Any]:
        return {"step": self.step, "weights": {"w": torch.tensor(math.nan if self.step >= self._weight else 1.0)}}


@pytest.mark.parametrize(("learning", "said"), [(Learning(loss=50), "loss"), (Learning(weight=50), "weights w")])
def test_what_is_no_number_ends_it_and_the_good_checkpoints_stay(run: Run, learning: Learning, said: str) -> None:
    with pytest.raises(Diverged, match=rf"{said} is not finite at step 50; .*--lr; the checkpoint of step 40 is good"):
        drive(run, learning, [], checkpoint_seconds=0)
    assert steps_saved(run) == [30, 40]
    for line in (run.path / "metrics.jsonl").read_text().splitlines():
        assert "score" not in json.loads(line, parse_constant=pytest.fail), "JSON has no word for infinity"


def test_a_removed_folder_is_noticed(run: Run) -> None:
    def remove(step: int) -> None:
        if step == 40:
            shutil.rmtree(run.path)

    with pytest.raises(UserError, match="was removed during the training"):
        drive(run, Counting(remove), [])


def test_it_goes_on_without_a_sink_that_cannot_be_written_to(run: Run) -> None:
    class Closed(Kept):
        def row(self, row: dict[str, Any]) -> None:
            super().row(row)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    closed, kept = Closed(), Kept()
    assert drive(run, Counting(), [closed, kept]) == "finished"
    assert len(closed.rows) == 1 and len(kept.rows) == 10
    assert "continuing without Closed" in (run.path / "train.log").read_text()


def test_a_closed_terminal_saves_and_stops_but_not_under_nohup(run: Run) -> None:
    def hang_up(step: int) -> None:
        if step == 50:
            os.kill(os.getpid(), signal.SIGHUP)

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
    try:
        assert drive(run, Counting(hang_up), []) == "stopped" and steps_saved(run) == [50]
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert drive(run, Counting(hang_up), []) == "finished"
    finally:
        signal.signal(signal.SIGHUP, before)

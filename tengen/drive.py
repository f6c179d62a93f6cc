"""The one loop that drives every training: rows, checkpoints, Ctrl-C, displays.

    for tick in trainer.ticks():
        write the row, show it, save a checkpoint now and then, stop when asked

The trainer knows nothing of files, time, Ctrl-C or displays: it yields ticks, and between two ticks its whole state can
be saved.
"""

from __future__ import annotations

import json
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import torch

from tengen.checkpoint import checkpoints
from tengen.errors import Diverged, UserError
from tengen.metrics import COMPILING, TIMES, Sink, Trainer
from tengen.run import Run

_HEARD = b"\ntengen: stopping after this step; Ctrl-C again ends at once, without saving\n"


class Stop:
    """Ctrl-C, SIGTERM and SIGHUP as a flag that the loop checks between ticks; a second Ctrl-C ends at once.

    Only a process's main thread receives signals; elsewhere this does nothing. SIGHUP comes when a terminal closes or
    an ssh connection is lost; under nohup it is ignored.
    """

    def __init__(self, tells: bool = False) -> None:
        self.asked = False
        self.tells = tells  # the first Ctrl-C is answered: a step may take a while

    def __enter__(self) -> Stop:
        main = threading.current_thread() is threading.main_thread()
        heard = [signal.SIGINT, signal.SIGTERM] if main else []
        if main and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            heard.append(signal.SIGHUP)
        self._before = {s: signal.signal(s, self._ask) for s in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.tells and number == signal.SIGINT:
            with suppress(OSError):  # the terminal may be gone
                os.write(2, _HEARD)
        self.asked = True


def drive(
    run: Run,
    trainer: Trainer,
    sinks: Sequence[Sink],
    *,
    frames_per_step: int = 1,
    checkpoint_seconds: float = 120.0,
    until: int | None = None,
    asked: Callable[[], bool] = lambda: False,
) -> str:
    """Train to the end, writing rows and checkpoints. Returns "finished" or "stopped" (by Ctrl-C, or another signal).

    `until` (environment steps) ends early, with a checkpoint; so does `asked`, which is looked at after each tick. A
    disk that is full ends the training with a `UserError` that names the step of the last checkpoint; that checkpoint
    is untouched. So does a NaN or inf in a loss or weight (`Diverged`), and a folder that is removed. A training
    continues without a sink that cannot be written to: its terminal is gone, or `| head` has finished.
    """
    told = list(sinks)
    rows = run.rows()
    before = rows[-1].get("seconds", 0.0) if rows else 0.0
    begun = last_save = time.perf_counter()
    last_step, last_time = trainer.step, begun
    outcome = "finished"
    try:
        with Stop(tells=True) as stop, (run.path / "metrics.jsonl").open("a") as file:
            for tick in trainer.ticks():
                now = time.perf_counter()
                row = {"step": tick.step, "frames": tick.step * frames_per_step, "seconds": before + now - begun}
                row |= tick.metrics
                row |= {f"time/{stage}": seconds for stage, seconds in tick.seconds.items()}
                worked = now - last_time - tick.seconds.get(COMPILING, 0.0)
                row["rate"] = (tick.step - last_step) / max(worked, 1e-9)
                last_step, last_time = tick.step, now
                row = {k: round(v, 6) if isinstance(v, float) and k.startswith(TIMES) else v for k, v in row.items()}
                _check_numbers(run, row)
                file.write(json.dumps(row, allow_nan=False) + "\n")
                file.flush()
                if os.fstat(file.fileno()).st_nlink == 0:
                    raise UserError(f"{run.path} was removed during the training; its results are lost")
                _tell(told, row, run)
                if stop.asked or asked() or (until is not None and tick.step >= until):
                    outcome = "stopped"
                    break
                if now - last_save >= checkpoint_seconds:
                    _save(run, trainer)
                    last_save = time.perf_counter()
            _save(run, trainer)
    except OSError as error:
        kept = checkpoints(run.checkpoint_folder)
        advice = "free some space"
        if kept:
            advice += f", then `tengen resume {run.path}` continues from step {kept[-1][0]}"
        raise UserError(f"writing to {run.path} failed ({error.strerror}); {advice}") from error
    run.log(f"{outcome} at step {trainer.step}")
    return outcome


def _tell(sinks: list[Sink], row: dict[str, Any], run: Run) -> None:
    """Give `row` to each of `sinks`; one that cannot be written to is dropped."""
    for sink in list(sinks):
        try:
            sink.row(row)
        except OSError as error:
            run.log(f"continuing without {type(sink).__name__}: {error.strerror or error}")
            sinks.remove(sink)


def _check_numbers(run: Run, row: dict[str, Any]) -> None:
    """`Diverged` if a loss is NaN or inf; other columns without a finite value are left out of `row`."""
    for name, value in list(row.items()):
        if isinstance(value, float) and not math.isfinite(value):
            if name.startswith("loss"):
                raise _diverged(run, name, row["step"])
            del row[name]


def _save(run: Run, trainer: Trainer) -> None:
    """Save a checkpoint; `Diverged` if its weights are NaN or inf, so that the newest checkpoint stays a good one."""
    tree = trainer.state()
    for name, value in tree.get("weights", {}).items():
        if isinstance(value, torch.Tensor) and value.is_floating_point() and bool(value.isnan().any()):
            raise _diverged(run, f"weights {name}", trainer.step)
    run.save(trainer.step, tree)


def _diverged(run: Run, what: str, step: int) -> Diverged:
    kept = checkpoints(run.checkpoint_folder)
    good = f"; the checkpoint of step {kept[-1][0]:,} is good" if kept else ""
    run.log(f"diverged at step {step}: {what}")
    return Diverged(f"{run.path}: {what} is not finite at step {step:,}; train again with a lower --lr{good}")

"""The one loop that drives every training: rows, checkpoints, Ctrl-C, displays.

    for tick in trainer.ticks():
        write the row, show it, save a checkpoint now and then, stop where asked

The trainer knows nothing of files, time, Ctrl-C or displays: it yields ticks, and between two ticks its whole state can
be taken.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from tengen.checkpoint import checkpoints
from tengen.errors import UserError
from tengen.metrics import TIMES, Sink, Trainer
from tengen.run import Run


class Stop:
    """Ctrl-C and SIGTERM as a flag that the loop looks at between ticks; a second Ctrl-C ends at once.

    Only a process's main thread hears signals; elsewhere nothing is asked.
    """

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Stop:
        heard = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
        self._before = {s: signal.signal(s, self._ask) for s in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
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
    """Train to the end, writing rows and checkpoints. Returns "finished" or "stopped" (by Ctrl-C).

    `until` (environment steps) ends early, with a checkpoint; so does `asked`, which is looked at after each tick. A
    disk that is full ends the training with a `UserError` that names the step of the last checkpoint; that checkpoint
    is untouched.
    """
    rows = run.rows()
    before = rows[-1]["seconds"] if rows else 0.0
    begun = last_save = time.perf_counter()
    last_step, last_time = trainer.step, begun
    outcome = "finished"
    try:
        with Stop() as stop, (run.path / "metrics.jsonl").open("a") as file:
            for tick in trainer.ticks():
                now = time.perf_counter()
                row = {"step": tick.step, "frames": tick.step * frames_per_step, "seconds": before + now - begun}
                row |= tick.metrics
                row |= {f"time/{stage}": seconds for stage, seconds in tick.seconds.items()}
                row["rate"] = (tick.step - last_step) / max(now - last_time, 1e-9)
                last_step, last_time = tick.step, now
                row = {k: round(v, 6) if isinstance(v, float) and k.startswith(TIMES) else v for k, v in row.items()}
                file.write(json.dumps(row) + "\n")
                file.flush()
                for sink in sinks:
                    sink.row(row)
                if stop.asked or asked() or (until is not None and tick.step >= until):
                    outcome = "stopped"
                    break
                if now - last_save >= checkpoint_seconds:
                    run.save(trainer)
                    last_save = time.perf_counter()
            run.save(trainer)
    except OSError as error:
        kept = checkpoints(run.checkpoint_folder)
        advice = "free some space"
        if kept:
            advice += f", then `tengen resume {run.path}` continues from step {kept[-1][0]}"
        raise UserError(f"writing to {run.path} failed ({error.strerror}); {advice}") from error
    run.log(f"{outcome} at step {trainer.step}")
    return outcome

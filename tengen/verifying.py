"""`tengen resume --verify`: whether a resumed run gives the same result as an uninterrupted one, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path

from tengen.checkpoint import begin_between, checkpoints, differences
from tengen.description import Description
from tengen.errors import UserError
from tengen.learned_from import other_data, other_order
from tengen.metrics import same_metrics
from tengen.plural import counted
from tengen.run import Run
from tengen.session import Say, Typed, session_of_run


def verify(path: Path, typed: Typed, say: Say) -> list[str]:
    """Repeat a run from its second-to-last checkpoint to its last; the differences, in words (none: all bits equal).

    External players are left out: what they did cannot be repeated.
    """
    run = Run.open(path)
    run.lock()
    saved = checkpoints(run.checkpoint_folder)
    if len(saved) < 2:
        raise UserError(
            f"{path} has {counted(len(saved), 'checkpoints')}, but verifying needs two: resume it if it is unfinished,"
            " or train it anew with --checkpoint-seconds 10 (0 if it takes only seconds)"
        )
    (first, first_path), (last, last_path) = saved[-2:]
    settings = Description.of_run(run).settings
    if settings.get("workers") and not settings.get("sync"):
        raise UserError(f"{path} had workers without --sync, which cannot be repeated exactly")
    if (learners := settings.get("learners", 1)) > 1:
        raise UserError(f"{path} had {learners} learners; repeating it in one process differs by rounding")
    session = session_of_run(run, {**typed, "outside": ""})
    if told := other_data(run, session) or other_order(run, session):
        raise UserError(f"{path} cannot be verified: {told}")
    if inexact := getattr(session.learner, "inexact", ""):
        raise UserError(f"{path} cannot be verified: {inexact}")
    session.attach(run, say, writing=False)
    expected_end = begin_between(session.learner.load, first_path, last_path)
    expected = {row["step"]: same_metrics(row) for row in run.rows()}
    say(f"repeating steps {first:,} to {last:,} of {path} …")
    wrong: list[str] = []
    for tick in session.learner.ticks():
        row = expected.get(tick.step, {})
        if row and (missing := same_metrics(tick.metrics).keys() - row.keys()):
            raise UserError(f"{path} was logged by another version, without {', '.join(sorted(missing))}")
        wrong += [
            f"{k} at step {tick.step}"
            for k, v in same_metrics(tick.metrics).items()
            if json.dumps(row.get(k)) != json.dumps(v)
        ]
        if tick.step >= last:
            break
    wrong += differences(session.learner.state(), expected_end)
    session.close()
    return wrong

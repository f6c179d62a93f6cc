"""A project's tests: they pass, none waits for a stub, and they fail when a part is changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from capstones.check.rubric import Verdict, failed, passed, to_do
from tengen.errors import UserError
from tengen.plural import counted

MUTANTS = 8


def run_tests(
    folder: Path, scratch: Path, environment: Mapping[str, str], seconds: float, quick: bool
) -> dict[str, Any]:
    """The results of the tests of the project in `folder`; {"late": True} if they did not finish in time."""
    out = scratch / "tests.json"
    command = [sys.executable, "-m", "capstones.check.testing", str(out), str(MUTANTS), str(seconds), str(int(quick))]
    log = scratch / "tests.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(seconds + 20)
        except subprocess.TimeoutExpired:
            return {"late": True}
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    try:
        found: dict[str, Any] = json.loads(out.read_text())
        return found
    except (OSError, ValueError):
        lines = [line for line in log.read_text().splitlines() if line.strip()]
        return {"broken": lines[-1][:200] if lines else f"pytest ended with status {process.returncode}"}


def judge_tests(found: dict[str, Any]) -> Verdict:
    """The verdict on what `run_tests` has found."""
    if "broken" in found:
        return failed(f"the tests could not be run: {found['broken']}", "run them yourself: python -m pytest")
    if found.get("late") or not found["finished"]:
        return failed("the tests did not finish in time", "a test should take seconds: fewer steps, smaller examples")
    for name, said in {**found["errors"], **found["failed"]}.items():
        count = len(found["errors"]) + len(found["failed"])
        more = f" (and {count - 1} more)" if count > 1 else ""
        return failed(f"{name}: {said}{more}", "python -m pytest -x shows where")
    done, left, skipped = len(found["passed"]), found["to do"], found["skipped"]
    if left:
        return to_do(
            f"waiting for a stub: {len(left)} of {counted(done + len(left), 'tests')}",
            "python -m pytest -rs lists them",
        )
    if skipped and not done:
        return failed("every test is skipped", "python -m pytest -rs shows why")
    if not done:
        return failed(
            "there are no tests", "write tests/test_1_….py: hand-computed numbers, parity with a library, a tiny batch"
        )
    changes = found["changes"]
    noticed = [change for change in changes if change["noticed"]]
    if not changes:
        return failed(
            "there is nothing in parts/ to change when trying the tests",
            "put the code that solves the problem there",
        )
    if not noticed:
        first = changes[0]
        such = f"{counted(len(changes), 'changes')}, such as {first['file']} line {first['line']}: {first['said']}"
        return failed(
            f"the tests pass even when a part is changed ({such})",
            "test against numbers worked out by hand",
        )
    return passed(f"{counted(done, 'tests')}, catching {len(noticed)} of {counted(len(changes), 'changes')}")


def ran_here() -> None:
    """UserError on a system without fork, which running the tests with changes needs."""
    if not hasattr(os, "fork"):
        raise UserError("tengen check needs Linux or macOS")

"""The process in which a project's tests run, watched, and run again with one thing changed in its parts.

`python -m capstones.check.testing OUT MUTANTS SECONDS QUICK` in the (copied) project's folder writes what came out to
OUT. Each run is a fork of this process, which has imported PyTorch once: a change costs no more than its tests.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from capstones.check.audit import install_from_environment
from capstones.check.mutation import Mutant, mutants, spread


def main() -> None:
    out, most, seconds, quick = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "1"
    until = time.monotonic() + seconds
    sys.dont_write_bytecode = (
        True  # a changed file of the same length in the same second would be taken for the old one
    )
    sys.path.insert(0, os.getcwd())
    _preload()
    install_from_environment()
    begun = time.monotonic()
    found = _forked(["tests"], seconds)
    took = time.monotonic() - begun
    found["seconds"], found["changes"] = took, []
    clean = found.get("finished") and not found["failed"] and not found["errors"]
    if clean and found["passed"] and not found["to do"]:
        for file, mutant in _chosen(most):
            left = until - time.monotonic()
            if left < 1:
                break
            noticed = _noticed(file, mutant, min(left, 10 + 4 * took))
            found["changes"].append(
                {"file": file.as_posix(), "line": mutant.line, "said": mutant.said, "noticed": noticed}
            )
            if noticed and quick:
                break
    out.write_text(json.dumps(found))


def _preload() -> None:
    """What is slow to import and the tests ask for."""
    texts = " ".join(
        path.read_text("utf-8", errors="replace") for path in [*Path("tests").glob("*.py"), *Path("parts").glob("*.py")]
    )
    for name in ("torch", "numpy", "gymnasium", "matplotlib"):
        if f"import {name}" in texts or f"from {name}" in texts:
            __import__(name)
    __import__("pytest")


def _chosen(most: int) -> list[tuple[Path, Mutant]]:
    """Changes from all over the parts, a file after the other, so that the first few already touch each of them."""
    files = {path: spread(mutants(path.read_text("utf-8")), most) for path in sorted(Path("parts").rglob("*.py"))}
    turns = [[(path, found[i]) for path, found in files.items() if i < len(found)] for i in range(most)]
    return [one for turn in turns for one in turn][:most]


def _noticed(file: Path, mutant: Mutant, seconds: float) -> bool:
    """Whether a test fails when this stands in the file's place."""
    before = file.read_text("utf-8")
    try:
        file.write_text(mutant.text, "utf-8")
        found = _forked(["tests", "-x"], seconds)
        return bool(found["failed"] or found["errors"])
    finally:
        file.write_text(before, "utf-8")


def _forked(arguments: list[str], seconds: float) -> dict[str, Any]:
    """What pytest says of these arguments, in a fork that is ended when its time is up."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _child(arguments, writer)
    os.close(writer)
    until = time.monotonic() + seconds
    os.set_blocking(reader, False)
    text = b""
    while time.monotonic() < until:
        try:
            part = os.read(reader, 1 << 16)
        except BlockingIOError:
            time.sleep(0.02)
            continue
        if not part:
            break
        text += part
    else:
        os.kill(child, 9)
    os.close(reader)
    os.waitpid(child, 0)
    empty: dict[str, Any] = {"passed": [], "failed": {}, "to do": {}, "skipped": {}, "errors": {}, "finished": False}
    try:
        return {**empty, **json.loads(text)}
    except ValueError:
        return empty


def _child(arguments: list[str], writer: int) -> None:
    """Run pytest, send what it found, and end without any of this process's own endings."""
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    tally = Tally()
    try:
        import pytest

        options = ["-q", "-p", "no:cacheprovider", "--strict-config", "-o", "addopts=", *arguments]
        status = pytest.main(options, plugins=[tally])
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            ended = f"it ended with {pytest.ExitCode(status).name.lower()}"
            if status == pytest.ExitCode.USAGE_ERROR:  # before any test: conftest.py could not be imported
                ended = "it could not begin: conftest.py or pytest.ini, or an import there that is refused"
            tally.found["errors"].setdefault("pytest", ended)
        found = {**tally.found, "finished": True}
    except BaseException as error:
        found = {**tally.found, "errors": {"pytest": f"{type(error).__name__}: {error}"[:200]}, "finished": True}
    os.write(writer, json.dumps(found).encode())
    os._exit(0)


class Tally:
    """A plugin of pytest: what each test came to."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {"passed": [], "failed": {}, "to do": {}, "skipped": {}, "errors": {}}

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.found["errors"][report.nodeid] = _last(str(report.longrepr))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.found["failed"][report.nodeid] = _last(getattr(report, "longreprtext", ""))
        elif report.skipped:
            said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(getattr(report, "wasxfail", ""))
            said = said.removeprefix("Skipped: ").removeprefix("reason: ")
            self.found["to do" if said.startswith("to do") else "skipped"][report.nodeid] = said[:200]
        elif report.when == "call":
            self.found["passed"].append(report.nodeid)


def _last(text: str) -> str:
    """The line of a failure that says what was wrong."""
    lines = [line[1:].strip() for line in text.splitlines() if line.startswith("E") and line[1:].strip()]
    if lines and lines[0].startswith('File "'):  # a module that cannot be imported: where, the line, then what
        lines = lines[-1:]
    return (lines or [line for line in text.splitlines() if line.strip()] or [""])[0][:200]


if __name__ == "__main__":
    main()

"""Two ways of doing the same, each in a process of its own, measured in turns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from scripts.bench.atari import row
from tengen.openmp import untouched


def in_turns(module: str, names: Sequence[str], unit: str, rounds: int, seconds: float) -> Iterator[dict[str, Any]]:
    """A row for each of `names`: the rates of `python -m MODULE tengen` beside those of `python -m MODULE plain`.

    Such a process answers each line `NAME SECONDS` on its standard input with one rate.
    """
    workers = {way: _start(module, way) for way in ("plain", "tengen")}
    try:
        for name in names:
            rates: dict[str, list[float]] = {way: [] for way in workers}
            for _ in range(rounds):
                for way, worker in workers.items():
                    assert worker.stdin is not None and worker.stdout is not None
                    worker.stdin.write(f"{name} {seconds}\n")
                    worker.stdin.flush()
                    rates[way].append(float(worker.stdout.readline()))
            yield row(name, unit, rates["tengen"], rates["plain"])
    finally:
        for worker in workers.values():
            worker.kill()


def _start(module: str, way: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, way]
    env = untouched() if way == "plain" else None
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

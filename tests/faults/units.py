"""A learner that only counts: `python -m tests.faults.units ADDRESS FILE`. Its workers number their units of work.

After each version the file records what every slot has delivered and the state of the pool. If killed and restarted,
the learner continues from there, like a training from its checkpoint.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from tengen.files import write_json
from tengen.settings import Distributed
from tengen.workers import Pool

VERSIONS, WORKERS = 30, 3


class Numbering:
    """Each unit of work is its number, and takes 0.2 s."""

    def __init__(self) -> None:
        self.count = 0

    def use(self, version: int, weights: Any) -> None:
        assert float(weights["w"][0]) == version

    def work(self, task: Any) -> tuple[int, float]:
        time.sleep(0.2)
        self.count += 1
        return self.count, 1.0

    def state(self) -> dict[str, Any]:
        return {"count": self.count, "ballast": np.zeros(200_000, np.uint8)}

    def load(self, state: dict[str, Any]) -> None:
        self.count = state["count"]


def learn(address: str, path: Path) -> None:
    saved = json.loads(path.read_text()) if path.exists() else {"step": 0, "units": [[] for _ in range(WORKERS)]}
    settings = Distributed(workers=WORKERS, ray=address, worker_patience=8)
    pool = Pool("tests.faults.units:Numbering", [{} for _ in range(WORKERS)], settings, say=print)
    pool.load([{"count": len(units)} if units else None for units in saved["units"]])
    for version in range(saved["step"], VERSIONS):
        pool.publish(version, {"w": np.full(500_000, version, np.float32)})
        for result in pool.collect(WORKERS):
            assert version - result.version <= settings.max_staleness
            saved["units"][result.slot].append(result.value)
        saved["step"] = version + 1
        write_json(path, saved)
    pool.close()


def wrong_with(path: Path) -> list[str]:
    """Units that are missing or there twice."""
    saved = json.loads(path.read_text())
    wrong = [] if saved["step"] == VERSIONS else [f"ended at version {saved['step']} of {VERSIONS}"]
    for slot, units in enumerate(saved["units"]):
        if units != list(range(1, len(units) + 1)):
            wrong.append(f"slot {slot} delivered {units}")
    if sum(map(len, saved["units"])) < VERSIONS * WORKERS:
        wrong.append("too few units")
    return wrong


if __name__ == "__main__":
    learn(sys.argv[1], Path(sys.argv[2]))

"""Checks and their results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from selfplay.gtp.check.probe import Probe

Level = Literal["must", "should"]


class Check(NamedTuple):
    """One thing that an engine must do (the specification says so) or should do (clients count on it)."""

    group: str
    says: str  # what is expected, as a sentence
    level: Level
    run: Callable[[Probe], None]  # raises Broken, Lost or NotOffered


class Result(NamedTuple):
    """One line of the report."""

    group: str
    says: str
    outcome: Literal["ok", "FAIL", "warn", "skip"]
    why: str
    seconds: float

    def line(self) -> str:
        tail = f": {self.why}" if self.why else ""
        return f"{self.outcome:4} {self.group:8} {self.says}{tail}"


class Group:
    """Collects the checks of a subject: `@group.must("sentence")` above each."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.checks: list[Check] = []

    def must(self, says: str) -> Callable[[Callable[[Probe], None]], Callable[[Probe], None]]:
        return self._add(says, "must")

    def should(self, says: str) -> Callable[[Callable[[Probe], None]], Callable[[Probe], None]]:
        return self._add(says, "should")

    def _add(self, says: str, level: Level) -> Callable[[Callable[[Probe], None]], Callable[[Probe], None]]:
        def add(run: Callable[[Probe], None]) -> Callable[[Probe], None]:
            self.checks.append(Check(self.name, says, level, run))
            return run

        return add

"""The score card of a system: its measurement, next to the published result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supervised.systems.study import Measured
from tengen.plural import counted


@dataclass(frozen=True)
class SystemCard:
    """A measurement and the training behind it."""

    task: str
    agent: str  # the system's name
    measured: Measured
    published: str  # as in the reading list; empty if nothing was published on this data
    seed: int
    steps: int
    unit: str  # of a step
    minutes: float
    command: str
    note: str = ""  # caveats

    def describe(self) -> str:
        m = self.measured
        interval = f" [{m.ci95[0]:.4g}, {m.ci95[1]:.4g}]" if m.ci95 else ""
        also = "".join(f", {name} {_spoken(value)}" for name, value in m.also.items())
        beside = f"; published: {self.published}" if self.published else ""
        return (
            f"{self.task}, {self.agent}: {m.value:.4g} {m.metric}{interval} on {m.measured_on}{also}"
            f" after {counted(self.steps, self.unit)} in {self.minutes:.1f} minutes{beside}"
            + (f"; {self.note}" if self.note else "")
        )

    def to_dict(self) -> dict[str, Any]:
        m = self.measured
        return {
            "kind": "system",
            "task": self.task,
            "agent": self.agent,
            "protocol": m.protocol,
            "metric": m.metric,
            "value": m.value,
            "ci95": list(m.ci95) if m.ci95 else None,
            "better": m.better,
            "measured_on": m.measured_on,
            "also": dict(m.also),
            "published": self.published,
            "seed": self.seed,
            "steps": self.steps,
            "unit": self.unit,
            "minutes": self.minutes,
            "command": self.command,
            **({"note": self.note} if self.note else {}),
        }


def _spoken(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"

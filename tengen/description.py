"""The content of config.yaml: everything needed to build the same training again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from tengen.config import LARGEST
from tengen.errors import UserError
from tengen.run import Run


@dataclass(frozen=True)
class Description:
    """A run as config.yaml describes it; the room that owns its kind reads settings, config and compute."""

    kind: str  # of run: a name in tengen/kinds.py
    task: str
    agent: str  # what is trained: an agent or a network
    settings: dict[str, Any]
    config: dict[str, Any]
    compute: dict[str, Any]
    network: dict[str, Any] | None = None
    steps: int | None = None  # in all, where the settings do not say
    learned_from: str | None = None  # fingerprint of the data, where there are data (learned_from.py)

    @classmethod
    def of_run(cls, run: Run) -> Description:
        """UserError if config.yaml lacks or garbles what every run has."""
        return cls.from_dict(run.config(), str(run.path / "config.yaml"))

    @classmethod
    def from_dict(cls, saved: dict[str, Any], where: str) -> Description:
        known = {field.name: saved[field.name] for field in fields(cls) if field.name in saved}
        known.setdefault("kind", "agent")  # runs from before kinds had names
        for name in ("task", "agent", "kind"):
            if not isinstance(known.get(name), str):
                raise UserError(f"'{name}' is missing or invalid in {where}")
        for name in ("settings", "config", "compute"):
            if not isinstance(known.setdefault(name, {}), dict):
                raise UserError(f"'{name}' is missing or invalid in {where}")
        if not isinstance(known.get("network", {}), dict):
            raise UserError(f"'network' is missing or invalid in {where}")
        if not isinstance(known.get("learned_from", ""), str):
            raise UserError(f"'learned_from' is invalid in {where}")
        for value in (known.get("steps"), known["settings"].get("steps"), known["settings"].get("seed")):
            if value is not None and not (isinstance(value, int | float) and abs(value) <= LARGEST):
                raise UserError(f"'steps' or 'seed' is missing or invalid in {where}")
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def total_steps(self) -> int:
        return int(self.steps or self.settings.get("steps") or 0)

    @property
    def seed(self) -> int:
        return int(self.settings.get("seed", 0))

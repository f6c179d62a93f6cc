"""What `tengen sweep` is told besides the training itself. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from tengen.config import Amount, Count, Range
from tengen.errors import UserError


@dataclass(frozen=True)
class SweepSettings:
    """How a sweep is run; `tengen sweep --resume` may change what is not about its trials."""

    trials: Count = 16
    """Trainings; where there are fewer combinations of values, each is trained once."""
    metric: str = ""
    """Column of metrics.jsonl by which trials are compared, the higher the better; NAME:min for the lower the better.
    Empty takes the one that counts: score of agents, rating of self-play, held-out accuracy with labels."""
    early_stopping: bool = True
    """Stop trials early (ASHA, Li et al. 2020, arXiv:1810.05934): see --first-look and --keep."""
    first_look: Annotated[float, Range(0.001, 1)] = 0.1
    """Part of its training after which a trial may be stopped first, then at --keep times that and so on."""
    keep: Annotated[int, Range(2)] = 3
    """A trial goes on where it is among the best 1/N of those that came as far before it."""
    minutes: Amount = 0.0
    """Minutes after which all trials are saved and the sweep stops, to go on with --resume; 0: no limit."""
    trial_cpus: Annotated[float, Range(0.01)] = 1.0
    """CPUs that each trial takes up; its arithmetic has as many threads, unless --threads is given."""
    trial_gpus: Amount = 0.0
    """GPUs that each trial takes up, for example 0.5."""
    ray: str = "local"
    """local starts Ray on this machine for this sweep; HOST:PORT joins a cluster, which sees the same runs folder."""
    ray_no_token: bool = False
    """Join a cluster that asks for no token: whoever reaches it can run code on it."""


_LATER = ("minutes", "trial_cpus", "trial_gpus", "ray", "ray_no_token")  # what --resume may change


def changed(before: SweepSettings, now: SweepSettings) -> SweepSettings:
    """`now`, for a sweep that goes on; UserError where it would change what its trials are."""
    for field in fields(SweepSettings):
        if field.name not in _LATER and getattr(now, field.name) != getattr(before, field.name):
            option = "--" + field.name.replace("_", "-")
            raise UserError(f"{option} cannot change while a sweep goes on; start another one")
    return now


def metric_of(given: str, natural: str) -> tuple[str, str]:
    """(column, max or min) that `--metric given` means."""
    name, colon, mode = given.rpartition(":")
    if not colon:
        name, mode = given or natural, "max"
    if mode not in ("max", "min") or not name:
        raise UserError(f"--metric {given}: NAME, or NAME:min or NAME:max, for example loss:min")
    return name, mode

"""Settings of `tengen sweep` besides those of the training. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from tengen.config import Amount, Count, Range
from tengen.errors import UserError


@dataclass(frozen=True)
class SweepSettings:
    """How a sweep is run; `tengen sweep --resume` may change what does not affect its trials."""

    trials: Count = 16
    """Number of trainings; if there are fewer combinations of values, each is trained once."""
    metric: str = ""
    """Column of metrics.jsonl that compares trials, higher is better; NAME:min if lower is better.
    Default: the score of agents, the rating of self-play, the held-out accuracy with labels."""
    early_stopping: bool = True
    """Stop trials early (ASHA, Li et al. 2020, arXiv:1810.05934): see --first-look and --keep."""
    first_look: Annotated[float, Range(0.001, 1)] = 0.1
    """Fraction of the training at which a trial can first be stopped; the next looks are at --keep times that, and so
    on."""
    keep: Annotated[int, Range(2)] = 3
    """At each look a trial continues if it is in the best 1/N of the trials that got that far before it."""
    minutes: Amount = 0.0
    """Minutes after which all trials are saved and the sweep stops, to continue with --resume; 0: no limit."""
    trial_cpus: Annotated[float, Range(0.01)] = 1.0
    """CPUs per trial, and its number of compute threads unless --threads is given."""
    trial_gpus: Amount = 0.0
    """GPUs per trial, for example 0.5."""
    ray: str = "local"
    """local starts Ray on this machine for this sweep; HOST:PORT joins a cluster that sees the same runs folder."""
    ray_no_token: bool = False
    """Join a cluster without a token; anyone who can reach such a cluster can run code on it."""


_LATER = ("minutes", "trial_cpus", "trial_gpus", "ray", "ray_no_token")  # what --resume may change


def changed(before: SweepSettings, now: SweepSettings) -> SweepSettings:
    """`now`, for a resumed sweep; UserError if it would change its trials."""
    for field in fields(SweepSettings):
        if field.name not in _LATER and getattr(now, field.name) != getattr(before, field.name):
            option = "--" + field.name.replace("_", "-")
            raise UserError(f"{option} cannot change when a sweep is resumed; start another one")
    return now


def metric_of(given: str, natural: str) -> tuple[str, str]:
    """(column, max or min) that `--metric given` means."""
    name, colon, mode = given.rpartition(":")
    if not colon:
        name, mode = given or natural, "max"
    if mode not in ("max", "min") or not name:
        raise UserError(f"--metric {given}: NAME, or NAME:min or NAME:max, for example loss:min")
    return name, mode

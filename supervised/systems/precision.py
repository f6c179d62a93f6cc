"""The precision of a system: bfloat16 if a measurement shows it to be clearly faster here, else float32."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from tengen.device import Compute, cores, default_device, has_bfloat16
from tengen.settings import Common

_GAIN = 1.15  # how many times faster than float32 bfloat16 must be to be chosen
_SECONDS = 0.5  # of measuring, of each


def in_float32(settings: Common) -> Compute:
    """What a system computes with that gains nothing from bfloat16."""
    return Compute(default_device(settings.device), settings.threads or cores(), channels_last=False)


def quickest(
    settings: Common, training_step: Callable[[Compute], Callable[[], object]], *, channels_last: bool = False
) -> tuple[Compute, dict[str, float]]:
    """The faster precision within what `settings` allow, and steps/s of each one that was tried.

    `training_step(compute)` gives a function that does one step forward and back of a network of its own.
    """
    plain = replace(in_float32(settings), channels_last=channels_last)
    small = replace(plain, precision="bfloat16")
    if settings.precision != "auto":
        return (small if settings.precision == "bfloat16" else plain), {}
    if plain.device == "cpu" and not has_bfloat16():
        return plain, {}
    plain.start()
    steps = {compute: training_step(compute) for compute in (plain, small)}
    times: dict[Compute, list[float]] = {compute: [] for compute in steps}
    while any(len(taken) < 3 or sum(taken[1:]) < _SECONDS for taken in times.values()):  # the first one warms up
        for compute, step in steps.items():
            start = time.perf_counter()
            step()
            times[compute].append(time.perf_counter() - start)
    rates = {compute: 1 / statistics.median(taken[1:]) for compute, taken in times.items()}
    chosen = small if rates[small] > _GAIN * rates[plain] else plain
    return chosen, {compute.precision: rate for compute, rate in rates.items()}

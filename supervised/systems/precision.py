"""The precision a system computes in: bfloat16 if a measurement shows it to be clearly faster, otherwise float32."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from tengen.device import Compute, cores, default_device, has_bfloat16
from tengen.settings import Common

_GAIN = 1.15  # minimum speed-up over float32 to choose bfloat16
_SECONDS = 0.5  # of measuring, for each


def in_float32(settings: Common) -> Compute:
    """The compute backend of a system that gains nothing from bfloat16."""
    return Compute(default_device(settings.device), settings.threads or cores(), channels_last=False)


def quickest(
    settings: Common, training_step: Callable[[Compute], Callable[[], object]], *, channels_last: bool = False
) -> tuple[Compute, dict[str, float]]:
    """The fastest precision allowed by `settings`, and the measured steps/s of each.

    `training_step(compute)` returns a function that runs one forward and backward pass of a separate network.
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
    while any(len(taken) < 3 or sum(taken[1:]) < _SECONDS for taken in times.values()):  # the first step is warm-up
        for compute, step in steps.items():
            start = time.perf_counter()
            step()
            compute.wait()
            times[compute].append(time.perf_counter() - start)
    rates = {compute: 1 / statistics.median(taken[1:]) for compute, taken in times.items()}
    chosen = small if rates[small] > _GAIN * rates[plain] else plain
    return chosen, {compute.precision: rate for compute, rate in rates.items()}

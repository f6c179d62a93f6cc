"""Learning rate schedules: the rate at each point of a training, as a fraction of its peak."""

from __future__ import annotations

import math


def lr_fraction(schedule: str, progress: float, warmup: float = 0.0) -> float:
    """The fraction at `progress` (0 at the start, 1 at the end), after a linear rise over the first `warmup`.

    constant    1
    step        a tenth after 1/2, a hundredth after 3/4 (He 2015, section 4.2)
    cosine      (1 + cos(pi t)) / 2 (Loshchilov 2017, arXiv:1608.03983, Eq. 5, without restarts)
    one-cycle   1 - t: linear to zero (Smith 2018, arXiv:1803.09820, with the momentum left alone)

    t runs from 0 at the end of the rise to 1 at the end of the training.
    """
    if progress < warmup:
        return progress / warmup
    t = min(1.0, (progress - warmup) / max(1e-9, 1 - warmup))
    if schedule == "constant":
        return 1.0
    if schedule == "step":
        return 1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01
    if schedule == "cosine":
        return (1 + math.cos(math.pi * t)) / 2
    if schedule == "one-cycle":
        return 1 - t
    raise ValueError(f"no schedule named {schedule}")

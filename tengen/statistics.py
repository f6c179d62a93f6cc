"""Statistics of scores: what a score card shows besides the mean."""

import math
from collections.abc import Callable, Sequence

import numpy as np

_T975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)  # Student's t, 1 to 9 degrees of freedom


def interquartile_mean(scores: np.ndarray) -> np.ndarray:
    """Mean of the middle half along the last axis (Agarwal 2021, arXiv:2108.13264): a quarter of the games is
    dropped at each end, rounded down."""
    ordered = np.sort(scores, axis=-1)
    drop = ordered.shape[-1] // 4
    mean: np.ndarray = ordered[..., drop : ordered.shape[-1] - drop].mean(-1)
    return mean


def bootstrap(
    scores: Sequence[float], statistic: Callable[[np.ndarray], np.ndarray], seed: int = 0, rounds: int = 2000
) -> tuple[float, float]:
    """The 95 % interval of `statistic` (which works along the last axis) by the percentile bootstrap (Efron 1979)."""
    values = np.asarray(scores, np.float64)
    return _of_samples(lambda drawn: statistic(values[drawn]), len(values), seed, rounds)


def ratio_interval(above: np.ndarray, below: np.ndarray, seed: int = 0, rounds: int = 500) -> tuple[float, float]:
    """The 95 % interval of sum(above) / sum(below), [N] each: by the bootstrap of pairs."""
    return _of_samples(lambda drawn: above[drawn].sum(1) / below[drawn].sum(1), len(above), seed, rounds)


def _of_samples(
    statistic: Callable[[np.ndarray], np.ndarray], count: int, seed: int, rounds: int
) -> tuple[float, float]:
    """The middle 95 % of `statistic` [rounds], a function of rows of indices [rounds, count] drawn with replacement."""
    drawn = np.random.default_rng(seed).integers(count, size=(rounds, count))
    low, high = np.percentile(statistic(drawn), [2.5, 97.5])
    return float(low), float(high)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a fraction `share` seen in `count` trials (Wilson 1927)."""
    n, z = max(1, count), 1.96
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def student(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of the mean of `values` (Student 1908); None for one alone: it has no spread."""
    n = len(values)
    mean = sum(values) / n
    if n < 2:
        return None
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
    half = (_T975[n - 2] if n - 2 < len(_T975) else 1.96 + 2.5 / (n - 1)) * deviation / math.sqrt(n)
    return mean - half, mean + half

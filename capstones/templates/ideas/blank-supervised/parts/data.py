"""The data: three concentric rings of points that a straight line cannot separate. Replace them with your own."""

import numpy as np

CLASSES = ("inner", "middle", "outer")


def load(examples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points [N, 2] float32 and each one's ring [N] int64. The outer ring is twice as frequent as the others."""
    rng = np.random.default_rng(seed)
    ring = rng.choice(3, size=examples, p=(0.25, 0.25, 0.5))
    angle = rng.uniform(0, 2 * np.pi, examples)
    radius = 1.0 + ring + rng.normal(0, 0.2, examples)
    points = np.stack((radius * np.cos(angle), radius * np.sin(angle)), 1)
    return points.astype(np.float32), ring.astype(np.int64)

"""Scenes composed of digits, each pixel with its class: a set for segmentation that anyone can generate.

Two to five digits of random brightness are on a noisy background; later ones cover earlier ones where they have ink.
Any two are at least a third of their side apart, across or down: in the same place they could not be told apart.
"""

from __future__ import annotations

import numpy as np

SIDE = 64  # pixels of a scene
_INK = 96  # a pixel of a digit at least this bright belongs to its class
_NOISE = 20.0  # standard deviation of the ground, in bytes


def compose(
    pictures: np.ndarray, labels: np.ndarray, count: int, rng: np.random.Generator, side: int = SIDE
) -> tuple[np.ndarray, np.ndarray]:
    """(scenes [count, 1, side, side] bytes, classes [count, side, side]: 0 the ground, 1 + label a digit).

    `pictures` [N, H, W, 1] bytes with `labels` [N].
    """
    scenes = np.abs(rng.normal(0, _NOISE, (count, side, side)))
    classes = np.zeros((count, side, side), np.int64)
    height, width = pictures.shape[1:3]
    for i in range(count):
        for top, left in _places(rng, int(rng.integers(2, 6)), side - height, side - width, -(-height // 3)):
            chosen = int(rng.integers(len(pictures)))
            digit, brightness = pictures[chosen, :, :, 0], rng.uniform(0.6, 1.0)
            place = (i, slice(top, top + height), slice(left, left + width))
            ink = digit >= _INK
            scenes[place] = np.where(ink, brightness * digit, np.maximum(scenes[place], brightness * digit * ~ink))
            classes[place] = np.where(ink, labels[chosen] + 1, classes[place])
    return np.clip(scenes, 0, 255).astype(np.uint8)[:, None], classes


def _places(rng: np.random.Generator, count: int, down: int, across: int, apart: int) -> list[tuple[int, int]]:
    """Up to `count` places from (0, 0) to (down, across) that keep `apart`; fewer where there is no room left."""
    places: list[tuple[int, int]] = []
    for _ in range(20 * count):
        top, left = int(rng.integers(down + 1)), int(rng.integers(across + 1))
        if all(max(abs(top - y), abs(left - x)) >= apart for y, x in places):
            places.append((top, left))
        if len(places) == count:
            break
    return places

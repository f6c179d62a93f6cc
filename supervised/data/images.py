"""Labelled pictures, in memory as bytes, and their augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tengen.errors import UserError

_CUT = 4  # the square cut out is a quarter of the picture's width
_MARGIN = 8  # a crop shifts a picture by up to an eighth of its width (4 pixels of 32, He 2015 section 4.2)


class Images:
    """A `Source` of pictures [N, H, W, C] uint8 with labels [N] below the number of `classes`."""

    def __init__(self, pictures: np.ndarray, labels: np.ndarray, classes: Sequence[str], augment: str = "none") -> None:
        if len(pictures) != len(labels):
            raise UserError(f"{len(pictures):,} pictures but {len(labels):,} labels: the files do not belong together")
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(classes):
            raise UserError(f"found labels from {labels.min()} to {labels.max()}, expected 0 to {len(classes) - 1}")
        self.pictures, self.labels = pictures, labels.astype(np.int64)
        self.classes, self.augment = list(classes), augment

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        height, width, channels = self.pictures.shape[1:]
        return (channels, height, width)

    def batch(
        self, indices: np.ndarray, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """[B, C, H, W] uint8 (channels last in memory) and {"classes": [B]}."""
        pictures = self.pictures[indices]
        if rng is not None and self.augment != "none":
            margin = max(1, pictures.shape[2] // _MARGIN)
            pictures = shifted(pictures, rng.integers(-margin, margin + 1, (len(indices), 2)))
            if "flip" in self.augment:
                flip = rng.random(len(indices)) < 0.5
                pictures[flip] = pictures[flip, :, ::-1]
            if "cut" in self.augment:
                height, width = pictures.shape[1:3]
                cut(pictures, rng.integers(0, (height, width), (len(indices), 2)), max(1, width // _CUT), self.mean)
        return pictures.transpose(0, 3, 1, 2), {"classes": self.labels[indices]}

    @cached_property
    def mean(self) -> np.ndarray:
        """The mean colour [C], in bytes."""
        return np.rint(255 * self.statistics()[0]).astype(np.uint8)

    def statistics(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation [C] of each channel, with values scaled to [0, 1]."""
        channels = self.pictures.shape[-1]
        counts = np.zeros((channels, 256), np.int64)  # histogram of byte values: exact, without a float copy
        for start in range(0, len(self), 4096):
            part = self.pictures[start : start + 4096].reshape(-1, channels)
            for channel in range(channels):
                counts[channel] += np.bincount(part[:, channel], minlength=256)
        value, total = np.arange(256) / 255, counts.sum(1)
        mean = counts @ value / total
        return mean, np.sqrt(np.maximum(0, counts @ value**2 / total - mean**2))


def cut(pictures: np.ndarray, centres: np.ndarray, side: int, colour: np.ndarray) -> None:
    """Paint a square of `side` pixels around its centre [B, 2] in each of `pictures` [B, H, W, C], in place.

    Cutout (DeVries 2017, arXiv:1708.04552): the square may extend beyond the edge.
    """
    height, width = pictures.shape[1:3]
    first = centres - side // 2
    rows = (np.arange(height) >= first[:, :1]) & (np.arange(height) < first[:, :1] + side)  # [B, H]
    columns = (np.arange(width) >= first[:, 1:]) & (np.arange(width) < first[:, 1:] + side)  # [B, W]
    pictures[rows[:, :, None] & columns[:, None, :]] = colour


def shifted(pictures: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Pictures [B, H, W, C], each shifted by its offset [B, 2] (rows, columns) and padded with zeros."""
    _, height, width, _ = pictures.shape
    margin = int(np.abs(offsets).max(initial=0))
    padded = np.pad(pictures, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))  # [B, y, x, C, H, W]
    start = margin - offsets
    chosen = windows[np.arange(len(pictures)), start[:, 0], start[:, 1]]  # [B, C, H, W]
    return np.ascontiguousarray(chosen.transpose(0, 2, 3, 1))

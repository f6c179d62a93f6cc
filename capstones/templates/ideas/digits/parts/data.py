"""MNIST's pictures as tensors, and the batch of a step. Complete: nothing to do here."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from supervised.data.pictures import grey_pictures


class Digits(NamedTuple):
    """Pictures [N, 28, 28] bytes, 0 (paper) to 255 (ink), and labels [N] int64, 0 to 9."""

    pictures: torch.Tensor
    labels: torch.Tensor
    test_pictures: torch.Tensor
    test_labels: torch.Tensor
    about: str  # which pictures these are: MNIST or its stand-in


def load(data: str | Path | None = None, quick: bool = False, say: Callable[[str], None] = print) -> Digits:
    """MNIST from the folder `data`, from the cache, or downloaded; else scikit-learn's small digits, enlarged.

    `quick`: nothing is downloaded, and only 2,000 training and 2,000 test pictures are kept.
    """
    found = grey_pictures("mnist", str(data or ""), say, download=not quick)
    most = 2000 if quick else None
    parts = [
        torch.from_numpy(np.array(a[:most])) for split in (found.pictures.train, found.pictures.test) for a in split
    ]
    pictures, labels, test_pictures, test_labels = parts
    about = f"{found.about}: {len(labels):,} pictures to learn from, {len(test_labels):,} to test"
    return Digits(pictures[..., 0], labels.long(), test_pictures[..., 0], test_labels.long(), about)


def batch_of(step: int, size: int, count: int, seed: int) -> tuple[torch.Tensor, np.random.Generator]:
    """The examples [size] of gradient step number `step`, each once per epoch, and a random generator for that step.

    All of it follows from seed and step, so an interrupted run resumes as if it had never stopped.
    """
    epoch, place = divmod(step, max(1, count // size))
    order = np.random.default_rng((seed, epoch)).permutation(count)
    return torch.from_numpy(order[place * size : (place + 1) * size]), np.random.default_rng((seed, epoch, place))

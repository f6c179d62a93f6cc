"""Small files in the formats of the real data sets, and trainings of a few steps."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supervised.data import pictures as data
from supervised.data.sets import Pictures, digits
from supervised.generative import binary_card, catalogue, game, judge, segmentation
from supervised.systems.precision import in_float32
from supervised.systems.study import Setup
from supervised.systems.system import System
from tengen.lookup import find
from tengen.seeding import Seeds

TRAIN, TEST = 120, 40
CHANGES: dict[str, dict[str, Any]] = {  # sizes at which a step takes milliseconds
    "autoencoder": {"net": "mlp8x1", "hidden": 8, "latent": 3, "batch": 10},
    "vae": {"net": "mlp8x1", "hidden": 8, "latent": 3, "batch": 10},
    "made": {"hidden": 8, "batch": 10, "masks": 2, "dropout": 0.1},
    "rbm": {"hidden": 8, "batch": 10},
    "gan": {"noise": 4, "width": 2, "batch": 8, "penalty_every": 2},
    "unet": {"width": 2, "levels": 2, "batch": 2},
    "diffusion": {"width": 8, "batch": 4, "judged": 10, "sampling_steps": 2},
    "latent-diffusion": {"width": 8, "batch": 4, "judged": 10, "sampling_steps": 2, "first_width": 4},
}


@cache
def some_digits() -> Pictures:
    found = data.enlarged(digits("", print))
    (train, labels), (test, test_labels) = found.train, found.test
    return Pictures((train[:TRAIN], labels[:TRAIN]), (test[:TEST], test_labels[:TEST]), found.classes)


def write_mnist(folder: Path) -> Path:
    """The four IDX files of MNIST, not gzipped."""
    folder.mkdir(exist_ok=True)
    for name, (pictures, labels) in zip(("train", "t10k"), some_digits()[:2], strict=True):
        for kind, array in (("images-idx3", pictures[..., 0]), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{name}-{kind}-ubyte").write_bytes(head + array.astype(np.uint8).tobytes())
    return folder


def write_bits(path: Path) -> Path:
    """A .npz of packed bits."""
    train, test = (np.packbits(part[0].reshape(len(part[0]), -1) > 127, axis=1) for part in some_digits()[:2])
    np.savez(path, train=train, valid=test, test=test)
    return path


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce the measurements to a minimum."""
    monkeypatch.setattr(judge, "_EXAMPLES", 1)
    monkeypatch.setattr(binary_card, "_AIS", (10, 60))
    monkeypatch.setattr(binary_card, "ROUGHLY", (10, 60))
    monkeypatch.setattr(game, "_MEASURED", 60)
    monkeypatch.setattr(segmentation, "_MEASURED", 8)
    monkeypatch.setattr(segmentation, "_TESTED", 4)
    monkeypatch.setattr(segmentation, "_ROUNDS", 20)


def study(name: str, folder: Path, steps: int = 6) -> Any:
    """A new study of the system `name` on small data."""
    system: System = next(one for one in catalogue.SYSTEMS if one.name == name)
    task = system.task.split("|")[0]
    place = write_bits(folder / "bits.npz") if task == "binary-mnist" else write_mnist(folder / "mnist")
    training = system.training(task)
    settings = replace(training.settings, data=str(place), steps=steps, test_every=3, threads=1)
    config = replace(training.config, **CHANGES[name])
    compute = replace(in_float32(settings), channels_last=task != "binary-mnist")
    return find(system.study)(Setup(task, settings, config, Seeds(1), compute, lambda text: None))

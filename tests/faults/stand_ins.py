"""Small data in the formats of the real sets, made on the spot, so that trainings need no network and seconds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from supervised.data.sums import sums
from supervised.sequence.translation.stand_in import sentences
from supervised.sequence.words.stand_in import made_text
from tests.faults.resumed import ENVIRONMENT, command
from tests.supervised.generative.small import some_digits, write_bits, write_mnist

_CIFAR = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
OPTIONS = {  # of a training by its task, with {} for the folder; none: the task needs no data
    "mnist": "--data {}/mnist",
    "fashion-mnist": "--data {}/mnist",
    "scenes": "--data {}/mnist",
    "binary-mnist": "--data {}/bits.npz",
    "cifar10": "--data {}/cifar10",
    "images": "--data {}/images",
    "text": "--data {}/sums.txt",
    "words": "--data {}/words.txt",
    "sentences": "--data {}/sentences",
    "translation": "--data {}/pairs",
    "go9": "--records {}/games",
}


def options(task: str, words: Iterable[str], folder: Path) -> list[str]:
    """The options that name the data of `task`; `words` are the others."""
    if task == "words" and "act2vec" in words:
        return []  # makes games of its own
    return OPTIONS.get(task, "").format(folder).split()


def make(folder: Path) -> None:
    """Everything that `options` names, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_mnist(folder / "mnist")
    write_bits(folder / "bits.npz")
    rng = np.random.default_rng(1)
    (folder / "cifar10").mkdir(exist_ok=True)
    for name in _CIFAR:
        rows = rng.integers(256, size=(40, 1 + 3 * 32 * 32), dtype=np.uint8)
        rows[:, 0] %= 10
        (folder / "cifar10" / name).write_bytes(rows.tobytes())
    _pictures(folder / "images")
    (folder / "sums.txt").write_text(sums(500))
    found, names = made_text()
    (folder / "words.txt").write_text(" ".join(names[i] if i >= 0 else "\n" for i in found[:40_000]))
    _lines(folder / "sentences", {"good.txt": _opinions("fresh", rng), "bad.txt": _opinions("dull", rng)})
    german, english = zip(*sentences(300), strict=True)
    _lines(folder / "pairs", {"train.de": german, "train.en": english})
    if not (folder / "games" / "card.json").exists():
        match = ["match", "random", "random", "--board", "go9", "--games", "200", "--boards", "50"]
        subprocess.run(
            command(*match, "--out", str(folder / "games")), env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL
        )


def _pictures(folder: Path) -> None:
    found = some_digits()
    for part, (pictures, labels) in zip(("train", "test"), found[:2], strict=True):
        for i, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
            if label < 3:
                place = folder / part / f"class{label}"
                place.mkdir(parents=True, exist_ok=True)
                Image.fromarray(picture[..., 0]).save(place / f"{i}.png")


def _opinions(word: str, rng: np.random.Generator) -> list[str]:
    things = ["film", "plot", "story", "script", "camera", "music"]
    return [f"the {things[rng.integers(6)]} is {word} and the {things[rng.integers(6)]} too" for _ in range(60)]


def _lines(folder: Path, files: dict[str, Iterable[str]]) -> None:
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))

"""The data of the classical learners: pictures as rows of pixels, patches of them, sentences as bags of words.

Sentences: a folder with a file for each class, one sentence per line (Pang & Lee 2005: rt-polarity.neg,
rt-polarity.pos). Every tenth one is held out. Without a folder: from the cache, else downloaded, else generated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from supervised.catalogue import find_data_set
from supervised.data.download import fetch
from supervised.data.known import fingerprint, known_set
from supervised.data.pictures import grey_pictures
from tengen.errors import UserError
from tengen.files import cache_folder
from tengen.kinds import later

Say = Callable[[str], None]
_HELD_OUT = 10


class Data(NamedTuple):
    """Training and test examples."""

    X: Any  # [N, D] float32 in 0 … 1, or CSR counts
    y: np.ndarray  # [N]
    X_test: Any
    y_test: np.ndarray
    classes: Sequence[str]
    about: str
    protocol: str
    shape: tuple[int, ...] = ()  # of a picture: (H, W, C)
    vocabulary: Sequence[str] = ()
    known: str = ""  # name of the public set (supervised/data/known.py)
    fingerprint: str = ""  # of all there is, not of what of it is learned from


def pictures(task: str, where: str, examples: int, patch: int, seed: int, say: Say) -> Data:
    """The picture set `task`; with `patch`, patches of its pictures instead."""
    data_set = find_data_set(task)
    if data_set is None or not data_set.pictures:
        raise UserError(f"{task} is not a set of pictures")
    stood_in = ""
    if task in ("mnist", "fashion-mnist"):
        found, name = grey_pictures(task, where, say)
        stood_in = f" of {name}" if name not in ("MNIST", "Fashion-MNIST") else ""
    else:
        found = later(data_set.pictures)(where, say)
    (train, y), (test, y_test) = found.train, found.test
    if examples:
        train, y = train[:examples], y[:examples]
    if patch:
        return _patches(train, test, patch, seed)._replace(fingerprint=found.fingerprint)
    about = (
        f"{len(train):,} pictures{stood_in}, {train.shape[2]}x{train.shape[1]}, to learn from, {len(test):,} to test"
    )
    rows = [np.ascontiguousarray(p.reshape(len(p), -1), np.float32) / np.float32(255) for p in (train, test)]
    which = "the first" if examples else "all"
    protocol = f"learned from {which} {len(train):,} training pictures{stood_in}, pixels 0 to 1"
    known = known_set(test)
    return Data(
        rows[0], y, rows[1], y_test, found.classes, about, protocol, train.shape[1:], (), known, found.fingerprint
    )


def _patches(train: np.ndarray, test: np.ndarray, side: int, seed: int) -> Data:
    """Patches at random places, each with mean 0 and deviation 1 (Coates, Lee & Ng 2011)."""
    if side > min(train.shape[1:3]):
        raise UserError(f"--patch {side} is larger than the pictures of {train.shape[2]}x{train.shape[1]}")
    rng = np.random.default_rng(seed)
    found = []
    for pictures, count in ((train, 20_000), (test, 4_000)):
        which = rng.integers(len(pictures), size=count)
        top = rng.integers(pictures.shape[1] - side + 1, size=count)
        left = rng.integers(pictures.shape[2] - side + 1, size=count)
        rows = top[:, None] + np.arange(side)
        columns = left[:, None] + np.arange(side)
        cut = (
            pictures[which[:, None, None], rows[:, :, None], columns[:, None, :]].reshape(count, -1).astype(np.float32)
        )
        cut -= cut.mean(1, keepdims=True)
        found.append(cut / np.sqrt(cut.var(1, keepdims=True) + 10))
    shape = (side, side, train.shape[3])
    none = [np.zeros(len(part), np.int64) for part in found]
    about = f"{len(found[0]):,} patches of {side}x{side} to learn from, {len(found[1]):,} to test"
    return Data(found[0], none[0], found[1], none[1], (), about, "patches of mean 0 and deviation 1", shape)


def sentences(where: str, examples: int, words: int, say: Say) -> Data:
    """Bags of words: how often each of the `words` most frequent ones occurs in a sentence."""
    if where:
        texts, classes, note = *_read(Path(where)), ""
    else:
        try:
            texts, classes, note = *_read(fetch("rt-polarity", cache_folder("data") / "rt-polarity", say)), ""
        except UserError as error:
            texts, classes, note = *_made_up(), ", made on the spot"
            say(f"{str(error).split(';')[0]}; using generated sentences instead")
    lines = [(line, k) for k, part in enumerate(texts) for line in part]
    every = fingerprint("\n".join(f"{k} {line}" for line, k in lines).encode())
    order = np.random.default_rng(0).permutation(len(lines))
    lines = [lines[i] for i in order]
    held_out = np.arange(len(lines)) % _HELD_OUT == 0
    train = [line for line, out in zip(lines, held_out, strict=True) if not out]
    train = train[: examples or len(train)]
    test = [line for line, out in zip(lines, held_out, strict=True) if out]
    counted = Counter(word for text, _ in train for word in split(text))
    vocabulary = [word for word, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:words]]
    about = f"{len(train):,} sentences to learn from, {len(test):,} to test, {len(vocabulary):,} words{note}"
    protocol = f"bags of words, every {_HELD_OUT}th sentence held out{note}"
    parts: list[Any] = [_bags(part, vocabulary) for part in (train, test)]
    labels = [np.array([k for _, k in part]) for part in (train, test)]
    return Data(parts[0], labels[0], parts[1], labels[1], classes, about, protocol, (), vocabulary, "", every)


def split(text: str) -> list[str]:
    """The words of a text, lower-cased; signs are left out."""
    return re.findall(r"\w[\w'-]*", text.lower())


def _bags(lines: list[tuple[str, int]], vocabulary: Sequence[str]) -> csr_matrix:
    number = {word: i for i, word in enumerate(vocabulary)}
    rows, columns = [], []
    for i, (text, _) in enumerate(lines):
        known = [number[word] for word in split(text) if word in number]
        rows += [i] * len(known)
        columns += known
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(lines), len(vocabulary)))


def _read(folder: Path) -> tuple[list[list[str]], list[str]]:
    if not folder.is_dir():
        raise UserError(f"--data {folder}: expected a folder with a file of sentences for each class")
    files = [
        f for f in sorted(folder.iterdir()) if f.is_file() and f.name != "SOURCE.txt" and not f.name.startswith(".")
    ]
    texts = [
        [line for line in file.read_text("utf-8", errors="replace").splitlines() if line.strip()] for file in files
    ]
    if len(files) < 2 or not all(len(part) >= _HELD_OUT for part in texts):
        counts = ", ".join(f"{f.name}: {len(part)} lines" for f, part in zip(files, texts, strict=True)) or "nothing"
        raise UserError(f"{folder}: expected two files or more of at least {_HELD_OUT} sentences each; found {counts}")
    return texts, [file.suffix.removeprefix(".") or file.stem for file in files]


def _made_up() -> tuple[list[list[str]], list[str]]:
    """Two thousand sentences about films, of words that are good, bad or neither."""
    rng = np.random.default_rng(0)
    things = ["film", "plot", "story", "acting", "script", "director", "camera", "music", "ending", "dialogue"]
    kinds = [
        ["dull", "flat", "tired", "clumsy", "boring", "weak", "empty", "predictable", "slow", "lifeless"],
        ["fresh", "funny", "moving", "clever", "warm", "sharp", "gripping", "charming", "lively", "bright"],
    ]
    linking = ["and", "but", "although", "while", "because"]
    texts: list[list[str]] = [[], []]
    for k in (0, 1):
        for _ in range(1000):
            mood = [kinds[k if rng.random() < 0.8 else 1 - k][rng.integers(10)] for _ in range(2)]
            first, second = rng.choice(things, 2, replace=False)
            texts[k].append(f"the {first} is {mood[0]} {rng.choice(linking)} the {second} is {mood[1]}")
    return texts, ["neg", "pos"]

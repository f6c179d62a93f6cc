"""Sentences as bags of words: how often each word occurs, whatever their order.

Sentences: a folder with one file per class, one sentence per line (Pang & Lee 2005: rt-polarity.neg, rt-polarity.pos).
Every tenth is held out. Without a folder they come from the cache, else a download; if that fails, they are generated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from supervised.classical.data import Data, Say
from supervised.data.download import fetch
from supervised.data.known import fingerprint
from tengen.errors import UserError
from tengen.files import cache_folder

_HELD_OUT = 10


def sentences(where: str, examples: int, words: int, say: Say) -> Data:
    """Bags of words: counts of the `words` most frequent words in each sentence."""
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
    """The words of a text, lower-cased, without punctuation."""
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
        raise UserError(f"--data {folder}: expected a folder with one file of sentences per class")
    files = [
        f for f in sorted(folder.iterdir()) if f.is_file() and f.name != "SOURCE.txt" and not f.name.startswith(".")
    ]
    texts = [
        [line for line in file.read_text("utf-8", errors="replace").splitlines() if line.strip()] for file in files
    ]
    if len(files) < 2 or not all(len(part) >= _HELD_OUT for part in texts):
        counts = ", ".join(f"{f.name}: {len(part)} lines" for f, part in zip(files, texts, strict=True)) or "nothing"
        raise UserError(f"{folder}: expected two or more files of at least {_HELD_OUT} sentences each; found {counts}")
    return texts, [file.suffix.removeprefix(".") or file.stem for file in files]


def _made_up() -> tuple[list[list[str]], list[str]]:
    """Two thousand generated sentences about films, of positive, negative and neutral words."""
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

"""Labelled sentences: one file per class, one sentence per line; rt-polarity (Pang & Lee 2005) or your own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from supervised.data.download import fetch
from tengen.errors import UserError
from tengen.files import cache_folder
from tengen.plural import counted

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[^\w\s]")
_LONGEST = 200  # words; the rest of a longer sentence is cut
PAD, UNKNOWN = 0, 1
_SKIPPED = {".txt", ".md", ".json", ".gz", ".zip", ".npz"}


class Sentences(NamedTuple):
    numbers: list[np.ndarray]  # word indices of each sentence
    texts: list[str]
    labels: np.ndarray  # [N]
    classes: list[str]
    words: list[str]  # number -> word
    about: str


def words_of(text: str) -> list[str]:
    """Lower-cased words and punctuation marks."""
    return _WORD.findall(text.lower())[:_LONGEST]


def encode(text: str, number: dict[str, int]) -> np.ndarray:
    """Word indices [L], UNKNOWN for words without one."""
    return np.array([number.get(word, UNKNOWN) for word in words_of(text)] or [UNKNOWN], np.int64)


def read(data: str, say: Callable[[str], None], download: bool = True) -> Sentences:
    """The sentences in the folder `data`; by default rt-polarity, or generated ones if that is not available."""
    if data:
        return number(*_read_folder(Path(data)))
    try:
        return number(*_read_folder(fetch("rt-polarity", cache_folder("data") / "rt-polarity", say, download)))
    except UserError as error:
        say(f"{error}; using 2,000 generated sentences instead")
        return number(*made())


def number(texts: list[str], labels: list[int], classes: list[str], origin: str) -> Sentences:
    counts = Counter(word for text in texts for word in words_of(text))
    words = ["", "", *sorted(counts, key=lambda word: (-counts[word], word))]
    numbers = {word: i for i, word in enumerate(words) if i > UNKNOWN}
    about = f"{origin}: {len(texts):,} sentences, {len(words) - 2:,} words, classes {', '.join(classes)}"
    return Sentences([encode(text, numbers) for text in texts], texts, np.array(labels), classes, words, about)


def _read_folder(folder: Path) -> tuple[list[str], list[int], list[str], str]:
    """A file's class is its extension (rt-polarity.pos: pos), or its name if it ends in .txt."""
    if not folder.is_dir():
        raise UserError(f"no folder {folder}; --data takes one with a file of sentences per class")
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    of_classes = [p for p in files if p.suffix and p.suffix not in _SKIPPED] or [p for p in files if p.suffix == ".txt"]
    if len(of_classes) < 2:
        raise UserError(
            f"{folder} needs one file of sentences per class, at least two: NAME.pos and NAME.neg, or good.txt and"
            " bad.txt"
        )
    texts: list[str] = []
    labels: list[int] = []
    for label, path in enumerate(of_classes):
        lines = [line.strip() for line in path.read_bytes().decode("utf-8", "replace").splitlines()]
        found = [line for line in lines if words_of(line)]
        if len(found) < 10:
            raise UserError(f"{path} has {counted(len(found), 'sentences')}; each class needs ten or more")
        texts += found
        labels += [label] * len(found)
    classes = [path.stem if path.suffix == ".txt" else path.suffix.removeprefix(".") for path in of_classes]
    return texts, labels, classes, folder.name


def made() -> tuple[list[str], list[int], list[str], str]:
    """2,000 generated reviews; "not" inverts what follows, so that single words do not decide the class."""
    random = np.random.default_rng(0)
    good, bad = (
        ["good", "great", "moving", "funny", "clever", "warm"],
        ["bad", "dull", "boring", "weak", "silly", "cold"],
    )
    things, more = ["film", "plot", "story", "cast", "ending", "music"], ["really", "very", "rather", "so"]
    texts, labels = [], []
    for _ in range(2000):
        label, turned = (int(i) for i in random.integers(2, size=2))
        word = str(random.choice(good if label != turned else bad))
        start = f"the {random.choice(things)} and the {random.choice(things)}"
        texts.append(f"{start} were {'not ' if turned else ''}{random.choice(more)} {word} .")
        labels.append(label)
    return texts, labels, ["neg", "pos"], "made sentences"

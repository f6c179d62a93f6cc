"""Sentence pairs: two files, one sentence per line, of Multi30k (Elliott 2016, arXiv:1605.00459) or your own.

The folder holds train.de, train.en and optionally val.* and test_2016_flickr.* (or test.*), each plain or as .gz.
Without a test or validation set, the last tenth of the training pairs is held out as both.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import NamedTuple

from supervised.data.download import fetch
from supervised.sequence.translation.stand_in import sentences
from tengen.errors import UserError
from tengen.files import cache_folder
from tengen.plural import counted

Pair = tuple[str, str]  # a sentence and its translation
_TESTS = ("test_2016_flickr", "test")
_INNER = ("", "raw", "data/task1/raw")


class Pairs(NamedTuple):
    train: list[Pair]
    val: list[Pair]
    test: list[Pair]
    about: str  # for people
    test_name: str
    unit: str = "sentences"  # the unit of the test set's size


def read(data: str, source: str, target: str, say: Callable[[str], None]) -> Pairs:
    """The pairs in `data`; by default Multi30k, cached or downloaded; if that fails, pairs from a small grammar."""
    if data:
        return read_folder(Path(data), source, target)
    try:
        return read_folder(fetch("multi30k", cache_folder("data") / "multi30k", say), source, target)
    except UserError as error:
        if (source, target) != ("de", "en"):
            raise
        say(f"{error}; using 2,000 sentence pairs from a small grammar instead")
        return made()


def read_folder(folder: Path, source: str, target: str) -> Pairs:
    if folder.is_file():
        raise UserError(f"{folder} is a file; --data names the folder with train.{source} and train.{target}")
    train = _split(folder, "train", source, target)
    if not train:
        raise UserError(
            f"no train.{source} and train.{target} (or .gz) in {folder}; --source and --target set the endings"
        )
    val = _split(folder, "val", source, target)
    test_name, test = next(
        ((name, pairs) for name in _TESTS if (pairs := _split(folder, name, source, target))), ("", [])
    )
    if not val and not test:
        cut = len(train) - max(1, len(train) // 10)
        train, val = train[:cut], train[cut:]
    if not train or not val + test:
        raise UserError(f"too few sentences in {folder} to train on")
    about = f"{len(train):,} pairs of sentences, {source} to {target}"
    return Pairs(train, val or test, test or val, about, test_name or "held-out")


def _split(folder: Path, name: str, source: str, target: str) -> list[Pair]:
    sides = [_lines(folder, f"{name}.{language}") for language in (source, target)]
    if sides[0] is None or sides[1] is None:
        return []
    if len(sides[0]) != len(sides[1]):
        raise UserError(
            f"{name}.{source} has {counted(len(sides[0]), 'lines')} and {name}.{target} {len(sides[1]):,}:"
            " each line must be the translation of the same line of the other file"
        )
    return [(a, b) for a, b in zip(*sides, strict=True) if a.strip() and b.strip()]


def _lines(folder: Path, name: str) -> list[str] | None:
    """The lines of a file, plain or compressed; None if it does not exist. Invalid UTF-8 becomes U+FFFD."""
    for inner, ending in product(_INNER, ("", ".gz")):
        path = folder / inner / (name + ending)
        if path.is_file():
            try:
                raw = gzip.decompress(path.read_bytes()) if ending else path.read_bytes()
            except (OSError, EOFError, zlib.error) as error:
                raise UserError(f"{path} is damaged ({error}); download it again") from error
            return raw.decode("utf-8", "replace").rstrip("\n").split("\n")
    return None


def made() -> Pairs:
    """2,200 German sentences with their translations from a small grammar (stand_in.py), 200 of them held out."""
    pairs = sentences(2200)
    about = "2,000 made pairs of sentences, de to en, three in four with the verb at the German sentence's end"
    return Pairs(pairs[:2000], pairs[2000:], pairs[2000:], about, "a small grammar", "made sentences")

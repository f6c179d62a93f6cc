"""Read a text of any size in pieces as word indices, in bounded memory."""

from __future__ import annotations

import codecs
import re
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from supervised.data.download import fetch
from supervised.sequence.catalogue import MOVES_OF_GAMES
from supervised.sequence.words.config import Config
from supervised.sequence.words.stand_in import made_games, made_text
from supervised.systems.study import Setup
from tengen.errors import UserError
from tengen.files import cache_folder
from tengen.lookup import find
from tengen.plural import counted

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_PIECE = 1 << 20  # bytes
_PIECE_OF_NOTHING = 1 << 21  # characters without a space carried over to the next piece
_MOST_DIFFERENT = 2_000_000  # distinct words; further new words are skipped
_LONGEST = 100  # letters in a word


class Corpus(NamedTuple):
    words: np.ndarray  # [N] int32 word indices, the most frequent word is 0; -1 between texts
    names: list[str]  # [V]
    counts: np.ndarray  # [V]
    about: str  # for people


def corpus_of(setup: Setup, config: Config) -> Corpus:
    """The words from --data or --records; otherwise Tiny Shakespeare, or an artificial language if that is missing."""
    settings = setup.settings
    if config.net == "act2vec":
        if settings.data:
            raise UserError("--data takes a text; give games of Go with --records PATH")
        if not settings.records:
            setup.say(f"no --records PATH: using 1,000 artificial games on {config.board}x{config.board} instead")
            made = number(*made_games(config.board), config.fewest, "made games")
            return made._replace(about=f"made games on {config.board}x{config.board}: {made.counts.sum():,} moves")
        moves, names, about = find(MOVES_OF_GAMES)(Path(settings.records), config.board, setup.say)
        return number(moves, names, config.fewest, "the records")._replace(about=about)
    if settings.records:
        raise UserError("--records takes games of Go; to learn vectors of their moves, add --net act2vec")
    if settings.data:
        return read(Path(settings.data), config.fewest, config.most_words, setup.say)
    try:
        folder = fetch("tinyshakespeare", cache_folder("data") / "tinyshakespeare", setup.say)
        return read(folder, config.fewest, config.most_words, setup.say)
    except UserError as error:
        why = str(error).split(";")[0]
        setup.say(f"{why}; using 200,000 words of an artificial language (better: --data FILE with a million words)")
    return number(*made_text(), config.fewest, "a made language")


def words_of(path: Path) -> Iterator[list[str]]:
    """The lower-cased words of a file, piece by piece. Invalid UTF-8 separates words."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    with path.open("rb") as file:
        while raw := file.read(_PIECE):
            text = rest + decoder.decode(raw).lower()
            cut = max(text.rfind(" "), text.rfind("\n")) + 1  # the last word may continue in the next piece
            if not cut and len(text) > _PIECE_OF_NOTHING:  # a file without a space
                cut = len(text)
            yield _WORD.findall(text[:cut])
            rest = text[cut:]
    yield _WORD.findall(rest)


def read(path: Path, fewest: int, most: int, say: Callable[[str], None]) -> Corpus:
    """The words of `path` that occur at least `fewest` times in the first `most` words."""
    if path.is_dir() and (path / "input.txt").is_file():  # as Tiny Shakespeare's file is called
        path = path / "input.txt"
    if not path.is_file():
        raise UserError(f"{path} is {'a folder' if path.is_dir() else 'not a file'}; --data FILE takes a text")
    numbers: dict[str, int] = {}
    found = array("i")
    for piece in words_of(path):
        for word in piece[: most - len(found)]:
            known = numbers.get(word[:_LONGEST])
            if known is None and len(numbers) < _MOST_DIFFERENT:
                known = numbers[word[:_LONGEST]] = len(numbers)
            if known is not None:
                found.append(known)
        if len(found) >= most:
            say(f"{path.name}: using the first {most:,} words (--most-words)")
            break
    return number(np.frombuffer(found, np.int32) if found else np.zeros(0, np.int32), list(numbers), fewest, path.name)


def number(found: np.ndarray, names: list[str], fewest: int, origin: str) -> Corpus:
    """Renumber `found` [N], indices into `names` with -1 between texts, by frequency and without the rare words."""
    counts = np.bincount(found[found >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= fewest]
    if len(order) < 3:
        raise UserError(
            f"{origin} has {counted(len(found), 'words')}, too few of which occur {counted(fewest, 'times')}; give"
            " a longer text or a lower --fewest"
        )
    new = np.full(len(names) + 1, -2, np.int32)  # -2: removed from the text
    new[order] = np.arange(len(order))
    new[-1] = -1
    words = new[found]
    words = np.ascontiguousarray(words[words != -2])
    about = f"{origin}: {int((words >= 0).sum()):,} words, {len(order):,} different ones"
    return Corpus(words, [names[i] for i in order], counts[order], about)


def negatives_of(counts: np.ndarray, power: float, size: int) -> np.ndarray:
    """About `size` words, each repeated in proportion to its frequency ** `power`, so that drawing is one look-up."""
    weight = counts.astype(np.float64) ** power
    times = np.maximum(1, np.round(size * weight / weight.sum())).astype(np.int64)
    return np.repeat(np.arange(len(counts), dtype=np.int32), times)

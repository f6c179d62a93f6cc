"""Subword pieces by byte-pair encoding (Sennrich, Haddow, Birch 2016, arXiv:1508.07909).

Start with characters; repeatedly merge the most frequent pair of neighbours into one piece. Common words become one
piece, rare ones several, and only unseen characters are ever unknown.

    "Ein Zweirad." -> " ein" " zwei" "rad" "."

Deviations:
1. A space belongs to the word after it (as in GPT-2) instead of a mark for the end of a word: concatenated pieces give
   the text again.
2. Text is lower-cased, which makes better use of little data; translations are scored in lower case too.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any

PAD, START, END, UNKNOWN = range(4)
_WORD = re.compile(r" ?\w+| ?[^\w\s]")


def words(text: str) -> list[str]:
    """Lower-cased words and punctuation marks, each with the space before it."""
    clean = " ".join(unicodedata.normalize("NFC", text).lower().split())
    return _WORD.findall(" " + clean) if clean else []


def learn_merges(texts: Iterable[str], count: int) -> tuple[str, list[tuple[str, str]]]:
    """(the characters that occur, up to `count` merges in the order in which they were found)."""
    frequency = Counter(word for text in texts for word in words(text))
    spelled = [list(word) for word in frequency]
    times = list(frequency.values())
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)  # words that have the pair
    for i, pieces in enumerate(spelled):
        for pair in pairwise(pieces):
            pairs[pair] += times[i]
            where[pair].add(i)
    heap = [(-n, pair) for pair, n in pairs.items()]  # entries may be out of date: checked when they come up
    heapq.heapify(heap)
    merges: list[tuple[str, str]] = []
    while heap and len(merges) < count:
        negative, best = heapq.heappop(heap)
        if pairs[best] != -negative:
            continue
        if pairs[best] < 2:
            break
        merges.append(best)
        changed: set[tuple[str, str]] = set()
        for i in where[best]:
            for pair in pairwise(spelled[i]):
                pairs[pair] -= times[i]
                changed.add(pair)
            spelled[i] = merge(spelled[i], best)
            for pair in pairwise(spelled[i]):
                pairs[pair] += times[i]
                where[pair].add(i)
                changed.add(pair)
        for pair in changed:
            if pairs[pair] > 0:
                heapq.heappush(heap, (-pairs[pair], pair))
    return "".join(sorted({c for word in frequency for c in word})), merges


def merge(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    """`pieces` with each `pair` of neighbours made one."""
    made: list[str] = []
    i = 0
    while i < len(pieces):
        whole = i + 1 < len(pieces) and (pieces[i], pieces[i + 1]) == pair
        made.append(pieces[i] + pieces[i + 1] if whole else pieces[i])
        i += 2 if whole else 1
    return made


class Pieces:
    """Text to numbers and back, for one language."""

    def __init__(self, characters: str, merges: Iterable[Iterable[str]]) -> None:
        self.characters, self.merges = characters, [(a, b) for a, b in merges]
        self.rank = {pair: i for i, pair in enumerate(self.merges)}
        self.names = ["", "", "", "\N{REPLACEMENT CHARACTER}", *characters, *(a + b for a, b in self.merges)]
        self.number = {name: i for i, name in enumerate(self.names) if i > UNKNOWN}
        self._spell = lru_cache(100_000)(self._spell_word)

    @classmethod
    def learn(cls, texts: Iterable[str], count: int) -> Pieces:
        """At most `count` pieces, learned from `texts`."""
        texts = list(texts)
        characters, merges = learn_merges(texts, count)
        return cls(characters, merges[: max(0, count - UNKNOWN - 1 - len(characters))])

    def __len__(self) -> int:
        return len(self.names)

    def encode(self, text: str) -> list[int]:
        return [self.number.get(piece, UNKNOWN) for word in words(text) for piece in self._spell(word)]

    def decode(self, numbers: Iterable[int]) -> str:
        """The text up to the first END."""
        made = []
        for number in numbers:
            if number == END:
                break
            made.append(self.names[number])
        return "".join(made).strip()

    def unknown(self, text: str) -> str:
        """The characters of `text` that were never seen, each once."""
        return "".join(sorted({c for word in words(text) for c in word if c not in self.number}))

    def _spell_word(self, word: str) -> tuple[str, ...]:
        pieces = list(word)
        while len(pieces) > 1:
            best = min(pairwise(pieces), key=lambda pair: self.rank.get(pair, len(self.rank)))
            if best not in self.rank:
                break
            pieces = merge(pieces, best)
        return tuple(pieces)

    def to_json(self) -> dict[str, Any]:
        return {"characters": self.characters, "merges": [list(pair) for pair in self.merges]}

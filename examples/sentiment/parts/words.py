"""From words to numbers: a vocabulary, encoding a sentence, and batching sentences of different lengths."""

from collections.abc import Iterable, Sequence

import torch

PAD, UNKNOWN = 0, 1  # the numbers of "no word here" and of a word that is not in the vocabulary


def vocabulary(sentences: Iterable[Sequence[str]], fewest: int) -> dict[str, int]:
    """A number for each word that occurs at least `fewest` times: 2 for the most frequent one, 3 for the next …

    Equally frequent words are in alphabetical order, so that the numbers are the same every time. Build it only from
    the training sentences: a word that occurs only in the test set is unknown.
    """
    counts: dict[str, int] = {}
    for sentence in sentences:
        for word in sentence:
            counts[word] = counts.get(word, 0) + 1
    known = sorted((word for word, count in counts.items() if count >= fewest), key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(known, 2)}


def encode(sentence: Sequence[str], numbers: dict[str, int]) -> list[int]:
    """The number of each word, UNKNOWN where it has none; [UNKNOWN] for a sentence without words."""
    return [numbers.get(word, UNKNOWN) for word in sentence] or [UNKNOWN]


def padded(sentences: Sequence[Sequence[int]], more: int) -> torch.Tensor:
    """Numbered sentences as one tensor [B, longest + more] int64, with PAD after the last word of each.

    Even the longest is followed by `more` PADs: a filter over five words may begin at the last word.
    """
    rows = torch.full((len(sentences), max(map(len, sentences)) + more), PAD)
    for row, sentence in zip(rows, sentences, strict=True):
        row[: len(sentence)] = torch.tensor(sentence)
    return rows

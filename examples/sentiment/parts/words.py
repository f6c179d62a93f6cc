"""From words to numbers: a vocabulary, the numbers of a sentence, and sentences of different lengths side by side."""

from collections.abc import Iterable, Sequence

import torch

PAD, UNKNOWN = 0, 1  # the numbers of "no word here" and of a word that is not in the vocabulary


def vocabulary(sentences: Iterable[Sequence[str]], fewest: int) -> dict[str, int]:
    """A number for each word that occurs at least `fewest` times: 2 for the most frequent one, 3 for the next …

    Words that are equally frequent stand in the order of the alphabet, so that the numbers are the same every time.
    Build it from the sentences that are learned from, and from no others: a word that only the test has is unknown.
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
    """Numbered sentences as one tensor [B, longest + more] int64, with PAD behind the last word of each.

    `more` places without a word follow even the longest one: a filter over five words may begin at the last word.
    """
    rows = torch.full((len(sentences), max(map(len, sentences)) + more), PAD)
    for row, sentence in zip(rows, sentences, strict=True):
        row[: len(sentence)] = torch.tensor(sentence)
    return rows

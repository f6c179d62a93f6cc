"""A generated text, for machines without a network: sums in words, one per line.

    twenty-three plus nine is thirty-two.

Both numbers are uniform from 0 to 99. So the text's entropy is known: ln(100 * 100) = 9.21 nats a line, about 0.19 nats
a character; a lower loss on held-out lines is an error, and a model that reaches it can add.
"""

from __future__ import annotations

import numpy as np

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int) -> str:
    """0 to 199 in words."""
    if number >= 100:
        return "one hundred" + (f" and {in_words(number - 100)}" if number > 100 else "")
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


def sums(lines: int, seed: int = 0) -> str:
    """So many lines, always the same ones."""
    pairs = np.random.default_rng(seed).integers(100, size=(lines, 2)).tolist()
    return "".join(f"{in_words(a)} plus {in_words(b)} is {in_words(a + b)}.\n" for a, b in pairs)

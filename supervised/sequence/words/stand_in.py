"""A made language, for a machine without a text: animals eat food at places, at random, in 200,000 words."""

from __future__ import annotations

import numpy as np

_KINDS = {
    "animal": "dog cat horse bird fish mouse cow sheep goat duck".split(),
    "person": "king queen man woman boy girl farmer teacher sailor baker".split(),
    "verb": "eats buys sells likes wants finds brings takes".split(),
    "food": "bread cheese apple grass seed corn meat honey milk rice".split(),
    "place": "house garden field river market forest street harbour".split(),
    "adjective": "small big old young black white red green".split(),
}
_SENTENCES = (
    "the adjective animal verb food near the place",
    "a person verb the adjective food at the place",
    "the person and the animal verb food",
    "near the place a adjective animal verb the food",
)


def text(count: int = 200_000) -> tuple[np.ndarray, list[str]]:
    """([about `count`] numbers of words, -1 between sentences, and the words)."""
    random = np.random.default_rng(0)
    names = sorted({w for group in _KINDS.values() for w in group} | {"the", "a", "at", "near", "and"})
    place = {name: i for i, name in enumerate(names)}
    made: list[int] = []
    while len(made) < count:
        for word in _SENTENCES[random.integers(len(_SENTENCES))].split():
            group = _KINDS.get(word)
            made.append(place[group[random.integers(len(group))] if group else word])
        made.append(-1)
    return np.array(made, np.int32), names

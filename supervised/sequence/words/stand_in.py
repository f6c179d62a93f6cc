"""Substitutes for missing data: an artificial language (animals eat food at places), and games of local moves."""

from __future__ import annotations

import numpy as np

_KINDS = {
    "animal": ["dog", "cat", "horse", "bird", "fish", "mouse", "cow", "sheep", "goat", "duck"],
    "person": ["king", "queen", "man", "woman", "boy", "girl", "farmer", "teacher", "sailor", "baker"],
    "verb": ["eats", "buys", "sells", "likes", "wants", "finds", "brings", "takes"],
    "food": ["bread", "cheese", "apple", "grass", "seed", "corn", "meat", "honey", "milk", "rice"],
    "place": ["house", "garden", "field", "river", "market", "forest", "street", "harbour"],
    "adjective": ["small", "big", "old", "young", "black", "white", "red", "green"],
}
_SENTENCES = (
    "the adjective animal verb food near the place",
    "a person verb the adjective food at the place",
    "the person and the animal verb food",
    "near the place a adjective animal verb the food",
)


def made_text(count: int = 200_000) -> tuple[np.ndarray, list[str]]:
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


def made_games(board: int, games: int = 1000) -> tuple[np.ndarray, list[str]]:
    """(points, -1 between games, and their names): a move lies near the one before it, or now and then anywhere."""
    random = np.random.default_rng(0)
    length = board * board // 2
    made = []
    for _ in range(games):
        places = np.empty((length, 2), np.int64)  # column, row
        anywhere = random.random(length) < 0.1
        steps = np.rint(random.normal(0, 1.5, (length, 2))).astype(np.int64)
        free = random.integers(board, size=(length, 2))
        here = free[0]
        for i in range(length):
            here = free[i] if anywhere[i] else np.clip(here + steps[i], 0, board - 1)
            places[i] = here
        made += [(places[:, 1] * board + places[:, 0]).astype(np.int32), np.array([-1], np.int32)]
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
    return np.concatenate(made), [f"{letters[i % board]}{i // board + 1}" for i in range(board * board)]

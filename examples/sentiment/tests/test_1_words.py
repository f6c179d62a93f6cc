"""Words become numbers: the most frequent first, rare ones unknown, short sentences padded."""

from parts.words import PAD, UNKNOWN, encode, padded, vocabulary

TEXTS = [["a", "fine", "film"], ["a", "dull", "film"], ["a", "film", "of", "of"]]


def test_the_vocabulary_by_hand():
    """a and film three times, of twice, dull and fine once."""
    assert vocabulary(TEXTS, 1) == {"a": 2, "film": 3, "of": 4, "dull": 5, "fine": 6}
    assert vocabulary(TEXTS, 2) == {"a": 2, "film": 3, "of": 4}
    assert vocabulary((text for text in TEXTS), 3) == {"a": 2, "film": 3}, "a generator will do"


def test_the_numbers_of_a_sentence():
    numbers = {"a": 2, "film": 3}
    assert encode(["film", "noir", "a"], numbers) == [3, UNKNOWN, 2]
    assert encode([], numbers) == [UNKNOWN]


def test_side_by_side():
    rows = padded([[5, 6, 7], [8]], 2)
    assert rows.tolist() == [[5, 6, 7, PAD, PAD], [8, PAD, PAD, PAD, PAD]]
    assert padded([[5]], 0).tolist() == [[5]]

"""Word vectors: one step by hand, the optimum of Levy & Goldberg 2014, hostile texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from supervised.sequence.words.config import ACT2VEC, SKIP_GRAM
from supervised.sequence.words.corpus import corpus_of, negatives_of, number, read
from supervised.sequence.words.kernel import learn
from supervised.sequence.words.study import WordStudy
from supervised.systems.catalogue import find_system
from supervised.systems.study import Setup
from tengen.errors import UserError
from tengen.seeding import Seeds


def sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def test_one_pair_by_hand() -> None:
    """Words 0 1, window 1, one negative, always word 2: both centres update, each seeing the other's change."""
    vectors = np.array([[1, 0], [0, 1], [0, 0]], np.float32)
    contexts = np.array([[0, 2], [1, 1], [1, -1]], np.float32)
    v, u = vectors.astype(float), contexts.astype(float)
    total = 0.0
    for w, c in ((0, 1), (1, 0)):
        p, q = sigmoid(u[c] @ v[w]), sigmoid(u[2] @ v[w])
        total += -np.log(p) - np.log(1 - q)
        change = 0.1 * (1 - p) * u[c]
        u[c] += 0.1 * (1 - p) * v[w]
        change += 0.1 * (0 - q) * u[2]
        u[2] += 0.1 * (0 - q) * v[w]
        v[w] += change
    drawn, keep = np.array([2], np.int32), np.ones(3)
    words = np.array([0, 1, -1, 2], np.int32)  # the last word has no neighbours: a new text begins there
    assert learn(words, 0, 4, vectors, contexts, drawn, keep, 1, 1, 0.1, 7) == (pytest.approx(total, abs=1e-5), 2)
    np.testing.assert_allclose(vectors, v, atol=1e-6)
    np.testing.assert_allclose(contexts, u, atol=1e-6)
    before = vectors.copy()
    learn(words, 0, 4, vectors, contexts, drawn, keep, 1, 1, 0.0, 7)
    assert np.array_equal(before, vectors)


def test_the_optimum_is_pmi_minus_log_k() -> None:
    """u_c . v_w = log(#(w, c) |D| / (#w #c)) - log k, negatives drawn by their frequency (Levy & Goldberg, Eq. 7)."""
    rng = np.random.default_rng(0)
    follow = np.array([[0.2, 0.6, 0.2], [0.5, 0.1, 0.4], [0.3, 0.3, 0.4]])
    words = np.zeros(3000, np.int32)
    for i in range(1, len(words)):
        words[i] = rng.choice(3, p=follow[words[i - 1]])
    count = np.zeros((3, 3))
    np.add.at(count, (words[:-1], words[1:]), 1)
    count += count.T  # neighbours on both sides
    pmi = np.log(count * count.sum() / np.outer(count.sum(1), count.sum(0)))
    drawn = negatives_of(count.sum(0), 1.0, 1 << 16)
    vectors, contexts = (rng.normal(0, 0.5, (3, 3)).astype(np.float32) for _ in range(2))
    products = []
    for epoch in range(400):
        lr = 0.05 if epoch < 100 else 0.005 if epoch < 200 else 0.0005
        learn(words, 0, len(words), vectors, contexts, drawn, np.ones(3), 1, 2, lr, epoch)
        products.append(vectors @ contexts.T)
    found = np.mean(products[300:], 0)
    np.testing.assert_allclose(found, pmi - np.log(2), atol=0.03)


def test_negatives_are_drawn_by_frequency_to_a_power() -> None:
    drawn = negatives_of(np.array([16, 1]), 0.75, 900)
    assert np.bincount(drawn).tolist() == [800, 100]  # 16^0.75 = 8


@pytest.mark.parametrize(
    "raw", [b"", b"one", b"\xff\xfe\x00\x01" * 50, b"\x00" * 1000], ids=["empty", "one word", "not UTF-8", "zeros"]
)
def test_texts_without_words(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(raw)
    with pytest.raises(UserError, match="too few of which occur 5 times"):
        read(tmp_path / "text", 5, 1000, print)


def test_a_text_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words for any chunk size, even if a chunk boundary splits a word or a two-byte character."""
    text = "Der Bär isst. Der BÄR schläft; don't wake der Bär!\n" * 20
    (tmp_path / "text").write_text(text, encoding="utf-8")
    whole = read(tmp_path / "text", 1, 10_000, print)
    assert whole.names[:2] == ["der", "bär"] and "don't" in whole.names and len(whole.words) == 200
    for piece in (7, 64):
        monkeypatch.setattr("supervised.sequence.words.corpus._PIECE", piece)
        again = read(tmp_path / "text", 1, 10_000, print)
        assert np.array_equal(again.words, whole.words) and again.names == whole.names
    said: list[str] = []
    assert len(read(tmp_path / "text", 1, 50, said.append).words) == 50 and "first 50 words" in said[0]


def test_rare_words_are_left_out_and_texts_stay_apart() -> None:
    corpus = number(np.array([3, 0, -1, 1, 1, 3, 3, 2, 2, -1, 1], np.int32), ["a", "b", "c", "d"], 2, "x")
    assert corpus.names == ["b", "d", "c"]
    assert corpus.words.tolist() == [1, -1, 0, 0, 1, 1, 2, 2, -1, 0]


def test_the_card_has_an_interval(tmp_path: Path) -> None:
    """Computed from segments of the held-out text; too few words give none."""
    random = np.random.default_rng(0)
    path = tmp_path / "text.txt"
    path.write_text(" ".join(random.choice(["red", "green", "blue", "black"], 4000)))
    system = find_system("words", "skip-gram")
    settings = replace(system.training("words").settings, data=str(path), steps=2000, threads=1)
    study = WordStudy(Setup("words", settings, SKIP_GRAM, Seeds(1), None, print))
    list(study.ticks())
    found = study.measure()
    assert found.ci95 and found.ci95[0] < found.value < found.ci95[1] < found.ci95[0] + 0.5
    path.write_text("red green blue black " * 6)
    assert WordStudy(Setup("words", settings, SKIP_GRAM, Seeds(1), None, print)).measure().ci95 is None


def test_made_games_have_moves_and_not_words() -> None:
    settings = find_system("words", "act2vec").training("words").settings
    setup = Setup("words", settings, replace(ACT2VEC, board=5), Seeds(1), None, lambda text: None)
    made = corpus_of(setup, setup.config)
    assert made.about == f"made games on 5x5: {(made.words >= 0).sum():,} moves" and len(made.names) == 25

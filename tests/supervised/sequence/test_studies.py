"""Guarantees of every study: same seed, same metrics; resumed equals uninterrupted; samples and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supervised.sequence.catalogue import TRANSLATION, WORDS
from supervised.sequence.translation import data
from supervised.sequence.translation.bleu import bleu
from supervised.sequence.translation.sample import sample as translate
from supervised.sequence.words import show
from supervised.sequence.words.corpus import corpus_of
from supervised.sequence.words.study import MOVES
from supervised.systems.settings import SystemSettings
from supervised.systems.study import SampleOptions, Setup
from tengen.checkpoint import differences
from tengen.device import Compute
from tengen.errors import UserError
from tengen.lookup import find
from tengen.metrics import same_metrics
from tengen.seeding import Seeds
from tests.supervised.sequence.test_sentences import study as sentences

TINY: dict[str, dict[str, Any]] = {
    "transformer": {"width": 16, "heads": 2, "feed_forward": 16, "layers": 1, "pieces": 60, "batch_tokens": 128},
    "attention": {"width": 16, "embedding": 8, "pieces": 60, "batch_tokens": 128},
    "seq2seq": {"width": 16, "embedding": 8, "layers": 2, "pieces": 60, "batch_tokens": 128},
    "skip-gram": {"width": 8},
    "act2vec": {"width": 8, "board": 9},
}
SYSTEMS = {system.name: system for system in (*TRANSLATION, *WORDS)}


def make(name: str, monkeypatch: pytest.MonkeyPatch, steps: int = 6) -> Any:
    if name == "sentence-cnn":
        return sentences(monkeypatch, 45)
    found = data.made()
    few = found._replace(train=found.train[:60], val=found.val[:8], test=found.test[:8])
    monkeypatch.setattr(data, "read", lambda *_: few)
    monkeypatch.setattr("supervised.sequence.words.study._TICK", 2000)
    monkeypatch.setattr("supervised.sequence.words.corpus.fetch", no_network)
    monkeypatch.setattr("supervised.sequence.words.corpus.made_games", lambda board: games(board, 20))
    monkeypatch.setattr("supervised.sequence.words.corpus.made_text", lambda: text(3000))
    training = SYSTEMS[name].training(SYSTEMS[name].task)
    settings = SystemSettings(steps=steps * (1000 if "2vec" in name or "gram" in name else 1), test_every=3)
    config = replace(training.config, **TINY[name])
    setup = Setup(training.task, settings, config, Seeds(1), Compute(channels_last=False), lambda text: None)
    return find(SYSTEMS[name].study)(setup)


def no_network(name: str, *_: object) -> None:
    raise UserError(f"{name} cannot be downloaded (no network); put it somewhere")


def text(count: int) -> Any:
    from supervised.sequence.words.stand_in import made_text

    return made_text(count)


def games(board: int, count: int) -> Any:
    from supervised.sequence.words.stand_in import made_games

    return made_games(board, count)


def test_words_are_looked_for_where_all_data_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "input.txt").write_text("to be or not to be\n" * 50)
    training = SYSTEMS["skip-gram"].training("words")
    setup = Setup("words", training.settings, training.config, Seeds(1), None, lambda text: None)
    monkeypatch.setattr("supervised.sequence.words.corpus.fetch", lambda *_: tmp_path / "input.txt")
    assert sorted(corpus_of(setup, training.config).names) == ["be", "not", "or", "to"]
    monkeypatch.setattr("supervised.sequence.words.corpus.fetch", no_network)
    assert "made language" in corpus_of(setup, training.config).about


@pytest.mark.parametrize("name", [*TINY, "sentence-cnn"])
def test_resumed_equals_uninterrupted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, first = make(name, monkeypatch), make(name, monkeypatch)
    rows = [(t.step, same_metrics(t.metrics)) for t in whole.ticks()]
    assert whole.step == whole.total_steps and rows[-1][1]["test/score"] == rows[-1][1]["test/score"]
    ticks = first.ticks()
    begun = [next(ticks) for _ in range(len(rows) // 2 or 1)]
    saved = first.state()
    again = make(name, monkeypatch)
    again.load(saved)
    rest = [(t.step, same_metrics(t.metrics)) for t in again.ticks()]
    assert [(t.step, same_metrics(t.metrics)) for t in begun] + rest == rows
    assert differences(whole.state(), again.state()) == []


@pytest.mark.parametrize("name", ["transformer", "attention", "seq2seq"])
def test_translations_by_a_rebuilt_network(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = make(name, monkeypatch, 3)
    list(made.ticks())
    card = made.measure()
    assert card.metric == "BLEU" and "case:lc" in card.protocol and card.ci95 is not None
    tree = made.state()
    known = find(SYSTEMS[name].model)(tree["network"], tree["weights"])
    said: list[str] = []
    found = translate(known, SampleOptions(prompt="Ein Hund läuft im Park.\n\N{SNOWMAN}"), said.append)
    assert found.text.count("\n") == 1 and "\N{SNOWMAN}" in said[0]
    assert (found.picture is None) == (name == "seq2seq")
    assert len(made.pictures(tmp_path)) == 1
    for prompt, message in ((" ", "nothing to translate"), ("ab " * 300, "more than 200 pieces")):
        with pytest.raises(UserError, match=message):
            translate(known, SampleOptions(prompt=prompt), print)


def test_bleu_by_hand() -> None:
    """6 of 7 words, 4 of 6 pairs, 2 of 5 triples, 1 of 4 quadruples (punctuation counts); no brevity penalty."""
    score, _, signature = bleu(["A dog runs in the snow."], ["a dog runs through the snow."])
    precisions = 6 / 7 * 4 / 6 * 2 / 5 * 1 / 8  # no 4-gram matches: sacreBLEU counts half of one of 4
    assert score == pytest.approx(100 * precisions**0.25, abs=0.01) and "case:lc" in signature


def test_words_and_moves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    say: Callable[[str], None] = lambda text: None  # noqa: E731
    for name, prompt in (("skip-gram", "king - man + woman"), ("act2vec", "E5")):
        made = make(name, monkeypatch)
        list(made.ticks())
        made.measure()
        assert len(made.pictures(tmp_path)) == 1
        tree = made.state()
        known = find(SYSTEMS[name].model)(tree["network"], tree["weights"])
        lines = show.sample(known, SampleOptions(prompt=prompt, count=4), say).text.splitlines()
        assert len(lines) == 5
        with pytest.raises(UserError, match="no word named"):
            show.sample(known, SampleOptions(prompt="qqqq"), say)
    assert made.words is MOVES


def test_neighbours_on_a_board_by_hand() -> None:
    """Vectors that encode the points as angles: each move's nearest neighbour is adjacent on the board."""
    names = [f"{'ABC'[i % 3]}{i // 3 + 1}" for i in range(9)]
    where = show.places(names)
    flat = np.column_stack([where, np.full(9, 2.0)])
    share, chance = show.neighbours_on_the_board(flat, names, 3)
    assert share == 1 and chance == pytest.approx(2 * 20 / 81)  # 20 adjacent pairs; 81 ordered ones with self-pairs
    angles = np.column_stack([where - 1, np.full(9, 5.0)])  # nearly flat: normalising hardly changes directions
    assert show.redrawn(angles, names) > 0.95

"""The stand-in sentences for Multi30k: German word order, and how attention handles it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from supervised.sequence.catalogue import TRANSLATION
from supervised.sequence.translation import data
from supervised.sequence.translation.show import draw_attention
from supervised.sequence.translation.stand_in import VERBS, sentences
from supervised.sequence.translation.study import study
from supervised.sequence.translation.translate import Translation, Translator
from supervised.systems.study import Setup
from tengen.device import Compute
from tengen.figures import pyplot
from tengen.seeding import Seeds
from tests.long import takes_long


def test_the_made_sentences_have_the_verb_where_german_puts_it() -> None:
    made = data.made()
    pairs = made.train + made.test
    assert len(made.train) == 2000 and len(set(pairs)) == 2200
    sat = {
        "eine alte katze hat im park gesessen.": "an old cat has sat in the park.",
        "ein mann ist heute am strand gelaufen.": "a man has run at the beach today.",
        "ein kleines kind will auf der straße spielen.": "a small child wants to play on the street.",
        "ich sehe, dass ein hund neben einem baum schläft.": "i see that a dog sleeps next to a tree.",
        "ein hund schläft neben einem baum.": "a dog sleeps next to a tree.",
    }
    assert sat.items() <= dict(sentences(10**6)).items()
    last = [german.rstrip(".").split()[-1] for german, _ in pairs]
    said = {form for verb in VERBS for form in verb.german[:3]}
    assert 0.7 < np.mean([word in said for word in last]) < 0.8
    assert "made" in made.unit and "made" in made.about


@takes_long
def test_attention_fetches_the_verb_from_the_end_of_a_made_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exercise of docs/algorithms/translation.md, without Multi30k."""
    monkeypatch.setattr(data, "read", lambda *_: data.made())
    training = TRANSLATION[1].training("translation")
    settings = replace(training.settings, steps=100, test_every=100)
    made: Any = study(Setup("translation", settings, training.config, Seeds(1), Compute(channels_last=False)))
    list(made.ticks())
    one = Translator(made.network, made.state()["weights"]).explain("ein mann hat heute am strand gesessen.", 5, 1.0)
    assert one.text == "a man has sat at the beach today." and one.looks is not None
    looked = {target.strip(): one.source[i].strip() for target, i in zip(one.target, one.looks.argmax(1), strict=True)}
    assert looked["sat"] == "gesessen" and looked["today"] == "heute"


def test_the_axes_of_attention_have_names() -> None:
    axes = pyplot().figure().subplots()
    draw_attention(axes, Translation("a dog", ["ein", "hund", "end"], ["a", "dog", "end"], np.eye(3)))
    assert "source" in axes.get_xlabel() and "target" in axes.get_ylabel()

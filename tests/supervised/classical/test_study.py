"""Classical learners as trainings: same seed, interruption, data of all kinds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supervised.classical.bags import sentences
from supervised.classical.catalogue import LEARNERS, SYSTEMS
from supervised.classical.lessons.study import LessonStudy
from supervised.classical.study import ClassicalStudy, learner_of
from supervised.systems.study import Setup
from tengen.checkpoint import differences, read_checkpoint, write_checkpoint
from tengen.device import Compute
from tengen.errors import UserError
from tengen.metrics import same_metrics
from tengen.run import Run
from tengen.seeding import Seeds

STEPS = {"logistic": 6, "sgd": 3, "kmeans": 6, "forest": 4, "boosting": 3, "svm": 6, "lda": 3, "tsne": 60}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str, *_: object) -> None:
        raise UserError(f"{name} cannot be downloaded (no network in tests); put it somewhere")

    for module in ("classical.bags", "data.sets"):
        monkeypatch.setattr(f"supervised.{module}.fetch", nothing)


def study(name: str, task: str = "", **settings: Any) -> ClassicalStudy:
    system = next(s for s in SYSTEMS if s.name == name)
    task = task or ("sentences" if name == "lda" else "digits")
    training = system.training(task)
    chosen = replace(training.settings, steps=STEPS.get(name, 1), threads=1, **settings)
    config = replace(training.config, examples=200)
    return ClassicalStudy(Setup(task, chosen, config, Seeds(1), None, lambda text: None))


@pytest.mark.parametrize("name", LEARNERS)
def test_stopped_and_continued_is_uninterrupted(name: str, tmp_path: Path) -> None:
    whole = study(name)
    rows = [same_metrics(tick.metrics | {"step": tick.step}) for tick in whole.ticks()]
    first, seen = study(name), []
    for tick in first.ticks():
        seen.append(same_metrics(tick.metrics | {"step": tick.step}))
        if len(seen) == max(1, len(rows) // 2):
            break
    saved = read_checkpoint(write_checkpoint(tmp_path, first.step, first.state()))
    second = study(name)
    second.load(saved)
    seen += [same_metrics(tick.metrics | {"step": tick.step}) for tick in second.ticks()]
    assert seen == rows
    assert differences(whole.state(), second.state()) == []
    assert any("test/score" in row for row in rows)
    model = learner_of(saved["network"], whole.state()["weights"])
    if hasattr(model, "predict"):
        assert np.array_equal(model.predict(whole.data.X_test), whole.learner.predict(whole.data.X_test))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["forest", "svm", "lda", "tsne"])
def test_there_is_something_to_look_at(name: str, tmp_path: Path) -> None:
    made = study(name)
    list(made.ticks())
    files = made.pictures(tmp_path)
    assert files and all(file.stat().st_size > 3000 for file in files)
    card = made.measure()
    assert np.isfinite(card.value) and card.measured_on and card.protocol


def test_a_step_of_tsne_is_an_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STEPS, "tsne", 25)
    made = study("tsne")
    assert [tick.step for tick in made.ticks()] == [10, 20, 25]
    assert made.total_steps == 25 and made.words.unit == "iterations"


def test_a_title_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, widths = study("forest"), {}

    def width(figure: Any, out: Path) -> None:
        figure.canvas.draw()
        title = figure._suptitle.get_window_extent()
        widths[out.stem] = (title.x0, figure.bbox.width - title.x1)

    monkeypatch.setattr("tengen.figures.write", width)
    list(made.ticks())
    made.pictures(tmp_path)
    assert widths["importances"] and all(min(margins) > 0 for margins in widths.values())


def test_sentences_from_a_folder_and_made_on_the_spot(tmp_path: Path) -> None:
    said: list[str] = []
    made = sentences("", 0, 100, said.append)
    assert "made on the spot" in made.protocol and said[-1].startswith("rt-polarity cannot be downloaded")
    said.clear()
    (tmp_path / "a.neg").write_bytes(b"bad \xff film\n" * 30)
    (tmp_path / "a.pos").write_text("a good film\n" * 30)
    found = sentences(str(tmp_path), 0, 100, said.append)
    assert sorted(found.vocabulary) == ["a", "bad", "film", "good"] and found.X.shape == (54, 4)
    assert list(found.classes) == ["neg", "pos"] and said == []
    (tmp_path / "a.pos").write_text("")
    with pytest.raises(UserError, match="at least 10 sentences"):
        sentences(str(tmp_path), 0, 100, said.append)
    with pytest.raises(UserError, match="expected a folder"):
        sentences(str(tmp_path / "none"), 0, 100, said.append)


@pytest.mark.parametrize("task", ["mnist", "fashion-mnist"])
def test_without_a_network_small_digits_stand_in_and_the_card_says_so(task: str) -> None:
    made = study("linear", task)
    list(made.ticks())
    card = made.measure()
    assert "scikit-learn's digits" in card.protocol and "scikit-learn's digits" in made.remarks()[0]
    assert made.data.shape == (28, 28, 1) and card.value > 0.7


def test_sentences_are_looked_for_where_all_data_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("neg", "pos"):
        (tmp_path / f"rt-polarity.{name}").write_text(f"a {name} film\n" * 30)
    monkeypatch.setattr("supervised.classical.bags.fetch", lambda *_: tmp_path)
    assert sorted(sentences("", 0, 100, print).vocabulary) == ["a", "film", "neg", "pos"]


def test_patches_and_what_cannot_be_cut() -> None:
    system = next(s for s in SYSTEMS if s.name == "kmeans")
    training = system.training("digits")

    def of(patch: int) -> Setup:
        settings = replace(training.settings, steps=2)
        return Setup("digits", settings, replace(training.config, patch=patch), Seeds(1), Compute(), lambda text: None)

    cut = ClassicalStudy(of(4))
    assert cut.X.shape == (20_000, 16) and abs(cut.X.mean(1)).max() < 1e-4
    list(cut.ticks())
    assert cut.measure().metric == "inertia"
    with pytest.raises(UserError, match="larger than the pictures"):
        ClassicalStudy(of(9))


def test_other_data_than_was_learned_from_is_no_damage(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "logistic", {}, {})
    made = study("logistic")
    next(made.ticks())
    run.save(made.step, made.state())
    with pytest.raises(UserError, match="logistic was trained on other data; give the original with --data"):
        run.restore(study("logistic", "sentences"))


def test_what_is_not_held_out_is_not_called_so() -> None:
    """Before the card a line says what is measured: "…, on all that is held out", unless a study overrides it."""
    assert "on the map" in study("tsne").measures and not study("kmeans").measures
    assert "held out" not in LessonStudy.measures

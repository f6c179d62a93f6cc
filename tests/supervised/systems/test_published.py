"""A published figure is shown beside ours only if both were measured on the same data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supervised.data import known
from supervised.data.sums import sums
from supervised.data.text import of_file
from supervised.sequence.text.study import study_of
from supervised.systems.catalogue import all_systems
from supervised.systems.settings import SystemSettings
from supervised.systems.study import Setup
from tengen.device import Compute
from tengen.papers import published, reading_list
from tengen.seeding import Seeds
from tests.supervised.classical.test_study import study as classical
from tests.supervised.generative.small import quick
from tests.supervised.generative.small import study as generative
from tests.supervised.sequence.test_studies import make as sequence
from tests.supervised.sequence.test_text import TINY


def text(folder: Path) -> Any:
    (folder / "text.txt").write_text(sums(300))
    setup = Setup("text", SystemSettings(steps=1), TINY, Seeds(1), Compute(channels_last=False), lambda said: None)
    return study_of(of_file(folder / "text.txt"), setup)


STUDIES: dict[str, Callable[[Path, pytest.MonkeyPatch], Any]] = {
    "attention": lambda folder, patch: sequence("attention", patch),
    "sentence-cnn": lambda folder, patch: sequence("sentence-cnn", patch),
    "lstm": lambda folder, patch: text(folder),
    "vae": lambda folder, patch: generative("vae", folder, steps=1),
    "svm": lambda folder, patch: classical("svm"),
}


@pytest.mark.parametrize("name", ["lstm", "svm"])
def test_not_beside_a_result_on_other_data(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    made = STUDIES[name](tmp_path, monkeypatch)
    list(made.ticks())
    assert made.measure().data_set == "" and published(name, "") == ""
    assert published(name, "sums in words") == ""


@pytest.mark.parametrize("name", STUDIES)
def test_beside_a_result_on_the_same_data_wherever_it_lies(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    row = next(row for row in reading_list() if row.name == name)
    monkeypatch.setattr(known, "fingerprint", lambda *parts: "this" if parts else "none")
    monkeypatch.setitem(known._KNOWN, "this", row.published_on)
    made = STUDIES[name](tmp_path, monkeypatch)
    list(made.ticks())
    assert published(name, made.measure().data_set) == row.published != ""


def test_a_fingerprint_is_of_values() -> None:
    assert known.fingerprint(b"ab") == known.fingerprint(b"a", b"b") != known.fingerprint(b"b", b"a")
    assert known.known_set(b"anything else") == ""


def test_every_published_figure_of_a_training_says_on_which_data() -> None:
    trained = {system.paper or system.name for system in all_systems()}
    for row in reading_list():
        if row.published and row.name in trained:
            assert row.published_on in known._KNOWN.values(), row.name

"""The proof by many kills (kills.py): its list of trainings is complete, and its comparison notices any difference."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tengen.options import Parser
from tengen.run import Run
from tengen.typed import read_training
from tests.faults.kills import Row, moments, share
from tests.faults.resumed import Kill, unlike
from tests.faults.trainings import EXCEPTIONS, missing, trainings


def test_every_kind_of_training_is_in_the_list_or_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    found = trainings(Path("data"))
    assert missing(found) == [] and len({one.name for one in found}) == len(found)
    without = [one for one in found if not one.name.startswith(("text-gru", "go9-"))]
    assert {"system text-gru", "paper gru", r"data set go\d{1,2}"} <= set(missing(without))
    assert missing([])[:4] == ["kind system", "kind labels", "kind selfplay", "kind agent"]
    exceptions = dict(EXCEPTIONS)
    for name, why in exceptions.items():
        monkeypatch.delitem(EXCEPTIONS, name)
        assert missing(found) == [name] and why, "an exception that is none any more"
        monkeypatch.setitem(EXCEPTIONS, name, why)


def test_each_command_of_the_list_is_understood() -> None:
    for one in trainings(Path("data")):
        parser = Parser(prog="tengen train")
        parser.add_argument("--runs")
        training = read_training(parser, one.words).training
        assert training.settings.wandb == "off" and training.settings.threads == 1, one.name


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal runs."""
    run = Run.create(tmp_path, "whole", {"task": "catch"}, {})
    rows = [{"step": step, "seconds": 1.5 * step, "loss": 0.1, "time/learning": 1.0} for step in (1, 2)]
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run.save(2, {"step": 2, "weights": {"w": torch.ones(3)}, "own": {"order": np.arange(3)}})
    (run.path / "eval" / "card.json").write_text(json.dumps({"value": 0.5, "minutes": 1.0}))
    (run.path / "games").mkdir()
    (run.path / "games" / "iteration-000001.npz").write_bytes(b"games")
    return run.path, Path(shutil.copytree(run.path, tmp_path / "other"))


def _replaced(run: Path, file: str, old: str, new: str) -> None:
    text = (run / file).read_text()
    assert old in text
    (run / file).write_text(text.replace(old, new))


def _one_bit(run: Path) -> None:
    weight = torch.ones(3)
    weight.view(torch.int32)[1] ^= 1
    Run(run).save(2, {"step": 2, "weights": {"w": weight}, "own": {"order": np.arange(3)}})


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of a weight": (_one_bit, "checkpoint differs at /weights/w"),
    "a digit of a loss": (
        lambda run: _replaced(run, "metrics.jsonl", "0.1,", "0.10000000000000002,"),
        "step 1 on loss",
    ),
    "a row": (lambda run: _replaced(run, "metrics.jsonl", '"step": 2', '"other": 2'), "2 rows became 1"),
    "a step": (lambda run: Run(run).save(3, {"step": 3}), "last checkpoint at step 3 instead of 2"),
    "a card": (lambda run: _replaced(run, "eval/card.json", "0.5", "0.6"), "card"),
    "a game": (
        lambda run: _replaced(run, "games/iteration-000001.npz", "games", "gamez"),
        "iteration-000001.npz differs",
    ),
    "a ladder": (lambda run: (run / "arena.jsonl").write_text("{}"), "arena.jsonl is in one of them only"),
    "a leftover": (lambda run: (run / "checkpoints" / "step-3.tmp-9").mkdir(), "step-3.tmp-9 is left"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_difference_is_noticed(change: str, pair: tuple[Path, Path]) -> None:
    whole, other = pair
    made, said = CHANGES[change]
    made(other)
    found = unlike(whole, other)
    assert len(found) == 1 and said in found[0]


def test_times_may_differ(pair: tuple[Path, Path]) -> None:
    _replaced(pair[1], "metrics.jsonl", '"time/learning": 1.0', '"time/learning": 2.0')
    _replaced(pair[1], "eval/card.json", '"minutes": 1.0', '"minutes": 2.0')
    assert unlike(*pair) == []


def test_more_than_the_work_between_two_checkpoints_is_a_complaint() -> None:
    rows = [{"step": step, "time/acting": 0.1, "time/learning": 0.2, "seconds": 9.0} for step in (10, 20, 30)]
    assert Kill(0.0, True, saved=20, rows=rows, resumed_from=20).complaints() == []
    assert Kill(0.0, True, saved=20, rows=rows, resumed_from=20).steps_lost == 10
    (said,) = Kill(0.0, True, saved=10, rows=rows, resumed_from=10).complaints()
    assert said == "0.3 s of work lost, 0 s between checkpoints"
    assert Kill(0.5, True, saved=10, rows=rows, resumed_from=10).complaints() == []
    assert Kill(0.5, True, saved=-1, rows=rows, resumed_from=0).complaints() == [
        "0.6 s of work lost, 0.5 s between checkpoints"
    ]
    assert "although there was" in Kill(9.0, True, saved=20, rows=rows, resumed_from=10).complaints()[0]
    row = Row("catch")
    row.count([Kill(9.0, True, saved=-1, rows=rows, resumed_from=0), Kill(9.0, False, saved=-1)])
    assert (row.kills, row.without_checkpoint, row.without_run, row.steps_lost) == (2, 2, 1, 30)


def test_kills_are_shared_out_and_their_moments_come_from_the_seed() -> None:
    names = [f"kind-{i}" for i in range(7)]
    shared = share(10, names, random.Random(1))
    assert (
        sum(shared.values()) == 10 and set(shared.values()) == {1, 2} and shared == share(10, names, random.Random(1))
    )
    drawn = [[wait.args[0] for wait in moments(random.Random(s), 5.0, 3)] for s in (1, 1, 2)]  # type: ignore[attr-defined]
    assert drawn[0] == drawn[1] != drawn[2]

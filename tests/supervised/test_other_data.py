"""A run records its training data: it does not resume with other data, and a card says what it was measured on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from envs.go.sgf import write_sgf
from scripts.cli import main
from supervised.data import sets
from supervised.data.known import fingerprint
from tengen.description import Description
from tengen.errors import UserError
from tengen.run import Run
from tests.envs.go.test_collection import random_record
from tests.supervised.data.test_data import write_mnist

QUICK = ["mnist", "--impl", "tape", "--steps", "20", "--hidden", "8", "--wandb", "off", "--threads", "1"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A run started without access to MNIST, so on the small stand-in set; MNIST is available now."""

    def nothing(name: str, *_: object) -> Path:
        raise UserError(f"{name} cannot be downloaded; put it somewhere")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sets, "fetch", nothing)
    monkeypatch.setattr("tengen.session._finished", lambda *_: None)
    assert main(["train", *QUICK]) == 0, capsys.readouterr().err
    write_mnist(tmp_path / "mnist", 30)
    monkeypatch.setattr(sets, "fetch", lambda *_: tmp_path / "mnist")
    capsys.readouterr()
    return Run.open(next(Path("runs").iterdir()))


def test_it_goes_on_with_its_own_data_only(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    learned_from = Description.of_run(run).learned_from
    assert learned_from and len(learned_from) == 16
    for more in ([], ["--data", "mnist"]):
        assert main(["resume", str(run.path), "--steps", "30", *more]) == 2
        error = capsys.readouterr().err
        assert f"are not those that {run.path.name} learned from" in error and "--data PATH" in error
        assert Description.of_run(run).settings["data"] == "" and not run.changes()
    old = run.config()
    del old["learned_from"]
    run.write_config(old)
    assert main(["resume", str(run.path), "--steps", "30", "--data", "mnist"]) == 0, "a run of an older version"
    assert Description.of_run(run).settings == old["settings"] | {"steps": 30, "data": "mnist"}


def test_a_card_says_that_it_is_of_other_data(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(run.path)]) == 0
    assert f"; the data found now are not those that {run.path.name} learned from" in capsys.readouterr().out
    assert main(["eval", str(run.path), "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["note"].startswith("the data found now") and not card["published"]


def test_an_agent_learns_from_no_data(tmp_path: Path) -> None:
    from tengen.session import change

    made = Run.create(tmp_path, "catch", {"task": "catch", "agent": "ppo", "settings": {}, "compute": {}}, {})
    with pytest.raises(UserError, match="learns from no data; leave out --data"):
        change(made, {"data": "x"})


def test_a_fingerprint_is_of_values_in_order() -> None:
    whole = np.arange(12, dtype=np.uint8)
    assert fingerprint(whole) == fingerprint(whole.tobytes()) == fingerprint(whole[:5], whole[5:].reshape(7, 1))
    assert fingerprint(whole) != fingerprint(whole[::-1]) and fingerprint(np.zeros((0, 3))) == fingerprint(b"")


def test_games_in_another_order_are_the_same_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tengen.session._finished", lambda *_: None)
    monkeypatch.setattr("tengen.files.cache_folder", lambda name: tmp_path / "cache" / name)
    records = [random_record(seed) for seed in range(120)]
    for name, order in (("there", records), ("renamed", records[::-1]), ("fewer", records[1:])):
        (tmp_path / name).mkdir()
        for number, record in enumerate(order):
            (tmp_path / name / f"{number:03}.sgf").write_bytes(write_sgf(record))
    typed = ["--records", str(tmp_path / "there"), "--runs", str(tmp_path), "--wandb", "off", "--threads", "1"]
    labels = ["go5", "--net", "tower8x1", "--epochs", "0.01", "--precision", "float32", *typed]
    moves = ["words", "--net", "act2vec", "--board", "5", "--steps", "2000", *typed]
    for training in (labels, moves):
        assert main(["train", *training]) == 0, capsys.readouterr().err
        (run,) = (Run.open(path) for path in tmp_path.glob(f"{training[0]}-*"))
        assert "/" in (Description.of_run(run).learned_from or "")
        assert main(["resume", str(run.path)]) == 0 and "another order" not in capsys.readouterr().out
        assert main(["resume", str(run.path), "--records", str(tmp_path / "renamed")]) == 0
        assert "its games are in another order now" in capsys.readouterr().out
        assert main(["resume", str(run.path), "--records", str(tmp_path / "fewer")]) == 2
        assert "are not those that" in capsys.readouterr().err
        before = run.config()
        old = before | {"learned_from": str(before["learned_from"]).split("/")[1]}
        run.write_config(old | {"settings": old["settings"] | {"records": str(tmp_path / "there")}})
        assert main(["resume", str(run.path)]) == 0, "as an older version wrote it"
        assert "another order" not in capsys.readouterr().out
        assert main(["resume", str(run.path), "--records", str(tmp_path / "renamed")]) == 2, "which was by order"

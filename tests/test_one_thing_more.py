"""Follows docs/development.md: adds an agent, a game, a world, a network, a data set, a player and a system.

Files and catalogue lines are extracted from the page, as a reader would copy them; nothing else is touched.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.cli import main

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "development.md").read_text()
QUICK = ["--wandb", "off", "--threads", "1", "--precision", "float32"]


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`added("An agent")` writes that section's files outside the project and adds its line to the catalogue."""
    monkeypatch.chdir(tmp_path)

    def add(heading: str) -> None:
        section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
        assert section, heading
        *files, (said, line) = re.findall(r"((?:[^\n]+\n)+)\n```python\n(.*?)```", section[1], re.S)
        for paragraph, code in files:
            name = re.findall(r"`((?:\w+/)+\w+\.py)`", paragraph)[-1]
            file = tmp_path / "outside" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(code)
            _join(name, file, monkeypatch)
        found = re.search(r"`(\w+)` \(`([\w/]+)\.py`\)", said)
        assert found, said
        catalogue = importlib.import_module(found[2].replace("/", "."))
        table = getattr(catalogue, found[1])
        more = eval(f"{{{line}}}" if isinstance(table, dict) else f"[{line}]", vars(catalogue))
        if isinstance(table, dict):
            for key, value in more.items():
                monkeypatch.setitem(table, key, value)
        else:
            monkeypatch.setattr(catalogue, found[1], [*table, *more])

    return add


def _join(name: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package that `name` belongs to find a file outside the project."""
    package, _, module = name.removesuffix(".py").replace("/", ".").rpartition(".")
    try:
        found, folder = importlib.import_module(package), file.parent
    except ModuleNotFoundError:  # a new folder in a package
        found, folder = importlib.import_module(package.rpartition(".")[0]), file.parent.parent
    monkeypatch.setattr(found, "__path__", [*found.__path__, str(folder)])
    for loaded in (package if folder != file.parent else "", f"{package}.{module}"):
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    importlib.invalidate_caches()


def newest_run() -> Path:
    return max(Path("runs").iterdir(), key=lambda path: path.stat().st_mtime)


def test_an_agent(added: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added("An agent")
    with pytest.raises(SystemExit):
        main(["train", "catch", "--agent", "onlineq", "--help"])
    assert "--epsilon" in capsys.readouterr().out
    assert main(["train", "catch", "--agent", "onlineq", "--steps", "48000", "--checkpoint-seconds", "0", *QUICK]) == 0
    assert main(["resume", "--verify", "last"]) == 0
    (card,) = (newest_run() / "eval").glob("plain-*.json")
    assert json.loads(card.read_text())["mean"] > 0
    assert main(["train", "catch", "--agent", "onlinep", *QUICK]) == 2
    assert "did you mean onlineq" in capsys.readouterr().err


def test_a_board_game(added: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added("A board game")
    from envs.boards.catalogue import make_game
    from envs.laws import check_game

    check_game(make_game("twentyone"))
    assert main(["games"]) == 0 and "twentyone" in capsys.readouterr().out
    assert main(["match", "uct:100", "random", "--board", "twentyone", "--games", "8", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["wins"] > 4
    few = ["--boards", "8", "--moves-per-iteration", "256", "--batch", "32", "--steps", "1024"]
    assert main(["train", "twentyone", "--net", "tower8x1", *few, *QUICK]) == 0
    assert main(["match", "last:16", "random", "--board", "twentyone", "--games", "2"]) == 0


def test_a_world(added: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added("A world")
    from envs.laws import check_laws
    from envs.worlds import find_world, make_world

    check_laws(lambda: make_world(find_world("stairs"), 4))
    assert main(["train", "stairs", "--steps", "4000", "--final-games", "4", *QUICK]) == 0
    assert main(["train", "stair", *QUICK]) == 2 and "stairs" in capsys.readouterr().err


def test_a_network(added: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added("A network")
    assert main(["train", "digits", "--net", "allconv", "--epochs", "1", *QUICK]) == 0
    assert "digits, allconv: accuracy" in capsys.readouterr().out
    assert main(["eval", "last"]) == 0


def test_a_data_set(added: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added("A data set")
    assert main(["train", "stripes", "--net", "lenet-modern", "--epochs", "1", *QUICK]) == 0
    assert "1,000 pictures of 8x8" in capsys.readouterr().out
    assert (newest_run() / "pictures" / "confusion.png").exists()


def test_a_player(added: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added("A player")
    assert main(["match", "greedy", "random", "--board", "tictactoe", "--games", "40", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rate"] > 0.6


def test_a_system(added: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added("A system of the reading list")
    few = ["--steps", "3", "--checkpoint-seconds", "0"]
    assert main(["train", "digits", "--learner", "perceptron", *few, *QUICK]) == 0
    assert "digits, perceptron: 0.9" in capsys.readouterr().out
    assert (newest_run() / "pictures" / "weights.png").exists()
    assert main(["resume", "--verify", "last"]) == 0 and main(["eval", "last"]) == 0
    assert main(["train", "digits", "--learner", "perceptrom", *QUICK]) == 2
    assert "did you mean perceptron" in capsys.readouterr().err

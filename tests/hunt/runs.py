"""Corrupted run folders, matches and records, and the commands that read them."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from scripts.cli import main
from tests.hunt.mutate import changed, spoilt
from tests.hunt.readers import SGF

_WAY = ["--wandb", "off", "--threads", "1", "--checkpoint-seconds", "0"]
_NETWORK = ["--precision", "float32", "--layout", "channels-last", "--convolutions", "direct"]
_TRAININGS = {
    "ppo": ["corridor", "--steps", "3000", "--final-games", "0"],
    "dqn": ["catch", "--agent", "dqn", "--steps", "9000", "--learning-starts", "200", "--final-games", "0"],
    "selfplay": ["tictactoe", "--steps", "512", "--moves-per-iteration", "128", "--boards", "8", "--simulations", "4",
                 "--net", "tower8x1", "--rate-games", "2", "--rate-simulations", "2"],
    "tree": ["digits", "--learner", "forest", "--steps", "3"],
    "digits": ["digits", "--net", "mlp", "--epochs", "1"],
}  # fmt: skip
_COMMANDS: list[list[str]] = [
    ["runs"],
    ["plot", "RUN"],
    ["resume", "RUN"],
    ["resume", "RUN", "--steps", "12000"],
    ["resume", "RUN", "--steps", "12000"],
    ["resume", "RUN", "--steps", "12000"],
    ["resume", "--verify", "RUN"],
    ["eval", "RUN", "--episodes", "1", "--simulations", "2"],
    ["watch", "RUN"],
    ["match", "RUN:2", "random", "--board", "tictactoe", "--games", "2"],
]


def warm_up(folder: Path) -> None:
    """Compile what every fork would otherwise compile again."""
    for board in ("go5", "tictactoe"):
        players = ["random", "uct:2", "--games", "2", "--out", str(folder / f"warm-{board}")]
        assert main(["match", *players, "--board", board]) == 0
    (folder / "warm.sgf").write_bytes(SGF)
    assert main(["show", str(folder / "warm.sgf")]) == 0


def make(folder: Path) -> list[Path]:
    """Intact runs of several kinds, a match and a record, to be corrupted."""
    for name, typed in _TRAININGS.items():
        if not (folder / name).exists():
            way = _WAY if "--learner" in typed else _WAY + _NETWORK
            assert main(["train", *typed, *way, "--runs", str(folder / f"{name}-runs")]) == 0
            (run,) = (folder / f"{name}-runs").iterdir()
            run.rename(folder / name)
    if not (folder / "match").exists():
        match = ["match", "random", "uct:2", "--board", "go5", "--games", "4", "--out", str(folder / "match")]
        assert main(match) == 0
    return [folder / name for name in (*_TRAININGS, "match")]


def damaged(dice: random.Random, there: list[Path], folder: Path) -> tuple[list[str], str]:
    """Corrupt a copy of one of `there` in `folder`; return (the command that reads it, what was done)."""
    source = dice.choice(there)
    copy = folder / "runs" / source.name
    shutil.copytree(source, copy)
    files = sorted(p for p in copy.rglob("*") if p.is_file() and p.name not in ("lock", "train.log", "sums.json"))
    file = dice.choice([p for p in files if p.suffix != ".png" or dice.random() < 0.05] or files)
    how = _spoil(file, dice)
    if file.parent.parent.name == "checkpoints" and dice.random() < 0.8:  # an attacker would fix the checksums
        _sum_up(file.parent)
        if dice.random() < 0.7:
            for other in copy.glob("checkpoints/step-*"):
                if other != file.parent:
                    shutil.rmtree(other)
    what = f"{how} {file.relative_to(folder)}"
    if source.name == "match":
        if dice.random() < 0.4:
            (folder / "game.sgf").write_bytes(spoilt(SGF, dice))
            return dice.choice([["show", "game.sgf"], ["watch", "game.sgf"], ["play", "game.sgf", "--help"]]), what
        again = ["match", "random", "uct:2", "--board", "go5", "--games", "6", "--out", str(copy)]
        return dice.choice([again, again, ["watch", str(copy)]]), what
    return [str(copy) if word == "RUN" else word.replace("RUN", str(copy)) for word in dice.choice(_COMMANDS)], what


def _spoil(file: Path, dice: random.Random) -> str:
    data = file.read_bytes()
    if file.suffix in (".json", ".yaml", ".jsonl") and dice.random() < 0.7:
        rows: list[bytes] = data.splitlines() if file.suffix == ".jsonl" else [data]
        at = dice.randrange(len(rows)) if rows else 0
        load: Callable[[bytes], object] = yaml.safe_load if file.suffix == ".yaml" else json.loads
        tree: Any = load(rows[at]) if rows else {}
        if isinstance(tree, dict) and tree.get("network") and dice.random() < 0.4:
            tree["network"] = changed(tree["network"], dice)
        else:
            tree = changed(tree, dice)
        text = _yaml(tree) if file.suffix == ".yaml" else json.dumps(tree)
        rows[at : at + 1] = [text.encode("utf-8", "surrogatepass")]
        file.write_bytes(b"\n".join(rows))
        return "changed"
    way = dice.random()
    if way < 0.1:
        file.unlink()
        return "removed"
    if way < 0.15:
        file.unlink()
        file.mkdir()
        return "a folder in place of"
    file.write_bytes(spoilt(data, dice))
    return "spoilt"


def _yaml(tree: object) -> str:
    try:
        text: str = yaml.safe_dump(tree)
    except RecursionError:  # nested too deeply for this writer
        return json.dumps(tree)  # which is YAML too
    return text


def _sum_up(checkpoint: Path) -> None:
    names = ("tree.json", "weights.safetensors", "state.safetensors")
    if all((checkpoint / name).is_file() for name in (*names, "sums.json")):
        sums = {name: hashlib.sha256((checkpoint / name).read_bytes()).hexdigest() for name in names}
        (checkpoint / "sums.json").write_text(json.dumps(sums))

"""`tengen runs` with one damaged folder: it gets a row, and the other rows are unaffected."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tengen.listing import print_runs
from tengen.run import Run

CONFIG = {
    "kind": "agent",
    "task": "corridor",
    "agent": "ppo",
    "settings": {"steps": 100, "seed": 1},
    "config": {"lr": 1.0},
    "compute": {"threads": 1},
}
DEEP = "[" * 100_000


def holds(name: str, content: str | bytes) -> Callable[[Path], None]:
    return lambda run: (run / name).write_bytes(content if isinstance(content, bytes) else content.encode()) and None


def config(**changes: object) -> Callable[[Path], None]:
    return holds("config.yaml", yaml.safe_dump(CONFIG | changes))


def is_a(kind: str, name: str) -> Callable[[Path], None]:
    def change(run: Path) -> None:
        path = run / name
        if path.is_dir():
            for inside in path.iterdir():
                inside.unlink()
            path.rmdir()
        path.unlink(missing_ok=True)
        {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path), "file": path.touch}.get(
            kind, lambda: path.symlink_to(path.name)
        )()

    return change


CONFIGS = {
    "binary": holds("config.yaml", b"\x80\x81\xff"),
    "empty": holds("config.yaml", ""),
    "nul": holds("config.yaml", b"a: \x00"),
    "deep": holds("config.yaml", DEEP),
    "deep dashes": holds("config.yaml", "- " * 10_000),
    "huge": holds("config.yaml", "a: b\n" * 100_000),
    "steps are a text": config(settings={"steps": "many"}),
    "steps are a list": config(settings={"steps": [1]}),
    "steps have no end": config(settings={"steps": float("inf")}),
    "seed": config(settings={"steps": 1, "seed": 10**400}),
    "settings are a text": config(settings="x"),
    "task is a number": config(task=3),
    "folder": is_a("folder", "config.yaml"),
    "pipe": is_a("pipe", "config.yaml"),
}
OTHERS = {
    "step is a text": holds("metrics.jsonl", '{"step": "x"}\n'),
    "seconds are a text": holds("metrics.jsonl", '{"step": 3, "seconds": "x"}\n'),
    "nulls": holds("metrics.jsonl", '{"step": null, "seconds": null, "score": null}\n'),
    "score is a list": holds("metrics.jsonl", '{"step": 3, "score": [1]}\n'),
    "binary": holds("metrics.jsonl", b"\xff\xfe\x00"),
    "deep": holds("metrics.jsonl", DEEP),
    "endless": holds("metrics.jsonl", '{"step": 1e999, "seconds": 1e999, "score": NaN}\n'),
    "metrics folder": is_a("folder", "metrics.jsonl"),
    "checkpoints file": is_a("file", "checkpoints"),
    "card is a list": holds("eval/a.json", "[1]"),
    "mean is a text": holds("eval/a.json", '{"mean": "x"}'),
    "interval is a number": holds("eval/a.json", '{"mean": 1, "ci95": 3}'),
    "value is a text": holds("eval/a.json", '{"metric": 1, "value": "x"}'),
    "card of nulls": holds("eval/a.json", '{"mean": null, "ci95": [null, null]}'),
    "deep card": holds("eval/a.json", DEEP),
    "card folder": is_a("folder", "eval/a.json"),
    "eval file": is_a("file", "eval"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("good", "bad"):
        run = Run.create(tmp_path, name, CONFIG, {})
        run.release()
        (run.path / "metrics.jsonl").write_text('{"step": 3, "seconds": 2.0, "score": 1.5}\n')
    return tmp_path


def listed(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    assert print_runs(root)
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in capsys.readouterr().out.splitlines()[1:]}
    assert rows["good"] == "corridor ppo 3 100 1.50 - 2s"
    return rows


@pytest.mark.parametrize("damage", CONFIGS.values(), ids=CONFIGS)
def test_damaged_settings_are_a_row_that_says_so(
    damage: Callable[[Path], None], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(root / "bad")
    assert listed(root, capsys)["bad"] == "damaged config.yaml"


@pytest.mark.parametrize("damage", OTHERS.values(), ids=OTHERS)
def test_other_damage_leaves_the_rest_of_the_row(
    damage: Callable[[Path], None], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(root / "bad")
    assert listed(root, capsys)["bad"].startswith("corridor ppo ")


def test_a_link_to_itself_is_no_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    is_a("loop", "config.yaml")(root / "bad")
    assert set(listed(root, capsys)) <= {"good", "bad"}

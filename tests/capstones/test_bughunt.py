"""The bug hunt: every project fails its tests as shipped, and passes with the fixes in docs/learn/bughunt.md."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from capstones import bughunt
from tengen.errors import UserError
from tests.long import takes_long

PAGE = Path(__file__).resolve().parents[2] / "docs" / "learn" / "bughunt.md"
TRAINS = "test_the_healthy_curve_is_reached"  # takes seconds; the others do not


def solutions() -> dict[str, tuple[str, str]]:
    """Project -> (buggy lines, corrected lines), from the diffs on the page."""
    diffs = re.findall(r"```diff\n(.*?)```", PAGE.read_text(), re.S)
    sides = [
        tuple("".join(f"{line[1:]}\n" for line in diff.splitlines() if line[0] in kept) for kept in (" -", " +"))
        for diff in diffs
    ]
    return dict(zip(bughunt.projects(), sides, strict=True))  # type: ignore[arg-type]


def mend(folder: Path) -> None:
    old, new = solutions()[folder.name]
    program = folder / "train.py"
    text = program.read_text()
    assert text.count(old) == 1, f"{folder.name}: not exactly one place is as the page says"
    program.write_text(text.replace(old, new))


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], ModuleType]]:
    """Imports a project's tests with the `train` module of the same folder."""

    def load(folder: Path) -> ModuleType:
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a fixed file can have the same mtime as the original
        name = next(folder.glob("test_*.py")).stem
        for forgotten in ("train", name):
            sys.modules.pop(forgotten, None)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield load
    for name in ("train", *(path.stem for path in bughunt.TEMPLATES.glob("*/test_*.py"))):
        sys.modules.pop(name, None)


def failures(tests: ModuleType, training: bool) -> list[str]:
    found = []
    for name, test in inspect.getmembers(tests, inspect.isfunction):
        if name.startswith("test_") and (name == TRAINS) == training:
            try:
                test()
            except AssertionError:
                found.append(name)
    return found


@pytest.mark.parametrize("project", bughunt.projects())
def test_red_as_shipped_and_green_when_mended(project: str, tmp_path: Path, load: Callable[[Path], ModuleType]) -> None:
    folder = bughunt.make(where=tmp_path) / project
    assert failures(load(folder), training=False)
    mend(folder)
    assert failures(load(folder), training=False) == []


@takes_long
@pytest.mark.parametrize("project", bughunt.projects())
def test_the_curve_is_that_of_the_healthy_program_only_when_mended(
    project: str, tmp_path: Path, load: Callable[[Path], ModuleType]
) -> None:
    folder = bughunt.make(where=tmp_path) / project
    assert failures(load(folder), training=True)
    mend(folder)
    tests = load(folder)
    assert failures(tests, training=True) == []
    _, x, y = sys.modules["train"].train()
    healthy = json.loads((folder / "healthy.json").read_text())
    assert x == healthy["x"] and list(y) == list(healthy["curves"])
    for name, curve in healthy["curves"].items():
        assert y[name][-1] == pytest.approx(curve[-1], abs=0.05 * max(map(abs, curve)))


@takes_long
def test_all_are_run_from_the_folder_of_the_hunt(tmp_path: Path) -> None:
    hunt = bughunt.make("hunt", tmp_path)
    for project in bughunt.projects()[1:]:
        mend(hunt / project)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=hunt, capture_output=True, text=True, check=False)
    failed = re.findall(r"^FAILED (\S+)/test_", done.stdout, re.M)
    assert set(failed) == {bughunt.projects()[0]}, done.stdout
    drawn = subprocess.run([sys.executable, "6-doors/train.py"], cwd=hunt, capture_output=True, text=True, check=False)
    assert drawn.returncode == 0, drawn.stderr
    assert (hunt / "6-doors" / "curve.png").stat().st_size > 5_000


def test_each_has_what_its_readme_names() -> None:
    for project in bughunt.projects():
        folder = bughunt.TEMPLATES / project
        lines = len((folder / "train.py").read_text().splitlines())
        assert lines <= 125 and {"train.py", "README.md", "hints.md", "healthy.json"} <= {
            path.name for path in folder.iterdir()
        }
        assert project in (bughunt.TEMPLATES / "README.md").read_text()


@pytest.mark.parametrize("name", ["a/b", "../hunt", "", ".", ".hunt", "two words", "-n"])
def test_names_that_cannot_be(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be the name"):
        bughunt.make(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "bughunt").write_text("mine")
    with pytest.raises(UserError, match="already exists"):
        bughunt.make(where=tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match="already exists"):
        bughunt.make("gone", tmp_path)
    assert (tmp_path / "bughunt").read_text() == "mine"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot write"):
        bughunt.make("hunt", tmp_path / "file")

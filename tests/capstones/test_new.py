"""`tengen new`: every idea gives a complete project, invalid names are rejected, stubs count as "to do"."""

from __future__ import annotations

import ast
import json
import math
import re
import subprocess
import sys
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from scipy.stats import t

from capstones import stubs
from capstones.card import write_card
from capstones.catalogue import IDEAS, TEMPLATES, find_idea
from capstones.cells import cells_of, read_notebook
from capstones.new import make
from capstones.pins import pins
from scripts.cli import main
from tengen.errors import UserError
from tengen.statistics import student

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = (
    *("PROPOSAL.md", "REPORT.md", "RUBRIC.md", "REVIEW.md", "README.md", "LICENSE", "constraints.txt", "capstone.yaml"),
    *("notebook.py", "conftest.py", "pytest.ini", "parts/__init__.py", "figures/.gitkeep", "runs/.gitkeep"),
    *(".gitignore", ".github/workflows/check.yml"),
)


@pytest.mark.parametrize("idea", IDEAS)
def test_every_idea_is_a_whole_project(idea: str, tmp_path: Path) -> None:
    folder = make(IDEAS[idea].kind, "mine", idea, tmp_path)
    assert [name for name in FILES if not (folder / name).is_file()] == []
    about = yaml.safe_load((folder / "capstone.yaml").read_text())
    assert (about["name"], about["kind"], about["from_scratch"]) == ("mine", IDEAS[idea].kind, False)
    texts = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert [path for path, text in texts.items() if re.search(r"\{\{\w+\}\}", text)] == [], "holes that nothing fills"
    left = [stub for path in sorted((folder / "parts").glob("*.py")) for stub in stubs.stubs_in(path)]
    assert len(left) >= 3 and all(len(stub.task) > 10 for stub in left)
    tests = sorted(path.name for path in (folder / "tests").glob("test_*.py"))
    assert [name[:7] for name in tests] == [f"test_{i}_" for i in range(1, len(tests) + 1)]
    assert all(ast.get_docstring(ast.parse((folder / "tests" / name).read_text())) for name in tests)


@pytest.mark.parametrize("idea", IDEAS)
def test_every_cell_of_code_has_prose_before_it(idea: str) -> None:
    kinds = [cell.kind for cell in cells_of(read_notebook(TEMPLATES / "ideas" / idea / "notebook.py"))]
    assert kinds[0] == "markdown" and kinds.count("code") >= 6
    assert ("code", "code") not in pairwise(kinds)


def test_every_folder_of_templates_is_in_the_catalogue() -> None:
    assert {path.name for path in (TEMPLATES / "ideas").iterdir()} == set(IDEAS)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a/b", "is a path"),
        ("agents", "would hide the package agents from Python; choose another name: my-agents"),
        ("Tests", "would hide the package tests"),
        ("parts", "would hide the package parts"),
        ("..", "is not a project name"),
        ("", "is not a project name"),
        ("-x", "is not a project name"),
        ("a b", "is not a project name"),
        ("a" * 61, "is not a project name"),
        ("there", "exists"),
    ],
)
def test_names_that_are_refused(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(UserError, match=said) as refused:
        make("supervised", name, "blank", tmp_path)
    assert "\n" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["there"], "nothing is left behind"


def test_ideas_that_are_refused() -> None:
    with pytest.raises(UserError, match="did you mean digits"):
        find_idea("digit", "supervised")
    with pytest.raises(UserError, match="tengen new capstone-supervised NAME --idea digits"):
        find_idea("digits", "rl")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot write"):
        make("supervised", "mine", "blank", tmp_path / "file")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    assert main(["new", "capstone-supervised", "mine"]) == 0
    assert "cd mine" in capsys.readouterr().out and (tmp_path / "mine").is_dir()
    assert main(["new", "capstone-supervised"]) == 2
    assert main(["new", "capstone-supervised", "mine"]) == 2
    error = capsys.readouterr().err
    assert "a project needs a name" in error and "mine exists" in error and error.count("\n") == 2
    with pytest.raises(SystemExit):
        main(["new", "--ideas"])
    assert all(idea.title in " ".join(capsys.readouterr().out.split()) for idea in [IDEAS["digits"]])


def test_stubs_skip_and_other_errors_do_not(tmp_path: Path) -> None:
    """NotImplementedError from elsewhere, such as a library, is a failure and not "to do"."""
    folder = make("supervised", "mine", "blank", tmp_path)
    for path in (folder / "tests").glob("*.py"):
        path.unlink()
    (folder / "parts" / "plain.py").write_text("def half(x):\n    raise NotImplementedError('divide by two')\n")
    (folder / "tests" / "test_1_plain.py").write_text(
        "import numbers\nfrom parts.plain import half\n\ndef test_half():\n    assert half(4) == 2\n\n"
        "def test_library():\n    numbers.Complex.__abs__(1)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert "1 failed, 1 skipped" in done.stdout, done.stdout
    assert "to do: divide by two" in done.stdout


def test_what_a_stub_is(tmp_path: Path) -> None:
    path = tmp_path / "part.py"
    path.write_text(
        "class Net:\n"
        "    def __init__(self):\n        '''Two layers.'''\n        super().__init__()\n"
        "        raise NotImplementedError('make them')\n"
        "    def forward(self, x):\n        '''x -> y'''\n        raise NotImplementedError\n"
        "    def half(self, x):\n        if x:\n            raise NotImplementedError('not for x')\n        return 1\n"
        "def done():\n    return 1\n"
        "def some(x):\n    if x:\n        return 1\n    raise NotImplementedError('only for x')\n"
    )
    found = stubs.stubs_in(path)
    assert [(stub.name, stub.task) for stub in found] == [("Net.__init__", "make them"), ("Net.forward", "write it")]
    path.write_text("def broken(:\n")
    with pytest.raises(UserError, match="line 1"):
        stubs.stubs_in(path)


def test_ready_reads_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "apart.py").write_text(
        "class Net:\n    def forward(self):\n        raise NotImplementedError('go')\n\n"
        "def done():\n    return 1\n\ndef half():\n    raise NotImplementedError('halve')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import apart  # type: ignore[import-not-found]

    assert stubs.ready(apart.done, len, math) and capsys.readouterr().out == ""
    assert not stubs.ready(apart.done, apart.Net)
    assert not stubs.ready(apart.half)
    assert not stubs.ready(apart)
    assert capsys.readouterr().out.count("to do: ") == 4


def test_pins_are_of_what_is_here() -> None:
    lines = pins().splitlines()
    assert f"numpy=={version('numpy')}" in lines
    assert f"torch=={version('torch').partition('+')[0]}" in lines
    assert not [line for line in lines if "+" in line]
    assert len(lines) == len({line.partition("==")[0] for line in lines})


def test_the_interval_of_a_card() -> None:
    values = [0.99, 0.995, 0.991]
    low, high = student(values) or (0.0, 0.0)
    half = t.ppf(0.975, 2) * (sum((v - sum(values) / 3) ** 2 for v in values) / 2) ** 0.5 / 3**0.5
    assert math.isclose(high - low, 2 * half, rel_tol=1e-3)
    assert student([1.0]) is None
    many = student([float(i) for i in range(30)])
    assert many is not None
    exact = t.ppf(0.975, 29) * (30 * 31 / 12) ** 0.5 / 30**0.5
    assert math.isclose((many[1] - many[0]) / 2, exact, rel_tol=0.01)


def test_a_card_is_written_and_a_quick_one_replaces_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make("supervised", "mine", "blank", tmp_path)

    def write(values: list[float]) -> None:
        write_card(
            metric="accuracy",
            higher_is_better=True,
            seeds=range(1, 1 + len(values)),
            values=values,
            measured_on="10 points",
            baseline={"name": "majority", "value": 0.5},
            published={"value": 0.9, "source": "a paper", "protocol": "another"},
            command="tengen notebook .",
            folder=folder,
        )

    def read() -> dict[str, object]:
        found: dict[str, object] = json.loads((folder / "card.json").read_text())
        return found

    monkeypatch.setenv("QUICK", "1")
    write([0.1])
    assert (read()["quick"], read()["value"], read()["ci95"]) == (True, 0.1, None)
    monkeypatch.delenv("QUICK")
    write([0.7, 0.8, 0.9])
    monkeypatch.setenv("QUICK", "1")
    write([0.2])
    assert (read()["quick"], read()["idea"], read()["project"]) == (False, "blank", "mine")
    assert math.isclose(float(str(read()["value"])), 0.8)
    with pytest.raises(UserError, match="finite"):
        write([math.nan])

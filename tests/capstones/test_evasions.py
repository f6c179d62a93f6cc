"""The import rules against attempts to evade them: detected in the source, and refused at run time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from capstones.check.audit import Guard, _home, read_report
from capstones.check.copies import judge_copies
from capstones.check.files import Finding, Source
from capstones.check.imports import judge_imports, judge_source
from capstones.check.stack import Stack
from capstones.project import Project
from tests.capstones.evasions import EVASIONS, FROM_SCRATCH, HONEST, Evasion

ROOT = Path(__file__).resolve().parents[2]
LOCAL = {"parts", "tests", "figures", "runs"}

# Cells are compiled as the kernel would compile them; `shell` mimics the part of IPython that the guard uses.
DRIVER = """
import json, os, sys, types
cells, ran = json.load(sys.stdin), {}
callbacks = []
shell = types.SimpleNamespace(user_ns={}, execution_count=0)
shell.events = types.SimpleNamespace(register=lambda name, f: callbacks.append(f))
codes = {}
for number, (name, cell) in enumerate(cells.items(), 1):
    codes[name] = compile(cell, f"notebook.py[{number}]", "exec")
from capstones.check.audit import install_from_environment
install_from_environment(shell)
for number, name in enumerate(cells, 1):
    shell.user_ns, shell.execution_count = {"__name__": "__main__"}, number + 1
    try:
        exec(codes[name], shell.user_ns)
        ran[name] = ""
    except BaseException as error:
        ran[name] = f"{type(error).__name__}: {error}"
    for callback in callbacks:
        callback(None)
sys.stdout.write(json.dumps(ran))
"""


def watched(folder: Path, cells: dict[str, Evasion], from_scratch: bool) -> tuple[dict[str, str], set[str]]:
    """What each cell raised, and the names of the cells flagged in the report."""
    for name in ("project", "project/figures", "project/runs", "tmp"):
        (folder / name).mkdir()
    report = folder / "report.jsonl"
    guard = Guard((str(folder / "project"),), from_scratch, (), str(report))
    environment = {**os.environ, **guard.environment(), "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}
    texts = {name: one.cell for name, one in cells.items()}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        input=json.dumps(texts),
        cwd=folder / "project",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    numbered = {f"notebook.py[{number}]": name for number, name in enumerate(texts, 1)}
    lines = [line for line in read_report(report) if "refused" in line]
    return json.loads(done.stdout), {numbered.get(line["where"].split(" ")[0], line["where"]) for line in lines}


Ran = tuple[dict[str, str], set[str]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    cells = {name: one for name, one in EVASIONS.items() if one.run}
    cells |= {f"scratch: {name}": one for name, one in FROM_SCRATCH.items() if one.run}
    cells |= {f"honest: {name}": Evasion(cell) for name, cell in HONEST.items()}
    return watched(tmp_path_factory.mktemp("watched"), cells, from_scratch=True)


def read(cell: str, from_scratch: bool = False, compared: bool = False) -> list[Finding]:
    return judge_source(Source("notebook.py", cell, compared=compared), LOCAL, from_scratch)


@pytest.mark.parametrize("name", [name for name, one in EVASIONS.items() if one.read])
def test_read_in_the_source(name: str) -> None:
    assert read(EVASIONS[name].cell), EVASIONS[name].cell


@pytest.mark.parametrize("name", [name for name, one in EVASIONS.items() if one.run])
def test_refused_while_it_runs(name: str, ran: Ran) -> None:
    """Refused, or else detected afterwards; and reported even if a cell swallows the exception."""
    assert name in ran[1], ran[0][name]


@pytest.mark.parametrize("name", FROM_SCRATCH)
def test_from_scratch(name: str, ran: Ran) -> None:
    cell = FROM_SCRATCH[name].cell
    assert read(cell, from_scratch=True)
    if FROM_SCRATCH[name].run:
        assert ran[0][f"scratch: {name}"].startswith("Refused: nn."), ran[0][f"scratch: {name}"]


def test_finished_layers_are_allowed_otherwise() -> None:
    cell = "from torch import nn\nnn.LSTM(2, 2)"
    assert not read(cell)
    assert not read(cell, from_scratch=True, compared=True)
    assert not judge_source(Source("tests/test_1_cell.py", cell), LOCAL, True)


@pytest.mark.parametrize("name", HONEST)
def test_no_false_alarm(name: str, ran: Ran) -> None:
    assert read(HONEST[name], from_scratch=True) == []
    assert ran[0][f"honest: {name}"] == ""
    assert f"honest: {name}" not in ran[1]


def test_a_cell_tagged_compare_may_use_sklearn() -> None:
    assert not read("from sklearn.svm import SVC", compared=True)
    assert read("import agents.ppo", compared=True)


def test_what_open_modules_of_tengen_have_from_closed_ones() -> None:
    for cell in ("from selfplay.match import openings", "import selfplay.match as m\nm.openings"):
        assert "it comes from selfplay.openings" in str(read(cell)[0])


def test_a_vendored_copy(tmp_path: Path) -> None:
    """As a package of the same name; with everything renamed; compiled or packed; through a link."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "fast.so").write_bytes(b"\x7fELF")
    (tmp_path / "parts" / "wheel.whl").write_bytes(b"PK")
    (tmp_path / "linked").symlink_to(ROOT / "agents")
    found = [str(finding) for finding in judge_imports(Project(tmp_path, {}), [], False)]
    for word in ("agents/: a copy of agents", "fast.so: compiled", "wheel.whl: compiled", "linked: a link"):
        assert any(word in line for line in found), found


def test_copied_source_with_other_names() -> None:
    text = (ROOT / "agents" / "common" / "returns.py").read_text()
    renamed = text.replace("reward", "gain").replace("discount", "factor").replace("value", "worth")
    stripped = "\n".join(line for line in renamed.splitlines() if not line.strip().startswith("#"))
    (first, *_) = judge_copies([Source("parts/returns.py", stripped)])
    assert "agents/common/returns.py" in first.what


def test_ones_own_function_is_no_copy() -> None:
    own = """
def gae(rewards, values, dones, gamma=0.99, lam=0.95):
    out, last = torch.zeros_like(rewards), 0.0
    for t in range(len(rewards) - 1, -1, -1):
        not_done = 1.0 - dones[t]
        delta = rewards[t] + gamma * values[t + 1] * not_done - values[t]
        last = delta + gamma * lam * not_done * last
        out[t] = last
    return out, out + values[:-1]
"""
    assert judge_copies([Source("parts/gae.py", own)]) == []


def test_what_a_name_in_a_cell_stands_for() -> None:
    """Data objects from a closed module, such as a match card, reveal nothing; classes, functions and networks do."""
    from agents.dqn import config
    from supervised.nets.blocks import Scale

    assert _home(config.Config()) == "" and _home(3) == "" and _home("agents") == ""
    assert _home(config) == _home(config.Config) == "agents.dqn.config"
    assert _home(Scale(0.5)) == _home(Scale) == "supervised.nets.blocks"
    assert _home(judge_copies) == "capstones.check.copies"


def test_a_training_imports_for_the_project() -> None:
    """`training("module:class")` runs in one of our modules, on behalf of the cell that named the class."""
    stack = Stack(str(ROOT / "no such project"))
    assert stack.owner(str(ROOT / "capstones" / "train_one.py")) == "project"
    assert stack.owner(str(ROOT / "capstones" / "training.py")) == "house"
    assert stack.owner(str(ROOT / "tengen" / "lookup.py")) == "finder"
    assert stack.owner("/somewhere/else.py") == "project"


def test_a_file_that_is_not_python() -> None:
    (finding,) = judge_source(Source("parts/model.py", "x = (\n"), LOCAL, False)
    assert str(finding).startswith("parts/model.py line 1: it is not Python")
    for text in ("(" * 500 + ")" * 500, "x = '\0'"):
        assert len(judge_source(Source("parts/model.py", text), LOCAL, False)) == 1

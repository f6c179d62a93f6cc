"""The finished samples in examples/: static checks run here, execution in `make proofs`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capstones.catalogue import IDEAS
from capstones.check.card import judge_card
from capstones.check.copies import judge_copies
from capstones.check.files import sources
from capstones.check.imports import judge_imports
from capstones.check.judge import check
from capstones.check.sections import judge_prose, judge_sections
from capstones.check.share import judge_share
from capstones.notebook import Form
from capstones.project import read_project
from tests.long import takes_long

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
SAMPLES = sorted(path.parent.name for path in EXAMPLES.glob("*/capstone.yaml"))
LARGEST = 1_000_000  # bytes per file: every clone downloads them all


@pytest.mark.parametrize("name", SAMPLES)
def test_what_can_be_read(name: str) -> None:
    project = read_project(str(EXAMPLES / name))
    cells = project.cells()
    for verdict in (judge_prose(cells), judge_card(project), judge_sections(project), judge_share(project, None)):
        assert verdict.status == "passed", verdict
    assert [*judge_imports(project, cells, True), *judge_copies(sources(project, cells))] == []
    assert not [path for path in (EXAMPLES / name / "parts").glob("*.py") if "NotImplementedError" in path.read_text()]
    assert project.about["idea"] == name and project.kind == IDEAS[name].kind
    assert json.loads((EXAMPLES / name / "card.json").read_text())["minutes"] > 0


@pytest.mark.parametrize("name", SAMPLES)
def test_what_travels_is_small(name: str) -> None:
    files = [path for path in (EXAMPLES / name).rglob("*") if path.is_file() and "runs" not in path.parts]
    assert [str(path) for path in files if path.stat().st_size > LARGEST] == []


@takes_long
@pytest.mark.parametrize("name", SAMPLES)
def test_eight_of_eight(name: str) -> None:
    judged = check(str(EXAMPLES / name), Form(quick=True))
    assert {key: verdict for key, verdict in judged.verdicts.items() if verdict.status != "passed"} == {}

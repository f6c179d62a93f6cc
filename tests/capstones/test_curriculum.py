"""docs/learn/curriculum.yaml lists every row of the reading list once, and its self-checks exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tengen.papers import reading_list

ROOT = Path(__file__).resolve().parents[2]
STAGES: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "docs" / "learn" / "curriculum.yaml").read_text())
STEPS = [step for stage in STAGES.values() for step in stage]


def test_every_row_of_the_reading_list_is_a_step() -> None:
    assert sorted(step["paper"] for step in STEPS) == sorted(row.name for row in reading_list())


def test_steps_are_complete_and_take_minutes() -> None:
    for step in STEPS:
        assert set(step) == {"paper", "minutes", "check", "change", "expect"}, step
        assert 10 <= step["minutes"] <= 120 and all(step[key] for key in ("check", "change", "expect")), step


def test_all_stages_are_on_the_page() -> None:
    page = (ROOT / "docs" / "learn" / "curriculum.md").read_text()
    assert re.findall(r"<!-- table: steps of (.+) -->", page) == list(STAGES)


def test_self_checks_select_tests_that_exist() -> None:
    for step in STEPS:
        for path, words in re.findall(r"python -m pytest (\S+?)(?: -k ('[^']+'|\S+))?`", step["check"]):
            files = sorted((ROOT / path).glob("test_*.py")) if (ROOT / path).is_dir() else [ROOT / path]
            names = [name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)]
            for word in words.strip("'").split(" or ") if words else ["test_"]:
                assert any(word in name for name in names), (
                    f"{step['paper']}: no test of {path} has '{word}' in its name"
                )
        for module in re.findall(r"python -m ((?:agents|supervised)\.\S+?)`", step["check"]):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module

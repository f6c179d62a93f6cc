"""Suites of GTP commands with known answers, in the format of GNU Go's regression tests: `#? [regex]` below a command
gives the pattern its answer must match. They run on any engine: tests/selfplay/gtp/regression/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.selfplay.gtp.talking import talk

SUITES = Path(__file__).parent / "regression"


def expected(suite: Path) -> tuple[list[str], dict[str, str]]:
    """(commands, id -> pattern for the answer)."""
    commands: list[str] = []
    patterns: dict[str, str] = {}
    for line in suite.read_text().splitlines():
        if line.startswith("#? ["):
            patterns[commands[-1].split()[0]] = line[4:].rstrip().removesuffix("]")
        elif line and not line.startswith("#"):
            commands.append(line)
    return commands, patterns


@pytest.mark.parametrize(("suite", "player"), [("counts", "random"), ("vital_points", "go9-alphazero:200")])
def test_known_answers(suite: str, player: str) -> None:
    commands, patterns = expected(SUITES / f"{suite}.tst")
    answers = talk(*commands, player=player)
    assert len(answers) == len(commands) and not [a for a in answers if a.startswith("?")]
    found = {c.split()[0]: a.partition(" ")[2].replace("\n", " ") for c, a in zip(commands, answers, strict=True)}
    wrong = {n: (found[n], pattern) for n, pattern in patterns.items() if not re.fullmatch(pattern, found[n])}
    assert wrong == {}

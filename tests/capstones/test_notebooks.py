"""The notebooks that accompany docs/algorithms: their form (always), and that each runs (`make proofs`)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.long import takes_long

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))


def cells(path: Path) -> list[tuple[str, str]]:
    """(text after the %%, source) of each cell."""
    parts = re.split(r"^# %%(.*)\n", path.read_text(), flags=re.M)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_opens_with_its_result_and_says_why_before_each_step(path: Path) -> None:
    found = cells(path)
    assert (ROOT / "docs" / "algorithms" / f"{path.stem}.md").exists()
    assert found[0][0] == " [markdown]" and "**What comes out.**" in found[0][1]
    for (before, prose), (kind, code) in pairwise(found):
        if kind != " [markdown]":
            assert before == " [markdown]" and len(prose.split()) >= 15, f"no reason before: {code[:60]}"
    assert sum('tags=["result"]' in kind for kind, _ in found) == 1
    assert "## Try" in found[-1][1] and "tengen" in found[-1][1].lower() + found[0][1]
    for picture in re.findall(r"!\[.+?\]\((.+?)\)", path.read_text()):
        size = (path.parent / picture).stat().st_size
        assert size < 250_000, f"{picture}: {size:,} bytes"


@takes_long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_runs(path: Path, tmp_path: Path) -> None:
    """As a plain script: cells are Python, and figures are not shown."""
    environment = os.environ | {"QUICK": "1", "MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []

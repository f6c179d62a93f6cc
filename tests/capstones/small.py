"""A small hand-made project, complete and valid; tests break one thing in it."""

from __future__ import annotations

import json
from pathlib import Path

NOTEBOOK = """# %% [markdown]
# # Halves
#
# A line through the origin is fitted to points: the slope that comes out is 0.50.

# %% [markdown]
# The tools: pictures are drawn with Matplotlib, everything else is Python.

# %%
import matplotlib.pyplot as plt

from parts.line import slope

# %% [markdown]
# The points lie on a line, so that the least squares have to find its slope.

# %%
x, y = [1.0, 2.0, 3.0], [0.5, 1.0, 1.5]
plt.plot(x, y, "o")
plt.xlabel("x")
plt.ylabel("y")
plt.savefig("figures/points.png")
plt.show()
print(slope(x, y))
"""
LINE = '''"""Least squares through the origin."""


def slope(x, y):
    """sum(x y) / sum(x x)"""
    return sum(a * b for a, b in zip(x, y)) / sum(a * a for a in x)
'''
TEST = '''"""Worked out by hand."""

from parts.line import slope


def test_slope():
    assert slope([1.0, 2.0], [2.0, 4.0]) == 2.0
'''
WORDS = "is said here in more than twenty words so that whoever reads it knows what was done and why it was done at all"
CARD = {
    "project": "halves",
    "metric": "error",
    "higher_is_better": False,
    "seeds": [1, 2, 3],
    "values": [0.1, 0.2, 0.3],
    "value": 0.2,
    "ci95": [0.1, 0.3],
    "measured_on": "3 points",
    "baseline": {"name": "zero", "value": 1.0},
    "published": {"value": 0.2, "source": "Gauss 1809", "protocol": "the same three points"},
    "command": "tengen notebook .",
    "quick": False,
}
LICENCE = """MIT License. Copyright 2026 somebody. Permission is hereby granted, free of charge, to any person,
to do with this what they like."""


def small_project(folder: Path, **changed: str | None) -> Path:
    """A project that passes; `changed`: file (`__` for a slash, `_dot_` for a dot) -> its text, or None to omit it."""
    from capstones.check.sections import PROPOSAL, REPORT

    files: dict[str, str | None] = {
        "notebook.py": NOTEBOOK,
        "parts/__init__.py": "",
        "parts/line.py": LINE,
        "tests/test_1_line.py": TEST,
        "conftest.py": '"""Where tests import parts from."""\n',
        "card.json": json.dumps(CARD),
        "capstone.yaml": "name: halves\nkind: supervised\nidea: blank\nfrom_scratch: false\n",
        "LICENSE": LICENCE,
        "PROPOSAL.md": "# Proposal\n\n" + "\n\n".join(f"## {name}\n\n{name} {WORDS}" for name in PROPOSAL),
        "REPORT.md": "# Report\n\n" + "\n\n".join(f"## {name}\n\n{name} of it {WORDS}" for name in REPORT),
    }
    files |= {name.replace("__", "/").replace("_dot_", "."): text for name, text in changed.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text)
    for name in ("figures", "runs"):
        (folder / name).mkdir(exist_ok=True)
    return folder

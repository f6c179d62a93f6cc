"""The cells of a notebook written as a percent script (`# %%`), with their line numbers in the script.

Comments stay comments: a line such as `# !ls` is not turned into a shell command, as it would be in Jupyter.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, NamedTuple

from tengen.errors import UserError, first_line

_FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
_MARKER = re.compile(r"# ?%%+(?=\s|\[|$)")
_LARGEST = 2_000_000  # bytes of a notebook without its outputs
_INSTALL = 'notebooks need the extra "notebooks": pip install "tengen[notebooks]"'


class Cell(NamedTuple):
    number: int  # of a code cell, as Jupyter counts them: 1 for the first; 0 for prose
    line: int  # of its first line in the script
    kind: str  # code, markdown, raw
    source: str
    tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"code cell {self.number} (line {self.line})" if self.number else f"the prose at line {self.line}"


def read_text(path: Path) -> str:
    """A text file of a project. UserError where it is not there, no plain file, too large, or not text in UTF-8."""
    try:
        if not path.is_file():  # also a pipe, from which reading would wait for ever
            raise UserError(f"{path} is {'not a plain file' if path.exists() else 'missing'}")
        if path.stat().st_size > _LARGEST:
            raise UserError(f"{path} has {path.stat().st_size / 1e6:.0f} MB; text of a project has at most 2 MB")
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not text in UTF-8 ({error.reason} at byte {error.start})") from error
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error


def fingerprint(path: Path) -> str:
    """Sixteen digits of the SHA-256 of a text file, the same wherever it was checked out: a page says what it was made
    from."""
    return hashlib.sha256(read_text(path).replace("\r\n", "\n").encode()).hexdigest()[:16]


def read_notebook(path: Path) -> Any:
    """The notebook of a percent script, as nbformat has it; each cell's metadata has its `line` and its `number`
    (of a code cell, from 1 on; 0 for prose).

    UserError where it cannot be read or holds no cell.
    """
    text = read_text(path)
    try:
        import jupytext
    except ImportError as error:
        raise UserError(_INSTALL) from error
    try:
        notebook = jupytext.reads(text, fmt=dict(_FORMAT))
    except Exception as error:  # its header is read as YAML, its metadata as JSON
        raise UserError(f"{path} is not a notebook of percent cells: {first_line(error)}") from error
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    if not notebook.cells:
        raise UserError(f"{path} has no cells: write '# %%' above code, '# %% [markdown]' above prose")
    count = 0
    for cell, line in zip(notebook.cells, _lines(text, notebook.cells), strict=True):
        count += cell.cell_type == "code"
        cell.metadata["number"], cell.metadata["line"] = count if cell.cell_type == "code" else 0, line
    return notebook


def cells_of(notebook: Any) -> list[Cell]:
    """What `read_notebook` has read, as records."""
    return [
        Cell(cell.metadata["number"], cell.metadata["line"], cell.cell_type, cell.source, _tags(cell))
        for cell in notebook.cells
    ]


def compared(cells: list[Cell]) -> tuple[int, ...]:
    """Which of the code cells, counted from 1 as they are executed, are tagged `compare`."""
    code = [cell for cell in cells if cell.kind == "code"]
    return tuple(number for number, cell in enumerate(code, 1) if "compare" in cell.tags)


def _tags(cell: Any) -> tuple[str, ...]:
    tags = cell.metadata.get("tags", [])
    return tuple(map(str, tags)) if isinstance(tags, list) else (str(tags),)


def _lines(text: str, cells: list[Any]) -> list[int]:
    """The line at which each cell begins: the next one that holds what the cell's first line says."""
    lines, at, found = text.splitlines(), 0, []
    for cell in cells:
        first = next(line.strip() for line in cell.source.splitlines() if line.strip())
        here = next((i for i in range(at, len(lines)) if first in lines[i] and not _MARKER.match(lines[i])), at)
        found.append(here + 1)
        at = here + 1
    return found

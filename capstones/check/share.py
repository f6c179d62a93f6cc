"""Whether a project can be published as it is: licence, data, local paths, excessive output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from capstones.cells import fingerprint, read_text
from capstones.check.rubric import Verdict, failed, passed, to_do
from capstones.project import Project
from tengen.errors import UserError

_HEAD = 500  # characters of a page, in which it says what it was made from
LINES = 40  # that a cell may print
_LARGEST = 5_000_000  # bytes of a file
_ROMS = (".a26", ".rom", ".nes", ".z64", ".gb", ".gba", ".smd")
_DATA = (
    ".npz",
    ".npy",
    ".csv",
    ".tsv",
    ".parquet",
    ".gz",
    ".zip",
    ".tar",
    ".7z",
    ".xz",
    ".bz2",
    ".h5",
    ".hdf5",
    ".mat",
)
_DATA_NAMES = re.compile(r"(images|labels)[-.]idx\d-ubyte|^(train|test)_batch|^data_batch_\d")
_MOST_DATA = 200_000  # bytes that are a table of one's own rather than a data set
_PATHS = re.compile(
    r"(?<![\w.:/~$}-])(/(?:home|Users|root|tmp|mnt|media|opt|var|srv|data|work|workspace|content|kaggle|scratch)/[\w.@-]+"
    r"|[A-Za-z]:\\\\?(?:Users|Documents|temp)\b)"
)
_TEXTS = (".py", ".md", ".json", ".yaml", ".yml", ".txt", ".toml", ".ini", ".cfg")


def judge_share(project: Project, executed: Any) -> Verdict:
    """`executed` is the notebook with the outputs that this check produced; None if it did not run."""
    licence = project.folder / "LICENSE"
    text = read_text(licence) if licence.exists() else ""
    if len(text.split()) < 20:
        return failed("there is no LICENSE", "add one, for example the MIT licence")
    if re.search(r"\{\{|<(name|year|your name)>|\[(name|year|fullname)\]", text, re.I):
        return to_do("LICENSE still has placeholders", "put in your name and the year")
    for problem, way_out in _problems(project, executed):
        return failed(problem, way_out)
    page = project.folder / "notebook.html"
    if not page.exists():
        return to_do("there is no page to share yet", f"tengen notebook {project.name}")
    if f'content="{fingerprint(project.notebook)}"' not in _head(page):
        return to_do("notebook.html was not made from this notebook.py", f"tengen notebook {project.name}")
    return passed("licence, no data, no local paths, short outputs")


def _head(page: Path) -> str:
    with page.open(encoding="utf-8", errors="replace") as file:
        return file.read(_HEAD)


def _problems(project: Project, executed: Any) -> Iterator[tuple[str, str]]:
    yield from _restricted(project)
    for path in project.files(*_TEXTS):
        for line, found in _machine_paths(path, project.folder):
            yield (
                f"{project.within(path)} line {line} contains a local path: {found}",
                "use paths inside the project",
            )
    for notebook, name in ((executed, "notebook.py"), (_kept(project), "notebook.ipynb")):
        for number, text in _outputs(notebook):
            where, lines = f"code cell {number} of {name}", len(text.splitlines())
            if lines > LINES:
                yield f"{where} prints {lines} lines", f"print at most {LINES}: a summary, a table, a figure"
            if seen := _PATHS.search(text) or _own(text, project.folder):
                yield f"{where} prints a local path: {seen[0]}", "print names, not whole paths"


def _restricted(project: Project) -> Iterator[tuple[str, str]]:
    for path in project.files():
        name, size = project.within(path), path.stat().st_size
        if path.suffix.lower() in _ROMS:
            yield f"{name} looks like a game ROM, which may not be redistributed", "remove it: ale-py includes its own"
        elif _DATA_NAMES.search(path.name) or (path.suffix.lower() in _DATA and size > _MOST_DATA):
            yield (
                f"{name} is a data file ({size / 1e6:.1f} MB)",
                "let the notebook download it, or read it with --data",
            )
        elif size > _LARGEST and path.name not in ("notebook.html", "notebook.ipynb"):
            yield f"{name} has {size / 1e6:.0f} MB", "keep large files out of the project, or in runs/"


def _machine_paths(path: Path, folder: Path) -> Iterator[tuple[int, str]]:
    try:
        lines = read_text(path).splitlines()
    except UserError:
        return
    for number, line in enumerate(lines, 1):
        if found := _PATHS.search(line) or _own(line, folder):
            yield number, found[0]


def _own(text: str, folder: Path) -> re.Match[str] | None:
    """A match for the path of the project's folder or of the home folder."""
    places = {str(folder), str(Path.home())} - {"/"}
    return re.search("|".join(re.escape(place) for place in places if len(place) > 4) or r"(?!)", text)


def _kept(project: Project) -> Any:
    """The notebook as `tengen notebook` wrote it; None if there is no readable one."""
    path = project.folder / "notebook.ipynb"
    if not path.exists() or path.stat().st_size > 100_000_000:
        return None
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _outputs(notebook: Any) -> Iterator[tuple[int, str]]:
    """The number of each code cell and what it printed, including errors and results."""
    cells = notebook.get("cells", []) if isinstance(notebook, dict) else []
    code = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type", "code") == "code"]
    for number, cell in enumerate(code, 1):
        parts = []
        for output in cell.get("outputs", []):
            for text in (output.get("text"), output.get("data", {}).get("text/plain")):
                parts.append("".join(text) if isinstance(text, list) else str(text or ""))
        yield number, "\n".join(part.rstrip("\n") for part in parts if part)

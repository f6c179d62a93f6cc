"""The code files of a project: those that can be read, and those that cannot and are refused for that reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capstones.cells import Cell, read_text
from capstones.check.rules import REFUSED, ROOMS
from capstones.project import Project

_COMPILED = (".so", ".pyd", ".dll", ".dylib", ".pyc", ".pth", ".egg", ".whl", ".pyz")
_MAGICS = ("time", "timeit", "matplotlib", "config", "precision", "prun", "who", "whos")


@dataclass(frozen=True)
class Finding:
    """Something that breaks the rules."""

    where: str  # file and line
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.why}"


@dataclass(frozen=True)
class Source:
    """A piece of Python: a file, or a cell."""

    name: str  # parts/model.py, notebook.py
    text: str
    line: int = 1  # of its first line in the file
    compared: bool = False  # a cell tagged `compare`

    @property
    def tests(self) -> bool:
        return self.name.startswith("tests/") or self.name.rpartition("/")[2] == "conftest.py"


def sources(project: Project, cells: list[Cell]) -> list[Source]:
    """Everything in a project that can be imported or executed. UserError if a file cannot be read."""
    found = [Source("notebook.py", c.source, c.line, "compare" in c.tags) for c in cells if c.kind == "code"]
    files = [path for path in project.files(".py") if path != project.notebook]
    return found + [Source(project.within(path), read_text(path)) for path in files]


def unreadable(project: Project) -> Iterator[Finding]:
    """Code files that cannot be read, and links that lead out of the project."""
    for inside, folders, names in os.walk(project.folder):
        if Path(inside) == project.folder:
            folders[:] = [f for f in folders if f not in (".git", "runs", ".check", ".venv", "venv")]
        folders[:] = [f for f in folders if f != "__pycache__"]
        for name in [*folders, *names]:
            path = Path(inside, name)
            if path.is_symlink() and project.folder not in path.resolve().parents:
                yield Finding(
                    project.within(path), "a link that leads out of the project", "its target cannot be shared"
                )
            elif path.suffix.lower() in _COMPILED:
                yield Finding(project.within(path), "compiled or packed code", "it cannot be read")
            elif path.is_dir() and (name in REFUSED or (name in ROOMS and name != "tengen")):
                yield Finding(
                    f"{project.within(path)}/", f"a copy of {name}", REFUSED.get(name, "write it yourself, in parts/")
                )


def magics(source: Source) -> Iterator[Finding]:
    """IPython magics: a few are harmless, `!` and the others run programs or other files."""
    if source.name != "notebook.py":
        return
    for number, line in enumerate(source.text.splitlines()):
        said = line.strip()
        if said.startswith(("!", "%")) and not _is_harmless(said):
            yield Finding(
                f"notebook.py line {source.line + number}", said.split()[0], "it runs code that is not in the notebook"
            )


def _is_harmless(line: str) -> bool:
    return line.startswith("%") and (line.lstrip("%").split() or [""])[0] in _MAGICS


def without_magics(text: str) -> str:
    """The same lines without IPython's magics, which are not Python."""
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in text.splitlines())


def one_line(findings: list[Finding]) -> str:
    """The first three of them, and how many more there are."""
    more = f" (and {len(findings) - 3} more)" if len(findings) > 3 else ""
    return "; ".join(str(finding) for finding in findings[:3]) + more

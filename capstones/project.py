"""The files of a project, read without running any of its code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capstones.cells import Cell, cells_of, read_notebook
from tengen.errors import UserError, first_line
from tengen.files import read_yaml

SCRATCH = ".check"  # what the check makes in the project's folder
_NOT_ITS_OWN = {SCRATCH, ".git", "__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".venv", "venv", ".mypy_cache"}
_MOST_FILES = 5_000


@dataclass(frozen=True)
class Project:
    """The folder of a project, and the content of its capstone.yaml."""

    folder: Path  # absolute
    about: dict[str, Any]  # capstone.yaml

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def kind(self) -> str:
        return str(self.about.get("kind", "supervised"))

    @property
    def from_scratch(self) -> bool:
        return self.about.get("from_scratch") is True

    @property
    def notebook(self) -> Path:
        return self.folder / "notebook.py"

    def cells(self) -> list[Cell]:
        return cells_of(read_notebook(self.notebook))

    def files(self, *suffixes: str, runs: bool = False) -> list[Path]:
        """Its plain files, in order, with one of these suffixes (none given: all); `runs/` only where asked for.

        UserError where there are thousands of them: a data set or an environment does not belong there.
        """
        found = []
        for path in _walk(self.folder, set() if runs else {"runs"}):
            if not suffixes or path.suffix in suffixes:
                found.append(path)
            if len(found) > _MOST_FILES:
                raise UserError(
                    f"{self.folder} has more than {_MOST_FILES:,} files; data and environments belong elsewhere"
                )
        return sorted(found)

    def within(self, path: Path) -> str:
        """The name of a file in messages: as seen from the project's folder."""
        return path.relative_to(self.folder).as_posix()


def is_project(path: Path) -> bool:
    return (path / "capstone.yaml").is_file()


def read_project(named: str | Path) -> Project:
    """The project in this folder. UserError, in one line, where there is none or it is damaged."""
    if not str(named).strip():
        raise UserError("the name is empty; name the project's folder, or leave the name out inside it")
    try:
        folder = Path(named).expanduser().resolve()
        there = folder.exists()
    except (OSError, ValueError, RuntimeError) as error:  # a name that is too long, with a NUL, a loop of links
        raise UserError(f"'{str(named)[:80]}' is not a folder's name: {first_line(error)}") from error
    if not there:
        raise UserError(f"no folder {named}; make one with: tengen new capstone-supervised NAME")
    if not folder.is_dir():
        raise UserError(f"{named} is not a folder; name the project's folder, not a file in it")
    if not is_project(folder):
        raise UserError(f"{named} is not a project: it has no capstone.yaml (tengen new makes a folder with one)")
    try:
        about = read_yaml(folder / "capstone.yaml")
    except UserError as error:
        reason = first_line(error).removeprefix(f"{folder / 'capstone.yaml'} cannot be read: ").rstrip(" ^:")
        raise UserError(f"{named}/capstone.yaml is damaged: {reason}") from error
    if not isinstance(about, dict):
        raise UserError(f"{named}/capstone.yaml is damaged: expected lines such as 'kind: supervised'")
    if not (folder / "notebook.py").is_file():
        raise UserError(f"{named} has no notebook.py to execute and judge")
    return Project(folder, about)


def _walk(folder: Path, without: set[str]) -> Iterator[Path]:
    """Plain files below `folder`; links to folders are not followed."""
    for inside, folders, names in os.walk(folder):
        top = Path(inside) == folder
        folders[:] = sorted(f for f in folders if f not in _NOT_ITS_OWN and not (top and f in without))
        yield from (path for path in (Path(inside, name) for name in sorted(names)) if path.is_file())

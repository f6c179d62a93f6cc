"""The bug hunt: six small projects with one silent bug each (`tengen new bughunt`)."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from capstones.new import check_free
from tengen.errors import UserError

TEMPLATES = Path(__file__).resolve().parent / "templates" / "bughunt"
SHARED = "curve.py"  # every project has one, so that its folder can be moved


def projects() -> list[str]:
    """Their folders, in the order of the hunt."""
    return sorted(path.name for path in TEMPLATES.iterdir() if path.name[0].isdigit())


def make(name: str = "bughunt", where: Path | None = None) -> Path:
    """Put the six projects into the new folder `where`/`name`; its path.

    `where` is the working folder if it is not given. UserError if `name` is no plain name, or is there already.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name, re.ASCII):
        raise UserError(f"'{name}' cannot be the name of a project; use letters, digits, - and _, as in: bughunt")
    check_free(name)
    folder = (where or Path.cwd()) / name
    if os.path.lexists(folder):
        raise UserError(f"{name} already exists; choose another name, as in: tengen new bughunt {name}-2")
    try:
        shutil.copytree(TEMPLATES, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache", SHARED))
        for project in projects():
            shutil.copyfile(TEMPLATES / SHARED, folder / project / SHARED)
    except OSError as error:
        raise UserError(f"cannot write {name}: {error.strerror or error}; choose another folder") from error
    return folder

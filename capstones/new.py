"""`tengen new`: make a project's folder from layers of plain files.

    templates/common            files of every project
    templates/supervised, rl    files of this kind of project
    templates/ideas/NAME        files of this idea; a later layer replaces files of the same name

`dot_` at the start of a name becomes a dot; {{name}} and other placeholders are filled in.
"""

from __future__ import annotations

import os
import re
import shutil
from datetime import date
from pathlib import Path

from capstones.catalogue import TEMPLATES, Kind, find_idea
from capstones.pins import pins
from tengen import __version__
from tengen.conflicts import PACKAGES
from tengen.errors import UserError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
_TAKEN = (*PACKAGES, "parts", "tests")  # imported by a project's notebook and tests
_EMPTY = ("figures", "runs")  # folders that a project fills
_MEANS: dict[Kind, str] = {
    "supervised": "Is it said where it would be used, and what a mistake there costs?",
    "rl": "Is it said what the method means for the system as a whole?",
}
_HOLE = re.compile(r"\{\{(\w+)\}\}")


def make(kind: Kind, name: str, idea: str = "blank", folder: Path | None = None) -> Path:
    """A project `name` in `folder` (default: where one stands); returns its path.

    UserError for a name that is none, a folder that exists, an idea that there is not, a place that cannot be written.
    """
    found, about = find_idea(idea, kind)
    target = check_name(name, folder or Path())
    values = {
        "name": name,
        "kind": kind,
        "idea": "blank" if found.startswith("blank-") else found,
        "title": about.title,
        "about": about.about,
        "data": about.data,
        "metric": about.metric,
        "published": about.published or "none known",
        "target": about.target,
        "minutes": str(about.minutes),
        "means": _MEANS[kind],
        "year": str(date.today().year),
        "tengen": __version__,
    }
    layers = [TEMPLATES / "common", TEMPLATES / kind, TEMPLATES / "ideas" / found]

    def fill(temporary: Path) -> None:
        for layer in layers:
            _copy(layer, temporary, values)
        for empty in _EMPTY:
            (temporary / empty).mkdir(exist_ok=True)
            (temporary / empty / ".gitkeep").touch()
        (temporary / "constraints.txt").write_text(pins())

    temporary = target.with_name(f"{target.name}.tmp-{os.getpid()}")
    try:
        temporary.mkdir()
        fill(temporary)
        temporary.rename(target)
    except OSError as error:
        raise UserError(f"cannot write {target} ({error.strerror or error})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def check_name(name: str, folder: Path) -> Path:
    """The path of a new project `name` in `folder`. UserError for what is no name, and for one that is taken."""
    if "/" in name or "\\" in name:
        raise UserError(f"'{name}' is a path; give a name only, and first cd to the folder where it should be made")
    if not _NAME.fullmatch(name):
        raise UserError(f"'{name}' is not a project name: letters, digits, - and _, starting with a letter, at most 60")
    check_free(name)
    target = folder / name
    if target.exists() or target.is_symlink():
        raise UserError(f"{target} exists; choose another name, or remove it first")
    return target


def check_free(name: str) -> None:
    """UserError for the name of a package that a project imports: Python would find the project's folder instead."""
    if name.lower() in _TAKEN:
        raise UserError(
            f"a folder '{name}' would hide the package {name.lower()} from Python; choose another name: my-{name}"
        )


def _copy(layer: Path, target: Path, values: dict[str, str]) -> None:
    """The files of `layer` into `target`."""
    for source in sorted(layer.rglob("*")):
        parts = source.relative_to(layer).parts
        if source.is_dir() or "__pycache__" in parts:
            continue
        path = target.joinpath(*(re.sub("^dot_", ".", part) for part in parts))
        path.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix in (".png", ".npz"):
            path.write_bytes(source.read_bytes())
        else:
            path.write_text(_HOLE.sub(lambda hole: values.get(hole[1], hole[0]), source.read_text("utf-8")), "utf-8")

"""Reading a project: its files, the cells of its notebook, the sections of its texts, its card.

A project may be anything that somebody wrote. What is missing or cannot be read is a `UserError` of one line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from capstones.stubs import Stub, stubs_in
from tengen.errors import UserError, first_line

_CELL = re.compile(r"^# %%(.*)$")
_TAGS = re.compile(r"tags=(\[[^\]]*\])")
_TO_DO = re.compile(r"<!--\s*to do\b", re.I)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_FEWEST_WORDS = 20  # of a section that counts as filled


class Cell(NamedTuple):
    """A cell of a percent script."""

    kind: str  # "code" or "markdown"
    tags: tuple[str, ...]
    source: str  # of a markdown cell without its comment signs
    line: int  # of its first line in notebook.py


@dataclass(frozen=True)
class Project:
    """A folder with a capstone.yaml."""

    folder: Path
    name: str
    kind: str  # "supervised" or "rl"
    idea: str
    from_scratch: bool

    @property
    def notebook(self) -> Path:
        return self.folder / "notebook.py"

    def read(self, name: str) -> str:
        """The text of one of its files. UserError where there is none, or it is no text."""
        path = self.folder / name
        try:
            return path.read_text("utf-8")
        except FileNotFoundError as error:
            raise UserError(f"{path} is missing; `tengen new` shows where it belongs") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"cannot read {path} ({first_line(error)})") from error

    def sources(self) -> list[Path]:
        """The Python files of its parts, in order."""
        return sorted(path for path in (self.folder / "parts").rglob("*.py") if "__pycache__" not in path.parts)

    def stubs(self) -> list[Stub]:
        """What is left to be written. UserError where a part is not Python."""
        return [stub for path in self.sources() for stub in stubs_in(path)]

    def cells(self) -> list[Cell]:
        return cells(self.read("notebook.py"))

    def card(self) -> dict[str, Any] | None:
        """What card.json holds; None where the notebook has written none yet."""
        if not (self.folder / "card.json").exists():
            return None
        try:
            card = json.loads(self.read("card.json"))
        except ValueError as error:
            raise UserError(
                f"{self.folder / 'card.json'} is not JSON ({first_line(error)}); run the notebook"
            ) from error
        if not isinstance(card, dict):
            raise UserError(f"{self.folder / 'card.json'} is not a card; run the notebook again")
        return card


def open_project(folder: Path) -> Project:
    """The project in `folder`. UserError where it is none."""
    path = folder / "capstone.yaml"
    if not folder.is_dir():
        raise UserError(f"no folder {folder}; `tengen new capstone-supervised NAME` makes one")
    if not path.exists():
        raise UserError(f"{folder} is no project: it has no capstone.yaml")
    try:
        about = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"cannot read {path} ({first_line(error)})") from error
    wanted = {"name": str, "kind": str, "idea": str, "from_scratch": bool}
    for key, kind in wanted.items():
        if not isinstance(about, dict) or not isinstance(about.get(key), kind):
            raise UserError(f"{path}: expected {key}: {'true or false' if kind is bool else 'a text'}")
    return Project(folder, about["name"], about["kind"], about["idea"], about["from_scratch"])


def cells(text: str) -> list[Cell]:
    """The cells of a percent script (jupytext): each begins with `# %%`, or `# %% [markdown]`. A header is left out."""
    found: list[Cell] = []
    head, lines, start = "", list[str](), 0
    for number, line in enumerate([*text.splitlines(), "# %%"], 1):
        if not (mark := _CELL.match(line)):
            lines.append(line)
            continue
        if start:
            found.append(_cell(head, lines, start))
        head, lines, start = mark[1], [], number + 1
    return [cell for cell in found if cell.source]


def _cell(head: str, lines: list[str], start: int) -> Cell:
    tags = _TAGS.search(head)
    names = tuple(re.findall(r"[\"']([^\"']*)[\"']", tags[1])) if tags else ()
    if "[markdown]" not in head:
        return Cell("code", names, "\n".join(lines).strip(), start)
    return Cell("markdown", names, "\n".join(re.sub(r"^# ?", "", line) for line in lines).strip(), start)


def sections(text: str) -> dict[str, str]:
    """The second-level sections (`## Name`) of a Markdown text: name -> what stands below it."""
    parts = re.split(r"^## +(.+?) *$", text, flags=re.M)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def is_filled(body: str) -> bool:
    """Whether a section says something: no `<!-- to do` in it, and twenty words or more."""
    return not _TO_DO.search(body) and len(_COMMENT.sub("", body).split()) >= _FEWEST_WORDS

"""The reading list: papers, their code in Tengen, and our result beside the published one.

Each room has its rows in `papers.py` or a folder `papers`; this module collects them. No torch in here.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from tengen.errors import unknown

ROOMS = (
    "supervised.papers",
    "supervised.classical.papers",
    "supervised.sequence.papers",
    "supervised.generative.papers",
    "agents.papers",
)
NOT_YET = "not measured yet"  # where a row has no result
Level = Literal["first steps", "middle", "hard"]
LEVELS: tuple[Level, ...] = ("first steps", "middle", "hard")


@dataclass(frozen=True)
class Paper:
    """A row of the reading list: an idea, its place in Tengen, and the result."""

    name: str  # short: "lstm"
    paper: str  # "Hochreiter & Schmidhuber 1997, Long short-term memory"
    year: int
    theme: str  # "sequences"
    level: Level
    idea: str  # one line
    says: str  # what the paper says, in five lines
    file: str  # the code, from the project's root
    page: str  # the page that explains it, from the project's root
    command: str  # what to type; works on a fresh machine
    result: str = ""  # ours, with its budget; empty where nothing has been measured
    published: str = ""
    exercise: str = ""
    published_on: str = ""  # name of the data set that `published` was measured on (supervised/data/known.py)
    takes: str = ""  # how long `command` takes, as it was measured: "12 minutes on one core"

    @property
    def authors(self) -> str:
        """`Hochreiter & Schmidhuber` of the paper's name; of more than two `He et al.`."""
        names = re.split(r", | & ", self.paper.split(f" {self.year}")[0].rpartition("; ")[2])
        return " & ".join(names) if len(names) <= 2 else f"{names[0]} et al."

    def describe(self) -> str:
        """Everything a reader needs to read, run and change it."""
        lines = [f"{self.paper}  ({self.theme}, {self.level})", "", self.says.strip(), ""]
        lines += [f"file        {self.file}", f"page        {self.page}"]
        lines.append(f"here        {self.result or NOT_YET}")
        if self.takes:
            lines.append(f"takes       {self.takes}")
        if self.published:
            lines.append(f"published   {self.published}")
        if self.exercise:
            lines.append(f"exercise    {self.exercise}")
        return "\n".join([*lines, "type next:", f"  {self.command}"])

    def row(self) -> dict[str, Any]:
        """As `tengen papers --json` gives it."""
        keys = ("name", "paper", "year", "theme", "level", "file", "page", "command", "result", "published")
        return {key: getattr(self, key) for key in keys}


class Shelf(NamedTuple):
    """Rows of one theme whose files and pages are in the same folders."""

    theme: str
    files: str  # folder
    pages: str  # folder

    def __call__(
        self,
        name: str,
        paper: str,
        year: int,
        level: Level,
        idea: str,
        says: str,
        file: str,
        page: str,
        command: str,
        *,
        result: str = "",
        published: str = "",
        published_on: str = "",
        takes: str = "",
        exercise: str = "",
    ) -> Paper:
        """A row; `file` and `page` are names in the folders."""
        where, read = f"{self.files}/{file}", f"{self.pages}/{page}"
        return Paper(
            name=name,
            paper=paper,
            year=year,
            theme=self.theme,
            level=level,
            idea=idea,
            says=says,
            file=where,
            page=read,
            command=command,
            result=result,
            published=published,
            published_on=published_on,
            takes=takes,
            exercise=exercise,
        )


def reading_list(theme: str = "") -> list[Paper]:
    """All rows, or those of a theme: in the order in which the rooms bring the themes, then by difficulty and year."""
    rows = [row for room in ROOMS for row in importlib.import_module(room).PAPERS]
    themes = list(dict.fromkeys(row.theme for row in rows))
    if theme and theme not in themes:
        raise unknown("theme", theme, themes)
    rows = [row for row in rows if theme in ("", row.theme)]
    return sorted(rows, key=lambda row: (themes.index(row.theme), LEVELS.index(row.level), row.year))


def find_paper(name: str) -> Paper:
    """The row called `name`; UserError with the nearest ones where there is none."""
    rows = reading_list()
    for row in rows:
        if row.name == name.lower():
            return row
    raise unknown("row of the reading list", name, [row.name for row in rows], "(see tengen papers)")


def published(name: str, data_set: str) -> str:
    """The published figure of the row `name` where it was measured on `data_set`; else empty."""
    rows = (row for row in reading_list() if row.name == name and row.published_on == data_set)
    return next((row.published for row in rows if data_set), "")

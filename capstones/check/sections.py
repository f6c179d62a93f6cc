"""Whether the sections of PROPOSAL.md and REPORT.md are filled, and whether there is prose before every code cell."""

from __future__ import annotations

import re

from capstones.cells import Cell, read_text
from capstones.check.rubric import Verdict, failed, passed, to_do
from capstones.project import Project
from tengen.plural import counted

PROPOSAL = ("Problem", "Data and licence", "Metric", "Baseline", "Published figure", "Target", "Budget")
REPORT = ("What", "Why", "Result", "Ablation", "Failure", "What was easy", "What was hard", "Next")
OF_RL = ("What it means for the system",)
WORDS = 20  # that a section has, at least
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_TO_DO = re.compile(r"<!--\s*to ?do\b|\*to ?do\b|\bTODO\b", re.I)
_HEADING = re.compile(r"^##\s+(.+?)\s*#*\s*$", re.M)


def judge_sections(project: Project) -> Verdict:
    """Every section exists, has text, and does not repeat another."""
    report = (*REPORT, *(OF_RL if project.kind == "rl" else ()))
    left: list[str] = []
    said: dict[str, str] = {}
    for file, names in (("PROPOSAL.md", PROPOSAL), ("REPORT.md", report)):
        path = project.folder / file
        if not path.exists():
            return failed(f"{file} is missing", f"write it with the sections {', '.join(names)}")
        texts = sections(read_text(path))
        for name in names:
            text = texts.get(name.lower())
            if text is None:
                return failed(f"{file} has no section '{name}'", f"add a heading '## {name}' and its text")
            if not filled(text):
                left.append(f"{name} ({file})")
            elif text in said:
                return failed(f"'{name}' says the same as '{said[text]}'", "write its own text")
            said[text] = name
    count = len(PROPOSAL) + len(report)
    if left:
        some = ", ".join(left[:3]) + (", …" if len(left) > 3 else "")
        return to_do(f"empty: {len(left)} of {count} sections ({some})", f"{WORDS} words or more each")
    return passed(f"{count} sections")


def sections(text: str) -> dict[str, str]:
    """The text under each heading of the second level; the names in small letters."""
    parts = _HEADING.split(text)
    return {name.lower(): " ".join(body.split()) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def filled(text: str) -> bool:
    return not _TO_DO.search(text) and len(words(text)) >= WORDS


def words(text: str) -> list[str]:
    """The words of a piece of Markdown, without comments, headings and pictures."""
    plain = re.sub(r"^#.*$|!\[.*?\]\(.*?\)", " ", _COMMENT.sub(" ", text), flags=re.M)
    return re.findall(r"[^\W\d_]{2,}", plain)


def judge_prose(cells: list[Cell]) -> Verdict:
    """Every code cell has a cell of prose before it; a heading alone does not count."""
    code = [(i, cell) for i, cell in enumerate(cells) if cell.kind == "code"]
    bare = [
        cell for i, cell in code if i == 0 or cells[i - 1].kind != "markdown" or len(words(cells[i - 1].source)) < 5
    ]
    if not code:
        return failed("there is no code cell", "put '# %%' above the code")
    if bare:
        lines = ", ".join(str(cell.line) for cell in bare[:5]) + (", …" if len(bare) > 5 else "")
        return failed(
            f"{len(bare)} of {counted(len(code), 'code cells')} without prose before: notebook.py line {lines}",
            "say above each one what it does and why it is necessary",
        )
    if waiting := [cell for cell in cells if cell.kind == "markdown" and _TO_DO.search(cell.source)]:
        return to_do(
            f"'to do' is left in {counted(len(waiting), 'prose cells')}: the first is at line {waiting[0].line}",
            "write what they ask for, and delete 'to do'",
        )
    return passed(counted(len(code), "code cells"))

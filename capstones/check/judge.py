"""`tengen check`: judge every automatic criterion of a project, in a copy of its folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capstones.cells import Cell, compared
from capstones.check import audit
from capstones.check.card import judge_card
from capstones.check.copies import judge_copies
from capstones.check.files import Finding, one_line, sources
from capstones.check.imports import judge_imports
from capstones.check.rubric import MACHINE, Verdict, failed, passed, to_do
from capstones.check.sections import judge_prose, judge_sections
from capstones.check.share import judge_share
from capstones.check.tests import judge_tests, ran_here, run_tests
from capstones.notebook import TETHERED, Copy, Executed, Form, ScratchCopy, execute
from capstones.project import Project, read_project
from tengen.errors import UserError
from tengen.plural import counted

TEST_SECONDS = 300.0
QUICK_TEST_SECONDS = 120.0


@dataclass(frozen=True)
class Judgement:
    project: Project
    verdicts: dict[str, Verdict]  # criterion -> verdict, in the rubric's order

    @property
    def passed(self) -> int:
        return sum(verdict.status == "passed" for verdict in self.verdicts.values())

    def next_step(self, folder: str) -> str:
        """The command that helps most now."""
        left = [name for name, verdict in self.verdicts.items() if verdict.status != "passed"]
        if "runs" in left:
            return f"tengen notebook {folder}"
        if "tests" in left:
            return f"cd {folder} && python -m pytest -x -rs"
        if {"card", "shareable"} & set(left):
            return f"tengen notebook {folder}"
        return (
            f"tengen check {folder}"
            if left
            else f"open {folder}/notebook.html, and ask someone for a review (REVIEW.md)"
        )


def check(
    named: str,
    form: Form,
    say: Callable[[str], None] = lambda text: None,
    known: Callable[[str, Verdict], None] = lambda name, verdict: None,
) -> Judgement:
    """Judge a project. UserError, in one line, if there is none or it is too broken to be judged.

    It runs in a copy: nothing in the project changes. `say` gets progress messages, `known` gets each verdict as soon
    as it is known (reading comes before running).
    """
    ran_here()
    project = read_project(named)
    form.environment()  # whether --data exists, before anything takes long
    strict = form.from_scratch or project.from_scratch
    found: dict[str, Verdict] = {}

    def judged(name: str, verdict: Verdict) -> None:
        found[name] = verdict
        known(name, verdict)

    say("reading")
    cells, unreadable = _cells(project)
    findings = _read(project, cells, strict)
    judged("prose", failed(unreadable, "") if unreadable else judge_prose(cells))
    judged("card", judge_card(project))
    judged("sections", _guarded(judge_sections, project))
    executed = None
    with ScratchCopy(project, form.quick) as copy:
        guard = audit.Guard(copy.roots, strict, compared(cells), str(copy.scratch / "report.jsonl"))
        surroundings = {**guard.environment(), **TETHERED}
        if not unreadable:
            executed = execute(copy.folder / "notebook.py", copy.folder, form, surroundings, lambda c: say(_at(c)))
        judged("runs", failed(unreadable, "") if unreadable else _runs(executed, form))
        judged("shareable", _guarded(judge_share, project, executed.notebook if executed else None))
        judged(
            "axes",
            _axes([line for line in audit.read_report(copy.scratch / "report.jsonl") if "figure" in line], cells),
        )
        say("running the tests")
        judged("tests", judge_tests(_tests(copy, form, guard)))
        report = audit.read_report(copy.scratch / "report.jsonl")
    judged("imports", _imports([*findings, *_refusals(report, cells, findings)]))
    return Judgement(project, {name: found[name] for name in MACHINE})


def _cells(project: Project) -> tuple[list[Cell], str]:
    """The notebook's cells, or the reason why there are none."""
    try:
        return project.cells(), ""
    except UserError as error:
        return [], str(error).replace(f"{project.folder}/", "")


def _guarded(judge: Callable[..., Verdict], *args: Any) -> Verdict:
    """An unreadable file fails this criterion only; the others are still judged."""
    try:
        return judge(*args)
    except UserError as error:
        return failed(str(error))


def _read(project: Project, cells: list[Cell], strict: bool) -> list[Finding]:
    try:
        return [*judge_imports(project, cells, strict), *judge_copies(sources(project, cells))]
    except UserError as error:
        return [Finding("a file", "cannot be read", str(error).replace(f"{project.folder}/", ""))]


def _at(cell: Any) -> str:
    return f"running code cell {cell.metadata['number']} (line {cell.metadata['line']})"


def _tests(copy: Copy, form: Form, guard: audit.Guard) -> dict[str, Any]:
    temporary = copy.scratch / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {**form.environment(), **guard.environment(), "TMPDIR": str(temporary), **_path()}
    seconds = QUICK_TEST_SECONDS if form.quick else TEST_SECONDS
    return run_tests(copy.folder, copy.scratch, environment, seconds, form.quick)


def _path() -> dict[str, str]:
    from capstones.client import search_path

    return {"PYTHONPATH": search_path()}


def _runs(executed: Executed | None, form: Form) -> Verdict:
    assert executed is not None
    if executed.problem:
        return failed(executed.problem, "tengen notebook shows the whole error")
    how = "in quick mode" if form.quick else "in full"
    return passed(f"{counted(len(executed.took), 'code cells')} in {executed.seconds:.0f} s, {how}")


def _imports(findings: list[Finding]) -> Verdict:
    return (
        failed(one_line(findings), "README.md lists what a project may import")
        if findings
        else passed("within the rules")
    )


def _refusals(report: list[dict[str, Any]], cells: list[Cell], found: list[Finding]) -> list[Finding]:
    """What was refused while it ran, except on lines where reading has already found something."""
    known = {finding.where for finding in found}
    lines = [
        Finding(_line(entry["where"], cells), entry["refused"], entry["why"]) for entry in report if "refused" in entry
    ]
    return [line for line in lines if line.where not in known]


def _line(where: str, cells: list[Cell]) -> str:
    """`notebook.py[3] line 2` as a line of the script."""
    parts = re.fullmatch(rf"{re.escape(audit.CELL)}\[(\d+)\](?: line (\d+))?", where)
    code = [cell for cell in cells if cell.kind == "code"]
    if parts is None or int(parts[1]) > len(code):
        return where or "while it ran"
    return f"notebook.py line {code[int(parts[1]) - 1].line + int(parts[2] or 1) - 1}"


def _axes(figures: list[dict[str, Any]], cells: list[Cell]) -> Verdict:
    last = {figure["number"]: figure for figure in figures}  # as it was when it was drawn for the last time
    drawn = [figure for figure in last.values() if figure["axes"]]
    if not figures:
        return to_do("there is no figure yet", "plot the learning curve, and examples where it fails")
    bare = [figure for figure in drawn if figure["unlabelled"]]
    if bare:
        first, more = bare[0], f" (and {len(bare) - 1} more)" if len(bare) > 1 else ""
        what = "; ".join(first["unlabelled"][:2])
        return failed(
            f"a figure drawn at {_line(first['figure'], cells)} has no label for {what}{more}",
            "label what is drawn, with its unit: xlabel, ylabel; for a picture use ax.axis('off')",
        )
    return passed(f"{len(last)} figure{'s' * (len(last) != 1)}")


def folder_in_words(project: Project) -> str:
    """The project's folder as you would type it here."""
    try:
        return project.folder.relative_to(Path.cwd()).as_posix() or "."
    except ValueError:
        return str(project.folder)

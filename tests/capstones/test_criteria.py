"""Each criterion separately: what passes, what is still to do, what fails, and with which message."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from capstones.cells import Cell, cells_of, fingerprint, read_notebook
from capstones.check.card import judge_card, problem_of
from capstones.check.figures import judge
from capstones.check.mutation import mutants, spread
from capstones.check.rubric import Verdict
from capstones.check.sections import judge_prose, judge_sections
from capstones.check.share import judge_share
from capstones.check.tests import judge_tests
from capstones.project import Project, read_project
from tests.capstones.small import CARD, LINE, small_project

matplotlib.use("agg")


def opened(folder: Path, **changed: str | None) -> Project:
    return read_project(small_project(folder, **changed))


def code(line: int) -> Cell:
    return Cell(0, line, "code", "x = 1")


def prose(text: str) -> Cell:
    return Cell(0, 1, "markdown", text)


def test_lines_and_tags_of_cells(tmp_path: Path) -> None:
    title = "# %% [markdown]\n# # Title\n\n"
    text = title + '# %% a name tags=["compare"]\nx = """\n# %% no cell\n"""\n# !ls\n\n# %%\n\n# %%\ny = 2\n'
    path = tmp_path / "notebook.py"
    path.write_text(text)
    cells = cells_of(read_notebook(path))
    assert [(cell.kind, cell.line, cell.tags) for cell in cells] == [
        ("markdown", 2, ()),
        ("code", 5, ("compare",)),
        ("code", 13, ()),
    ]
    assert cells[1].source.endswith("# !ls")  # not a shell line


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ([prose("this says why it is done"), code(1)], "passed"),
        ([prose("this says why it is done"), code(1), code(7)], "failed"),
        ([code(1), prose("this says why it is done")], "failed"),
        ([prose("# A heading of many words alone"), code(1)], "failed"),
        ([prose("this says why it is done *To do: say more*"), code(1)], "to do"),
        ([prose("this is all that there is")], "failed"),
    ],
)
def test_prose(cells: list[Cell], status: str) -> None:
    assert judge_prose(cells).status == status


def test_sections(tmp_path: Path) -> None:
    assert judge_sections(opened(tmp_path)).status == "passed"
    report = (tmp_path / "REPORT.md").read_text()

    def with_report(text: str | None) -> Verdict:
        return judge_sections(opened(tmp_path, REPORT_dot_md=text))

    assert with_report(report.replace("## Failure\n\n", "## Failure\n\n<!-- to do: where -->\n")).status == "to do"
    assert (
        with_report(report.replace("Next of it is said here in more", "<!-- said here in more") + " -->").status
        == "to do"
    )
    assert "no section 'Ablation'" in with_report(report.replace("## Ablation", "## Other")).said
    assert "says the same as" in with_report(report.replace("Next of it", "Failure of it")).said
    assert "REPORT.md is missing" in with_report(None).said
    about = "name: halves\nkind: rl\nidea: blank\n"
    verdict = judge_sections(opened(tmp_path, capstone_dot_yaml=about, REPORT_dot_md=report))
    assert "What it means for the system" in verdict.said


def changed(**fields: Any) -> dict[str, Any]:
    return {**CARD, **fields}


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (changed(), ""),
        (changed(metric=" "), "no metric"),
        (changed(seeds=[1, 2], values=[0.1, 0.3]), "2 different seeds"),
        (changed(seeds=[1, 1, 1]), "1 different seeds"),
        (changed(values=[0.1, 0.2]), "a value for each seed"),
        (changed(value=float("nan")), "finite"),
        (changed(value=True), "finite"),
        (changed(ci95=[0.25, 0.3]), "does not contain"),
        (changed(ci95=None), "no interval"),
        (changed(value=0.35, ci95=[0.1, 0.4]), "outside the range of its seeds"),
        (changed(ci95=[0.2, 0.2]), "no width"),
        (changed(baseline={"name": "zero"}), "no baseline"),
        (changed(published=None), "no published figure"),
        (changed(published={"value": 0.0, "source": "to do", "protocol": "to do"}), "to do"),
        (changed(published={"value": None, "source": "-", "protocol": "none"}), "does not say why"),
        (changed(published={"value": None, "source": "-", "protocol": "nobody has measured these points before"}), ""),
        (changed(measured_on=""), "what it was measured on"),
        (changed(command=""), "which command"),
    ],
)
def test_card(card: dict[str, Any], said: str) -> None:
    assert said in problem_of(card) and bool(said) == bool(problem_of(card))


def test_card_of_a_project(tmp_path: Path) -> None:
    assert judge_card(opened(tmp_path)).status == "passed"
    assert judge_card(opened(tmp_path, card_dot_json=json.dumps(changed(quick=True)))).status == "to do"
    assert judge_card(opened(tmp_path, card_dot_json=None)).status == "to do"
    for text in ("{", "[]", "[" * 100_000):
        assert judge_card(opened(tmp_path, card_dot_json=text)).status == "failed"


def outputs(*texts: str) -> dict[str, Any]:
    return {"cells": [{"outputs": [{"output_type": "stream", "text": text}]} for text in texts]}


def test_share(tmp_path: Path) -> None:
    project = opened(tmp_path)
    assert judge_share(project, outputs("fine")).status == "to do"  # no HTML page yet
    page = tmp_path / "notebook.html"
    page.write_text(f'<meta name="made-from" content="{fingerprint(project.notebook)}">')
    assert judge_share(project, outputs("fine")).status == "passed"
    with project.notebook.open("a", newline="") as script:
        script.write("# one more line\n")
    assert "not made from this notebook.py" in judge_share(project, outputs("fine")).said
    project.notebook.write_bytes(
        project.notebook.read_bytes().replace(b"# one more line\n", b"").replace(b"\n", b"\r\n")
    )
    assert judge_share(project, outputs("fine")).status == "passed"  # checked out with other line endings
    assert "prints 41 lines" in judge_share(project, outputs("", "x\n" * 41)).said
    assert judge_share(project, outputs("x\n" * 40)).status == "passed"
    assert "a local path: /home/someone" in judge_share(project, outputs("see /home/someone/x")).said
    assert judge_share(project, outputs("https://example.org/home/someone and a/tmp/b")).status == "passed"
    (tmp_path / "parts" / "line.py").write_text(f'ROOT = "{tmp_path}"\n')
    assert "parts/line.py line 1" in judge_share(project, None).said


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("pong.a26", 10, "ROM"),
        ("t10k-images-idx3-ubyte", 10, "data file"),
        ("parts/data.npz", 300_000, "data file"),
        ("big.txt", 6_000_000, "6 MB"),
    ],
)
def test_what_may_not_be_passed_on(tmp_path: Path, name: str, size: int, said: str) -> None:
    project = opened(tmp_path)
    (tmp_path / name).write_bytes(b"x" * size)
    assert said in judge_share(project, None).said


def test_licence(tmp_path: Path) -> None:
    assert "no LICENSE" in judge_share(opened(tmp_path, LICENSE=None), None).said
    gap = "MIT License. Copyright {{year}} " + "word " * 30
    assert judge_share(opened(tmp_path, LICENSE=gap), None).status == "to do"


def test_axes() -> None:
    import matplotlib.pyplot as plt

    def judged(draw: Any, rows: int = 1, **options: Any) -> list[str]:
        figure, axes = plt.subplots(rows, **options)
        try:
            draw(axes)
            figure.canvas.draw()
            found: list[str] = judge(figure)["unlabelled"]
            return found
        finally:
            plt.close(figure)

    def curves(axes: Any) -> None:
        for one in axes:
            one.plot([1, 2])
            one.set_ylabel("loss")

    assert judged(lambda axes: axes.plot([1, 2])) == ["x and y of axes 1 of 1"]
    assert judged(lambda axes: (axes.plot([1, 2]), axes.set(xlabel="x", ylabel="y"))) == []
    assert judged(lambda axes: (axes.imshow([[1]]), axes.axis("off"))) == []
    assert judged(lambda axes: (axes.imshow([[1]]), axes.set_xticks([]), axes.set_yticks([]))) == []
    assert judged(lambda axes: axes.imshow([[1]])) == ["x and y of axes 1 of 1"]
    assert judged(lambda axes: None) == []
    assert len(judged(curves, 2)) == 2
    assert judged(lambda axes: (curves(axes), axes[1].set_xlabel("step")), 2, sharex=True) == []
    assert judged(lambda axes: (curves(axes), axes[0].figure.supxlabel("step")), 2) == []
    colours = lambda axes: (axes.figure.colorbar(axes.pcolormesh([[1]])), axes.set(xlabel="x", ylabel="y"))  # noqa: E731
    assert judged(colours) == []


def test_mutants_differ_by_one_change() -> None:
    found = mutants(LINE + "\n\ndef todo(x):\n    '''Write it.'''\n    raise NotImplementedError('x + 1')\n")
    assert [mutant.said for mutant in found] == ["Div became Mult", "Mult became Div", "Mult became Div"]
    plain = ast.unparse(ast.parse(LINE))
    for mutant in found:
        lines = list(zip(plain.splitlines(), mutant.text.splitlines(), strict=False))
        assert sum(a != b for a, b in lines) == 1


def test_spread() -> None:
    found = mutants(LINE)
    assert spread(found, 2) == [found[0], found[-1]] and spread(found, 9) == found


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ({}, "failed", "no tests"),
        ({"passed": ["a"]}, "failed", "nothing in parts/"),
        ({"passed": ["a"], "changes": [{"noticed": False, "file": "f", "line": 3, "said": "-"}]}, "failed", "f line 3"),
        ({"passed": ["a"], "changes": [{"noticed": True}, {"noticed": False}]}, "passed", "1 of 2"),
        ({"passed": ["a"], "to do": {"b": "to do: x"}}, "to do", "1 of 2 tests"),
        ({"passed": ["a"], "failed": {"b": "assert 0"}, "to do": {"c": ""}}, "failed", "b: assert 0"),
        ({"errors": {"tests/test_1.py": "SyntaxError"}}, "failed", "SyntaxError"),
        ({"skipped": {"a": "no"}}, "failed", "every test is skipped"),
        ({"finished": False}, "failed", "in time"),
        ({"late": True}, "failed", "in time"),
        ({"broken": "Killed"}, "failed", "Killed"),
    ],
)
def test_tests(found: dict[str, Any], status: str, said: str) -> None:
    empty = {"passed": [], "failed": {}, "to do": {}, "skipped": {}, "errors": {}, "changes": [], "finished": True}
    verdict = judge_tests({**empty, **found})
    assert verdict.status == status and said in verdict.said

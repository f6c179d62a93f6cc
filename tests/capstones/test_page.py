"""The HTML page of a notebook: one file with formulas embedded, fetching nothing unnecessary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from capstones.formulas import picture, set_formulas
from capstones.html import page


def notebook(*prose: str) -> Any:
    cells = [new_markdown_cell(text) for text in prose]
    shown = new_output("stream", text="<b>\x1b[31mred\x1b[0m</b>")
    return new_notebook(cells=[*cells, new_code_cell("x = '<script>'", outputs=[shown])])


def test_formulas_become_pictures_and_code_stays() -> None:
    text = "Let $x_t$ be; `$y$` costs $5 and $6.\n\n```\n$z$\n```\n\n$$ \\frac{a}{b} $$\n"
    found = set_formulas(text)
    assert found.count('<img class="formula"') == 1 and found.count('class="formula displayed"') == 1
    assert 'alt="x_t"' in found and "`$y$` costs $5 and $6." in found and "$z$" in found


def test_what_matplotlib_cannot_set_is_left_to_mathjax(tmp_path: Path) -> None:
    hard = "$$ \\begin{aligned} a &= b \\end{aligned} $$"
    assert picture("\\begin{aligned} a", display=True) == "" and set_formulas(hard) == hard
    assert "mathjax" in page(notebook(hard), "x", tmp_path, quick=False)
    assert "mathjax" not in page(notebook("easy: $x$, `$y$`"), "x", tmp_path, quick=False)


def test_a_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    text = page(notebook("# A title & more", "## One", "## Two", "## Three"), "x", tmp_path, quick=True)
    assert "<title>A title &amp; more</title>" in text and text.count('<a href="#') == 3
    assert "src=" not in text and "<link" not in text and "<script" not in text
    assert "&lt;b&gt;" in text and "ansi-red-fg" in text and "quick form" in text
    assert "quick form" not in page(notebook("# A"), "x", tmp_path, quick=False)


def test_pictures_in_prose_are_inside(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    text = page(notebook("![what](a.png)"), "x", tmp_path, quick=False)
    assert 'alt="what"' in text and "data:image/png;base64" in text and 'src="a.png"' not in text

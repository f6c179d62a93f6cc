"""A notebook as an HTML page to share: one file with the pictures inside, readable on a phone and on paper."""

from __future__ import annotations

import copy
import html
import re
from functools import cache
from pathlib import Path
from typing import Any

from capstones.formulas import set_formulas

_HEADING = re.compile(r'<h([123])\b[^>]*\bid="([^"]*)"[^>]*>(.*?)</h\1>', re.S)
_ANCHOR = re.compile(r'<a class="anchor-link".*?</a>', re.S)
_CODE = re.compile(r"```.*?```|`[^`\n]*`|<img [^>]*>", re.S)
_MATHS = re.compile(r"\$[^$\n]+\$|\$\$.+?\$\$|\\begin\{", re.S)
_MATHJAX = "https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-chtml.js"
_MATHJAX_SETTINGS = (
    "<script>MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']], processEscapes: true},"
    " options: {ignoreHtmlClass: 'input|output_text'}};</script>"
)


def page(notebook: Any, title: str, folder: Path, quick: bool, source: str = "") -> str:
    """The page of an executed notebook. `folder` is where pictures that its prose shows are looked for.

    `source` is the fingerprint of the script that it was made from.

    It needs nothing but itself; only where a formula is more than Matplotlib can set does it fetch MathJax.
    """
    from nbconvert import HTMLExporter

    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = set_formulas(cell.source)
    exporter = HTMLExporter(
        template_name="basic", embed_images=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"path": str(folder)}})
    body = _ANCHOR.sub("", body)
    heads = [(int(level), name, _plain(text)) for level, name, text in _HEADING.findall(body)]
    shown = next((text for level, _, text in heads if level == 1), title)
    prose = "".join(_CODE.sub("", cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    maths = f'{_MATHJAX_SETTINGS}\n<script defer src="{_MATHJAX}"></script>' if _MATHS.search(prose) else ""
    note = "<p class='form'>Executed in its quick form: a few steps, figures not to be believed.</p>" if quick else ""
    parts = {
        "SOURCE": html.escape(source),
        "TITLE": html.escape(shown),
        "STYLE": f"{_style()}\n{_highlighting()}",
        "MATHS": maths,
        "CONTENTS": _contents(heads),
        "NOTE": note,
        "BODY": body,
    }
    text = (Path(__file__).parent / "page" / "page.html").read_text("utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found[1]], text)


def _contents(heads: list[tuple[int, str, str]]) -> str:
    """Links to the headings of the second level; none where there are few."""
    links = [f'<a href="#{name}">{html.escape(text)}</a>' for level, name, text in heads if level == 2]
    return f'<nav aria-label="contents">{"".join(links)}</nav>' if len(links) > 2 else ""


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()


@cache
def _style() -> str:
    return (Path(__file__).parent / "page" / "page.css").read_text("utf-8")


def _highlighting() -> str:
    from pygments.formatters import HtmlFormatter

    return str(HtmlFormatter(style="xcode").get_style_defs(".highlight"))

"""Formulas of a page as pictures, set by Matplotlib, so that they show offline and on paper.

Matplotlib knows part of TeX. What it does not know (`\\begin{aligned}`) is left for MathJax to set.
"""

from __future__ import annotations

import base64
import html
import io
import re
from functools import cache

_CODE = re.compile(r"(^(```|~~~).*?^\2|`+[^`\n]*`+)", re.S | re.M)
_DISPLAY = re.compile(r"(?<!\\)\$\$(.+?)\$\$", re.S)
_INLINE = re.compile(r"(?<![\\$\w])\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?![\w$])")
_SIZE = 10.0  # points: an em
_SAME = {r"\lvert": "|", r"\rvert": "|", r"\lVert": r"\|", r"\rVert": r"\|", r"\tfrac": r"\frac", r"\dots": r"\ldots"}


def set_formulas(text: str) -> str:
    """Markdown with its formulas replaced by pictures, wherever Matplotlib can set them; code stays as it is."""
    parts, at = [], 0
    for code in _CODE.finditer(text):
        parts += [_set(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*parts, _set(text[at:])])


def _set(text: str) -> str:
    text = _DISPLAY.sub(lambda found: picture(found[1], display=True) or found[0], text)
    return _INLINE.sub(lambda found: picture(found[1], display=False) or found[0], text)


@cache
def picture(tex: str, display: bool) -> str:
    """The formula as an element of HTML; "" where Matplotlib cannot set it."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser

    formula = f"${_plain(tex, display)}$"
    font = FontProperties(size=_SIZE, math_fontfamily="stix")  # type: ignore[arg-type]
    out = io.BytesIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "tengen", "text.usetex": False}):
        try:
            width, height, depth, *_ = MathTextParser("path").parse(formula, dpi=72, prop=font)
        except ValueError:
            return ""
        figure = Figure(figsize=((width + 1) / 72, (height + 1) / 72))
        FigureCanvasSVG(figure)
        figure.text(0.5 / (width + 1), (depth + 0.5) / (height + 1), formula, fontproperties=font, color="#1d2330")
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    low, tall = (depth + 0.5) / _SIZE, (height + 1) / _SIZE
    style = f"height:{tall:.3f}em" if display else f"height:{tall:.3f}em;vertical-align:{-low:.3f}em"
    source = base64.b64encode(out.getvalue()).decode()
    alt = html.escape(" ".join(tex.split()), quote=True)
    kind = "formula displayed" if display else "formula"
    return f'<img class="{kind}" style="{style}" alt="{alt}" src="data:image/svg+xml;base64,{source}">'


def _plain(tex: str, display: bool) -> str:
    """One line, in the words that Matplotlib knows."""
    text = " ".join(tex.split())
    if display:
        text = text.replace(r"\frac", r"\dfrac").replace(r"\sum", r"\,\sum")  # its limits are wide
    return re.sub(r"\\[A-Za-z]+", lambda found: _SAME.get(found[0], found[0]), text)

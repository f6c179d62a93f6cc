"""Watch figures as they are drawn, for axes without labels. Pictures without ticks need none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def can_watch() -> bool:
    return hasattr(sys.modules.get("matplotlib.backend_bases"), "FigureCanvasBase")


def watch(note: Callable[[dict[str, Any]], None], place: Callable[[], str]) -> None:
    """Note each figure that is saved or shown from here on: {"figure": where, "unlabelled": what, "axes": how many}."""
    from matplotlib.backend_bases import FigureCanvasBase

    original = FigureCanvasBase.print_figure
    numbers: dict[Any, int] = {}  # a figure may be saved, then shown

    def print_figure(self: Any, *args: Any, **kwargs: Any) -> Any:
        where = place()
        numbers.setdefault(self.figure, len(numbers))
        note({"figure": where or _cell(), "number": numbers[self.figure], **judge(self.figure)})
        return original(self, *args, **kwargs)

    FigureCanvasBase.print_figure = print_figure  # type: ignore[method-assign]


def judge(figure: Any) -> dict[str, Any]:
    """How many axes with data a figure has, and which of them lack a label: "x of 'title'"."""
    drawn = [axes for axes in figure.axes if _needs_labels(axes)]
    shared = {
        "x": bool(_said(getattr(figure, "_supxlabel", None))),
        "y": bool(_said(getattr(figure, "_supylabel", None))),
    }
    missing = []
    for number, axes in enumerate(drawn, 1):
        lacking = [side for side in "xy" if not (shared[side] or _labelled(axes, side))]
        if lacking:
            title = axes.get_title() or f"axes {number} of {len(drawn)}"
            missing.append(f"{' and '.join(lacking)} of {title}")
    return {"axes": len(drawn), "unlabelled": missing}


def _needs_labels(axes: Any) -> bool:
    if not (axes.axison and axes.get_visible() and axes.has_data()) or axes.get_label() == "<colorbar>":
        return False
    if axes.name == "polar":
        return False
    bare = not len(axes.get_xticks()) and not len(axes.get_yticks())
    return not bare  # a picture, a board


def _labelled(axes: Any, side: str) -> bool:
    """Its own label, or that of axes that share this side with it."""
    grouped = (axes.get_shared_x_axes() if side == "x" else axes.get_shared_y_axes()).get_siblings(axes)
    for one in {axes, *grouped}:
        axis = one.xaxis if side == "x" else one.yaxis
        if axis.get_label_text().strip() or (one is axes and not axis.get_visible()):
            return True
    ticks = axes.get_xticks() if side == "x" else axes.get_yticks()
    return len(ticks) == 0


def _said(text: Any) -> str:
    return text.get_text().strip() if text is not None else ""


def _cell() -> str:
    """The cell being executed: figures are shown after it has ended, with no frame of it on the stack."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return f"notebook.py[{running.execution_count}]" if running is not None else ""

"""Tables for the terminal in which no cell is ever truncated.

A table that fits the width has one line per row. If it is too wide, text wraps between words. If that is still too
wide, each row is written below its first cell:

    go9-alphazero
      task go9   agent alphazero   steps 290,816
      protocol match against gtp:gnugo   result 88.50%
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tengen.terminal import plain

_GAP = 2  # between columns
_INDENT = "  "


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str] = (), width: int = 0
) -> None:
    """Print `rows` of plain text below `columns`; those in `right` are aligned there. A row may end early.

    `width` 0 is the terminal's. In a file or a pipe each row is one line, however long, unless $COLUMNS gives a width.
    """
    rows = [[plain(cell, "") for _, cell in zip_longest(columns, row, fillvalue="")] for row in rows]
    natural = [max(map(cell_len, column)) for column in zip(columns, *rows, strict=True)]
    if not width:
        console = Console()
        bound = console.is_terminal or "COLUMNS" in os.environ
        width = console.width if bound else sum(natural) + _GAP * (len(natural) - 1)
    console = Console(width=width, highlight=False)
    widths = _fitted(columns, rows, natural, width - _GAP * (len(columns) - 1))
    if widths is None:
        for row in rows:
            for line in _stacked(columns, row, width):
                console.print(line, soft_wrap=True)
        return
    table = Table.grid(padding=(0, _GAP, 0, 0))
    for column, fitting in zip(columns, widths, strict=True):
        table.add_column(width=fitting, overflow="fold", justify="right" if column in right else "left")
    table.add_row(*(Text(column, style="bold") for column in columns))
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _fitted(
    columns: Sequence[str], rows: Sequence[Sequence[str]], natural: Sequence[int], width: int
) -> list[int] | None:
    """The columns' widths, in all at most `width`, that break no word and no number; None if there are none."""
    least = [max(map(_unbreakable, column)) for column in zip(columns, *rows, strict=True)]
    if sum(least) > width:
        return None
    widths = list(natural)
    while sum(widths) > width:  # take from the widest that can give
        widths[max(range(len(widths)), key=lambda i: (widths[i] > least[i], widths[i]))] -= 1
    return widths


def _unbreakable(cell: str) -> int:
    """The width of the longest word of a text, or of the whole of `[96.47%, 97.67%]`."""
    words = cell.split() if any(c.isalpha() for c in cell) else [cell]
    return max(map(cell_len, words), default=0)


def _stacked(columns: Sequence[str], row: Sequence[str], width: int) -> Iterator[Text]:
    """A row as lines of at most `width`; only a word that is longer by itself takes more: the terminal folds it."""
    yield Text(row[0], style="bold")
    line = Text(_INDENT)
    for column, cell in zip(columns[1:], row[1:], strict=True):
        if not cell:
            continue
        pair = Text.assemble((column, "dim"), f" {cell}")
        gap = "   " if len(line) > len(_INDENT) else ""
        if gap and line.cell_len + len(gap) + pair.cell_len > width:
            yield line
            line, gap = Text(_INDENT), ""
        if pair.cell_len > width - len(_INDENT):  # lines of its own
            first, *more = wrap(f"{column} {cell}", width - 2 * len(_INDENT), break_long_words=False)
            yield Text.assemble(_INDENT, (first[: len(column)], "dim"), first[len(column) :])
            yield from (Text(2 * _INDENT + part) for part in more)
            continue
        line = line + gap + pair
    if len(line) > len(_INDENT):
        yield line

"""Find code of Tengen's own solvers that was copied into a project, even renamed: functions with the same shape.

The shape of a function is its syntax tree without docstrings and annotations, with every name replaced by the number
of its first appearance. Small functions look alike by chance and are ignored.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from capstones.check.files import Finding, Source

_ROOT = Path(__file__).resolve().parents[2]
_SOLVERS = ("agents", "supervised", "selfplay")
_SPARED = ("supervised/data", "selfplay/players", "selfplay/board", "selfplay/gtp")
_SMALLEST = 90  # nodes of a function's tree


def judge_copies(sources: list[Source]) -> list[Finding]:
    """The functions of these sources that have the shape of one of Tengen's."""
    mine = [(source, function, shape) for source in sources for function, shape in shapes(source.text)]
    if not mine:
        return []
    found = _tengens()
    return [
        Finding(
            f"{source.name} line {source.line + function.lineno - 1}",
            f"{function.name} is a copy of {found[shape]}",
            "write it yourself, from the paper",
        )
        for source, function, shape in mine
        if shape in found
    ]


def shapes(text: str) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """The functions of a source that are large enough to be distinctive, with their shapes."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if sum(1 for _ in ast.walk(node)) >= _SMALLEST:
            yield node, _shape(node)


def _shape(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    names: dict[str, int] = {}
    words: list[str] = []

    def visit(node: ast.AST) -> None:
        words.append(type(node).__name__)
        if isinstance(node, ast.Name | ast.arg):
            name = node.id if isinstance(node, ast.Name) else node.arg
            words.append(str(names.setdefault(name, len(names))))
        elif isinstance(node, ast.Attribute):
            words.append(node.attr)
        elif isinstance(node, ast.Constant):
            words.append(repr(node.value) if not isinstance(node.value, str) else "text")
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "type_comment", "decorator_list", "ctx"):
                continue
            children = value if isinstance(value, list) else [value]
            for child in children:
                if isinstance(child, ast.AST) and not _is_docstring(node, child):
                    visit(child)

    visit(function)
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def _is_docstring(parent: ast.AST, child: ast.AST) -> bool:
    body = getattr(parent, "body", None)
    inside = (
        isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant) and isinstance(child.value.value, str)
    )
    return inside and isinstance(body, list) and bool(body) and body[0] is child


@cache
def _tengens() -> dict[str, str]:
    """The functions of Tengen's solvers: shape -> where it is."""
    found: dict[str, str] = {}
    for room in _SOLVERS:
        for path in sorted((_ROOT / room).rglob("*.py")):
            name = path.relative_to(_ROOT).as_posix()
            if not name.startswith(_SPARED):
                for function, shape in shapes(path.read_text("utf-8")):
                    found.setdefault(shape, f"{function.name} in {name}")
    return found

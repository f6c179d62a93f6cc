"""Where a name in one of Tengen's modules comes from, read from the source without importing it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def origin(module: str, name: str) -> str:
    """The module from which `module`, one of Tengen's, imports `name`; "" if it is its own."""
    path = Path(__file__).resolve().parents[2].joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (OSError, SyntaxError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    inside = f"{node.module}.{alias.name}"
                    return inside if is_module(inside) else str(node.module)
        if isinstance(node, ast.Import):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    return alias.name
    return ""


def split(dotted: str) -> tuple[str, str, str]:
    """The longest beginning that is a module of Tengen, a dot, and the first name after it."""
    parts = dotted.split(".")
    n = next((n for n in range(len(parts), 0, -1) if is_module(".".join(parts[:n]))), 0)
    return ".".join(parts[:n]), ".", parts[n] if n < len(parts) else ""


@cache
def is_module(name: str) -> bool:
    path = Path(__file__).resolve().parents[2].joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()

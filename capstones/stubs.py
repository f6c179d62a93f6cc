"""Stubs: functions that only `raise NotImplementedError("…")`. Their messages are what is left to do in a project.

They are found by reading the source, not by calling, so that a notebook, a test and `tengen check` agree on them.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tengen.errors import UserError


class Stub(NamedTuple):
    """A function that still has to be written."""

    file: Path
    line: int
    name: str  # Net.forward
    task: str  # what its NotImplementedError says

    def __str__(self) -> str:
        return f"{self.file.parent.name}/{self.file.name}:{self.line} {self.name}: {self.task}"


def stubs_in(path: Path) -> list[Stub]:
    """The stubs of one file, in order. UserError where it cannot be read as Python."""
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from error
    except SyntaxError as error:
        raise UserError(f"{path}, line {error.lineno}: {error.msg}") from error
    return [Stub(path, line, name, task) for line, name, task in _stubs(tree, "")]


def ready(*things: Any) -> bool:
    """Whether none of these functions, classes and modules is a stub or holds one; prints what is to do.

    A class counts with its methods, a module with all that it holds.
    """
    left = [stub for thing in things for stub in _of(thing)]
    for stub in left:
        print(f"to do: {stub}")
    return not left


def _of(thing: Any) -> list[Stub]:
    module = thing if isinstance(thing, ModuleType) else sys.modules.get(getattr(thing, "__module__", ""))
    try:
        file = inspect.getsourcefile(module or thing)
    except TypeError:
        file = None
    if file is None or not Path(file).exists():
        return []  # from a cell of the notebook, or from a library
    found = stubs_in(Path(file))
    if isinstance(thing, ModuleType):
        return found
    name = thing.__qualname__
    return [stub for stub in found if stub.name == name or stub.name.startswith(f"{name}.")]


def _stubs(node: ast.AST, inside: str) -> Iterator[tuple[int, str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{inside}{child.name}"
            task = None if isinstance(child, ast.ClassDef) else _task(child)
            if task is None:
                yield from _stubs(child, f"{name}.")
            else:
                yield child.lineno, name, task


def _task(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """What the `raise NotImplementedError` at the function's end says; None where it ends or returns otherwise."""
    end = function.body[-1]
    if not isinstance(end, ast.Raise) or any(isinstance(node, ast.Return) for node in ast.walk(function)):
        return None
    raised = end.exc
    called = raised.func if isinstance(raised, ast.Call) else raised
    if not (isinstance(called, ast.Name) and called.id == "NotImplementedError"):
        return None
    said = raised.args[0] if isinstance(raised, ast.Call) and raised.args else None
    return str(said.value) if isinstance(said, ast.Constant) else "write it"

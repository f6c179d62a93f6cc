"""Mutation testing of a project's parts: tests that catch no change prove nothing (DeMillo, Lipton & Sayward 1978)."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Add,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
_METHODS = {
    "sum": "mean",
    "mean": "sum",
    "argmax": "argmin",
    "max": "min",
    "min": "max",
    "relu": "tanh",
    "log": "exp",
    "exp": "log",
}


class Mutant(NamedTuple):
    line: int
    said: str  # "+ became -"
    text: str  # the whole file


def mutants(text: str) -> list[Mutant]:
    """Every file that differs from this one by one small change in a function; a stub, which only raises, has none."""
    tree = ast.parse(text)
    return [
        Mutant(node.lineno, said, ast.unparse(changed))
        for index, node in enumerate(_nodes(tree))
        for said, changed in _changed(tree, index, node)
    ]


def spread(found: list[Mutant], count: int) -> list[Mutant]:
    """`count` of them, from all over the file."""
    if len(found) <= count:
        return found
    return [found[round(i * (len(found) - 1) / max(count - 1, 1))] for i in range(count)]


def _nodes(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions inside functions that can be changed, in order."""
    for function in _functions(tree):
        for statement in function.body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                yield from (node for node in _walk(statement) if _change(node) is not None)


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions, except those inside another."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        else:
            yield from _functions(child)


def _walk(node: ast.AST) -> Iterator[ast.expr]:
    """In source order, without raised and asserted expressions and annotations."""
    if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr):
        return
    if isinstance(node, ast.expr):
        yield node
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _walk(child)


def _change(node: ast.AST) -> str | None:
    """The change that can be made to a node, in words; None if there is none."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return f"{type(node.op).__name__} became {_OPERATORS[type(node.op)].__name__}"
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        return f"{type(node.ops[0]).__name__} became {_COMPARISONS[type(node.ops[0])].__name__}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        return "a minus was lost"
    if isinstance(node, ast.Attribute) and node.attr in _METHODS:
        return f"{node.attr} became {_METHODS[node.attr]}"
    return None


def _changed(tree: ast.Module, index: int, node: ast.expr) -> Iterator[tuple[str, ast.Module]]:
    said = _change(node)
    other = copy.deepcopy(tree)
    target = list(_nodes(other))[index]
    if isinstance(target, ast.BinOp):
        target.op = _OPERATORS[type(target.op)]()
    elif isinstance(target, ast.Compare):
        target.ops = [_COMPARISONS[type(target.ops[0])]()]
    elif isinstance(target, ast.UnaryOp):
        target.op = ast.UAdd()
    elif isinstance(target, ast.Attribute):
        target.attr = _METHODS[target.attr]
    if said is not None:
        yield said, other

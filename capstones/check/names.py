"""Resolve a name in a piece of Python to a module or object, as far as assignments and imports determine it."""

from __future__ import annotations

import ast


class Scope:
    """The names of one source, regardless of function: cautious rather than exact.

    `import torch.nn as t` makes `t` torch.nn; `L = t.LSTM` makes `L` torch.nn.LSTM; `[t][0]` is not followed.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.known: dict[str, str] = {}
        self.modules: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._module(alias.asname or alias.name.partition(".")[0], alias.name, bool(alias.asname))
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                for alias in node.names:
                    self.known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                    self.modules.add(f"{node.module}.{alias.name}")
        for _ in range(3):  # a = torch; b = a.nn; c = b.LSTM
            before = len(self.known)
            for node in ast.walk(tree):
                self._assignment(node)
            if len(self.known) == before:
                break

    def _module(self, name: str, module: str, aliased: bool) -> None:
        parts = module.split(".")
        self.known[name] = module if aliased else parts[0]
        self.modules.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))

    def _assignment(self, node: ast.AST) -> None:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            pairs = [(node.target, node.value)]
        for target, value in pairs:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                pairs_inside = list(zip(target.elts, value.elts, strict=True))
            else:
                pairs_inside = [(target, value)]
            for one, other in pairs_inside:
                dotted = self.resolve(other)
                if isinstance(one, ast.Name) and dotted and one.id not in self.known:
                    self.known[one.id] = dotted

    def resolve(self, node: ast.AST) -> str | None:
        """The qualified name of an expression, for example `torch.nn.LSTM`; None if it is not a chain of names."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id) or (node.id if node.id in _TELLING else None)
        if isinstance(node, ast.Attribute):
            inner = self.resolve(node.value)
            return f"{inner}.{node.attr}" if inner else None
        if isinstance(node, ast.Call) and self.resolve(node.func) == "getattr" and len(node.args) > 1:
            inner, name = self.resolve(node.args[0]), node.args[1]
            if inner and isinstance(name, ast.Constant) and isinstance(name.value, str):
                return f"{inner}.{name.value}"
        return None


_TELLING = {"getattr", "setattr", "delattr", "vars", "get_ipython"}

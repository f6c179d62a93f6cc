"""Imports read from a project's source, without running it: the cells, `parts/`, `tests/` and every other Python file.

Each name is resolved (`import torch.nn as t; t.LSTM` is `torch.nn.LSTM`); whatever hides a name, such as `exec` or a
computed `getattr`, is refused for that reason. Reading the source cannot show everything: see audit.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from capstones.cells import Cell
from capstones.check.files import Finding, Source, magics, sources, unreadable, without_magics
from capstones.check.names import Scope
from capstones.check.origins import origin, split
from capstones.check.rules import COMPARED, FINISHED, REFUSED, ROOMS, leads_to_open, refusal, unknown
from capstones.project import Project

_BUILTINS = ("exec", "eval", "compile", "__import__", "globals", "__builtins__", "__loader__", "__spec__", "breakpoint")
_INSIDE = ("__globals__", "__dict__", "__subclasses__", "__builtins__", "__loader__", "__code__", "__getattribute__")
_STARTING = ("system", "popen", "fork", "forkpty", "startfile", "posix_spawn", "posix_spawnp", "add_dll_directory")
_PATHS = {"sys.path", "sys.modules", "sys.meta_path", "sys.path_hooks", "sys.path_importer_cache", "sys.settrace"}
_LOADERS = {"torch.load", "torch.utils.cpp_extension", "torch.classes", "torch.ops", "numpy.ctypeslib", "torch.package"}


def judge_imports(project: Project, cells: list[Cell], from_scratch: bool) -> list[Finding]:
    """Everything in the project that breaks the rules, file by file, line by line."""
    found = [*unreadable(project)]
    own = {path.stem if path.suffix == ".py" else path.name for path in project.folder.iterdir()}
    own = {name for name in own if (project.folder / name).is_dir() or (project.folder / f"{name}.py").is_file()}
    for source in sources(project, cells):
        found += judge_source(source, own, from_scratch)
    return found


def judge_source(source: Source, own: set[str], from_scratch: bool) -> list[Finding]:
    """How one piece of Python breaks the rules; `own` names what can be imported from the project's folder."""
    try:
        tree = ast.parse(without_magics(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        said = getattr(error, "msg", "") or str(error) or type(error).__name__
        return [Finding(f"{source.name} line {source.line + line - 1}", "it is not Python", said)]
    return [*magics(source), *_Reader(source, own, from_scratch).read(tree)]


class _Reader:
    def __init__(self, source: Source, own: set[str], from_scratch: bool) -> None:
        self.source, self.own = source, own
        self.from_scratch = from_scratch and not (source.tests or source.compared)

    def read(self, tree: ast.Module) -> list[Finding]:
        scope = Scope(tree)
        found: dict[tuple[int, str], str] = {}
        for node in ast.walk(tree):
            for what, why in self._node(node, scope):
                found.setdefault((getattr(node, "lineno", 1), what), why)
        return [
            Finding(f"{self.source.name} line {self.source.line + line - 1}", what, why)
            for (line, what), why in sorted(found.items())
        ]

    def _node(self, node: ast.AST, scope: Scope) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from self._module(alias.name, f"import {alias.name}")
        elif isinstance(node, ast.ImportFrom):
            yield from self._from(node)
        elif isinstance(node, ast.Attribute | ast.Name):
            yield from self._name(node, scope)
        elif isinstance(node, ast.Call):
            yield from self._call(node, scope)

    def _from(self, node: ast.ImportFrom) -> Iterator[tuple[str, str]]:
        if node.level:
            if node.level > self.source.name.count("/"):
                yield f"from {'.' * node.level}{node.module or ''} import", "it imports from outside the project"
            return
        module = node.module or ""
        for alias in node.names:
            what = f"from {module} import {alias.name}"
            if alias.name == "*":
                yield from self._module(module, what)
                yield what, "a star import hides the names it brings in: list them"
                continue
            whole = f"{module}.{alias.name}"
            if module.partition(".")[0] in ROOMS:
                if alias.name.startswith("_"):
                    yield what, "names with an underscore are private to Tengen"
                yield from self._module(whole, what)
                yield from self._handed_on(module, alias.name, what)
            else:
                yield from self._module(module, what)
                yield from self._dotted(whole, what)

    def _module(self, module: str, what: str) -> Iterator[tuple[str, str]]:
        root = module.partition(".")[0]
        if root in self.own and root not in ROOMS and not (root in REFUSED or root in COMPARED):
            return
        if root in COMPARED:
            if not self.source.compared:
                yield what, REFUSED["sklearn"]
        elif why := refusal(module):
            yield what, why
        elif unknown(module, self.source.tests):
            yield (
                what,
                "a project may import torch, numpy, matplotlib, gymnasium, ale_py, PIL and what comes with Python",
            )

    def _handed_on(self, module: str, name: str, what: str) -> Iterator[tuple[str, str]]:
        """A name that an open module of Tengen itself imports from a closed one."""
        source = origin(module, name)
        if source and (why := refusal(source)) and not leads_to_open(source):
            yield what, f"it comes from {source}: {why}"

    def _name(self, node: ast.Attribute | ast.Name, scope: Scope) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Name) and node.id in _BUILTINS and isinstance(node.ctx, ast.Load):
            yield node.id, "it hides what is run or imported"
        if isinstance(node, ast.Attribute) and self._is_inside(node, scope):
            yield f".{node.attr}", "it reaches names that the source does not show"
        dotted = scope.resolve(node)
        if dotted and "." in dotted:
            yield from self._dotted(dotted, dotted)

    def _is_inside(self, node: ast.Attribute, scope: Scope) -> bool:
        """An object's own `__dict__` is fine, that of a module bypasses its names."""
        return node.attr in _INSIDE and (node.attr != "__dict__" or scope.resolve(node.value) in scope.modules)

    def _dotted(self, dotted: str, what: str) -> Iterator[tuple[str, str]]:
        """A fully qualified name: torch.nn.LSTM, os.system, supervised.nets.resnet."""
        root, _, rest = dotted.partition(".")
        if self.from_scratch and dotted in FINISHED:
            yield what, "this project is from scratch: write it yourself"
        if root == "os" and (rest in _STARTING or rest.startswith(("exec", "spawn"))):
            yield what, "it starts programs, and a notebook is judged by its own cells"
        if any(dotted == name or dotted.startswith(f"{name}.") for name in _PATHS):
            yield what, "it changes or bypasses the import system"
        if any(dotted == name or dotted.startswith(f"{name}.") for name in _LOADERS) and dotted != "torch.load":
            yield what, "it loads compiled code"
        if dotted.startswith("torch.hub"):
            yield what, REFUSED["torch.hub"]
        if root in ROOMS and (why := refusal(dotted)) and not leads_to_open(dotted):
            yield what, why
        if root in ROOMS:
            module, _, name = split(dotted)
            yield from self._handed_on(module, name, what) if name else ()
        if root in ROOMS and any(part.startswith("_") and not part.startswith("__") for part in rest.split(".")):
            yield what, "names with an underscore are private to Tengen"

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[tuple[str, str]]:
        called = scope.resolve(node.func) or ""
        if called in ("getattr", "setattr", "delattr", "vars", "operator.attrgetter") and node.args:
            yield from self._getattr(called, node, scope)
        if called.endswith("get_ipython") or called == "get_ipython":
            yield "get_ipython()", "it hides what is run"
        if called in ("capstones.training", "capstones.training.training") and node.args:
            make = node.args[0]
            if isinstance(make, ast.Constant) and isinstance(make.value, str):
                yield from self._module(make.value.partition(":")[0], f"training({make.value!r})")
        if called == "torch.load":
            for keyword in node.keywords:
                if (
                    keyword.arg == "weights_only"
                    and isinstance(keyword.value, ast.Constant)
                    and not keyword.value.value
                ):
                    yield "torch.load without weights_only", "it runs whatever the file holds"

    def _getattr(self, called: str, node: ast.Call, scope: Scope) -> Iterator[tuple[str, str]]:
        if called == "operator.attrgetter":
            yield called, "it hides which name it reads"
            return
        target = scope.resolve(node.args[0]) or ""
        if target not in scope.modules:
            return
        if called == "vars" or len(node.args) < 2:
            yield f"{called}({target})", "it reaches names that the source does not show"
        elif isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str):
            yield from self._dotted(f"{target}.{node.args[1].value}", f"{called}({target}, {node.args[1].value!r})")
        else:
            yield f"{called}({target}, …)", "the name is computed, so the source does not show it"

"""Imports read from a project's source, without running it: the cells, `parts/`, `tests/` and every other Python file.

Each name is followed to what it stands for (`import torch.nn as t; t.LSTM` is `torch.nn.LSTM`); what hides a name, such as
`exec` or a computed `getattr`, is refused for that. Nothing read here can be trusted to show everything: see audit.py.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from capstones.cells import Cell, read_text
from capstones.check.names import Scope
from capstones.check.rules import COMPARED, FINISHED, REFUSED, ROOMS, leads_to_open, refusal, unknown
from capstones.project import Project
from tengen.errors import UserError

_BUILTINS = ("exec", "eval", "compile", "__import__", "globals", "__builtins__", "__loader__", "__spec__", "breakpoint")
_INSIDE = ("__globals__", "__dict__", "__subclasses__", "__builtins__", "__loader__", "__code__", "__getattribute__")
_STARTING = ("system", "popen", "fork", "forkpty", "startfile", "posix_spawn", "posix_spawnp", "add_dll_directory")
_PATHS = {"sys.path", "sys.modules", "sys.meta_path", "sys.path_hooks", "sys.path_importer_cache", "sys.settrace"}
_LOADERS = {"torch.load", "torch.utils.cpp_extension", "torch.classes", "torch.ops", "numpy.ctypeslib", "torch.package"}
_COMPILED = (".so", ".pyd", ".dll", ".dylib", ".pyc", ".pth", ".egg", ".whl", ".pyz")
_MAGICS = ("time", "timeit", "matplotlib", "config", "precision", "prun", "who", "whos")


@dataclass(frozen=True)
class Finding:
    """Something that the rules refuse."""

    where: str  # file and line
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.why}"


@dataclass(frozen=True)
class Source:
    """A piece of Python: a file, or a cell."""

    name: str  # parts/model.py, notebook.py
    text: str
    line: int = 1  # of its first line in the file
    compared: bool = False  # a cell tagged `compare`

    @property
    def tests(self) -> bool:
        return self.name.startswith("tests/") or self.name.rpartition("/")[2] == "conftest.py"


def sources(project: Project, cells: list[Cell]) -> list[Source]:
    """Everything of a project that can be imported or executed. UserError where a file cannot be read."""
    found = [Source("notebook.py", c.source, c.line, "compare" in c.tags) for c in cells if c.kind == "code"]
    files = [path for path in project.files(".py") if path != project.notebook]
    return found + [Source(project.within(path), read_text(path)) for path in files]


def judge_imports(project: Project, cells: list[Cell], from_scratch: bool) -> list[Finding]:
    """Everything in the project that the rules refuse, file by file, line by line."""
    found = [*_files(project)]
    own = {path.stem if path.suffix == ".py" else path.name for path in project.folder.iterdir()}
    own = {name for name in own if (project.folder / name).is_dir() or (project.folder / f"{name}.py").is_file()}
    for source in sources(project, cells):
        found += judge_source(source, own, from_scratch)
    return found


def judge_source(source: Source, own: set[str], from_scratch: bool) -> list[Finding]:
    """What one piece of Python does against the rules; `own` names what can be imported from the project's folder."""
    try:
        tree = ast.parse(_without_magics(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        said = getattr(error, "msg", "") or str(error) or type(error).__name__
        return [Finding(f"{source.name} line {source.line + line - 1}", "it is not Python", said)]
    return [*_magics(source), *_Reader(source, own, from_scratch).read(tree)]


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
                yield f"from {'.' * node.level}{node.module or ''} import", "it leads out of the project"
            return
        module = node.module or ""
        for alias in node.names:
            what = f"from {module} import {alias.name}"
            if alias.name == "*":
                yield from self._module(module, what)
                yield what, "a star hides which names come from there: name them"
                continue
            whole = f"{module}.{alias.name}"
            if module.partition(".")[0] in ROOMS:
                if alias.name.startswith("_"):
                    yield what, "names with an underscore are Tengen's own"
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
                "it is not among what a project may import: torch, numpy, matplotlib, gymnasium, ale_py, PIL, Python's own",
            )

    def _handed_on(self, module: str, name: str, what: str) -> Iterator[tuple[str, str]]:
        """A name that an open module of Tengen has itself imported from a closed one."""
        origin = _origin(module, name)
        if origin and (why := refusal(origin)) and not leads_to_open(origin):
            yield what, f"it is of {origin}: {why}"

    def _name(self, node: ast.Attribute | ast.Name, scope: Scope) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Name):
            if node.id in _BUILTINS and isinstance(node.ctx, ast.Load):
                yield node.id, "it hides what is run or imported"
        dotted = scope.resolve(node)
        if isinstance(node, ast.Attribute) and node.attr in _INSIDE:
            if node.attr != "__dict__" or scope.resolve(node.value) in scope.modules:
                yield f".{node.attr}", "it reaches for names that the source does not show"
        if dotted and "." in dotted:
            yield from self._dotted(dotted, dotted)

    def _dotted(self, dotted: str, what: str) -> Iterator[tuple[str, str]]:
        """A name with its whole way: torch.nn.LSTM, os.system, supervised.nets.resnet."""
        root, _, rest = dotted.partition(".")
        if self.from_scratch and dotted in FINISHED:
            yield what, "this project is from scratch: write it out"
        if root == "os" and (rest in _STARTING or rest.startswith(("exec", "spawn"))):
            yield what, "it starts programs, and a notebook is judged by what its own cells do"
        if any(dotted == name or dotted.startswith(f"{name}.") for name in _PATHS):
            yield what, "it changes or goes around what an import finds"
        if any(dotted == name or dotted.startswith(f"{name}.") for name in _LOADERS) and dotted != "torch.load":
            yield what, "it loads compiled code"
        if dotted.startswith("torch.hub"):
            yield what, REFUSED["torch.hub"]
        if root in ROOMS and (why := refusal(dotted)) and not leads_to_open(dotted):
            yield what, why
        if root in ROOMS:
            module, _, name = _split(dotted)
            yield from self._handed_on(module, name, what) if name else ()
        if root in ROOMS and any(part.startswith("_") and not part.startswith("__") for part in rest.split(".")):
            yield what, "names with an underscore are Tengen's own"

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[tuple[str, str]]:
        called = scope.resolve(node.func) or ""
        if called in ("getattr", "setattr", "delattr", "vars", "operator.attrgetter") and node.args:
            yield from self._getattr(called, node, scope)
        if called.endswith("get_ipython") or called == "get_ipython":
            yield "get_ipython()", "it hides what is run"
        if called == "torch.load":
            for keyword in node.keywords:
                if (
                    keyword.arg == "weights_only"
                    and isinstance(keyword.value, ast.Constant)
                    and not keyword.value.value
                ):
                    yield "torch.load(weights_only=False)", "it runs whatever the file holds"

    def _getattr(self, called: str, node: ast.Call, scope: Scope) -> Iterator[tuple[str, str]]:
        if called == "operator.attrgetter":
            yield called, "it hides which name is meant"
            return
        target = scope.resolve(node.args[0]) or ""
        if target not in scope.modules:
            return
        if called == "vars" or len(node.args) < 2:
            yield f"{called}({target})", "it reaches for names that the source does not show"
        elif isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str):
            yield from self._dotted(f"{target}.{node.args[1].value}", f"{called}({target}, {node.args[1].value!r})")
        else:
            yield f"{called}({target}, …)", "the name is computed, so nobody can read which one it is"


@cache
def _origin(module: str, name: str) -> str:
    """The module from which `module`, one of Tengen's, has imported `name`; "" where it is its own."""
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
                    return inside if _is_module(inside) else str(node.module)
        if isinstance(node, ast.Import):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    return alias.name
    return ""


def _split(dotted: str) -> tuple[str, str, str]:
    """The longest beginning that is a module of Tengen, a dot, and the first name after it."""
    parts = dotted.split(".")
    n = next((n for n in range(len(parts), 0, -1) if _is_module(".".join(parts[:n]))), 0)
    return ".".join(parts[:n]), ".", parts[n] if n < len(parts) else ""


@cache
def _is_module(name: str) -> bool:
    path = Path(__file__).resolve().parents[2].joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _files(project: Project) -> Iterator[Finding]:
    """Files that are code and cannot be read, and links that lead out of the project."""
    for inside, folders, names in os.walk(project.folder):
        if Path(inside) == project.folder:
            folders[:] = [f for f in folders if f not in (".git", "runs", ".check", ".venv", "venv")]
        folders[:] = [f for f in folders if f != "__pycache__"]
        for name in [*folders, *names]:
            path = Path(inside, name)
            if path.is_symlink() and project.folder not in path.resolve().parents:
                yield Finding(
                    project.within(path), "a link that leads out of the project", "what it holds cannot be shared"
                )
            elif path.suffix.lower() in _COMPILED:
                yield Finding(project.within(path), "compiled or packed code", "nobody can read what it does")
            elif path.is_dir() and (name in REFUSED or (name in ROOMS and name != "tengen")):
                yield Finding(
                    f"{project.within(path)}/", f"a copy of {name}", REFUSED.get(name, "write it yourself, in parts/")
                )


def _magics(source: Source) -> Iterator[Finding]:
    """Lines for IPython: few are harmless, `!` and the others start programs or other files."""
    if source.name != "notebook.py":
        return
    for number, line in enumerate(source.text.splitlines()):
        said = line.strip()
        if said.startswith(("!", "%")) and not _is_harmless(said):
            yield Finding(
                f"notebook.py line {source.line + number}", said.split()[0], "it runs what is not in the notebook"
            )


def _is_harmless(line: str) -> bool:
    return line.startswith("%") and (line.lstrip("%").split() or [""])[0] in _MAGICS


def _without_magics(text: str) -> str:
    """The same lines without IPython's own, which are no Python."""
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in text.splitlines())


def one_line(findings: list[Finding]) -> str:
    """The first of them, and how many more there are."""
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{findings[0]}{more}"


def readable(project: Project) -> list[Cell]:
    """The cells, or none where the notebook cannot be read: the rest can be judged all the same."""
    try:
        return project.cells()
    except UserError:
        return []

"""Watch a project run: what its code imports, starts and writes is refused where it breaks the rules.

An audit hook (PEP 578) cannot be removed, and sees what reading the source cannot show: names computed at run time,
files from elsewhere, programs started by a library. The nearest code on the stack is held responsible, so imports by
Tengen or PyTorch themselves are allowed. It is not a sandbox: it can be circumvented deliberately.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from capstones.check import figures, scratch, writes
from capstones.check.rules import COMPARED, PROGRAMS, ROOMS, leads_to_open, refusal
from capstones.check.stack import CELL, Stack

__all__ = ["CELL", "Guard", "Refused", "install", "install_from_environment", "read_report"]

VARIABLE = "TENGEN_GUARD"
_STARTING = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn"}
_HIDDEN = {"exec", "compile", "code.__new__", "function.__new__", "marshal.loads", "gc.get_objects", "gc.get_referrers"}
_NATIVE = {"ctypes.dlopen", "ctypes.dlsym", "ctypes.call_function", "ctypes.cdata"}


class Refused(PermissionError):
    """A refused action of a project; libraries that can do without it treat it as a missing permission."""


@dataclass(frozen=True)
class Guard:
    """What to watch; passed to other processes in their environment."""

    roots: tuple[str, ...]  # folders: the project's own code (the first) and wherever it may write
    from_scratch: bool = False
    compared: tuple[int, ...] = ()  # executions of cells tagged `compare`
    report: str = ""  # file that gets a JSON line for each refusal and each figure

    def environment(self) -> dict[str, str]:
        return {VARIABLE: json.dumps(asdict(self))}


def install_from_environment(shell: Any = None) -> None:
    """Watch this process if its environment says so; call it before importing any code of the project.

    With IPython's `shell`, also inspect the names that each cell leaves behind.
    """
    if not os.path.isdir(os.environ.get("TMPDIR", "")):
        os.environ.pop("TMPDIR", None)  # of a notebook that a training has outlived
    text = os.environ.get(VARIABLE, "")
    if text:
        given = json.loads(text)
        guard = Guard(tuple(given["roots"]), given["from_scratch"], tuple(given["compared"]), given["report"])
        install(guard, shell)


def install(guard: Guard, shell: Any = None) -> None:
    """Watch this process from now on; this cannot be undone."""
    watcher = _Watcher(guard)
    watcher.wrap_import()
    sys.meta_path.insert(0, watcher)  # `importlib.import_module` is no audit event
    if shell is not None:
        shell.events.register("post_run_cell", lambda result: watcher.look_around(shell))
    sys.addaudithook(watcher.hook)


def read_report(path: Path) -> list[dict[str, Any]]:
    """The lines of a report; none if nothing was watched."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


class _Watcher:
    def __init__(self, guard: Guard) -> None:
        self.guard, self.stack = guard, Stack(guard.roots[0])
        self.writable = writes.writable(guard.roots, tempfile.gettempdir() if os.environ.get("TMPDIR") else "")
        self.seen: set[str] = set()
        self.patched: set[str] = set()
        try:
            self.out = os.open(guard.report, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if guard.report else -1
        except OSError:  # a training outlives the check that started it
            self.out = -1

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "import":
            self._imported(str(args[0]))
        elif event == "open" or event in writes.CHANGING:
            self._written(event, args)
        elif event in _STARTING:
            self._started(event, args)
        elif event in _HIDDEN:
            if self.stack.is_direct():
                self._refuse(f"{event.partition('.')[0]}()", "it runs code that the source does not show")
        elif event in _NATIVE:
            if self.stack.nearest() == "project":
                self._refuse("ctypes", PROGRAMS["ctypes"])
        elif event == "pickle.find_class" and self.stack.nearest() == "project":
            self._check(str(args[0]), f"a pickle of {args[0]}.{args[1]}")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Called for every module that is not loaded yet; finds none."""
        self._imported(name)

    def _check(self, module: str, what: str) -> None:
        why = refusal(module)
        if why and not leads_to_open(module) and module.partition(".")[0] not in COMPARED:
            self._refuse(what, why)

    def _imported(self, module: str) -> None:
        if module.partition(".")[0] in ROOMS:
            if self.stack.nearest(skip=("library", "finder")) == "project":
                self._check(module, f"import {module}")
        elif refusal(module) and self.stack.is_direct(imports=True):
            self._check(module, f"import {module}")

    def _started(self, event: str, args: tuple[Any, ...]) -> None:
        who = self.stack.nearest(skip=("library", "finder"))
        if who == "project" or (who == "" and not self.stack.nearest()):
            program = args[0] if args and isinstance(args[0], str | bytes) else event
            named = os.path.basename(os.fsdecode(program).split(" ")[0]) or event
            quiet = self.stack.nearest() == "library" or self.stack.passes("platform.py", "uuid.py")
            self._refuse(f"starting {named}", PROGRAMS["subprocess"], quiet)

    def _written(self, event: str, args: tuple[Any, ...]) -> None:
        for path in writes.targets(event, args):
            if not path or writes.inside(path, self.writable):
                continue
            if self.stack.has_project() or not self.stack.nearest():
                self._refuse(f"writing {path}", "a project may only write inside its own folder")

    def _refuse(self, what: str, why: str, quiet: bool = False) -> None:
        where = self.stack.place()
        if not quiet:
            self.note({"refused": what, "why": why, "where": where})
        raise Refused(f"{what} is refused: {why}" + (f" ({where})" if where else ""))

    def note(self, line: dict[str, Any]) -> None:
        text = json.dumps(line)
        if self.out >= 0 and text not in self.seen:
            self.seen.add(text)
            os.write(self.out, f"{text}\n".encode())

    def wrap_import(self) -> None:
        """Importing a module that is already loaded raises no audit event, but `__import__` sees it."""
        original = builtins.__import__

        def watched(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
            # pytest rewrites tests so that they import builtins
            if level == 0 and refusal(name) and name != "builtins" and self.stack.is_direct():
                inside = [f"{name}.{part}" for part in fromlist or ()] if leads_to_open(name) else [name]
                for module in inside:
                    self._check(module, f"import {module}")
            found = original(name, globals, locals, fromlist, level)
            if len(self.patched) < 2 and not (name.startswith(".") or level):
                self._patch()
            return found

        builtins.__import__ = watched

    def _patch(self) -> None:
        if "matplotlib" not in self.patched and figures.can_watch():
            self.patched.add("matplotlib")
            figures.watch(self.note, self.stack.place)
        if "torch" not in self.patched and scratch.can_watch():
            self.patched.add("torch")
            if self.guard.from_scratch:
                scratch.watch(self.stack, self.guard.compared, self._refuse)

    def look_around(self, shell: Any) -> None:
        """After a cell: find names bound to something that may not be imported, however they were obtained."""
        for name, value in list(shell.user_ns.items()):
            module = "" if name.startswith("_") else _home(value)
            if module.partition(".")[0] not in ROOMS:
                continue
            if refusal(module) and not leads_to_open(module) and f"{name} {module}" not in self.seen:
                self.seen.add(f"{name} {module}")
                where = f"{CELL}[{shell.execution_count - 1}]"
                self.note({"refused": f"{name}, which is from {module}", "why": refusal(module), "where": where})
                print(f"refused: {name} is from {module}: {refusal(module)}", file=sys.stderr)


def _home(value: Any) -> str:
    """The module of a module, class, function or network; "" for other values, since records come from anywhere."""
    if isinstance(value, ModuleType):
        return value.__name__
    torch = sys.modules.get("torch.nn")
    if isinstance(value, type | FunctionType) or (torch is not None and isinstance(value, torch.Module)):
        return str(value.__module__)
    return ""

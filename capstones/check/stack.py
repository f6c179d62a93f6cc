"""Whose code is running: the frames of this thread, from the innermost out, each by the file it comes from."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Collection
from pathlib import Path
from types import FrameType

import capstones
from capstones.check.rules import ROOMS

CELL = "notebook.py"  # a cell's code is named notebook.py[3]: the third that was executed

_HOUSE = str(Path(capstones.__file__).resolve().parent.parent)
_STANDARD = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), os.path.dirname(os.__file__)})
_FINDERS = tuple(os.path.join(_HOUSE, "tengen", name) for name in ("lookup.py", "kinds.py"))
_TRAINER = os.path.join(_HOUSE, "capstones", "train_one.py")
_WATCHERS = tuple(os.path.join(_HOUSE, "capstones", "check", name) for name in ("audit.py", "stack.py", "scratch.py"))


class Stack:
    """Asks who is on the stack. `project` is the folder of the project's code."""

    def __init__(self, project: str) -> None:
        self.project = os.path.realpath(project) + os.sep
        self.known: dict[str, str] = {}

    def owner(self, file: str) -> str:
        """project, house (Tengen), finder (Tengen's way from a name to a module), library, or "" for Python's own."""
        found = self.known.get(file)
        if found is None:
            found = self.known[file] = self._owner(file)
        return found

    def _owner(self, file: str) -> str:
        if file.startswith(f"{CELL}["):
            return "project"
        if file.startswith("<") or file in _WATCHERS:
            return ""
        path = os.path.realpath(file)
        if path.startswith(self.project):
            return "project"
        if path in _FINDERS:
            return "finder"
        if path == _TRAINER:
            return "project"  # it imports what a cell has named
        if any(path.startswith(os.path.join(_HOUSE, room) + os.sep) for room in ROOMS):
            return "house"
        if re.search(r"[/\\](site|dist)-packages[/\\]", path):
            return "library"
        if path.startswith(_STANDARD):
            return ""
        return "project"  # a file from anywhere else

    def nearest(self, skip: Collection[str] = ()) -> str:
        """Whose the innermost frame is that is not Python's own; "" where all are."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            owner = self.owner(frame.f_code.co_filename)
            if owner and owner not in skip:
                return owner
            frame = frame.f_back
        return ""

    def passes(self, *names: str) -> bool:
        """Whether one of these files of Python's own stands between here and whoever asked for it."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not self.owner(frame.f_code.co_filename):
            if os.path.basename(frame.f_code.co_filename) in names:
                return True
            frame = frame.f_back
        return False

    def has_project(self) -> bool:
        return self._first() is not None

    def is_direct(self, imports: bool = False) -> bool:
        """Whether the innermost frame is the project's; with `imports`, the innermost outside of importlib."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            file = frame.f_code.co_filename
            if file not in _WATCHERS and not (imports and file.startswith("<frozen importlib")):
                return self.owner(file) == "project"
            frame = frame.f_back
        return False

    def place(self) -> str:
        """Where in the project: `parts/model.py line 7`, `notebook.py[3] line 2`; "" where nowhere."""
        frame = self._first()
        if frame is None:
            return ""
        file = frame.f_code.co_filename
        if not file.startswith(f"{CELL}["):
            path = os.path.realpath(file)
            file = os.path.relpath(path, self.project) if path.startswith(self.project) else os.path.basename(path)
        return f"{file} line {frame.f_lineno}"

    def _first(self) -> FrameType | None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and self.owner(frame.f_code.co_filename) != "project":
            frame = frame.f_back
        return frame

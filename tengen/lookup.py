"""Resolve `module:name` from a catalogue: imported only when used, so that `--help` stays quick."""

from __future__ import annotations

import importlib
from typing import Any


def find(where: str) -> Any:
    """The class or function `module:name`. Only for lines of a catalogue, never for text from a file."""
    module, _, name = where.partition(":")
    return getattr(importlib.import_module(module), name)

"""Student projects: templates, notebooks, the check, and helpers to use on the way.

A project imports its helpers from here (`from capstones import beside, training`); each one's module is imported when
it is first used, so that none pays for the others.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

_HELPERS = {
    "beside": "capstones.beside",
    "data_folder": "capstones.surroundings",
    "gradcheck": "capstones.gradcheck",
    "match": "capstones.matches",
    "quick": "capstones.surroundings",
    "ready": "capstones.stubs",
    "training": "capstones.training",
    "write_card": "capstones.card",
}

if TYPE_CHECKING:
    from capstones.beside import beside as beside
    from capstones.card import write_card as write_card
    from capstones.gradcheck import gradcheck as gradcheck
    from capstones.matches import match as match
    from capstones.stubs import ready as ready
    from capstones.surroundings import data_folder as data_folder
    from capstones.surroundings import quick as quick
    from capstones.training import training as training

__all__ = ["beside", "data_folder", "gradcheck", "match", "quick", "ready", "training", "write_card"]


def __getattr__(name: str) -> Any:
    if name not in _HELPERS:
        raise AttributeError(f"module 'capstones' has no attribute '{name}'; a project's helpers: {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HELPERS[name]), name)
    globals()[name] = value
    return value


class _Helpers(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        """`beside` is the function, also after something has imported the module `capstones.beside`."""
        if isinstance(value, ModuleType) and _HELPERS.get(name) == value.__name__:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Helpers

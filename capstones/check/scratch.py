"""`--from-scratch`, while it runs: PyTorch's finished layers with memory or attention cannot be made by a project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from typing import Any

from capstones.check.rules import LAYERS
from capstones.check.stack import CELL, Stack


def can_watch() -> bool:
    return hasattr(sys.modules.get("torch.nn"), "Transformer")


def watch(stack: Stack, compared: Collection[int], refuse: Callable[[str, str], None]) -> None:
    from torch import nn

    spared = tuple(f"{CELL}[{number}] " for number in compared)
    for name in LAYERS:
        kind = getattr(nn, name)
        if "__init__" in vars(kind):
            kind.__init__ = _guarded(kind.__init__, name, stack, spared, refuse)


def _guarded(
    original: Any, name: str, stack: Stack, spared: tuple[str, ...], refuse: Callable[[str, str], None]
) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if stack.nearest(skip=("library",)) == "project":
            place = stack.place()
            if not place.startswith(("tests/", *spared)):
                refuse(f"nn.{name}", "this project is from scratch: write it out")
        original(self, *args, **kwargs)

    return __init__

"""Replace modules of a finished network from outside, without any support in the network's code.

The replacement computes the same function and shares the module's parameters and buffers under their old names and in
their old order. So optimisers, checkpoints and copies of the network see no difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn


def swap(net: nn.Module, fits: Callable[[Any], bool], made_of: Callable[[Any], nn.Module]) -> nn.Module:
    """`net`, with `made_of(module)` in place of every module below it that `fits`."""
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if fits(child):
                setattr(parent, name, made_of(child))
    return net

"""Networks by name: `resnet20`, `tower48x6` … become the description that `HeadedNet` builds from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tengen.errors import UserError, unknown

_CIFAR_DEPTHS = (8, 14, 20, 32, 44, 56, 110)
_IMAGENET = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
}
_PLAIN = ("mlp", "lenet", "lenet-modern", "vgg", "airbench", "small", "nature", "impala")
NAMES = (*_PLAIN, *(f"resnet{d}" for d in (*_CIFAR_DEPTHS, *_IMAGENET)), *(f"preact{d}" for d in _CIFAR_DEPTHS))
BOARD_NAMES = ("tower48x6", "tower64x6", "alphago64x6", "alphago192x13")


def trunk_spec(name: str, input_shape: Sequence[int], dropout: float = 0.0) -> dict[str, Any]:
    """The trunk that `name` means, for inputs [C, H, W]; UserError if there is none."""
    spec: dict[str, Any] = {"kind": name, "input_shape": list(input_shape)}
    if found := re.fullmatch(r"(tower|alphago)(\d+)x(\d+)", name):
        depth = "blocks" if found[1] == "tower" else "layers"
        spec |= {"kind": found[1], "channels": int(found[2]), depth: int(found[3])}
    elif found := re.fullmatch(r"(resnet|preact)(\d+)", name):
        spec |= _residual(name, int(found[2]), preact=found[1] == "preact")
    elif name == "lenet-modern":
        spec |= {"kind": "lenet", "modern": True}
    elif name == "mlp":
        spec |= {"scale": 1 / 255, "hidden": [256, 256]}
    elif name not in _PLAIN:
        raise unknown("network", name, [*NAMES, *BOARD_NAMES])
    if dropout:
        if spec["kind"] != "vgg":
            raise UserError(f"--dropout belongs to --net vgg; {name} has none")
        spec["dropout"] = dropout
    return spec


def _residual(name: str, depth: int, preact: bool) -> dict[str, Any]:
    if depth in _CIFAR_DEPTHS:
        return {"kind": "resnet", "blocks": [(depth - 2) // 6] * 3, "preact": preact}
    if depth in _IMAGENET and not preact:
        blocks, bottleneck = _IMAGENET[depth]
        return {
            "kind": "resnet",
            "channels": [64, 128, 256, 512],
            "blocks": list(blocks),
            "bottleneck": bottleneck,
            "imagenet": True,
        }
    raise unknown("network", name, NAMES)

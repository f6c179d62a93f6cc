"""Networks and heads by name. To add one, add a file in this folder and a line in `TRUNKS` or `HEADS`.

    trunk_spec("tower48x6", (18, 9, 9))
    -> {"kind": "tower", "input_shape": [18, 9, 9], "channels": 48, "blocks": 6}

A *name* is what a user types. A *spec* is the description saved with the weights: its `kind` says which class to build,
the rest is passed to that class. No torch in here: classes are imported when they are built.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tengen.errors import UserError, unknown
from tengen.lookup import find

Reads = Literal["anything", "screens", "pictures", "boards", "sentences"]
_HERE = "supervised.nets"


@dataclass(frozen=True)
class Trunk:
    """A line of the catalogue: the trunk for a name, or for all names of one pattern."""

    names: tuple[str, ...]
    """As help shows them."""
    where: str
    """module:class; the class takes `input_shape` and options, and has an `out_shape`."""
    reads: Reads = "pictures"
    """What its inputs are; "anything" is flattened."""
    takes: tuple[str, ...] = ()
    """Options of `trunk_spec` that it has."""
    kind: str = ""
    """`kind` of its specs, where several names share a class; empty: the name."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the name adds to the spec."""
    numbers: tuple[str, ...] | str = ()
    """Options that the numbers in the name stand for, or the module:function that turns the numbers into options."""
    pattern: str = ""
    """Regular expression that further names match."""
    any_size: bool = False
    """Whether the same weights read pictures of any height and width, as those of boards do."""

    def __contains__(self, name: str) -> bool:
        return name in self.names or (self.pattern != "" and re.fullmatch(self.pattern, name) is not None)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of saved specs that this line builds."""
        return (self.kind,) if self.kind else self.names

    def spec(self, name: str) -> dict[str, Any]:
        """`kind` and the options that are in `name`."""
        numbers = [int(digits) for digits in re.findall(r"\d+", name)]
        if isinstance(self.numbers, str):
            found = find(self.numbers)(*numbers)
        else:
            found = dict(zip(self.numbers, numbers, strict=False))
        return {"kind": self.kind or name, **found, **self.options}


def _residual(prefix: str, depths: Sequence[int], **more: Any) -> Trunk:
    names = tuple(f"{prefix}{depth}" for depth in depths)
    return Trunk(names, f"{_HERE}.resnet:ResNet", kind="resnet", numbers=f"{_HERE}.resnet:sections", **more)


_CIFAR, _IMAGENET = (8, 14, 20, 32, 44, 56, 110), (18, 34, 50, 101)
_N = r"[1-9]\d*"

TRUNKS = [
    Trunk(("mlp",), f"{_HERE}.mlp:MLP", "anything", ("byte_input", "norm")),
    Trunk(
        ("mlp256x2",),
        f"{_HERE}.mlp:MLP",
        "anything",
        ("byte_input", "norm"),
        kind="mlp",
        numbers=f"{_HERE}.mlp:layers",
        pattern=f"mlp{_N}x{_N}",
    ),
    Trunk(("small",), f"{_HERE}.cnn:small", "screens", ("norm", "subtract_mean")),
    Trunk(("nature",), f"{_HERE}.cnn:nature", "screens", ("norm", "subtract_mean")),
    Trunk(("impala",), f"{_HERE}.impala:Impala", "screens", ("subtract_mean",)),
    Trunk(("lenet",), f"{_HERE}.lenet:LeNet"),
    Trunk(("lenet-modern",), f"{_HERE}.lenet:LeNet", kind="lenet", options={"modern": True}),
    Trunk(("vgg",), f"{_HERE}.vgg:VGG", takes=("dropout",)),
    Trunk(("airbench",), f"{_HERE}.airbench:Airbench"),
    Trunk(("unet",), f"{_HERE}.unet:Contracting", any_size=True),
    _residual("resnet", (*_CIFAR, *_IMAGENET)),
    _residual("preact", _CIFAR, options={"preact": True}),
    Trunk(
        ("tower48x6", "tower64x6"),
        f"{_HERE}.tower:Tower",
        "boards",
        kind="tower",
        numbers=("channels", "blocks"),
        pattern=f"tower{_N}x{_N}",
    ),
    Trunk(("sentence-cnn",), f"{_HERE}.sentence:SentenceCNN", "sentences"),
    Trunk(
        ("alphago64x6", "alphago192x13"),
        f"{_HERE}.tower:AlphaGo",
        "boards",
        kind="alphago",
        numbers=("channels", "layers"),
        pattern=f"alphago{_N}x{_N}",
    ),
]


@dataclass(frozen=True)
class Head:
    """A head's classes; each takes (features or channels, size)."""

    flat: str = ""
    """module:class for trunks that give [B, features]; empty: there is none."""
    board: str = ""
    """The same for trunks that give `BoardFeatures`."""
    needs_points: bool = False
    """The class takes the number of the board's points too, and so works on one size of board only."""


_FLAT, _BOARD = f"{_HERE}.heads", f"{_HERE}.board_heads"

HEADS = {
    "classes": Head(f"{_FLAT}:Classes"),
    "policy": Head(f"{_FLAT}:Policy", f"{_BOARD}:BoardPolicy"),
    "value": Head(f"{_FLAT}:Value", f"{_BOARD}:BoardValue"),
    "q": Head(f"{_FLAT}:Q"),
    "dueling": Head(f"{_FLAT}:Dueling"),
    "reply": Head(board=f"{_BOARD}:BoardPolicy"),
    "points": Head(board=f"{_BOARD}:Points"),
    "moves": Head(board=f"{_BOARD}:Moves", needs_points=True),
    "outcome": Head(board=f"{_BOARD}:Outcome"),
    "score": Head(board=f"{_BOARD}:Score"),
    "ownership": Head(board=f"{_BOARD}:Ownership"),
}


def names(*kinds: Reads) -> list[str]:
    """Names of networks that read one of `kinds`, without them all; those with numbers in them stand for more."""
    return [name for line in TRUNKS for name in line.names if not kinds or line.reads in kinds]


def trunk_spec(
    name: str,
    input_shape: Sequence[int],
    *,
    dropout: float = 0.0,
    byte_input: bool = True,
    norm: bool = False,
    subtract_mean: bool = False,
) -> dict[str, Any]:
    """The spec of the trunk `name` for inputs [*input_shape]; UserError for an unknown name or an impossible option.

    `dropout` is a fraction of the features. `byte_input`: inputs are 0 to 255, and an MLP scales them down inside the
    network (networks for pictures always do). `norm` adds layer normalisation to each layer. `subtract_mean` makes
    room for a mean screen, which is measured before training and subtracted inside the network.
    """
    line = _line(name)
    if line.reads != "anything" and len(input_shape) != (1 if line.reads == "sentences" else 3):
        raise UserError(f"--net {name} reads {line.reads}, not inputs {list(input_shape)}; use --net mlp")
    spec = line.spec(name) | {"input_shape": list(input_shape)}
    for option, key, value in (
        ("dropout", "dropout", dropout),
        ("norm", "norm", norm),
        ("subtract_mean", "centre", subtract_mean),
    ):
        if value:
            _require(line, name, option)
            spec[key] = value
    if byte_input and "byte_input" in line.takes:
        spec["scale"] = 1 / 255
    return spec


def reads(name: str) -> Reads:
    """What the network `name` takes as input; UserError where there is no such network."""
    return _line(name).reads


def reads_any_size(kind: str) -> bool:
    """Whether weights of this kind read pictures, or boards, of every height and width."""
    return reads_any_board(kind) or any(kind in line.kinds and line.any_size for line in TRUNKS)


def reads_any_board(kind: str) -> bool:
    """Whether trunks of this kind (of a saved spec) take boards of every size."""
    return any(line.reads == "boards" and kind in line.kinds for line in TRUNKS)


def make_trunk(kind: str) -> Callable[..., Any]:
    """What makes the trunk of a saved spec: `make_trunk(kind)(input_shape=…, **options)`."""
    for line in TRUNKS:
        if kind in line.kinds:
            return find(line.where)
    raise unknown("network", kind, {kind for line in TRUNKS for kind in line.kinds})


def _line(name: str) -> Trunk:
    for line in TRUNKS:
        if name in line:
            return line
    raise unknown("network", name, names())


def _require(line: Trunk, name: str, option: str) -> None:
    if option not in line.takes:
        others = ", ".join(n for one in TRUNKS if option in one.takes for n in one.names)
        raise UserError(f"--{option.replace('_', '-')} does not work with --net {name}; it does with --net {others}")

"""Bound the size of a network built from a description: by the weights stored with it, or by the memory.

A description is a few numbers, and one from an untrusted folder may ask for any amount of memory and time. Tensors are
counted as they are created, each before it is allocated, so a wrong description fails at once.

    with within(weights_in(weights, "zoo/mine")):
        net = make(description)

    with opened(run):             # every session of a run is made inside, so all its networks are counted
        make_session()

    bounded(lambda: Net(width))   # refused before anything is allocated; a new training is bounded by the memory
    claim(inputs * outputs)       # counted like a tensor: for numpy arrays, and lists of sizes
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
import torch
from safetensors import SafetensorError, safe_open
from torch.overrides import TorchFunctionMode

from tengen.errors import UserError

_SPARE = 2**22  # values that a network may make beside its weights: tables of positions, initial values
_SPARE_TENSORS = 1000
_MOST_TENSORS = 20_000  # of a network whose weights are not there yet; a ResNet of 1,000 layers has 6,000
_MAKERS = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn, torch.arange, torch.eye}
_SHAPING = ("t_", "transpose_", "squeeze_", "unsqueeze_", "resize_")  # in place, but of the shape

Made = TypeVar("Made")


@dataclass(frozen=True)
class Bound:
    """The limit, and the error message if a description exceeds it."""

    values: int  # in all tensors together
    tensors: int
    refusal: str


_counting: ContextVar[_Counter | None] = ContextVar("counter of the network or run that is being opened", default=None)


def weights_in(weights: Mapping[str, torch.Tensor], where: object) -> Bound:
    """A few times the size of `weights`, because initialisation may need extra room."""
    return _beside(sum(tensor.numel() for tensor in weights.values()), len(weights), where)


def _beside(values: int, tensors: int, where: object) -> Bound:
    return Bound(
        4 * values + _SPARE,
        16 * tensors + _SPARE_TENSORS,
        f"the network described in {where} is much larger than the weights there ({values:,} values in {tensors:,}"
        " tensors): its description is damaged or forged; get it again from a source you trust",
    )


def memory() -> Bound:
    """The size that fits in this machine's memory."""
    free: int = psutil.virtual_memory().available
    return Bound(
        free // 4,
        _MOST_TENSORS,
        f"this network has more than {free // 4:,} weights, the most that fit in the free memory ({free / 1e9:.1f} GB),"
        f" or more than {_MOST_TENSORS:,} tensors; choose a smaller one",
    )


@contextmanager
def within(bound: Bound) -> Iterator[None]:
    """UserError if the tensors created inside exceed `bound`."""
    with _Counter(bound):
        yield


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Networks made inside are no larger than the newest checkpoint in `folder`, or where there is none the memory.

    UserError for others, and for whatever else the run describes that has no room.
    """
    newest = max(folder.glob("step-" + 12 * "[0-9]"), default=None)
    try:
        with within((_of_checkpoint(newest) if newest else None) or memory()):
            yield
    except MemoryError as error:
        raise UserError(f"not enough memory for what {folder.parent / 'config.yaml'} describes") from error


def bounded(make: Callable[[], Made], small: bool = False) -> Made:
    """The result of `make`, refused if it is larger than the run being opened allows, or than the memory.

    It is made twice, first on the meta device, where nothing is allocated; not so where it is `small` for certain.
    """
    if not small:
        dry_run(make)
    return make()


def dry_run(make: Callable[[], object]) -> None:
    """Call `make` on the meta device, where nothing is allocated. UserError as in `bounded`."""
    counting = _counting.get()
    with torch.device("meta"), _Counter(counting.bound if counting else memory(), empty=True):
        make()


def claim(values: int, arrays: int = 1) -> None:
    """Count `values` in `arrays` that are about to be created. UserError if that is more than allowed."""
    counter = _counting.get() or _Counter(memory())
    counter.count(values, arrays)


def repeated(size: int, count: int) -> list[int]:
    """`count` layers of `size`. UserError, before the list is made, if there is no room for them."""
    claim(size * count, count)
    return [size] * count


def _of_checkpoint(path: Path) -> Bound | None:
    values = tensors = 0
    for name in ("weights.safetensors", "state.safetensors"):
        try:
            with safe_open(path / name, "pt") as file:
                tensors += len(file.keys())
            values += (path / name).stat().st_size  # of one byte at least
        except (OSError, SafetensorError):
            return None  # whoever reads it says what is wrong
    return _beside(values, tensors, path)


class _Counter(TorchFunctionMode):
    """Counts tensors created inside; only the innermost counter counts."""

    def __init__(self, bound: Bound, empty: bool = False) -> None:
        """`empty`: initial values are not computed."""
        super().__init__()
        self.bound, self.empty = bound, empty
        self.values, self.tensors = 0.0, 0

    def __enter__(self) -> _Counter:
        self._token = _counting.set(self)
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        _counting.reset(self._token)

    def count(self, values: float, tensors: int = 1) -> None:
        self.values += values
        self.tensors += tensors
        if self.values > self.bound.values or self.tensors > self.bound.tensors:
            raise UserError(self.bound.refusal)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _MAKERS and _counting.get() is self:
            self.count(_values(func, args, {k: v for k, v in kwargs.items() if k not in ("device", "generator")}))
        if self.empty and args and _in_place(func):
            return args[0]
        return func(*args, **kwargs)


def _in_place(func: Any) -> bool:
    name: str = getattr(func, "__name__", "")
    return name.endswith("_") and not name.endswith("__") and name not in ("requires_grad_", *_SHAPING)


def _values(make: Any, args: Any, kwargs: Any) -> float:
    """How many values the tensor would have, by creating it on the meta device, without allocation."""
    try:
        made: torch.Tensor = make(*args, **kwargs, device="meta")
    except (RuntimeError, TypeError) as error:
        if "verflow" in str(error):  # too large to be counted
            return float("inf")
        raise
    return made.numel()

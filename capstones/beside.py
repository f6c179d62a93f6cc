"""`beside(mine, theirs)`: does my code compute the same, and if not, where does it first differ?

    beside(my_loss, their_loss)                 tensors, arrays, numbers, lists and dicts of them; with their gradients
    beside(my_conv, F.conv2d, x, w)             functions or modules: their outputs, and the gradients of all inputs

Each pair is one line: exact (bit for bit), close (within the tolerance), or differs, with the largest difference and
its place. If a whole tensor is off in one simple way (transposed, a constant factor, the opposite sign), the line says
so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from tengen.plural import counted

_CUT = (
    f"\n{'':<30}the values agree, only gradients differ: is a detach missing, so that one flows through the target,"
    f"\n{'':<30}or one too many? (or is a backward written by hand wrong?)"
)
RTOL, ATOL = 1e-5, 1e-6  # of float32; sums of many terms in another order stay within it


@dataclass(frozen=True)
class Line:
    """One pair of tensors."""

    name: str
    verdict: str  # exact, close, differs
    largest: float  # difference; inf where shapes differ
    where: tuple[int, ...]  # index of the largest difference
    text: str

    def __str__(self) -> str:
        return f"{self.name:<20} {self.verdict:<8} {self.text}".rstrip()


@dataclass(frozen=True)
class Comparison:
    """All pairs of one call; true if each is exact or close."""

    lines: tuple[Line, ...]

    def __bool__(self) -> bool:
        return all(line.verdict != "differs" for line in self.lines)

    @property
    def exact(self) -> bool:
        return all(line.verdict == "exact" for line in self.lines)

    @property
    def largest(self) -> float:
        return max((line.largest for line in self.lines), default=0.0)

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))

    def _ipython_display_(self) -> None:
        """Nothing: as the last line of a cell it has been printed already."""


def beside(
    mine: Any,
    theirs: Any,
    *inputs: Any,
    name: str = "",
    rtol: float = RTOL,
    atol: float = ATOL,
    show: bool = True,
) -> Comparison:
    """Compare `mine` with `theirs`, print a line a pair, and return what was found (true if nothing differs).

    Close means |mine - theirs| <= atol + rtol |theirs| everywhere, as in numpy. Tensors that both carry a `.grad` are
    compared in that too. With `inputs` both have to be callable: they get copies of the same inputs, their outputs are
    compared, and the gradients of the inputs that are floating point, for the same random gradient of the outputs.
    `name` stands before each line; `show` False prints nothing. TypeError for what cannot be compared.
    """
    pairs = list(_called(mine, theirs, inputs, name) if inputs else _paired(mine, theirs, name))
    found = Comparison(tuple(_with_hint(pairs, [_line(pair, rtol, atol) for pair in pairs])))
    if show:
        print(found)
    return found


class Pair(NamedTuple):
    """Two things to compare."""

    name: str
    mine: Any
    theirs: Any
    of_gradient: bool = False


def _paired(mine: Any, theirs: Any, name: str) -> Iterator[Pair]:
    """The pairs of tensors in two things that are built alike, each followed by its gradients."""
    if isinstance(mine, nn.Module) and isinstance(theirs, nn.Module):
        mine, theirs = dict(mine.named_parameters()), dict(theirs.named_parameters())
        if mine.keys() != theirs.keys():  # other names for the same parts: in order
            mine, theirs = list(mine.values()), list(theirs.values())
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        if mine.keys() != theirs.keys():
            raise TypeError(f"mine has {_keys(mine)}, theirs has {_keys(theirs)}")
        for key in mine:
            yield from _paired(mine[key], theirs[key], f"{name}.{key}" if name else str(key))
    elif isinstance(mine, list | tuple) and isinstance(theirs, list | tuple) and not _is_numbers(theirs):
        if len(mine) != len(theirs):
            raise TypeError(f"mine has {counted(len(mine), 'parts')}, theirs has {len(theirs)}")
        for i, (a, b) in enumerate(zip(mine, theirs, strict=True)):
            yield from _paired(a, b, f"{name}[{i}]")
    else:
        yield Pair(name, mine, theirs)
        if (grads := (_gradient(mine), _gradient(theirs)))[0] is not None and grads[1] is not None:
            yield Pair(f"gradient of {name}" if name else "gradient", *grads, of_gradient=True)


def _with_hint(pairs: Sequence[Pair], lines: Sequence[Line]) -> list[Line]:
    """`lines`; if all values agree and a gradient differs, the first such line says where to look."""
    hinted = list(lines)
    differ = [i for i, line in enumerate(lines) if line.verdict == "differs"]
    if differ and all(pairs[i].of_gradient for i in differ) and not all(pair.of_gradient for pair in pairs):
        hinted[differ[0]] = replace(lines[differ[0]], text=lines[differ[0]].text + _CUT)
    return hinted


def _called(mine: Any, theirs: Any, inputs: tuple[Any, ...], name: str) -> Iterator[Pair]:
    """Outputs, and gradients of inputs and of parameters that both have, for one random gradient of the outputs."""
    if not callable(mine) or not callable(theirs):
        raise TypeError("beside(mine, theirs, inputs …): with inputs, mine and theirs have to be functions or modules")
    outputs, gradients = zip(*(_run(f, inputs) for f in (mine, theirs)), strict=True)
    yield from (pair._replace(name=pair.name or "output") for pair in _paired(outputs[0], outputs[1], name))
    for label in gradients[0].keys() & gradients[1].keys():
        prefix = f"{name}, " if name else ""
        yield Pair(f"{prefix}gradient of {label}", gradients[0][label], gradients[1][label], of_gradient=True)


def _run(function: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[Any, dict[str, Tensor]]:
    """(output, gradients by name: input 0, input 1 …, and the parameters of a module)."""
    given = [_input(value) for value in inputs]
    module = dict(function.named_parameters()) if isinstance(function, nn.Module) else {}
    learned = {f"input {i}": x for i, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad} | module
    output = function(*given)
    parts = [t for t in tensors_in(output) if t.requires_grad]
    if not parts or not learned:
        return output, {}
    random = torch.Generator().manual_seed(0)
    pulls = [torch.randn(t.shape, generator=random, dtype=torch.float64).to(t) for t in parts]
    found = torch.autograd.grad(parts, list(learned.values()), pulls, allow_unused=True)
    zeros = (torch.zeros_like(x) if g is None else g for x, g in zip(learned.values(), found, strict=True))
    return output, dict(zip(learned, zeros, strict=True))


def _input(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.is_floating_point())
    return value


def tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors of nested dicts, lists and tuples, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from tensors_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from tensors_in(part)


def _gradient(value: Any) -> Tensor | None:
    if isinstance(value, Tensor) and (value.is_leaf or value.retains_grad):
        return value.grad
    return None


def _is_numbers(value: Any) -> bool:
    return len(value) > 0 and all(isinstance(v, int | float | complex | np.number) for v in value)


def _keys(value: Mapping[Any, Any]) -> str:
    return ", ".join(map(str, value)) or "nothing"


def _array(value: Any) -> np.ndarray:
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        if value.dtype in (torch.bfloat16, torch.float16):
            value = value.float()
        return np.asarray(value.numpy())
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"cannot compare {type(value).__name__}: tensors, arrays, numbers, lists or dicts of them")
    return array


def _line(pair: Pair, rtol: float, atol: float) -> Line:
    name, a, b = pair.name or "value", _array(pair.mine), _array(pair.theirs)
    shape = f"shape {list(b.shape)}"
    if a.shape != b.shape:
        text = f"shapes: mine {list(a.shape)}, theirs {list(b.shape)}{_reshaped(a, b, rtol, atol)}"
        return Line(name, "differs", float("inf"), (), text)
    if a.size == 0 or np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc"):
        return Line(name, "exact", 0.0, (), shape if a.size else f"empty, {shape}")
    x, y = (v.astype(np.complex128 if v.dtype.kind == "c" else np.float64) for v in (a, b))
    with np.errstate(invalid="ignore"):
        gap = np.where((x == y) | (np.isnan(x) & np.isnan(y)), 0.0, np.abs(x - y))
    gap = np.where(np.isnan(gap), np.inf, gap)
    where = tuple(int(i) for i in np.unravel_index(int(gap.argmax()), gap.shape))
    largest = float(gap[where])
    at = f"at {list(where)}" if where else ""
    text = f"largest difference {largest:.3g} {at}: mine {a[where]:.7g}, theirs {b[where]:.7g}".replace(" :", ":")
    with np.errstate(invalid="ignore"):
        off = ~((gap <= atol + rtol * np.abs(y)) | (gap == 0))
    if not off.any():
        return Line(name, "close", largest, where, f"{text}; {shape}")
    text += f"; {int(off.sum()):,} of {gap.size:,} differ; {shape}"
    return Line(name, "differs", largest, where, text + _explained(x, y, rtol, atol, pair.of_gradient))


def _reshaped(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> str:
    if a.ndim == 2 and a.T.shape == b.shape and np.allclose(a.T, b, rtol, atol):
        return ": mine is theirs transposed"
    if a.size == b.size and np.allclose(a.reshape(b.shape), b, rtol, atol):
        return ": the same numbers in another shape"
    return ""


def _explained(x: np.ndarray, y: np.ndarray, rtol: float, atol: float, of_gradient: bool) -> str:
    """The one simple way in which all of `x` differs from `y`, if there is one."""
    lost = int(np.isnan(x).sum() - np.isnan(y).sum())
    if lost > 0:
        return f"\n{'':<30}mine has {lost:,} NaN"
    if x.ndim == 2 and x.shape[0] == x.shape[1] and np.allclose(x.T, y, rtol, atol):
        return f"\n{'':<30}mine is theirs transposed"
    big = np.abs(y) > 1e3 * atol
    if not big.any():
        return ""
    factor = float(np.median((x[big] / y[big]).real))
    if np.allclose(x, factor * y, max(rtol, 1e-4), atol) and abs(factor) > 1e-12:
        if abs(factor + 1) < 1e-4:
            return f"\n{'':<30}mine is theirs with the other sign"
        shown = f"{factor:.6g} times" if abs(factor) >= 1 else f"1/{1 / factor:.6g} of"
        why = "" if of_gradient else ": a sum where a mean is meant, or the other way round?"  # the values show that
        return f"\n{'':<30}mine is {shown} theirs everywhere{why}"
    shift = float(np.median((x - y).real))
    if abs(shift) > 1e2 * atol and np.allclose(x, y + shift, rtol, 10 * atol):
        return f"\n{'':<30}mine is theirs {'+' if shift > 0 else '-'} {abs(shift):.6g} everywhere"
    return ""

"""`gradcheck(module, *inputs)`: are the gradients right? Compare them with central differences, in float64.

df/dx ~ (f(x + eps) - f(x - eps)) / (2 eps), for f the sum of all outputs times fixed random weights: the truncation
error falls with eps^2, the rounding error rises with 1/eps, and eps = 1e-6 in float64 leaves about nine digits. It is
for small modules: every number checked costs two forward passes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from capstones.beside import Comparison, Line, tensors_in

EPS = 1e-6
MOST = 60  # numbers of a tensor that are checked, drawn at random where it has more


def gradcheck(
    function: Callable[..., Any],
    *inputs: Any,
    tolerance: float = 1e-5,
    most: int = MOST,
    eps: float = EPS,
    show: bool = True,
) -> Comparison:
    """Check d(output)/d(inputs) and, for a module, d(output)/d(parameters); a line each, and whether all are right.

    The module and floating-point inputs are copied and made float64; the module is left as it is. A difference counts
    relative to the largest gradient of its tensor. ValueError where there is nothing to check: no output that depends
    on an input, or outputs that change from call to call (dropout: call `.eval()` first).
    """
    module = copy.deepcopy(function).double() if isinstance(function, nn.Module) else None
    called: Callable[..., Any] = module if module is not None else function
    given = [_doubled(value) for value in inputs]
    varied = {f"input {i}": x for i, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad}
    varied |= dict(module.named_parameters()) if module is not None else {}
    if not varied:
        raise ValueError("nothing to check: no input is floating point, and there are no parameters")

    def value() -> Tensor:
        outputs = list(_floating(called(*given)))
        if not outputs:
            raise ValueError("nothing to check: the function returns no floating-point tensor")
        random = torch.Generator().manual_seed(0)
        return torch.stack(
            [(t.double() * torch.randn(t.shape, generator=random, dtype=torch.float64)).sum() for t in outputs]
        ).sum()

    whole = value()
    if not torch.equal(whole.detach(), value().detach()):
        raise ValueError("the outputs change from call to call: switch chance off, for dropout with .eval()")
    found: tuple[Tensor | None, ...] = (None,) * len(varied)
    if whole.requires_grad:
        found = torch.autograd.grad(whole, list(varied.values()), allow_unused=True)
    lines = [
        _checked(name, x, g, value, tolerance, most, eps) for (name, x), g in zip(varied.items(), found, strict=True)
    ]
    result = Comparison(tuple(lines))
    if show:
        print(result)
    return result


def _checked(
    name: str, x: Tensor, gradient: Tensor | None, value: Callable[[], Tensor], tolerance: float, most: int, eps: float
) -> Line:
    """Some numbers of `x` moved one by one."""
    label = f"gradient of {name}"
    mine = torch.zeros_like(x) if gradient is None else gradient
    flat = x.detach().reshape(-1)  # a view: contiguous, for it was just made
    count = flat.numel()
    chosen = torch.randperm(count, generator=torch.Generator().manual_seed(0))[:most].tolist()
    numeric = {}
    with torch.no_grad():
        for i in chosen:
            before = float(flat[i])
            flat[i] = before + eps
            above = float(value())
            flat[i] = before - eps
            below = float(value())
            flat[i] = before
            numeric[i] = (above - below) / (2 * eps)
    scale = max(1e-8, *(abs(g) for g in numeric.values()), *(abs(float(mine.reshape(-1)[i])) for i in chosen))
    gaps = {i: abs(float(mine.reshape(-1)[i]) - g) for i, g in numeric.items()}
    worst = max(gaps, key=lambda i: gaps[i])
    where = tuple(int(k) for k in torch.unravel_index(torch.tensor(worst), x.shape)) if x.dim() else ()
    checked = f"{len(chosen)} of {count} numbers" if len(chosen) < count else f"all {count} numbers"
    text = f"largest difference {gaps[worst]:.2g}" + (f" at {list(where)}" if where else "")
    text += f": autograd {float(mine.reshape(-1)[worst]):.7g}, differences {numeric[worst]:.7g}; {checked}"
    if gaps[worst] <= tolerance * scale:
        return Line(label, "close", gaps[worst], where, text)
    if gradient is None or not gradient.any():
        text += f"\n{'':<30}no gradient arrives here: is there a detach(), .data, numpy or no_grad on the way?"
    return Line(label, "differs", gaps[worst], where, text)


def _doubled(value: Any) -> Any:
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.detach().double().contiguous().clone().requires_grad_()
    return value


def _floating(value: Any) -> Iterator[Tensor]:
    return (tensor for tensor in tensors_in(value) if tensor.is_floating_point())

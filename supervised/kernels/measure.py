"""Measure which precision and memory layout train a network fastest on this machine.

bfloat16 is two to four times faster on CPUs with matrix units for it, but not always on those that merely support it;
channels-last is usually, but not always, the better layout for convolutions. The result goes into the run's config, so
that a resumed run computes in the same way.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import torch
from torch import nn

from tengen.device import PRECISIONS, Compute, cores, default_device, has_bfloat16, keep_freed_memory
from tengen.errors import UserError

_BF16_GAIN = 1.15  # minimum speed-up to choose bfloat16: float32 is the tested default
_LAYOUT_GAIN = 1.15  # the same for the default layout: the code is written for channels-last


def choose_precision(
    make_net: Callable[[], nn.Module],
    batch: torch.Tensor,
    *,
    ready: Callable[[nn.Module, Compute], nn.Module],
    device: str = "auto",
    threads: int = 0,
    precision: str = "auto",
    layout: str = "auto",
) -> tuple[Compute, dict[str, float]]:
    """The fastest precision and layout to train `make_net()` on observations `batch` [B, ...]; samples/s of each.

    Only networks for images on a CPU are measured; others use float32 there. An alternative to float32 with
    channels-last must be clearly faster, so that repeating a command gives the same choice. With `precision` and
    `layout` given, nothing is measured. bfloat16 is tried only where the processor supports it: elsewhere it is ten
    times slower, and so is measuring it. `ready` is as in `training_rates`.
    """
    where, count = default_device(device), threads or cores()
    if precision not in ("auto", *PRECISIONS):
        raise UserError(f"no precision named '{precision}'; use auto, float32 or bfloat16")
    if layout not in ("auto", "channels-last", "default"):
        raise UserError(f"no layout named '{layout}'; use auto, channels-last or default")
    torch.set_num_threads(count)
    keep_freed_memory()
    layouts = {"auto": (True, False), "channels-last": (True,), "default": (False,)}[layout]
    if batch.dim() != 4 or where != "cpu":
        fixed = "bfloat16" if precision == "bfloat16" or (precision == "auto" and where != "cpu") else "float32"
        return Compute(where, count, fixed, batch.dim() == 4 and layouts[0]), {}
    both = precision == "auto" and has_bfloat16()
    wanted = PRECISIONS if both else ("float32" if precision == "auto" else precision,)
    backends = [Compute(where, count, p, last) for p in wanted for last in layouts]
    if len(backends) == 1:
        return backends[0], {}
    rates = training_rates(backends, make_net, batch, ready=ready)
    chosen = max(backends, key=lambda backend: rates[backend] / margin(backend))
    return chosen, {precision_and_layout(backend): rate for backend, rate in rates.items()}


def precision_and_layout(backend: Compute) -> str:
    """Describe what `choose_precision` compares; these are its keys."""
    return f"{backend.precision} {'channels-last' if backend.channels_last else 'default'}"


def margin(backend: Compute) -> float:
    """The minimum speed-up over float32 with channels-last to choose `backend`."""
    return (_BF16_GAIN if backend.precision == "bfloat16" else 1.0) * (1.0 if backend.channels_last else _LAYOUT_GAIN)


def training_rates(
    backends: Sequence[Compute],
    make_net: Callable[[], nn.Module],
    batch: torch.Tensor,
    seconds: float = 0.4,
    *,
    ready: Callable[[nn.Module, Compute], nn.Module],
) -> dict[Compute, float]:
    """Samples/s of forward and backward with each backend: the median of the steps within `seconds`, at least one.

    `ready` (`for_learning`) prepares a fresh network for its backend. The backends take turns, so that other load on
    the machine slows all of them equally.
    """
    nets = {backend: ready(make_net(), backend) for backend in backends}
    last = batch.contiguous(memory_format=torch.channels_last) if batch.dim() == 4 else batch  # as buffers keep them
    times: dict[Compute, list[float]] = {backend: [] for backend in backends}  # the first step warms up
    while waiting := [b for b, taken in times.items() if len(taken) < 2 or sum(taken[1:]) < seconds]:
        for backend in waiting:
            times[backend].append(_training_step(backend, nets[backend], last if backend.channels_last else batch))
    return {backend: len(batch) / statistics.median(taken[1:]) for backend, taken in times.items()}


def _training_step(backend: Compute, net: nn.Module, batch: torch.Tensor) -> float:
    """Duration of one training step in seconds."""
    batch = batch.to(backend.device)
    start = time.perf_counter()
    with backend.autocast():
        out = net(batch)
        loss = torch.stack([o.float().square().mean() for o in out.values()]).sum()
    loss.backward()
    net.zero_grad()
    backend.wait()
    return time.perf_counter() - start

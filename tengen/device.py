"""Where and how the arithmetic is done: device, threads, precision, memory layout.

`choose` measures instead of guessing: bf16 is two to four times faster on CPUs with matrix units for
it, not always on those that merely know it, and channels-last is usually, not always, the better layout for
convolutions. The answer is written to the run's config, so a resumed run uses the same.
"""

from __future__ import annotations

import ctypes
import os
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from tengen.errors import UserError

PRECISIONS = ("float32", "bfloat16")
_BF16_GAIN = 1.15  # how much faster bf16 must be to be taken: float32 is the tested default
_LAYOUT_GAIN = 1.15  # the same for the default layout: channels-last is what the code is written for


@dataclass(frozen=True)
class Compute:
    """How a run computes. Plain values, so it goes into `config.yaml` as it is."""

    device: str = "cpu"
    threads: int = 1
    precision: str = "float32"  # or "bfloat16": autocast, weights stay float32
    channels_last: bool = True
    foreground: bool = False  # screens' convolutions only where they differ (supervised/kernels/foreground/maps.py)
    winograd: bool = False  # towers play by Winograd's algorithm (supervised/kernels/winograd/tower.py)
    winograd_training: bool = False  # 3x3 convolutions learn by it (supervised/kernels/winograd/convolution.py)

    def place(self, net: nn.Module) -> nn.Module:
        """Move `net` to the device and its convolutions' weights to the layout."""
        net.to(self.device)
        # torch's own annotation of `to` leaves this documented form out
        return net.to(memory_format=torch.channels_last) if self.channels_last else net  # type: ignore[call-overload]

    def autocast(self) -> AbstractContextManager[Any]:
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16)

    def start(self) -> None:
        """Set the process up: threads, allocator, deterministic kernels."""
        torch.set_num_threads(self.threads)
        keep_freed_memory()
        torch.use_deterministic_algorithms(True, warn_only=True)
        # else every new tensor is first filled with a constant, in case somebody reads what nobody wrote
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]

    @property
    def way(self) -> str:
        """Precision and layout: what `choose` compares."""
        return f"{self.precision} {'channels-last' if self.channels_last else 'default'}"

    def __str__(self) -> str:
        layout = ", channels-last" if self.channels_last else ""
        used = [word for word, by in (("learning", self.winograd_training), ("playing", self.winograd)) if by]
        winograd = f", {' and '.join(used)} by Winograd" if used else ""
        foreground = ", foreground only" if self.foreground else ""
        return f"{self.device}, {self.threads} threads, {self.precision}{layout}{foreground}{winograd}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def keep_freed_memory() -> None:
    """Let glibc keep freed blocks instead of returning them to the system.

    Activations and gradients are freed and asked for again at every step. By default each large one is
    mapped afresh and the kernel zeroes its pages: measured here, a third of the time of a training
    step of the Nature CNN. Linux with glibc only; elsewhere nothing happens.
    """
    m_trim_threshold, m_mmap_max = -1, -4  # glibc's malloc.h
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(m_mmap_max, 0)
        libc.mallopt(m_trim_threshold, 2**31 - 1)
    except (OSError, AttributeError):
        pass


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_device(request: str = "auto") -> str:
    """`auto` is cuda where there is one, else cpu."""
    if request == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if request.split(":")[0] not in ("cpu", "cuda"):
        raise UserError(f"no device named '{request}'; use auto, cpu or cuda")
    if request.startswith("cuda") and not torch.cuda.is_available():
        raise UserError("no CUDA device is usable by this PyTorch; use --device cpu")
    return request


def choose(
    net_of: Callable[[], nn.Module],
    batch: torch.Tensor,
    *,
    device: str = "auto",
    threads: int = 0,
    precision: str = "auto",
    layout: str = "auto",
) -> tuple[Compute, dict[str, float]]:
    """The fastest way to train `net_of()` on `batch` here, and samples/s of every way that was tried.

    `batch` is an observation batch [B, ...]. Networks without images are not measured: float32. A way that
    differs from float32 with channels last must be clearly faster, so that the same command chooses the same way
    again; where `precision` and `layout` are given nothing is measured. bf16 is tried where the processor computes in
    it: elsewhere it is ten times slower, and so is measuring it.
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
    ways = [Compute(where, count, p, last) for p in wanted for last in layouts]
    if len(ways) == 1:
        return ways[0], {}
    rates = training_rates(ways, net_of, batch)
    shown = {w.way: r for w, r in rates.items()}
    return max(ways, key=lambda w: rates[w] / margin(w)), shown


def has_bfloat16() -> bool:
    """Whether oneDNN has kernels in bf16 for this processor (AVX-512 and later)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def margin(way: Compute) -> float:
    """How much faster `way` must be to be taken."""
    return (_BF16_GAIN if way.precision == "bfloat16" else 1.0) * (1.0 if way.channels_last else _LAYOUT_GAIN)


def training_rates(
    ways: Sequence[Compute],
    net_of: Callable[[], nn.Module],
    batch: torch.Tensor,
    seconds: float = 0.4,
    ready: Callable[[nn.Module, Compute], nn.Module] = lambda net, way: way.place(net),
) -> dict[Compute, float]:
    """Samples/s of forward and backward each way: the median of the steps that fit into `seconds`, at least one.

    `ready` prepares a fresh network for its way. The ways take turns, so that whatever else the machine does slows
    all of them alike.
    """
    nets = {way: ready(net_of(), way) for way in ways}
    last = batch.contiguous(memory_format=torch.channels_last) if batch.dim() == 4 else batch  # as buffers keep them
    times: dict[Compute, list[float]] = {way: [] for way in ways}  # the first step warms up
    while waiting := [way for way, taken in times.items() if len(taken) < 2 or sum(taken[1:]) < seconds]:
        for way in waiting:
            times[way].append(_training_step(way, nets[way], last if way.channels_last else batch))
    return {way: len(batch) / statistics.median(taken[1:]) for way, taken in times.items()}


def _training_step(way: Compute, net: nn.Module, batch: torch.Tensor) -> float:
    """Seconds of one."""
    batch = batch.to(way.device)
    start = time.perf_counter()
    with way.autocast():
        out = net(batch)
        loss = torch.stack([o.float().square().mean() for o in out.values()]).sum()
    loss.backward()
    net.zero_grad()
    return time.perf_counter() - start


def cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    except OSError:
        import platform

        return platform.processor() or platform.machine()


SECONDS = 2.0  # of a measurement for people


def calls_per_second(action: Callable[[], object]) -> float:
    """After one call that warms up."""
    action()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < SECONDS:
        action()
        count += 1
    return count / (time.perf_counter() - begun)

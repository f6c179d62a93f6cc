"""Where and how the arithmetic is done: device, threads, precision, memory layout.

`choose` measures instead of guessing: bf16 is two to four times faster on CPUs with matrix units for
it and slower on those without, and channels-last is usually, not always, the better layout for
convolutions. The answer is written to the run's config, so a resumed run uses the same.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from tengen.errors import UserError

_GAIN = 1.25  # how much faster bf16 must be to be taken: float32 is the tested default


@dataclass(frozen=True)
class Compute:
    """How a run computes. Plain values, so it goes into `config.yaml` as it is."""

    device: str = "cpu"
    threads: int = 1
    precision: str = "float32"  # or "bfloat16": autocast, weights stay float32
    channels_last: bool = True
    winograd: bool = False  # towers play by Winograd's algorithm (supervised/nets/winograd.py)

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
) -> tuple[Compute, dict[str, float]]:
    """The fastest way to train `net_of()` on `batch` here, and samples/s of every way that was tried.

    `batch` is an observation batch [B, ...]. Networks without images are not measured: float32.
    """
    where, count = default_device(device), threads or cores()
    if precision not in ("auto", "float32", "bfloat16"):
        raise UserError(f"no precision named '{precision}'; use auto, float32 or bfloat16")
    torch.set_num_threads(count)
    keep_freed_memory()
    if batch.dim() != 4 or where != "cpu":
        fixed = "bfloat16" if precision == "bfloat16" or (precision == "auto" and where != "cpu") else "float32"
        return Compute(where, count, fixed, batch.dim() == 4), {}
    wanted = ("float32", "bfloat16") if precision == "auto" else (precision,)
    ways = [Compute(where, count, p, layout) for p in wanted for layout in (True, False)]
    rates = {way: training_rate(way, net_of(), batch) for way in ways}
    shown = {f"{w.precision} {'channels-last' if w.channels_last else 'default'}": r for w, r in rates.items()}
    best = max(ways, key=lambda w: rates[w] / (_GAIN if w.precision == "bfloat16" else 1))
    return best, shown


def training_rate(way: Compute, net: nn.Module, batch: torch.Tensor, seconds: float = 0.4) -> float:
    """Samples/s of forward and backward (median of the rounds that fit into `seconds`, at least two)."""
    net = way.place(net)
    if way.channels_last and batch.dim() == 4:
        batch = batch.contiguous(memory_format=torch.channels_last)
    batch = batch.to(way.device)
    times: list[float] = []
    begun = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begun < seconds:
        start = time.perf_counter()
        with way.autocast():
            out = net(batch)
            loss = torch.stack([o.float().square().mean() for o in out.values()]).sum()
        loss.backward()
        net.zero_grad()
        times.append(time.perf_counter() - start)
        if times[-1] > seconds and len(times) >= 2:
            break
    rounds = sorted(times[1:])  # the first one warms up
    return len(batch) / rounds[len(rounds) // 2]


def cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    except OSError:
        import platform

        return platform.processor() or platform.machine()

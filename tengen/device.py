"""Where and how to compute: device, threads, precision, memory layout.

`supervised/kernels/measure.py` measures what is fastest on this machine.
"""

from __future__ import annotations

import ctypes
import os
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import nn

from tengen.errors import UserError
from tengen.plural import counted
from tengen.settings import Distributed

PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Compute:
    """The backend of a run. Plain values, written into `config.yaml` as they are."""

    device: str = "cpu"
    threads: int = 1
    precision: str = "float32"  # or "bfloat16": autocast, weights stay float32
    channels_last: bool = True
    foreground: bool = False  # convolve only where screens differ (supervised/kernels/foreground/maps.py)
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
        # deterministic mode would fill uninitialised memory, which is slow
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]

    def wait(self) -> None:
        """Wait until a GPU has done all that it was given, so that a time measured here is the work's."""
        if self.device != "cpu":
            torch.cuda.synchronize(self.device)

    def __str__(self) -> str:
        layout = ", channels-last" if self.channels_last else ""
        used = [word for word, by in (("learning", self.winograd_training), ("playing", self.winograd)) if by]
        winograd = f", {' and '.join(used)} by Winograd" if used else ""
        foreground = ", foreground only" if self.foreground else ""
        return f"{self.device}, {counted(self.threads, 'threads')}, {self.precision}{layout}{foreground}{winograd}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def compute_of_worker(compute: Compute, settings: Distributed) -> Compute:
    """How a worker computes for a learner that does it as `compute` says: a single one does the same, bit for bit.

    A worker with a GPU of its own uses that; one of many has as many threads as CPUs.
    """
    threads = compute.threads if settings.workers == 1 else max(1, int(settings.worker_cpus))
    if compute.device == "cpu" or settings.worker_gpus:
        return replace(compute, threads=threads, device="cuda" if settings.worker_gpus else "cpu")
    precision = compute.precision if has_bfloat16() else "float32"
    return replace(compute, threads=threads, device="cpu", precision=precision)


def keep_freed_memory() -> None:
    """Let glibc keep freed blocks instead of returning them to the system.

    Activations and gradients are freed and allocated again at every step. By default each large one is mapped
    anew and the system zeroes its pages, which took a third of a training step of the Nature CNN. Linux with glibc
    only; elsewhere nothing happens.
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
    """`request`, checked; `auto` is cuda where there is one, else cpu."""
    if request == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", request):
        raise UserError(f"no device named '{request}'; use auto, cpu, cuda or cuda:1")
    if request.startswith("cuda") and not torch.cuda.is_available():
        raise UserError("this PyTorch cannot use a CUDA device; use --device cpu")
    return request


def has_bfloat16() -> bool:
    """Whether oneDNN has bfloat16 kernels for this processor (AVX-512 and later)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


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

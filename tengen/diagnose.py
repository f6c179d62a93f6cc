"""What `tengen doctor` says about Ray and GPUs: what is available, and what `--workers` would use. It starts nothing,
and does not import Ray, which would take seconds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import psutil

from tengen.cluster import token_source
from tengen.device import cores

_OBJECT_STORE = 0.3  # of the free memory: Ray's default size of the object store
_SLOW = 10e9  # bytes: if shared memory is too small, Ray puts an object store of up to this size on disk


def diagnose(say: Callable[[str], None]) -> None:
    """Lines about Ray, workers, the token and GPUs."""
    for title, text in [*ray_lines(), *gpu_lines()]:
        say(f"{title:10} {text}")


def ray_lines() -> list[tuple[str, str]]:
    """(title, text) about Ray; text says what to do if something is missing."""
    try:
        installed = version("ray")
    except PackageNotFoundError:
        return [("ray", "not installed; --workers and `tengen sweep` need it: pip install 'tengen[ray]'")]
    lines = [
        ("ray", f"{installed}; --workers N starts it here for the run, on loopback, with its own token"),
        ("", f"{cores()} cores: --workers {cores()} uses all of them, shared with the learner"),
        ("", f"shared memory: {shared_memory()}"),
    ]
    found = token_source()
    address = os.environ.get("RAY_ADDRESS")
    if address:
        lines.append(("", f"RAY_ADDRESS is {address}; Tengen ignores it and uses --ray only"))
    if found:
        lines.append(("token", f"{found}: --ray HOST:PORT joins a cluster with the same token"))
    else:
        lines.append(("token", "none: --ray HOST:PORT needs one, or --ray-no-token (docs/scaling.md)"))
    return lines


def shared_memory(folder: str = "/dev/shm", free: int | None = None) -> str:
    """Whether Ray's object store fits into shared memory. `free`: bytes of memory; None: as it is here."""
    wanted = _OBJECT_STORE * (psutil.virtual_memory().available if free is None else free)
    try:
        there = shutil.disk_usage(folder).free
    except OSError:
        return f"there is no {folder}; Ray keeps objects in files, which is slower"
    if there >= wanted:
        return f"{there / 1e9:.1f} GB in {folder}, of which Ray's object store takes {wanted / 1e9:.1f}"
    how = "in files, which is slower" if there < _SLOW else "in what there is"
    return (
        f"{there / 1e9:.1f} GB in {folder}, less than the {wanted / 1e9:.1f} GB that Ray's object store would take:"
        f" it keeps objects {how}; start a container with --shm-size={wanted / 1e9:.0f}g"
    )


def gpu_lines() -> list[tuple[str, str]]:
    """(title, text) about each GPU that PyTorch can use, and how trainings would use it."""
    import torch

    if not torch.cuda.is_available():
        return [("gpu", "PyTorch finds none; --worker-gpus needs one (on any node of a cluster)")]
    lines = []
    for number in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(number)
        major, minor = about.major, about.minor
        precision = "bfloat16" if major >= 8 else "no hardware support for bfloat16: --precision float32 may be faster"
        text = f"{about.name}, {about.total_memory / 1e9:.0f} GB, compute capability {major}.{minor}; {precision}"
        lines.append((f"gpu {number}", text))
    compiler = "available" if find_spec("triton") else "not available (no triton)"
    backends = _backends()
    lines.append(("", f"--device auto uses {'it' if len(lines) == 1 else 'the first'}; torch.compile: {compiler}"))
    lines.append(("", f"several learners: torch.distributed has {', '.join(backends) or 'no backend'}"))
    return lines


def _backends() -> list[str]:
    import torch.distributed as distributed

    if not distributed.is_available():
        return []
    there = {"nccl": distributed.is_nccl_available(), "gloo": distributed.is_gloo_available()}
    return [name for name, has in there.items() if has]

"""How Tengen's kernels are compiled: numba, without the GIL, cached on disk.

numba decides by one file's date whether its cached machine code is still valid, and does not notice that a
function it inlined from *another* file has changed. So kernels inline only code below their own top
folder, and their cache is in a folder named after the contents of every file there: a changed line means a
new folder, never stale code. Where that is, and why nobody else can put code there: tengen/kernel_cache.py.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import event

from tengen import kernel_cache


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` on its first call (or load it from the cache): no GIL, no exceptions for bounds."""
    _settle_cache(_home(function))
    compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    kernel_cache.guard(compiled)
    return compiled


def summing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same as `kernel` with sums in any order, so that a loop over floats adds many at once (SIMD).

    Repeats bit for bit on the same machine; another processor may add in another order.
    """
    _settle_cache(_home(function))
    free = {"reassoc", "contract", "nsz", "arcp"}
    compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=free)(function)
    kernel_cache.guard(compiled)
    return compiled


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """A small function for kernels, that allocates nothing: put in place of every call, never cached by itself.

    Without numba's runtime it counts no references: counting is an atomic operation for every array that is
    handed on, and took three quarters of the time of a playout. Handing a board over (84 words) took a third
    of the rest.
    """
    return _helper(function, forceinline=True)


def routine(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a function too large to be put in place of its calls."""
    return _helper(function)


def _helper(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    njit: Any = numba.njit
    compiled: Callable[..., Any] = njit(nogil=True, error_model="numpy", _nrt=False, **options)(function)
    return compiled


def allocating(function: Callable[..., Any]) -> Callable[..., Any]:
    """For a function that does allocate: to be called once a kernel, not in its loops."""
    compiled: Callable[..., Any] = numba.njit(nogil=True, error_model="numpy")(function)
    return compiled


class _Compiling(event.Listener):
    """Is notified of the first kernel that is not in the cache."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.told = say, False

    def on_start(self, _: Any) -> None:
        if not self.told:
            self.told = True
            self.say("tengen: compiling kernels for this machine; this happens once and takes a minute or two …")

    def on_end(self, _: Any) -> None:
        """The next one follows."""


def when_compiling(say: Callable[[str], None]) -> None:
    """Tell `say` once, in one line, where kernels have to be compiled because the cache does not have them."""
    event.register("numba:compile", _Compiling(say))


if sys.stderr.isatty():
    when_compiling(lambda text: print(text, file=sys.stderr, flush=True))


def spread(work: Callable[..., None], rows: int, threads: int, smallest: int = 256) -> None:
    """Call `work(start, stop)` over all `rows`, cut into one slice a thread.

    `work` must release the GIL. Fewer rows than `smallest` a slice are not worth a thread's start.
    """
    slices = max(1, min(threads, rows // smallest))
    if slices == 1:
        work(0, rows)
        return
    edges = [rows * i // slices for i in range(slices + 1)]
    futures = [_pool(threads).submit(work, edges[i], edges[i + 1]) for i in range(1, slices)]
    work(edges[0], edges[1])
    for future in futures:
        future.result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="tengen-games")


def _home(function: Callable[..., Any]) -> Path:
    """The folder whose files the kernel may inline: `envs`, or the package one below the top (agents/search)."""
    parts = function.__module__.split(".")
    root = Path(__file__).parent.parent
    return root / parts[0] if parts[0] == "envs" else (root / parts[0] / parts[1])


def _settle_cache(home: Path) -> None:
    """Where numba keeps the kernels of `home`: it asks when a function is decorated."""
    if not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(_cache_folder(home))  # type: ignore[attr-defined]


@cache
def _cache_folder(home: Path) -> Path:
    digest = hashlib.sha256(Path(__file__).read_bytes() + Path(kernel_cache.__file__).read_bytes())
    for path in sorted(home.rglob("*.py")) if home.is_dir() else []:
        digest.update(path.read_bytes())
    return next(kernel_cache.folders(f"kernels-{home.name}-{digest.hexdigest()[:16]}"))

"""Execute several notebooks, a few at a time, to find out which fail and which are slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from capstones.notebook import Form, rehearse
from tengen.errors import UserError


@dataclass(frozen=True)
class Row:
    name: str
    problem: str  # "" where it ran through
    seconds: float
    slowest: str  # cell, in words


def rehearse_all(names: Sequence[str], form: Form, jobs: int) -> Iterator[Row]:
    """Rehearse them, `jobs` at a time, each in a kernel of its own; a row each, in the order of `names`."""
    stop = threading.Event()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(lambda name: _rehearse(name, form, stop), names)
        except BaseException:  # Ctrl-C: kernels are in sessions of their own
            stop.set()
            raise


def _rehearse(name: str, form: Form, stop: threading.Event) -> Row:
    begun = time.monotonic()
    try:
        done = rehearse(name, form, stop.is_set)
    except UserError as error:
        return Row(name, str(error), time.monotonic() - begun, "")
    return Row(name, done.problem, done.seconds, done.slowest())

"""Reads lines from the client in a separate thread, so that a search notices at once when one arrives."""

from __future__ import annotations

import contextlib
import queue
import select
import threading
from typing import BinaryIO

from selfplay.gtp.protocol import LONGEST

_MOST = 10_000  # queued lines; a client that sends more has to wait


class Inbox:
    """`arrived` is set while a line is waiting or the input has ended. `interrupt` is set while a request to stop
    thinking is waiting, which holds for the commands sent before it, and for good once the client no longer reads."""

    def __init__(self, source: BinaryIO, out: BinaryIO) -> None:
        self.arrived, self.interrupt = threading.Event(), threading.Event()
        self._source, self._out = source, out
        self._lines: queue.Queue[bytes | None] = queue.Queue(_MOST)
        self._lock = threading.Lock()
        self._requests, self._gone = 0, False  # requests to stop in the queue; whether the client no longer reads
        threading.Thread(target=self._read, daemon=True).start()

    def get(self) -> bytes | None:
        """Wait for the next line; None at the end of the input."""
        line = self._lines.get()
        with self._lock:
            if self._lines.empty() and line is not None:
                self.arrived.clear()
            if line is not None and _asks_to_stop(line):
                self._requests -= 1
                if self._requests == 0 and not self._gone:
                    self.interrupt.clear()
        return line

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := self._source.readline(LONGEST):
                rest = line
                while rest and not rest.endswith(b"\n"):  # too long: discard the rest
                    rest = self._source.readline(LONGEST)
                if _asks_to_stop(line):
                    with self._lock:
                        self._requests += 1
                        self.interrupt.set()
                self._put(line)
        self._put(None)
        self._wait_for_nobody()

    def _put(self, line: bytes | None) -> None:
        self._lines.put(line)
        with self._lock:
            if not self._lines.empty():
                self.arrived.set()

    def _wait_for_nobody(self) -> None:
        """After the end of the input: stop thinking once nobody reads our answers."""
        try:
            poll = select.poll()
            poll.register(self._out.fileno(), 0)  # errors and hang-ups are always reported
        except (AttributeError, OSError, ValueError):  # no descriptor, or closed
            return
        poll.poll()
        with self._lock:
            self._gone = True
            self.interrupt.set()


def _asks_to_stop(line: bytes) -> bool:
    """Whether `line` is GoGui's request to stop thinking."""
    return line.strip().lower() == b"# interrupt"

"""A program as a child process: in its own process group, with deadlines for reading and writing.

No call waits past its deadline, whatever the program does: it may hang, flood, drip single characters, or leave a
grandchild behind that holds the pipe. `end` kills the whole group and may be called from any thread.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence

from selfplay.gtp import guard

_SLICE = 0.05  # seconds after which a waiting thread looks whether the child has been ended
_CHUNK = 1 << 16
_LAST_WORDS = 2000  # bytes


class Gone(Exception):
    """The program has ended, or closed its input."""


class Late(Exception):
    """The deadline has passed."""


class Child:
    """One running program. `write` and `read` belong to one thread at a time, the one that holds `using`."""

    def __init__(self, words: Sequence[str]) -> None:
        """OSError if it cannot be started."""
        self.using = threading.Lock()
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is ours to handle, and the group can be ended whole
        )
        p = self._process
        assert p.stdin is not None and p.stdout is not None and p.stderr is not None
        self._stdin, self._stdout, self._stderr = p.stdin, p.stdout, p.stderr
        self._muttered = b""  # the newest of what it wrote to stderr
        self._killed = self._reaped = False
        self._ending = threading.Lock()
        guard.watch(self._process.pid)
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)

    def write(self, data: bytes, deadline: float) -> None:
        """Send `data`. Gone or, at the time `deadline` (time.monotonic), Late."""
        while data:
            self._wait(self._stdin.fileno(), select.POLLOUT, deadline)
            try:
                data = data[os.write(self._stdin.fileno(), data) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Gone from error

    def read(self, deadline: float) -> bytes:
        """What has come, at least a byte of it. Gone or, at the time `deadline`, Late."""
        while True:
            self._wait(self._stdout.fileno(), select.POLLIN, deadline)
            try:
                data = os.read(self._stdout.fileno(), _CHUNK)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Gone from error
            if not data:
                self._listen()
                raise Gone
            return data

    def _wait(self, file: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(file, event)
        poll.register(self._stderr.fileno(), select.POLLIN)  # a program whose stderr is full would stand still
        while not self._killed:
            left = deadline - time.monotonic()
            ready = [number for number, _ in poll.poll(1000 * max(0.0, min(left, _SLICE)))]
            if self._stderr.fileno() in ready and not self._listen():
                poll.unregister(self._stderr.fileno())
            if file in ready:
                return
            if left <= 0:
                raise Late
        raise Gone

    def _listen(self) -> bool:
        """Keep the end of what stderr has to say; False when nothing more will come."""
        try:
            heard = os.read(self._stderr.fileno(), _CHUNK)
        except BlockingIOError:
            return True
        except (OSError, ValueError):
            return False
        self._muttered = (self._muttered + heard)[-_LAST_WORDS:]
        return bool(heard)

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stderr; empty for none."""
        lines = [line for line in self._muttered.decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    @property
    def running(self) -> bool:
        """Whether the program itself, not only something that it has left behind, still runs."""
        if self._reaped:
            return False
        found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is None

    def end(self) -> None:
        """Kill the whole group, now."""
        self.kill()
        self.release()

    def kill(self) -> None:
        """`end` except for the pipes: a thread that waits for an answer sees within a moment that none will come."""
        with self._ending:
            if self._reaped:
                return
            self._killed = True
            with contextlib.suppress(OSError):  # the leader is not yet reaped, so the number is still the group's
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            guard.forget(self._process.pid)
            self._reaped = True

    def release(self) -> None:
        """Close the pipes of a killed child, as soon as they are unused."""
        if self.using.acquire(timeout=1.0):
            try:
                for pipe in (self._stdin, self._stdout, self._stderr):
                    pipe.close()
            finally:
                self.using.release()


def end_politely(children: Iterable[Child], goodbye: bytes, seconds: float = 0.5) -> None:
    """Send `goodbye` to those that nobody waits for, give all of them together `seconds` to go, and end them."""
    children = list(children)
    asked = []
    for child in children:
        if child.using.acquire(blocking=False):
            try:
                with contextlib.suppress(Gone, Late, ValueError):
                    child.write(goodbye, time.monotonic())
                    asked.append(child)
            finally:
                child.using.release()
    deadline = time.monotonic() + seconds
    while any(child.running for child in asked) and time.monotonic() < deadline:
        time.sleep(0.005)
    for child in children:
        child.kill()
    for child in children:
        child.release()

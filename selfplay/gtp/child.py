"""A program as a child process in its own process group, with deadlines for reading and writing.

No call waits past its deadline, whatever the program does: it may hang, flood, send single characters, or leave a
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

_SLICE = 0.05  # seconds between a waiting thread's checks that the child is alive
_CHUNK = 1 << 16
_LAST_WORDS = 2000  # bytes of stderr kept


class Gone(Exception):
    """The program has ended, or closed its input."""


class Late(Exception):
    """The deadline has passed."""


class Child:
    """One running program. `write` and `read` are for one thread at a time, which holds `using`."""

    def __init__(self, words: Sequence[str]) -> None:
        """OSError if it cannot be started."""
        self.using = threading.Lock()
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # we handle Ctrl-C, and the whole group can be killed
        )
        p = self._process
        assert p.stdin is not None and p.stdout is not None and p.stderr is not None
        self._stdin, self._stdout, self._stderr = p.stdin, p.stdout, p.stderr
        self._muttered = b""  # the end of its stderr
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
        """Read what has arrived, at least one byte. Gone or, at the time `deadline`, Late."""
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
        poll.register(self._stderr.fileno(), select.POLLIN)  # a program whose stderr pipe is full would block
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
        """Read stderr and keep its end; False when it is closed."""
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
        """The last line it wrote to stderr; empty if none."""
        return last_line(self._muttered)

    @property
    def running(self) -> bool:
        """Whether the program itself, not just a process it left behind, is still running."""
        if self._reaped:
            return False
        found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is None

    def end(self) -> None:
        """Kill the whole group immediately."""
        self.kill()
        self.release()

    def kill(self) -> None:
        """Like `end`, but leaves the pipes open: a thread waiting for an answer notices within a moment."""
        with self._ending:
            if self._reaped:
                return
            self._killed = True
            with contextlib.suppress(OSError):  # the leader is not reaped yet, so the id still belongs to the group
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            guard.forget(self._process.pid)
            self._reaped = True

    def release(self) -> None:
        """Close the pipes of a killed child, once no thread uses them."""
        if self.using.acquire(timeout=1.0):
            try:
                for pipe in (self._stdin, self._stdout, self._stderr):
                    pipe.close()
            finally:
                self.using.release()


def last_line(heard: bytes) -> str:
    """The last line of `heard` that is not blank; empty if there is none."""
    lines = [line for line in heard.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def end_politely(children: Iterable[Child], goodbye: bytes, seconds: float = 0.5) -> None:
    """Send `goodbye` to the idle children, give all of them `seconds` in total to exit, then kill them."""
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

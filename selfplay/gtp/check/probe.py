"""The engine under test: bytes in, answers out, each with a deadline.

Its process group is always terminated in the end. Unlike the client used in matches (selfplay/gtp/client.py), which
tolerates faulty engines, this one exposes their faults.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from typing import NamedTuple

from selfplay.gtp.child import last_line
from selfplay.gtp.client import printable
from tengen.errors import UserError

_PLACES = ("/usr/games", "/usr/local/games")  # where Debian keeps Go programs, often not on PATH
_MOST = 4_000_000  # bytes of unsolicited output
_LAST_WORDS = 2000  # bytes of stderr kept


class Broken(Exception):
    """The engine misbehaved; the message says what was expected and what came."""


class Lost(Broken):
    """The engine has exited or stopped answering: it has to be restarted."""


class NotOffered(Exception):
    """The engine does not support an optional command."""


class Reply(NamedTuple):
    """An answer as received."""

    ok: bool
    id: str
    body: str
    seconds: float

    def __str__(self) -> str:
        text = f"{'=' if self.ok else '?'}{self.id} {self.body}".strip()
        return repr(text if len(text) < 80 else text[:77] + "...")


class Probe:
    """One running engine."""

    def __init__(self, command: str, timeout: float) -> None:
        """`timeout` seconds for an answer. UserError if the program cannot be started."""
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise UserError(f"{command}: {error}") from error
        program = words and (shutil.which(words[0]) or shutil.which(words[0], path=os.pathsep.join(_PLACES)))
        if not program:
            raise UserError(f"no program named {words[0] if words else command!r}; give the engine's command in quotes")
        self.timeout = timeout
        try:
            self._process = subprocess.Popen(
                [program, *words[1:]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise UserError(f"{program} cannot be started: {error.strerror}") from error
        self.answered = False  # whether it has ever answered
        self._came = b""  # received but not parsed yet
        self._ended = False
        self._muttered = b""  # the end of its stderr
        self._more = threading.Condition()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        for thread in (threading.Thread(target=self._read, daemon=True), self._listener):
            thread.start()

    def ask(self, command: str, timeout: float | None = None) -> Reply:
        """Send a line and return the answer. Lost if none comes in time."""
        self.send(command.encode() + b"\n")
        return self.reply(command, timeout)

    def tell(self, *commands: str) -> str:
        """Send commands that must be accepted; returns the text of the last answer."""
        body = ""
        for command in commands:
            reply = self.ask(command)
            if not reply.ok:
                raise Broken(f"{command!r} was refused: {reply}")
            body = reply.body
        return body

    def refuses(self, *commands: str) -> None:
        for command in commands:
            reply = self.ask(command)
            if reply.ok:
                raise Broken(f"{command!r} was expected to fail and was answered {reply}")

    def need(self, *commands: str) -> None:
        """NotOffered if the engine does not know one of `commands`."""
        for command in commands:
            if self.ask(f"known_command {command}").body.lower() != "true":
                raise NotOffered(f"no {command}")

    def send(self, data: bytes) -> None:
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise Lost(f"the engine ended, sent {data[:60]!r}{self._last_words()}") from error

    def reply(self, asked: str, timeout: float | None = None) -> Reply:
        """The next answer. Broken for text outside any answer."""
        begun, wait = time.perf_counter(), timeout or self.timeout
        with self._more:
            while b"\n\n" not in self._came:
                left = begun + wait - time.perf_counter()
                if self._ended:
                    raise Lost(f"the engine ended, asked {asked[:60]!r}{self._last_words()}")
                if left <= 0 or not self._more.wait(left):
                    raise Lost(f"no answer within {wait:g} s to {asked[:60]!r}")
            text, _, self._came = self._came.partition(b"\n\n")
        seconds, self.answered = time.perf_counter() - begun, True
        line = text.decode("utf-8", "replace")
        if line[:1] not in ("=", "?"):
            raise Broken(f"an answer to {asked[:60]!r} begins with {line[:40]!r}, not with = or ?")
        rest = line[1:]
        number = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        return Reply(line[0] == "=", number, rest[len(number) :].strip(), seconds)

    def silent(self) -> None:
        """Broken if unsolicited output comes within a thirtieth of the answer timeout."""
        seconds = min(1.0, self.timeout / 30)
        with self._more:
            self._more.wait_for(lambda: bool(self._came), seconds)
            if self._came:
                raise Broken(f"{self._came[:60]!r} came although nothing was asked")

    def hang_up(self) -> None:
        """Close the engine's input."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def ends(self, seconds: float) -> bool:
        """Whether the process exits by itself within `seconds`."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(stream.fileno(), 65536):
                with self._more:
                    self._came += data.replace(b"\r", b"")
                    self._more.notify_all()
                    if len(self._came) > _MOST:
                        break
        with self._more:
            self._ended = True
            self._more.notify_all()

    def _listen(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(stream.fileno(), 65536):
                self._muttered = (self._muttered + data)[-_LAST_WORDS:]

    def _last_words(self) -> str:
        """The last line that an engine which has ended wrote to stderr, with a label; empty if none."""
        self._listener.join(0.5)
        words = last_line(self._muttered)
        return f"; its last words: {printable(words)}" if words else ""

    def close(self) -> None:
        """Terminate the engine and all processes it has started."""
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.hang_up()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

"""A running program that speaks GTP (Go Text Protocol, version 2): started, asked, timed, ended.

A program that hangs, dies or talks nonsense never hangs or kills us: every answer has a deadline, and any failure is a
`GtpError` that names the command and what came back.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shlex
import shutil
import subprocess
import threading
from pathlib import Path

from tengen.errors import UserError

_LONGEST = 1 << 16  # characters of one answer
_PLACES = ("/usr/games", "/usr/local/games")  # where Debian keeps Go programs, often not on PATH


class GtpError(Exception):
    """The program refused, was too slow, or is gone."""


class GtpProgram:
    """One running program. `ask` sends a command and returns the answer."""

    def __init__(self, command: str, timeout: float = 60.0) -> None:
        """`command` as in a shell; `timeout` seconds for each answer. UserError if it cannot be started."""
        self.command, self.timeout = command, timeout
        words = shlex.split(command)
        if not words:
            raise UserError("an empty GTP command; for example gtp:'gnugo --mode gtp --level 10'")
        program = shutil.which(words[0]) or shutil.which(words[0], path=os.pathsep.join(_PLACES))
        if program is None:
            raise UserError(
                f"no program named {words[0]}; install it (Debian: apt install gnugo pachi) or give its path"
            )
        try:
            self._process = subprocess.Popen(
                [program, *words[1:]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        except OSError as error:
            raise UserError(f"{program} cannot be started: {error.strerror}") from error
        self._lines: queue.Queue[str | None] = queue.Queue(10_000)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, OSError):
            while line := self._process.stdout.readline(_LONGEST):
                self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)

    def ask(self, command: str, timeout: float | None = None) -> str:
        """The answer to `command`, without its `=`; GtpError for `?`, silence or an end."""
        if "\n" in command:
            raise ValueError("one command at a time")
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise GtpError(f"{self.name} is gone, asked: {command}") from error
        answer: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=timeout or self.timeout)
            except queue.Empty:
                self.close()
                raise GtpError(f"{self.name} did not answer within {timeout or self.timeout:g} s: {command}") from None
            if line is None:
                raise GtpError(f"{self.name} ended, asked: {command}")
            if not answer and not line.startswith(("=", "?")):
                continue  # chatter before an answer
            if line == "":
                break
            answer.append(line)
            if len(answer) > 2000:
                self.close()
                raise GtpError(f"{self.name} does not stop talking, asked: {command}")
        text = "\n".join(answer)
        body = text[1:].lstrip("0123456789").strip()
        if text.startswith("?"):
            raise GtpError(f"{self.name} refused {command}: {body}")
        return body

    @property
    def name(self) -> str:
        return Path(shlex.split(self.command)[0]).name

    def close(self) -> None:
        """End the program, by force if it does not go."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                assert self._process.stdin is not None
                self._process.stdin.write("quit\n")
                self._process.stdin.close()
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

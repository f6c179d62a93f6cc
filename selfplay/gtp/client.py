"""Runs a program that speaks GTP (Go Text Protocol, version 2): start, query with a timeout, terminate.

A program that hangs, crashes or sends invalid output never hangs or crashes us: each answer has one deadline and a
bounded length, and any failure is a `GtpError` that names the command and what came back.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from selfplay.gtp.child import Child, Gone, Late, end_politely
from tengen.errors import UserError

_MOST = 1 << 17  # bytes of one answer, including any output before it
_PLACES = ("/usr/games", "/usr/local/games")  # where Debian keeps Go programs, often not on PATH
_BEGIN = re.compile(rb"^[=?]", re.MULTILINE)

Trouble = Literal["refusal", "hang", "crash", "rubbish"]


class GtpError(Exception):
    """The program refused, was too slow, sent invalid output, or has exited."""

    def __init__(self, kind: Trouble, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Unanswered(Exception):
    """The deadline has passed, and the lines received contain no answer."""


class GtpProgram:
    """One running program. `ask` sends a command and returns the answer; `close` may come from another thread."""

    def __init__(self, command: str, timeout: float = 60.0) -> None:
        """`command` as in a shell; `timeout` seconds for each answer. UserError if it cannot be started."""
        self.command, self.timeout = command, timeout
        words = _words(command)
        program = shutil.which(words[0]) or shutil.which(words[0], path=os.pathsep.join(_PLACES))
        if program is None:
            raise UserError(f"no program named {words[0]}; install it (Debian: apt install gnugo) or give its path")
        self.name = Path(words[0]).name
        try:
            self.child = Child([program, *words[1:]])
        except OSError as error:
            raise UserError(f"{program} cannot be started: {error.strerror}") from error
        self.called = self.name  # its own name, once it has been queried

    def ask(self, command: str, timeout: float | None = None) -> str:
        """The answer to `command`, without its `=`.

        GtpError for `?`; also for a timeout, invalid output or a crash, in which case the program is terminated.
        """
        if "\n" in command or "\r" in command:
            raise ValueError("one command at a time")
        seconds = self.timeout if timeout is None else timeout
        try:
            with self.child.using:
                status, body = self._exchange(command, time.monotonic() + seconds)
        except (Gone, ValueError) as error:
            self.child.end()
            words = self.child.last_words
            said = f", its last words: {printable(words)}" if words else ""
            raise GtpError("crash", f"{self.name} ended, asked: {command}{said}") from error
        except Late as error:
            self.child.end()
            raise GtpError("hang", f"{self.name} did not answer within {seconds:.3g} s: {command}") from error
        except Unanswered as error:
            self.child.end()
            said = f"{self.name} said {error} and gave no answer within {seconds:.3g} s: {command}"
            raise GtpError("rubbish", said) from error
        except OverflowError as error:
            self.child.end()
            raise GtpError("rubbish", f"{self.name} sent endless output, asked: {command}") from error
        if status == "?":
            raise GtpError("refusal", f"{self.name} refused {command}: {printable(body)}")
        return body

    def _exchange(self, command: str, deadline: float) -> tuple[str, str]:
        """The answer as (= or ?, text)."""
        self._drain()
        self.child.write(command.encode() + b"\n", deadline)
        heard = b""
        while True:
            try:
                new = self.child.read(deadline)
            except Late:
                if b"\n" in heard and _BEGIN.search(heard) is None:
                    raise Unanswered(repr(printable(heard.decode("utf-8", "replace"), 60))) from None
                raise
            heard += new.replace(b"\r", b"")
            if b"\n" in new and (answer := _answer(heard)) is not None:
                return answer
            if len(heard) > _MOST:
                raise OverflowError

    def _drain(self) -> None:
        """Discard unsolicited output, so that it is not taken for the next answer."""
        heard = 0
        while heard <= _MOST:
            try:
                heard += len(self.child.read(time.monotonic()))
            except Late:
                return
        raise OverflowError

    def close(self) -> None:
        """End the program and everything it has started, by force if necessary."""
        close_all([self])


def close_all(programs: Iterable[GtpProgram]) -> None:
    """Close all of them at the same time."""
    end_politely([program.child for program in programs], b"quit\n")


def printable(text: str, longest: int = 160) -> str:
    """External `text` on one line, without terminal control characters."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "?" for c in line[:longest]) + ("…" if len(line) > longest else "")


def _answer(heard: bytes) -> tuple[str, str] | None:
    """The first complete answer in `heard`, or None. Anything before it is skipped."""
    begin = _BEGIN.search(heard)
    end = heard.find(b"\n\n", begin.start()) if begin else -1
    if begin is None or end < 0:
        return None
    text = heard[begin.start() : end].decode("utf-8", "replace")
    return text[0], text[1:].lstrip("0123456789").strip()


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UserError(f"gtp:{command}: {str(error).lower()}; quote it as for a shell") from error
    if not words:
        raise UserError("an empty GTP command; for example gtp:'gnugo --mode gtp --level 10'")
    return words

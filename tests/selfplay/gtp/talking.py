"""Shared by the engine tests: a conversation in this process, or with the command itself."""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path

from selfplay.gtp.desk import Settings
from selfplay.gtp.engine import serve
from selfplay.gtp.rules import NAMED

ROOT = Path(__file__).resolve().parents[3]


def talk(
    *lines: str | bytes, player: str = "random", size: int = 9, rules: str = "tromp-taylor", **more: object
) -> list[str]:
    """An engine's answers to `lines`, each without its final empty line."""
    sent = b"".join(line if isinstance(line, bytes) else line.encode() + b"\n" for line in lines)
    out = io.BytesIO()
    settings = Settings(player, size, NAMED[rules], **more)  # type: ignore[arg-type]
    serve(settings, io.BytesIO(sent), _Kept(out))
    text = out.getvalue().decode()
    assert not text or text.endswith("\n\n")
    answers = text.split("\n\n")[:-1]
    assert all(re.match(r"[=?]", answer) for answer in answers), "every answer begins with = or ?"
    return answers


class _Kept(io.BufferedIOBase):
    """Writes to a buffer that stays open."""

    def __init__(self, out: io.BytesIO) -> None:
        self.out = out

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return self.out.write(data)


def command(player: str, *options: str) -> str:
    """The shell command that starts the engine as a program."""
    return shlex.join([sys.executable, "-m", "scripts.cli", "gtp", player, *options])

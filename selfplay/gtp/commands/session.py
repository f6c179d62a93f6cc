"""The engine's identity, and the end of the session."""

from __future__ import annotations

import time

from selfplay.gtp.arguments import Arguments
from selfplay.gtp.desk import Desk
from tengen import __version__


def _protocol_version(desk: Desk, arguments: Arguments) -> str:
    return "2"


def _name(desk: Desk, arguments: Arguments) -> str:
    return desk.settings.name or f"Tengen {desk.settings.player}"


def _version(desk: Desk, arguments: Arguments) -> str:
    return desk.settings.version or __version__


def _quit(desk: Desk, arguments: Arguments) -> str:
    desk.quitting = True
    return ""


def _echo(desk: Desk, arguments: Arguments) -> str:
    return " ".join(arguments.words)


def _cputime(desk: Desk, arguments: Arguments) -> str:
    return f"{time.process_time():.3f}"


def _nothing(desk: Desk, arguments: Arguments) -> str:
    return ""


def _chat(desk: Desk, arguments: Arguments) -> str:
    return f"I am {_name(desk, arguments)}, a program, and do not chat."


COMMANDS = {
    "protocol_version": _protocol_version,
    "name": _name,
    "version": _version,
    "quit": _quit,
    "echo": _echo,
    "cputime": _cputime,
    "gomill-cpu_time": _cputime,
    "gogui-interrupt": _nothing,  # known: a line "# interrupt" ends a search
    "kgs-game_over": _nothing,
    "kgs-chat": _chat,
    "cgos-opponent_name": _nothing,
    "stop": _nothing,  # ends an analysis, as any line does
}

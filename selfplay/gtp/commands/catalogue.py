"""All commands by name. To add one, write a function and a line in the module of its subject."""

from __future__ import annotations

from collections.abc import Callable

from selfplay.gtp.arguments import Arguments
from selfplay.gtp.commands import board, counting, rules, session, thinking, timing
from selfplay.gtp.desk import Desk

Command = Callable[[Desk, Arguments], str]


def _list_commands(desk: Desk, arguments: Arguments) -> str:
    return "\n".join(COMMANDS)


def _known_command(desk: Desk, arguments: Arguments) -> str:
    return "true" if len(arguments) and arguments.words[0] in COMMANDS else "false"


COMMANDS: dict[str, Command] = {
    **session.COMMANDS,
    "known_command": _known_command,
    "list_commands": _list_commands,
    "help": _list_commands,
    **board.COMMANDS,
    **rules.COMMANDS,
    **timing.COMMANDS,
    **thinking.COMMANDS,
    **counting.COMMANDS,
}

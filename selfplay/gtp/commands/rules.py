"""Rules and komi."""

from __future__ import annotations

import json

from envs.boards.game import IllegalMove
from selfplay.gtp.arguments import Arguments
from selfplay.gtp.desk import Desk
from selfplay.gtp.protocol import Refused
from selfplay.gtp.rules import Agreement, as_json, named, with_key


def _komi(desk: Desk, arguments: Arguments) -> str:
    desk.table.set_komi(arguments.number("komi", -1000, 1000))
    return ""


def _get_komi(desk: Desk, arguments: Arguments) -> str:
    return f"{desk.table.komi:g}"


def _set_rules(desk: Desk, arguments: Arguments) -> str:
    return _agree(desk, named(" ".join([arguments.word("the rules"), *arguments.words]), desk.table.agreement))


def _set_rule(desk: Desk, arguments: Arguments) -> str:
    return _agree(desk, with_key(arguments.word("a key"), arguments.word("a value"), desk.table.agreement))


def _agree(desk: Desk, agreement: Agreement) -> str:
    try:
        desk.table.agree(agreement)
    except IllegalMove as error:
        raise Refused(f"a move of this game breaks these rules: {error}") from None
    return ""


def _get_rules(desk: Desk, arguments: Arguments) -> str:
    return as_json(desk.table.agreement)


def _get_rule(desk: Desk, arguments: Arguments) -> str:
    key = arguments.word("a key")
    rules = json.loads(as_json(desk.table.agreement))
    if key not in rules:
        raise Refused(f"no rule named {key[:40]}")
    return str(rules[key]).lower() if isinstance(rules[key], bool) else str(rules[key])


COMMANDS = {
    "komi": _komi,
    "get_komi": _get_komi,
    "kgs-rules": _set_rules,
    "kata-set-rules": _set_rules,
    "kata-get-rules": _get_rules,
    "kata-set-rule": _set_rule,
    "kata-get-rule": _get_rule,
}

"""Go rules as named by clients: tromp-taylor, chinese …, or KataGo's JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, NamedTuple

from envs.go.rules import KATAGO_BONUS, RULES, Rules, katago_rules
from selfplay.gtp.protocol import Refused


class Agreement(NamedTuple):
    """Rules, and whether dead stones are removed by agreement at the end (if not, the board counts as it stands)."""

    rules: Rules
    agreed_dead: bool


_NEW_ZEALAND = Rules(ko="situational", suicide=True, komi=7.0)
NAMED = {
    "tromp-taylor": Agreement(RULES["tromp-taylor"], False),
    "cgos": Agreement(RULES["cgos"], False),
    "chinese": Agreement(RULES["chinese"], True),
    "chinese-kgs": Agreement(RULES["chinese"], True),
    "chinese-ogs": Agreement(RULES["chinese"], True),
    "japanese": Agreement(RULES["japanese"], True),
    "korean": Agreement(RULES["japanese"], True),
    "aga": Agreement(RULES["aga"], True),
    "bga": Agreement(RULES["aga"], True),
    "new-zealand": Agreement(_NEW_ZEALAND, True),
}
_UNTAXED = {"SEKI": "points in seki", "ALL": "all points"}  # what each of KataGo's taxes takes away, and we count


def called(name: str) -> Agreement | None:
    """The rules of that name, in any usual spelling, with their own komi; None if there are none."""
    word = name.strip().lower().strip('"').replace("_", "-").replace(" ", "-")
    word = {"trompt-taylor": "tromp-taylor", "tromptaylor": "tromp-taylor", "nz": "new-zealand"}.get(word, word)
    return NAMED.get(word)


def _name_of(now: Agreement) -> str:
    """The first name of these rules, whatever their komi."""
    for name, known in NAMED.items():
        if known._replace(rules=replace(known.rules, komi=now.rules.komi)) == now:
            return name
    return 'these with "tax":"NONE"'


def named(text: str, now: Agreement) -> Agreement:
    """Parse `text`: a name, or a JSON object with some of KataGo's keys. The komi stays as in `now`."""
    word = text.strip()
    if word.startswith("{"):
        return _from_json(word, now)
    found = called(word)
    if found is None:
        raise Refused(f"unknown rules {word[:40]}; known are {', '.join(NAMED)}")
    return found._replace(rules=replace(found.rules, komi=now.rules.komi))


def as_json(now: Agreement) -> str:
    """KataGo's description."""
    return json.dumps({"friendlyPassOk": now.agreed_dead} | katago_rules(now.rules), separators=(",", ":"))


def with_key(key: str, value: str, now: Agreement) -> Agreement:
    """`now` with one of KataGo's keys changed; `value` as the client wrote it."""
    lowered = value.lower()
    plain: Any = lowered == "true" if lowered in ("true", "false") else value
    return _changed(key, plain, now)


def _from_json(text: str, now: Agreement) -> Agreement:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("the rules are not a JSON object") from None
    if not isinstance(found, dict):
        raise Refused("the rules are not a JSON object")
    for key, value in sorted(found.items(), key=lambda item: item[0] == "tax"):  # last, to name the nearest rules
        now = _changed(key, value, now)
    return now


def _changed(key: str, value: Any, now: Agreement) -> Agreement:
    r = now.rules
    word = str(value).upper()
    if key == "ko" and word in ("SIMPLE", "POSITIONAL", "SITUATIONAL"):
        return now._replace(rules=replace(r, ko=word.lower()))  # type: ignore[arg-type]
    if key in ("scoring", "scoringRule") and word in ("AREA", "TERRITORY"):
        return now._replace(rules=replace(r, scoring=word.lower()))  # type: ignore[arg-type]
    if key in ("suicide", "multiStoneSuicideLegal") and isinstance(value, bool):
        return now._replace(rules=replace(r, suicide=value))
    if key == "whiteHandicapBonus" and word in KATAGO_BONUS.values():
        bonus = next(name for name, said in KATAGO_BONUS.items() if said == word)
        return now._replace(rules=replace(r, handicap_bonus=bonus))  # type: ignore[arg-type]
    if key == "friendlyPassOk" and isinstance(value, bool):
        return now._replace(agreed_dead=value)
    if (key, word) in (("tax", "NONE"), ("hasButton", "FALSE")):
        return now
    if key == "tax" and word in _UNTAXED:
        raise Refused(f"tax cannot be {word} here: {_UNTAXED[word]} count; the nearest rules are {_name_of(now)}")
    raise Refused(f"{str(key)[:40]} cannot be {str(value)[:40]} here")

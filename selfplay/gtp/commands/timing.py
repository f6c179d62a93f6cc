"""Clocks. A new system starts with full clocks."""

from __future__ import annotations

from selfplay.gtp.arguments import Arguments
from selfplay.gtp.clock import Clocks, TimeSystem
from selfplay.gtp.desk import Desk
from selfplay.gtp.protocol import Refused

_LONGEST = 1e7  # seconds
_MOST = 100_000  # stones, periods
_SYSTEMS = ("none", "absolute", "byoyomi", "canadian", "fischer")


def _time_settings(desk: Desk, arguments: Arguments) -> str:
    main = _seconds(arguments, "the main time")
    period = _seconds(arguments, "the byo-yomi time")
    stones = arguments.whole("byo-yomi stones", 0, _MOST)
    if period > 0 and stones == 0:  # so GTP says "no limit"
        return _set(desk, TimeSystem())
    if period == 0:
        return _set(desk, TimeSystem("absolute", main))
    return _set(desk, TimeSystem("canadian", main, period, stones))


def _named_settings(desk: Desk, arguments: Arguments) -> str:
    kind = arguments.word("a time system").lower()
    if kind == "none":
        return _set(desk, TimeSystem())
    if kind not in _SYSTEMS:
        raise Refused(f"unknown time system {kind[:40]}; known are {', '.join(_SYSTEMS)}")
    main = _seconds(arguments, "the main time")
    if kind == "absolute":
        return _set(desk, TimeSystem("absolute", main))
    if kind == "fischer":
        return _set(desk, TimeSystem("fischer", main, _seconds(arguments, "the increment")))
    period = _seconds(arguments, "the period")
    if period <= 0:
        raise Refused("a period has more than 0 seconds")
    stones = arguments.whole("periods" if kind == "byoyomi" else "stones", 1, _MOST)
    return _set(desk, TimeSystem("byoyomi" if kind == "byoyomi" else "canadian", main, period, stones))


def _time_left(desk: Desk, arguments: Arguments) -> str:
    colour = arguments.colour()
    left = arguments.number("the time left", -_LONGEST, _LONGEST)
    desk.clocks.tell(colour, left, arguments.whole("stones", 0, _MOST) if len(arguments) else 0)
    return ""


def _list_systems(desk: Desk, arguments: Arguments) -> str:
    return " ".join(_SYSTEMS)


def _seconds(arguments: Arguments, what: str) -> float:
    return arguments.number(what, 0, _LONGEST)


def _set(desk: Desk, system: TimeSystem) -> str:
    desk.clocks = Clocks(system, desk.settings.lag)
    return ""


COMMANDS = {
    "time_settings": _time_settings,
    "kgs-time_settings": _named_settings,
    "kata-time_settings": _named_settings,
    "kata-list_time_settings": _list_systems,
    "time_left": _time_left,
}

"""The requests a page can make. Everything that comes from a browser passes through here and is validated here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from selfplay.board.drawing.geometry import geometry
from selfplay.board.house import House
from selfplay.board.sitting import CLOSED, HINTS, YOU, Sitting
from tengen.errors import UserError, unknown

_STEPS = ("first", "back10", "back", "next", "next10", "last", "up", "down")


def ask(house: House, sitting: Sitting, wish: object) -> str:
    """Carry out the request `wish` {"ask": …, "value": …}; returns a line to show, or "". UserError if invalid."""
    if not isinstance(wish, dict) or wish.get("ask") not in _WISHES:
        raise UserError("the board does not know this request")
    kind, do = _WISHES[wish["ask"]]
    value = wish.get("value")
    if kind is int and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9:
        value = int(value)
    if kind is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise UserError(f"{wish['ask']}: {str(value)[:40]!r} is not a valid value")
    with sitting.lock:
        if sitting.closed:
            raise UserError(CLOSED)
        sitting.asked = time.monotonic()
        return do(house, sitting, value) or ""


def _point(house: House, s: Sitting, point: int) -> None:
    g = geometry(s.tree.game)
    if not 0 <= point < g.rows * g.columns:
        raise UserError("there is no such point")
    if s.over and s.tree.game.can.count and s.node.resigned is None:
        s.mark(point)
    else:
        s.play(g.action(point))


def _pass(house: House, s: Sitting, _: Any) -> None:
    if s.tree.game.can.passing is None:
        raise UserError(f"{s.tree.game.name} has no pass move")
    s.play(s.tree.game.can.passing)


def _now(house: House, s: Sitting, _: Any) -> None:
    if s.job is not None and s.job.kind == "move":
        s.job.stop.set()


def _choose(field: str, among: Any) -> Callable[[House, Sitting, Any], None]:
    def choose(house: House, s: Sitting, value: str) -> None:
        if value not in among:
            raise unknown(field, value[:40], among)
        setattr(s, field, value)
        s.changed()

    return choose


def _strength(house: House, s: Sitting, value: str) -> None:
    if not s.strengths:
        raise UserError(f"{s.opponent} does not search: its strength cannot be set")
    if value not in s.strengths:
        raise unknown("strength", value[:40], s.strengths)
    s.strength = value
    s.changed()


def _switch(field: str) -> Callable[[House, Sitting, Any], None]:
    def switch(house: House, s: Sitting, value: bool) -> None:
        setattr(s, field, value)
        s.changed()

    return switch


def _step(house: House, s: Sitting, where: str) -> None:
    if where not in _STEPS:
        raise unknown("step", where[:40], _STEPS)
    s.step(where)


def _new(house: House, s: Sitting, value: dict[str, object]) -> str:
    you = value.get("you", s.you)
    if you not in YOU:
        raise unknown("side", str(you)[:40], YOU)
    s.seat(house.new_tree(value), str(you), rules=house.options.rules)
    return "a new game"


_WISHES: dict[str, tuple[type | None, Callable[[House, Sitting, Any], str | None]]] = {
    "point": (int, _point),
    "pass": (None, _pass),
    "back": (None, lambda house, s, _: s.take_back()),
    "resign": (None, lambda house, s, _: s.resign()),
    "now": (None, _now),
    "go": (int, lambda house, s, number: s.go(number)),
    "step": (str, _step),
    "forget": (None, lambda house, s, _: s.forget()),
    "you": (str, _choose("you", YOU)),
    "strength": (str, _strength),
    "hints": (str, _choose("hints", HINTS)),
    "ownership": (bool, _switch("ownership")),
    "review": (bool, _switch("reviewing")),
    "new": (dict, _new),
}

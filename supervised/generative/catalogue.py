"""The systems of this room, by task and name. No torch in here."""

from __future__ import annotations

from supervised.systems.system import System

SYSTEMS: tuple[System, ...] = ()

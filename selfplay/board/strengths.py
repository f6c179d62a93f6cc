"""The strengths to choose from: how long a player that searches may think."""

from __future__ import annotations

from selfplay.thinking import Limit

STRENGTHS: dict[str, tuple[str, Limit]] = {
    "1": ("first thought", Limit(simulations=1)),
    "25": ("25 simulations", Limit(simulations=25)),
    "100": ("100 simulations", Limit(simulations=100)),
    "400": ("400 simulations", Limit(simulations=400)),
    "1600": ("1,600 simulations", Limit(simulations=1600)),
    "1s": ("1 second", Limit(seconds=1.0)),
    "5s": ("5 seconds", Limit(seconds=5.0)),
    "15s": ("15 seconds", Limit(seconds=15.0)),
    "60s": ("a minute", Limit(seconds=60.0)),
}


def strengths(limit: str) -> dict[str, tuple[str, Limit]]:
    """Words and limit of each strength to choose from; `limit`, as in a player's name (800 or 2.5s), is one of them."""
    return STRENGTHS if limit in STRENGTHS else STRENGTHS | {limit: _strength(limit)}


def _strength(limit: str) -> tuple[str, Limit]:
    if limit.endswith("s"):
        return f"{float(limit[:-1]):g} seconds", Limit(seconds=float(limit[:-1]))
    return f"{int(limit):,} simulations", Limit(simulations=int(limit))

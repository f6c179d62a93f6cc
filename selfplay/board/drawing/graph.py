"""Black's win rate, move by move, as a clickable graph."""

from __future__ import annotations

from typing import NamedTuple

WIDTH, HEIGHT = 360.0, 110.0
_EDGE = 7.0  # left and right of the curve


class Point(NamedTuple):
    """A position of the game's line."""

    number: int  # of its node
    moves: int  # played so far
    chance: float | None  # Black's, 0 to 1; None where nothing is known
    turned: bool = False  # the move before cost much


def graph(points: list[Point], current: int, names: tuple[str, str] = ("Black", "White")) -> str:
    """`current`: the number of the node on the board."""
    longest = max(10, len(points) - 1)
    step = (WIDTH - 2 * _EDGE) / longest

    def at(i: int, chance: float) -> tuple[float, float]:
        return _EDGE + i * step, HEIGHT * (1 - chance)

    known = [(i, p.chance) for i, p in enumerate(points) if p.chance is not None]
    parts = [f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" class="sky"/>']
    if known:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(i, c) for i, c in known))
        first, last = (at(known[i][0], 0)[0] for i in (0, -1))
        parts.append(f'<polygon points="{first:.1f},{HEIGHT:g} {line} {last:.1f},{HEIGHT:g}" class="area"/>')
        parts.append(f'<polyline points="{line}" class="curve"/>')
    parts.append(f'<path d="M0 {HEIGHT / 2:g}H{WIDTH:g}" class="even"/>')
    for i, p in enumerate(points):
        if p.turned and p.chance is not None:
            x, y = at(i, p.chance)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" class="turn"/>')
        if p.number == current:
            x, _ = at(i, 0)
            parts.append(f'<path d="M{x:.1f} 0V{HEIGHT:g}" class="now"/>')
            if p.chance is not None:
                parts.append(f'<circle cx="{x:.1f}" cy="{at(i, p.chance)[1]:.1f}" r="4.2" class="dot"/>')
    for i, p in enumerate(points):
        told = "" if p.chance is None else f", {names[0]} {100 * p.chance:.0f} %"
        parts.append(
            f'<rect x="{at(i, 0)[0] - step / 2:.1f}" width="{step:.1f}" height="{HEIGHT:g}" class="column" '
            f'data-ask="go" data-value="{p.number}"><title>move {p.moves}{told}</title></rect>'
        )
    here = next((p.chance for p in points if p.number == current), None)
    label = f"{names[0]}'s chance to win along the game" + ("" if here is None else f": now {100 * here:.0f} percent")
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    return (
        f'<svg viewBox="{box}" preserveAspectRatio="none" class="graph" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )

"""Plot a rating list: players with their intervals, or the networks of a run over hours of training."""

from __future__ import annotations

from pathlib import Path

from selfplay.rating.card import RatingsCard
from tengen import figures


def draw(card: RatingsCard, out: Path) -> None:
    """Draw `card` into `out` (png, svg or pdf)."""
    trained = sorted((p for p in card.players if p.hours is not None), key=lambda p: p.hours or 0.0)
    others = [p for p in card.players if p.hours is None]
    height = 4.2 if trained else 1.5 + 0.35 * len(others)
    figure, axes = figures.pyplot().subplots(figsize=(8, height), layout="constrained")
    if trained:
        hours = [p.hours or 0.0 for p in trained]
        axes.plot(hours, [p.elo for p in trained], "o-", color=figures.COLOURS[0], ms=4, label="networks of the run")
        low, high = [p.low for p in trained], [p.high for p in trained]
        axes.fill_between(hours, low, high, color=figures.COLOURS[0], alpha=0.15, linewidth=0, label="95 % interval")
        for colour, player in zip(figures.COLOURS[1:], others, strict=False):
            axes.axhline(player.elo, color=colour, linestyle="--", label=player.name[:40])
            axes.axhspan(player.low, player.high, color=colour, alpha=0.08, linewidth=0)
        axes.set_xlabel("hours of training")
        axes.set_ylabel(f"Elo above {card.anchor[-40:]}")
        figures.save(figure, f"{card.task}, {card.games} games", out)
        return
    places = range(len(others), 0, -1)
    spans = [[p.elo - p.low for p in others], [p.high - p.elo for p in others]]
    axes.errorbar([p.elo for p in others], places, xerr=spans, fmt="o", color=figures.COLOURS[0], capsize=3)
    axes.set_yticks(list(places), [p.name[:40] for p in others])
    axes.set_ylim(0.3, len(others) + 0.7)
    axes.set_xlabel(f"Elo above {card.anchor[:40]}, with 95 % intervals")
    axes.set_title(f"{card.task}, {card.games} games", fontsize=10)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    figures.write(figure, out)

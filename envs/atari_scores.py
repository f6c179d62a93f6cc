"""Scores of random play and of a human on 57 games, and the scale made of them.

The figures are those that DQN Zoo (github google-deepmind/dqn_zoo, commit 45061f4, Apache-2.0) lists:
up to 30 no-ops at the start, at most 108,000 frames a game.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path


@cache
def random_and_human() -> dict[str, tuple[float, float]]:
    """game -> (score of random play, score of a human)."""
    with Path(__file__).with_name("atari_scores.csv").open(newline="") as file:
        return {row["game"]: (float(row["random"]), float(row["human"])) for row in csv.DictReader(file)}


def human_normalised(game: str, score: float) -> float | None:
    """0 is random play, 1 a human; None for games without figures."""
    if game not in random_and_human():
        return None
    random, human = random_and_human()[game]
    return round((score - random) / (human - random), 4)

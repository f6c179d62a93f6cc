"""Random and human scores on 57 Atari games, and human-normalised scores.

Figures from DQN Zoo (github google-deepmind/dqn_zoo, commit 45061f4, Apache-2.0): up to 30 no-ops at the
start, at most 108,000 frames per game.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path


@cache
def random_and_human() -> dict[str, tuple[float, float]]:
    """game -> (random score, human score)."""
    with Path(__file__).with_name("atari_scores.csv").open(newline="") as file:
        return {row["game"]: (float(row["random"]), float(row["human"])) for row in csv.DictReader(file)}


def human_normalised(game: str, score: float) -> float | None:
    """0 is random play, 1 is human; None for games without figures."""
    if game not in random_and_human():
        return None
    random, human = random_and_human()[game]
    return round((score - random) / (human - random), 4)

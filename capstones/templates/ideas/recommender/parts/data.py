"""Records of games: who met whom, and how it ended. Complete: nothing to do here.

generated        players with a strength and a style; their true probabilities are known
a CSV file       a header first,second,score; the score is the first player's: 1 won, 0.5 drew, 0 lost
a folder         the folder that `tengen rate … --out FOLDER` or `tengen match … --out FOLDER` wrote
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tengen.errors import UserError


@dataclass(frozen=True)
class Games:
    """N games between P players."""

    about: str
    names: tuple[str, ...]  # [P]
    first: np.ndarray  # [N] int64 a player's number
    second: np.ndarray  # [N] int64
    score: np.ndarray  # [N] float32 the first player's: 1, 0.5, 0
    truth: np.ndarray | None = None  # [P, P] the first player's true probabilities, if known

    def split(self, fraction: float, seed: int) -> tuple["Games", "Games"]:
        """(training games, held-out games): a random `fraction` of the games is held out."""
        order = np.random.default_rng(seed).permutation(len(self.score))
        held_out = order[: round(fraction * len(order))]
        return self._some(order[len(held_out) :]), self._some(held_out)

    def _some(self, which: np.ndarray) -> "Games":
        return Games(self.about, self.names, self.first[which], self.second[which], self.score[which], self.truth)


def load(data: str, quick: bool) -> Games:
    """The games in `data`, or a generated set if it is empty. UserError if a file is not as expected."""
    if not data:
        return generate(3000 if quick else 30_000)
    path = Path(data)
    rows = from_folder(path) if path.is_dir() else from_csv(path)
    if not rows:
        raise UserError(f"{path} holds no games")
    names = tuple(sorted({name for one, other, _ in rows for name in (one, other)}))
    number = {name: i for i, name in enumerate(names)}
    first, second = (np.array([number[row[k]] for row in rows], np.int64) for k in (0, 1))
    return Games(f"{path.name}: {len(rows):,} games", names, first, second, np.array([r[2] for r in rows], np.float32))


def generate(games: int, players: int = 40, seed: int = 0) -> Games:
    """A player's chances depend on its strength and on how its style meets the other's, like rock, paper and scissors.

    log-odds = s_i - s_j + 2 rho_i rho_j sin(angle_i - angle_j). The first three players are rock, paper and scissors
    themselves: equally strong, a third of a circle apart.
    """
    random = np.random.default_rng(seed)
    strength, angle = random.normal(0, 0.8, players), random.uniform(0, 2 * np.pi, players)
    rho = random.uniform(0.3, 1.2, players)
    strength[:3], angle[:3], rho[:3] = 0.0, np.arange(3) * 2 * np.pi / 3, 1.2
    style = np.sin(angle[:, None] - angle[None]) * rho[:, None] * rho[None]
    truth = 1 / (1 + np.exp(-(strength[:, None] - strength[None] + 2 * style)))
    first = random.integers(players, size=games)
    second = (first + random.integers(1, players, size=games)) % players
    score = (random.random(games) < truth[first, second]).astype(np.float32)
    names = ("rock", "paper", "scissors", *(f"player {i}" for i in range(4, players + 1)))
    about = f"generated: {games:,} games of {players} players"
    return Games(about, names, first, second, score, truth.astype(np.float32))


def from_csv(path: Path) -> list[tuple[str, str, float]]:
    """Lines first,second,score."""
    try:
        with path.open(newline="") as file:
            rows = [(row["first"], row["second"], float(row["score"])) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: expected lines first,second,score with that head ({error})") from error
    if any(score not in (0.0, 0.5, 1.0) for _, _, score in rows):
        raise UserError(f"{path}: a score is 1, 0.5 or 0, as the first player sees it")
    return rows


def from_folder(path: Path) -> list[tuple[str, str, float]]:
    """Games of `tengen match` and `tengen rate`: games.jsonl, with the match first, then one game per line."""
    rows = []
    for file in sorted(path.rglob("games.jsonl")):
        lines = [json.loads(line) for line in file.read_text().splitlines() if line.endswith("}")]
        head = next((line for line in lines if "first" in line), None)
        for game in lines:
            if head is None or game.get("result") is None or "actions" not in game:
                continue
            for_first = game["result"] if game["first_is_black"] else -game["result"]
            rows.append((str(head["first"]), str(head["second"]), (for_first + 1) / 2))
    return rows

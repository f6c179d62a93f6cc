"""Measures the network's strength: matches against the best network so far, and the resulting Elo ladder.

External players (random rollouts, a GTP program) are not on the ladder: each rated network plays them too, and its
score against them is a strength curve that can be compared with other projects.

The first network (random weights) has rating 0. A newer one is rated relative to the best by the Elo difference that
its match score implies (Elo 1978), with half a point added to either side so that a clean sweep stays finite. The best
is the network with the highest rating, not the latest one.

    models/step-000000123456/         weights of every rated network
    arena.jsonl                       one line per match
    sgf/step-000000123456-best.sgf    the first game of each match, if the game has SGF
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agents.search.evaluators import Forward, Network
from envs.boards.game import Game
from selfplay.match import play_match
from selfplay.played import FORFEITS, Played, Tally, as_finished_game, tally
from selfplay.players.catalogue import starts_program
from selfplay.players.player import Player
from selfplay.players.searcher import Searcher
from supervised.kernels.playing import for_playing
from supervised.nets.headed import HeadedNet, load_network, save_network
from tengen.device import Compute
from tengen.errors import UserError, first_line
from tengen.files import write_bytes, write_text
from tengen.plural import counted


@dataclass(frozen=True)
class Rated:
    """A network on the ladder."""

    step: int
    gradient_steps: int
    rating: float  # Elo relative to the first network
    low: float  # 95 % interval of the match that placed it
    high: float
    against: int  # step of its opponent, -1 for the first network
    wins: int
    draws: int
    losses: int


class Arena:
    """The ladder of one run."""

    def __init__(
        self,
        game: Game,
        compute: Compute,
        folder: Path,
        games: int,
        simulations: int,
        seed: int,
        outside: Mapping[str, Callable[[int], Player]] = MappingProxyType({}),
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`outside`: name -> makes a player for a number of boards; `say` reports those that fail."""
        self.game, self.compute, self.folder = game, compute, folder
        self.games, self.simulations, self.seed, self.outside = games, simulations, seed, outside
        self.say = say
        self.ladder: list[Rated] = []

    @property
    def best(self) -> Rated | None:
        return max(self.ladder, key=lambda r: r.rating, default=None)

    def rate(self, net: HeadedNet, step: int, gradient_steps: int) -> dict[str, float]:
        """Save `net`, rate it by a match against the best so far, then play the external players."""
        save_network(self._model(step), net)
        return self._climb(net, step, gradient_steps) | self._go_out(net, step)

    def _climb(self, net: HeadedNet, step: int, gradient_steps: int) -> dict[str, float]:
        best = self.best
        if best is None:
            self._place(Rated(step, gradient_steps, 0.0, 0.0, 0.0, -1, 0, 0, 0))
            return {"rating": 0.0}
        found = self.meet(net, load_network(self._model(best.step)), step)
        rating, low, high = (best.rating + elo(rate, found.games) for rate in (found.rate, *found.interval))
        rated = Rated(step, gradient_steps, rating, low, high, best.step, found.wins, found.draws, found.losses)
        self._place(rated)
        return {"rating": rated.rating, "rating_low": rated.low, "rating_high": rated.high, "against_best": found.rate}

    def meet(self, one: HeadedNet, other: HeadedNet, seed: int) -> Tally:
        """A match between two networks."""
        boards = min(32, self.games)
        one_player, other_player = self._searcher(one, boards, 0), self._searcher(other, boards, 1)
        return tally(self._match(one_player, other_player, boards, seed, "best"))

    def _go_out(self, net: HeadedNet, step: int) -> dict[str, float]:
        """The score of `net` against each external player, with its interval.

        A player that cannot start or fails during games gets no score; this is logged, and training continues.
        """
        metrics: dict[str, float] = {}
        for name, make in self.outside.items():
            boards = min(8 if starts_program(name) else 32, self.games)  # a program needs one process per board
            try:
                games = self._meet_outsider(net, make(boards), boards, step, name)
            except (UserError, OSError) as error:
                self.say(f"no score against {name} at step {step:,}: {first_line(error)}")
                continue
            if failed := [game.note for game in games if game.why in FORFEITS]:
                self.say(
                    f"no score against {name} at step {step:,}, {counted(len(failed), 'games')} failed: {failed[0]}"
                )
                continue
            found = tally(games)
            low, high = found.interval
            metrics |= {f"outside/{name}": found.rate, f"outside_low/{name}": low, f"outside_high/{name}": high}
        return metrics

    def _meet_outsider(self, net: HeadedNet, other: Player, boards: int, step: int, name: str) -> list[Played]:
        try:
            return self._match(self._searcher(net, boards, 0), other, boards, step, name)
        finally:
            other.close()

    def _match(self, one: Player, other: Player, boards: int, step: int, name: str) -> list[Played]:
        seed = self.seed * 7919 + step
        games = play_match(self.game, one, other, self.games, boards=boards, opening=2, seed=seed)
        if self.game.can.sgf:
            readable = "".join(c if c.isalnum() else "-" for c in name)[:40]
            sgf = self.game.can.sgf(as_finished_game(games[0], (f"step {step}", name)))
            (self.folder / "sgf").mkdir(exist_ok=True)
            write_bytes(self.folder / "sgf" / f"step-{step:012}-{readable}.sgf", sgf)
        return games

    def _searcher(self, net: HeadedNet, boards: int, k: int) -> Searcher:
        evaluator = Network(self.game, Forward(for_playing(net, self.compute), self.compute))
        return Searcher("new" if k == 0 else "best", self.game, evaluator, boards, self.simulations, self.seed + k)

    def _model(self, step: int) -> Path:
        return self.folder / "models" / f"step-{step:012}"

    def _place(self, rated: Rated) -> None:
        self.ladder.append(rated)
        with (self.folder / "arena.jsonl").open("a") as file:
            file.write(json.dumps(asdict(rated)) + "\n")

    def state(self) -> list[dict[str, Any]]:
        return [asdict(r) for r in self.ladder]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Restore the ladder, and arena.jsonl with it."""
        self.ladder = [Rated(**r) for r in saved]
        lines = "".join(json.dumps(asdict(r)) + "\n" for r in self.ladder)
        write_text(self.folder / "arena.jsonl", lines)


def elo(rate: float, games: int) -> float:
    """The Elo difference implied by a score of `rate` over `games`, with half a point added to either side."""
    score = (rate * games + 0.5) / (games + 1)
    return 400 * math.log10(score / (1 - score))

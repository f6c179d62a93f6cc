"""A match by description: players and game are made from their names, games are kept, and a card comes back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from envs.boards.catalogue import make_game
from envs.boards.game import Game
from selfplay.match import Played, play_match, tally
from selfplay.match_card import Match, MatchCard, card_of
from selfplay.match_log import MatchLog
from selfplay.players.catalogue import make_player
from selfplay.players.player import Player
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.files import write_json


def played_match(
    match: Match,
    *,
    boards: int = 8,
    out: Path | None = None,
    runs: Path = Path("runs"),
    stopped: Callable[[MatchCard], None] = lambda card: None,
) -> MatchCard:
    """Play `match`. Games and card go into `out`, and games that lie there already count.

    On Ctrl-C `stopped` gets the card of the games so far, if there are any, before the interrupt goes on.
    """
    Compute(threads=cores()).start()
    game = make_game(match.task, match.rules, match.komi, threads=cores())
    players: list[Player] = []
    try:
        for k, name in enumerate(match.names):
            players.append(make_player(name, game, boards, match.simulations, match.seed + k, runs))
        first, second = players
        names = first.name, second.name
        log = _log(match, out, game, names) if out is not None else None
        done = [g for g in log.games if g.number < match.games] if log else []
        before, begun = log.seconds if log else 0.0, time.perf_counter()
        shown = Counter(match.games, "games", len(done))

        def seconds() -> float:
            return before + time.perf_counter() - begun

        def finished(played: Played) -> None:
            done.append(played)
            if log:
                log.add(played, seconds())
            shown(len(done), f", {match.first} has {tally(done).rate:.1%}")

        try:
            play_match(
                game,
                first,
                second,
                match.games,
                boards=boards,
                opening=match.opening,
                seed=match.seed,
                played_before={g.number for g in done},
                finished=finished,
            )
        except KeyboardInterrupt:
            shown.end()
            if done:
                stopped(card_of(match, game, done, names, seconds()))
            raise
    finally:
        for player in players:
            player.close()
    shown.end()
    card = card_of(match, game, done, names, seconds())
    if out is not None:
        write_json(out / "card.json", card.to_dict())
    return card


def _log(match: Match, out: Path, game: Game, names: tuple[str, str]) -> MatchLog:
    description = {name: value for name, value in asdict(match).items() if name != "games"}  # it may get longer
    return MatchLog(out, description, game, names)

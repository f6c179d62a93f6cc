"""Makes players that search from their names: by simulations (`NAME:400`, `uct:1000`) or time (`NAME:2.5s`)."""

from __future__ import annotations

from agents.search.evaluators import Rollouts
from agents.search.search import SearchConfig
from selfplay.players.limits import limit_of, split_limit
from selfplay.players.network import network
from selfplay.players.player import Player, Seat
from selfplay.players.searcher import Searcher, search_config
from selfplay.players.timed import ByTheClock
from selfplay.thinking import make_thinker


def uct_from_name(name: str, rest: str, seat: Seat) -> Player:
    """uct:1000 or uct:2.5s: search with random rollouts."""
    limit = limit_of(rest, name)
    if (seconds := _by_time(seat, limit)) is not None:
        return _timed("uct", seconds, seat)
    config = SearchConfig(c_init=1.0, fpu=0.0, leaves=1, proofs=True)
    return Searcher(name, seat.game, Rollouts(seat.game, seat.seed), seat.boards, int(limit or 1000), seat.seed, config)


def network_from_name(name: str, rest: str, seat: Seat) -> Player:
    """NAME, NAME:400 or NAME:2.5s: a network with search."""
    net, limit = split_limit(name)
    if (seconds := _by_time(seat, limit)) is not None:
        return _timed(net, seconds, seat)
    simulations = int(limit or seat.simulations)
    config = search_config(seat.game, leaves=8 if seat.boards == 1 else 1)
    evaluator = network(net, seat.game, seat.runs, seat.threads)
    return Searcher(f"{net}:{simulations}", seat.game, evaluator, seat.boards, simulations, seat.seed, config)


def _by_time(seat: Seat, limit: int | float | None) -> float | None:
    """Seconds per move for a player that thinks by time, 0 if it follows the match's clocks; None for all others.

    A limit in the name takes precedence over the match's settings.
    """
    if limit is not None:
        return limit if isinstance(limit, float) else None
    return 0.0 if seat.clocked else seat.seconds


def _timed(net: str, seconds: float, seat: Seat) -> ByTheClock:
    name = f"{net}:{seconds:g}s" if seconds else net
    return ByTheClock(name, seat.game, lambda: make_thinker(net, seat.game, seat.runs, seat.seed), seconds or None)

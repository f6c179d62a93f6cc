"""`match(mine, "uct:1000", board="connect4")`: play games between any two players from a notebook cell."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from selfplay.match_card import MatchCard
from tengen.errors import UserError


def match(
    first: Any,
    second: Any = "random",
    board: str = "connect4",
    games: int = 20,
    *,
    boards: int = 8,
    opening: int = 2,
    seed: int = 1,
    name: str = "mine",
    runs: str | Path = "runs",
) -> MatchCard:
    """Play `games` games, in pairs of the same opening with colours changed; the card says who won how many.

    A player is a function `choose(states [R]) -> actions [R]`, an object that has it as a method, a class that is made
    with the game, or a name of `tengen match`: "random", "uct:1000", "python:my_player.py:Player". Up to `boards` games
    are played at the same time, so R is up to that; `opening` is the number of random opening moves. An exception or a
    move against the rules loses that game: `card.forfeits` says why. UserError for an unknown game or name, and for a
    network of Tengen's as `first`: there what you have written sits, or what it is compared with.
    """
    from envs.boards.catalogue import make_game
    from selfplay.match import play_match
    from selfplay.match_card import Match, card_of
    from selfplay.players.catalogue import KINDS, NETWORK, kind_of, make_player
    from selfplay.players.player import Player
    from selfplay.players.python import Python

    if isinstance(first, str) and kind_of(first) in (NETWORK, KINDS["policy"]):
        raise UserError(
            f"'{first}' cannot be the first player: that is your own player, or a baseline"
            " (random, uct:N, python:FILE:NAME)"
        )
    if games < 1:
        raise UserError(f"games must be 1 or more, not {games}")
    game = make_game(board)
    spoken = [thing if isinstance(thing, str) else label for thing, label in ((first, name), (second, "theirs"))]

    def seated(thing: Any, label: str, seed: int) -> Player:
        if isinstance(thing, str):
            return make_player(thing, game, boards, 200, seed, Path(runs))
        return Python(label, thing, game)

    players = seated(first, spoken[0], seed), seated(second, spoken[1], seed + 1)
    begun = time.perf_counter()
    try:
        played = play_match(game, *players, games, boards=boards, opening=opening, seed=seed)
    finally:
        for player in players:
            player.close()
    terms = Match(spoken[0], spoken[1], board, games, opening=opening, seed=seed)
    return card_of(terms, game, played, (spoken[0], spoken[1]), time.perf_counter() - begun)

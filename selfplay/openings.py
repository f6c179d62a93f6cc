"""Openings of matches: a few random moves, each opening different from all others.

Games that repeat would make a match look more certain than it is. A game may say which actions are fit for an
opening; in Go those are off the first line, and off the second from 9x9 on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from envs.boards.game import Game

_DRAWS = 60  # tries, before we conclude that no new opening of this length is left
_LONGER = 3  # extra moves, at most, where there are too few openings of the wanted length


def openings(game: Game, moves: int, seed: int, pairs: int) -> list[list[int]]:
    """Random legal actions that begin both games of each pair.

    No two are equal, not even under a symmetry of the board. Where there are too few of `moves` actions (two on 9x9
    Go: 85), the others are longer. The opening of a pair does not depend on the pairs after it.
    """
    if moves == 0:
        return [[] for _ in range(pairs)]
    drawn: list[list[int]] = []
    known: set[int] = set()
    length = moves
    for pair in range(pairs):
        random, draws = np.random.default_rng([seed, pair]), 0
        while (key := _key_of_all(game, opening := _opening(game, length, random))) in known:
            draws += 1
            if draws % _DRAWS == 0:
                if length == moves + _LONGER:
                    break  # a game with so few openings repeats them
                length += 1
        drawn.append(opening)
        known.add(key)
    return drawn


def _key_of_all(game: Game, opening: Sequence[int]) -> int:
    """The same number for an opening and its images under the symmetries of the board."""
    symmetries = game.action_symmetries
    states = game.new(len(symmetries))
    for action in opening:
        game.play(states, symmetries[:, action])
    return int(game.keys(states).min())


def _opening(game: Game, moves: int, random: np.random.Generator) -> list[int]:
    state, chosen = game.new(1), []
    for _ in range(moves):
        legal = game.legal(state)[0]
        if game.can.opening_points is not None:
            legal &= game.can.opening_points
        action = int(random.choice(np.flatnonzero(legal)))
        game.play(state, np.array([action]))
        chosen.append(action)
        if game.ended(state)[0]:
            return chosen[:-1]
    return chosen

"""Self-play: the network learns from games against itself."""

from typing import NamedTuple

import numpy as np

from parts.game import ACTIONS, GAME
from parts.search import Evaluate, search


class Examples(NamedTuple):
    """N positions: the network's input, the search's policy, the game's result."""

    planes: np.ndarray  # [N, 3, 6, 7] int8
    policy: np.ndarray  # [N, 7] float32, sums to 1
    value: np.ndarray  # [N] float32 for the player to move: 1 won, 0 drew, -1 lost


def visit_policy(visits: np.ndarray) -> np.ndarray:
    """The search's policy: visits [B, A] as probabilities [B, A] float32 (each row has a visit)."""
    raise NotImplementedError("divide each row by its sum")


def choose(visits: np.ndarray, explores: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A move [B] for each game: if `explores` [B], sampled in proportion to `visits` [B, A], else the most visited one.

    One uniform number per game is enough (`random.random(B)`): the move is the first whose cumulative visits exceed
    that number times the sum of all.
    """
    raise NotImplementedError("cumulated visits beside a random number; argmax where it does not explore")


def value_targets(movers: np.ndarray, result: float) -> np.ndarray:
    """[T] float32 the value of a game to the player to move in each of its T positions.

    movers [T]: 1 where the first player was to move, -1 where the second; result: 1, 0, -1 for the first player.
    """
    raise NotImplementedError("the result, with the sign of whoever was to move")


def mirrored(examples: Examples) -> Examples:
    """The same positions mirrored left to right: in Connect 4 they are equivalent, so these examples are free.

    Mind what to flip: the columns of planes [N, 3, 6, 7], the moves of policy [N, 7], nothing of value.
    """
    raise NotImplementedError("turn the last dimension of planes and policy around")


def play_games(
    evaluate: Evaluate,
    games: int,
    simulations: int,
    random: np.random.Generator,
    explore_moves: int = 12,
    alpha: float = 1.0,
    fraction: float = 0.25,
) -> Examples:
    """Play `games` games in parallel to their ends; returns the examples of all their positions.

    The first `explore_moves` moves of a game are sampled in proportion to the visits, so that games differ; later ones
    are the most visited. `alpha` and `fraction`: the noise at the roots.
    """
    states = GAME.new(games)
    seen: list[list[tuple[np.ndarray, np.ndarray, int]]] = [[] for _ in range(games)]
    while (going := np.flatnonzero(~GAME.ended(states))).size:
        here = states[going]
        visits = search(here, evaluate, simulations, noise=(alpha, fraction, random))
        planes, policy, movers = GAME.encode(here), visit_policy(visits), GAME.to_move(here)
        moves = choose(visits, GAME.moves(here) < explore_moves, random)
        for row, game in enumerate(going):
            seen[game].append((planes[row], policy[row], int(movers[row])))
        GAME.play(here, moves)
        states[going] = here
    results = GAME.result(states)
    planes = np.stack([p for steps in seen for p, _, _ in steps])
    policy = np.stack([p for steps in seen for _, p, _ in steps]).reshape(-1, ACTIONS)
    value = [value_targets(np.array([m for _, _, m in steps]), r) for steps, r in zip(seen, results, strict=True)]
    return Examples(planes, policy.astype(np.float32), np.concatenate(value).astype(np.float32))

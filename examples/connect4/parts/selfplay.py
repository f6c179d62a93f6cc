"""Games of the network against itself: what it learns from."""

from typing import NamedTuple

import numpy as np

from parts.game import ACTIONS, GAME
from parts.search import Evaluate, search


class Examples(NamedTuple):
    """N positions: what was seen, what the search preferred, how the game ended."""

    planes: np.ndarray  # [N, 3, 6, 7] int8
    policy: np.ndarray  # [N, 7] float32, sums to 1
    value: np.ndarray  # [N] float32 of the player to move: 1 won, 0 drew, -1 lost


def visit_policy(visits: np.ndarray) -> np.ndarray:
    """What the search prefers: visits [B, A] as probabilities [B, A] float32 (each row has a visit)."""
    return (visits / visits.sum(1, keepdims=True)).astype(np.float32)


def choose(visits: np.ndarray, explores: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A move [B] for each game: where `explores` [B] drawn in proportion to `visits` [B, A], else the most visited one.

    One uniform number a game is enough (`random.random(B)`): the move is the first whose cumulated visits exceed that
    number times the sum of all.
    """
    drawn = (visits.cumsum(1) > random.random(len(visits))[:, None] * visits.sum(1, keepdims=True)).argmax(1)
    return np.where(explores, drawn, visits.argmax(1))


def value_targets(movers: np.ndarray, result: float) -> np.ndarray:
    """[T] float32 what a game was worth to whoever moved in each of its T positions.

    movers [T]: 1 where the first player was to move, -1 where the second; result: 1, 0, -1 as the first player sees it.
    """
    return (movers * result).astype(np.float32)


def mirrored(examples: Examples) -> Examples:
    """The same positions seen in a mirror, left to right: in Connect 4 just as good, and free of charge.

    Mind what has to be turned: of planes [N, 3, 6, 7] the columns, of policy [N, 7] the moves, of value nothing.
    """
    return Examples(examples.planes[..., ::-1], examples.policy[:, ::-1], examples.value)


def play_games(
    evaluate: Evaluate,
    games: int,
    simulations: int,
    random: np.random.Generator,
    explore_moves: int = 12,
    alpha: float = 1.0,
    fraction: float = 0.25,
) -> Examples:
    """Play `games` games to their ends, side by side; examples of all their positions.

    The first `explore_moves` moves of a game are drawn in proportion to the visits, so that games differ; later ones
    are the best that the search knows. `alpha` and `fraction`: the noise at the roots.
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

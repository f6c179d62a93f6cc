"""Monte Carlo tree search with a network (Silver et al. 2017, Nature 550; 2018, Science 362), for B games at once.

A tree is a table. Node 0 of each game is the position to search from; every simulation adds one node.

    states   [B, N]      the position of each node
    legal    [B, N, A]   which columns can be played there; all False where the game is over
    prior    [B, N, A]   P(s, a): the network's probability of each move
    visits   [B, N, A]   N(s, a): how often a simulation went that way
    total    [B, N, A]   W(s, a): the sum of the values backed up; Q(s, a) = W / N
    child    [B, N, A]   the node that the move leads to, -1 where there is none yet

All values in the table are from the point of view of the player to move at that node. The player to move alternates on
the way down, so the sign of a value flips at every step on the way up: forgetting that is the most frequent mistake.

             simulate                 expand                      backup
    root     P, N, W, Q               .                           W += v, N += 1   (sign flipped again)
      \\       best move by puct        .                            /
       node   best move by puct       .                           W -= v, N += 1
         \\                             \\                            /
          ?   not there yet             new node: P, v  ──────────
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from parts.game import ACTIONS, GAME, outcome

Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # states [B] -> priors [B, A], values [B]


@dataclass
class Tree:
    states: np.ndarray  # [B, N]
    legal: np.ndarray  # [B, N, A] bool
    prior: np.ndarray  # [B, N, A] float32
    visits: np.ndarray  # [B, N, A] float32
    total: np.ndarray  # [B, N, A] float32
    child: np.ndarray  # [B, N, A] int64

    @classmethod
    def empty(cls, games: int, nodes: int) -> "Tree":
        shape = (games, nodes, ACTIONS)
        prior, visits, total = (np.zeros(shape, np.float32) for _ in range(3))
        states = np.zeros((games, nodes), GAME.dtype)
        return cls(states, np.zeros(shape, bool), prior, visits, total, np.full(shape, -1, np.int64))


def puct(prior: np.ndarray, visits: np.ndarray, total: np.ndarray, legal: np.ndarray, c: float) -> np.ndarray:
    """The score of each move at one node of each game; the largest is followed. All [B, A] -> [B, A].

        Q(a) + c * P(a) * sqrt(1 + sum over b of N(b)) / (1 + N(a))
        Q(a) = W(a) / N(a), and 0 before the first visit

    and -inf where `legal` is False. (The 1 under the root is the visit that created the node.) Where nothing was
    visited, divide by max(1, N) to avoid a warning.
    """
    q = total / np.maximum(visits, 1)
    u = c * prior * np.sqrt(1 + visits.sum(1, keepdims=True)) / (1 + visits)
    return np.where(legal, q + u, -np.inf)


@dataclass
class Path:
    """One simulation's path down in each game: D steps, of which a game takes those that are `taken`."""

    nodes: np.ndarray  # [D, B] the node of each step
    moves: np.ndarray  # [D, B] the move made there
    taken: np.ndarray  # [D, B] bool, False where the game's path had already ended

    @property
    def last(self) -> tuple[np.ndarray, np.ndarray]:
        """(node [B], move [B]) of each game's last step."""
        at, games = self.taken.sum(0) - 1, np.arange(self.taken.shape[1])
        return self.nodes[at, games], self.moves[at, games]


def descend(tree: Tree, c: float) -> Path:
    """Simulate: from the root of each game follow the move with the best `puct` score.

    A game's path ends with the step that leads to no node yet (`child` is -1), or to a node where the game is over (no
    move is legal there). Every game takes at least one step: games are not over at the root. With B games at once,
    those whose path has ended wait: they stay where they are, and their further steps are not `taken`.
    """
    rows = np.arange(len(tree.states))
    node, going = np.zeros(len(rows), np.int64), np.ones(len(rows), bool)
    nodes, moves, taken = [], [], []
    while going.any():
        here = (rows, node)
        move = puct(tree.prior[here], tree.visits[here], tree.total[here], tree.legal[here], c).argmax(1)
        nodes.append(node)
        moves.append(move)
        taken.append(going)
        after = tree.child[rows, node, move]
        going = going & (after >= 0)
        node = np.where(going, after, node)
        going = going & tree.legal[rows, node].any(1)
    return Path(np.stack(nodes), np.stack(moves), np.stack(taken))


def backup(tree: Tree, path: Path, value: np.ndarray) -> None:
    """Add a visit and the value to every edge on the path, from the last step to the first, in place.

    value [B] is from the point of view of the player to move *after* the last step. The other player made that step, so
    it is worth -value to them, +value to whoever moved before, and so on. Steps that were not `taken` change nothing,
    not even the sign.
    """
    rows = np.arange(len(value))
    for node, move, taken in zip(path.nodes[::-1], path.moves[::-1], path.taken[::-1], strict=True):
        value = np.where(taken, -value, value)
        tree.total[rows, node, move] += value * taken
        tree.visits[rows, node, move] += taken


def search(
    states: np.ndarray,
    evaluate: Evaluate,
    simulations: int,
    c: float = 1.5,
    noise: tuple[float, float, np.random.Generator] | None = None,
) -> np.ndarray:
    """Visits [B, A] of each root's moves after `simulations` in each of the games `states` [B], none of which is over.

    noise: (alpha, fraction, generator) mixes noise into the priors of the roots (`noisy`), in self-play only.
    """
    games = len(states)
    rows = np.arange(games)
    tree = Tree.empty(games, simulations + 1)
    prior, _ = evaluate(states)
    tree.states[:, 0], tree.legal[:, 0] = states, GAME.legal(states)
    tree.prior[:, 0] = prior if noise is None else noisy(prior, tree.legal[:, 0], *noise)
    for new in range(1, simulations + 1):
        path = descend(tree, c)  # simulate
        node, move = path.last
        leaf = tree.states[rows, node]  # a copy
        fresh = tree.child[rows, node, move] < 0
        leaf[~fresh] = tree.states[rows, np.maximum(tree.child[rows, node, move], 0)][~fresh]
        moving = leaf[fresh]
        GAME.play(moving, move[fresh])
        leaf[fresh] = moving
        value, going = outcome(leaf), ~GAME.ended(leaf)
        if going.any():  # expand
            prior, value[going] = evaluate(leaf[going])
            tree.prior[rows[going], new] = prior
        tree.states[:, new], tree.legal[:, new] = leaf, GAME.legal(leaf)
        tree.child[rows[fresh], node[fresh], move[fresh]] = new
        backup(tree, path, value)
    return tree.visits[:, 0]


def noisy(
    prior: np.ndarray, legal: np.ndarray, alpha: float, fraction: float, random: np.random.Generator
) -> np.ndarray:
    """(1 - fraction) * prior + fraction * Dirichlet(alpha) over the legal moves: [B, A], each row still sums to 1.

    A Dirichlet sample is a sample of gamma variables (`random.gamma(alpha, size=…)`) divided by their sum; to leave out
    illegal moves, set theirs to 0 before the division.
    """
    gamma = random.gamma(alpha, size=prior.shape) * legal
    return ((1 - fraction) * prior + fraction * gamma / gamma.sum(1, keepdims=True)).astype(np.float32)

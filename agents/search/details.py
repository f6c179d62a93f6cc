"""Ownership and score: a network's estimates for the positions in a tree, and their mean over the tree.

Only searches that are displayed keep this: P + 5 bytes a node.
"""

from __future__ import annotations

import numpy as np

from agents.search.arrays import WAITING, Trees
from agents.search.model import Expansion
from tengen.jit import kernel

_ONE = 127  # ownership is kept in int8


class Details:
    """Ownership and score of the nodes of one tree, as Black sees them."""

    def __init__(self, nodes: int, points: int) -> None:
        self.owner = np.zeros((nodes, points), np.int8)
        self.score = np.zeros(nodes, np.float32)
        self.known = np.zeros((nodes, 2), np.bool_)  # of a node: ownership, score

    def put(self, nodes: np.ndarray, found: Expansion) -> None:
        """What was found at `nodes` [L]."""
        mover = found.to_play.astype(np.float32)
        self.known[nodes] = (found.ownership is not None, found.score is not None)
        if found.ownership is not None:
            self.owner[nodes] = np.rint(_ONE * found.ownership * mover[:, None])
        if found.score is not None:
            self.score[nodes] = found.score * mover

    def move(self, moved: np.ndarray, first: int, used: int) -> None:
        """Nodes `first` to `used` of the tree are now at `moved` [N], -1 for those that are gone."""
        old = first + np.flatnonzero(moved[first:used] >= 0)
        new = moved[old]
        for kept in (self.owner, self.score, self.known):
            kept[new] = kept[old]

    def mean(self, tree: Trees) -> tuple[np.ndarray | None, float | None]:
        """(ownership [P], score): means over all evaluations in tree 0; None for what was not predicted."""
        weights = np.empty(int(tree.used[0]), np.int64)
        own_visits(tree, weights)
        owner, score = np.zeros(self.owner.shape[1]), np.zeros(1)
        counts = np.zeros(2, np.int64)
        add_up(weights, self.owner, self.score, self.known, owner, score, counts)
        return (
            (owner / (_ONE * counts[0])).astype(np.float32) if counts[0] else None,
            float(score[0] / counts[1]) if counts[1] else None,
        )


@kernel
def own_visits(tree: Trees, out: np.ndarray) -> None:
    """Into `out` [N]: how many visits of tree 0 ended at each node, those below it that were thinned out included."""
    out[0] = 1
    for node in range(1, out.size):
        above = tree.parent[0, node]
        out[node] = tree.visits[0, above, tree.action[0, node]] - tree.pending[0, node]
        out[above] -= out[node]
    for node in range(out.size):  # where nodes were thinned out and made anew, sums do not match
        out[node] = 0 if tree.status[0, node] == WAITING else max(1, out[node])


@kernel
def add_up(
    weights: np.ndarray,
    owner: np.ndarray,
    score: np.ndarray,
    known: np.ndarray,
    owner_sum: np.ndarray,
    score_sum: np.ndarray,
    counts: np.ndarray,
) -> None:
    """Weighted sums of `owner` [N, P] and `score` [N] where they are known, and of the weights."""
    for node in range(weights.size):
        w = weights[node]
        if known[node, 0]:
            counts[0] += w
            for p in range(owner_sum.size):
                owner_sum[p] += w * owner[node, p]
        if known[node, 1]:
            counts[1] += w
            score_sum[0] += w * score[node]

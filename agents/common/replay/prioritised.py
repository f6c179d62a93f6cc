"""Prioritised experience replay (Schaul et al. 2016, arXiv:1511.05952), the proportional variant.

Steps from which there is much to learn are drawn more often: in proportion to their last error. That changes
the expectation being learned, so the more often samples are drawn, the less they count in the loss.

    P(i) = p_i / sum_k p_k,  p_i = (|delta_i| + epsilon)^alpha       Eq. 1, with alpha inside of p
    w_i  = (N P(i))^-beta / max_j w_j                                section 3.4

Deviations from the paper:
1. Samples are independent draws instead of one from each of N equal parts of the total.
2. The weights are scaled by the largest of the batch, as in the authors' later code.
"""

from __future__ import annotations

import numpy as np

from agents.common.replay.ring import Rows
from agents.common.replay.sampling import Draw, draw_played
from agents.common.replay.shards import Memory
from agents.common.replay.sum_tree import SumTree
from agents.common.schedules import linear
from tengen.checkpoint import Tree

_EPSILON = 1e-6  # no step is forgotten altogether


class Prioritised:
    """Steps in proportion to p_i; a new step has the highest priority so far, so that it is seen soon.

    With many workers that would favour whatever is newest: they compute initial errors themselves, which `update`
    applies at once (Horgan 2018, section 3; agents/dqn/priorities.py).
    """

    def __init__(self, memory: Memory, random: np.random.Generator, exponent: float, correction: float) -> None:
        """`exponent` is alpha; `correction` is beta at the start, which rises to 1 over the training."""
        self._memory, self._random = memory, random
        self._exponent, self._correction = exponent, correction
        self._tree = SumTree(memory.places)
        self._highest = 1.0

    def add(self, place: np.ndarray, valid: np.ndarray) -> None:
        self._tree.set(place, np.where(valid, self._highest, 0.0))

    def draw(self, size: int, ahead: int, done: float) -> Draw:
        def propose(count: int) -> Rows:
            return self._memory.newest_at(self._tree.draw(self._random.random(count)))

        row, game = draw_played(self._memory, propose, size, ahead)
        chance = self._tree.get(self._memory.place(row, game)) / self._tree.total  # P(i)
        beta = linear(self._correction, 1.0, done)
        return Draw(row, game, importance_weights(chance, len(self._memory), beta))

    def update(self, place: np.ndarray, error: np.ndarray) -> None:
        if not len(place):
            return
        priority = (np.abs(error) + _EPSILON) ** self._exponent
        self._highest = max(self._highest, float(priority.max()))
        self._tree.set(place, priority)

    def state(self) -> Tree:
        return {"highest": self._highest, "priorities": self._tree.all()}

    def load(self, tree: Tree) -> None:
        self._highest = tree["highest"]
        self._tree.set(np.arange(self._memory.places), tree["priorities"])


def importance_weights(chance: np.ndarray, count: int, beta: float) -> np.ndarray:
    """w [N] float32 of samples that were drawn from `count` steps with the probabilities `chance` [N]."""
    weight = (count * chance) ** -beta
    return (weight / weight.max()).astype(np.float32)

"""Initial errors of steps, computed by the actors (Horgan et al. 2018, arXiv:1803.00933, section 3 and Algorithm 1).

    delta_i = R_i + gamma^n max_a Q(s_{i+n}, a) - Q(s_i, a_i)

with the action values that were computed for acting anyway. What follows a step is known n steps later: rows s to
s + T - 1 bring the errors of rows s - n to s + T - 1 - n, which are exactly those that can be sampled from then on.

                 rows of this unit
    … o o o o | o o o o o o
      └─── errors ───┘ n = 3 rows wait for what follows

Deviation: one network picks and evaluates the action, even with `--double`: the target network stays with the learner.
"""

from __future__ import annotations

import numpy as np

from agents.common.replay.experience import Experience
from agents.common.replay.n_step import n_step_return
from agents.common.replay.ring import Steps
from tengen.checkpoint import Tree

_FIELDS = ("value", "chosen", "reward", "discount", "ended")


class FirstErrors:
    """Keeps what the errors of the last n rows need."""

    def __init__(self, n_step: int, gamma: float, num_envs: int) -> None:
        self._n, self._gamma = n_step, gamma
        self._kept = {name: np.zeros((n_step, num_envs), bool if name == "ended" else np.float32) for name in _FIELDS}
        self._kept["chosen"][:] = np.nan

    def of(self, new: Experience, q: np.ndarray) -> np.ndarray:
        """The errors [T, B] of the rows n before those of `new`, in which the action values were `q` [T, B, A].

        NaN for the n rows before the first, of which nothing is known.
        """
        rounds, games = new.reward.shape
        chosen = np.take_along_axis(q, new.action[..., None].astype(np.int64), 2)[..., 0]  # [T, B]
        brought = (q.max(2), chosen, new.reward, new.discount, new.ended)
        all_ = {name: np.concatenate([self._kept[name], part]) for name, part in zip(_FIELDS, brought, strict=True)}
        steps = Steps(
            *(
                np.stack([all_[name][k : k + rounds].ravel() for k in range(self._n)])  # [n, T * B]
                for name in ("reward", "discount", "ended")
            )
        )
        total, discount, taken = n_step_return(steps, self._gamma)  # [T * B]
        row, game = (x.ravel() for x in np.indices((rounds, games)))
        error = total + discount * all_["value"][row + taken, game] - all_["chosen"][row, game]
        self._kept = {name: part[rounds:] for name, part in all_.items()}
        return error.astype(np.float32).reshape(rounds, games)

    def state(self) -> Tree:
        return {name: part.copy() for name, part in self._kept.items()}

    def load(self, tree: Tree) -> None:
        self._kept = {name: np.asarray(tree[name]) for name in _FIELDS}

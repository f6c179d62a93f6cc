"""The model a search uses: expands the position at the end of a path of actions. A game, or a learned model.

GameModel(game, evaluator)   the game's rules for transitions, an evaluator for values
FunctionModel(A, roots, …)   plain functions: a learned model, or a toy (tests)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from agents.search.evaluators import Evaluation, Evaluator
from envs.boards.game import Game, mover_result
from tengen.errors import UserError


class Expansion(NamedTuple):
    """L expanded leaves, each for the player to move there."""

    to_play: np.ndarray  # [L] int8 1 or -1
    terminal: np.ndarray  # [L] bool
    value: np.ndarray  # [L] float32 in [-1, 1], exact if terminal
    prior: np.ndarray  # [L, A] float32: sums to 1, 0 for illegal actions; arbitrary if terminal
    ownership: np.ndarray | None = None  # [L, P] float32 in [-1, 1]; None if not predicted
    score: np.ndarray | None = None  # [L] float32: final lead in points; None likewise


class Model(Protocol):
    num_actions: int

    def expand(
        self, rows: np.ndarray, nodes: np.ndarray, parents: np.ndarray, actions: np.ndarray, lengths: np.ndarray
    ) -> Expansion:
        """Expand the leaves `nodes` [L] of trees `rows` [L], below `parents` [L] (-1: a root).

        Each is reached from its root by the first `lengths` [L] of `actions` [L, D].
        """
        ...


class GameModel:
    """A board game. Positions below the root are not stored but replayed: that takes microseconds, a hundredth of the
    network's time, and a tree's memory does not depend on the size of a state."""

    def __init__(self, game: Game, evaluator: Evaluator, roots: np.ndarray) -> None:
        """`roots` [B] are the states to search from; the caller advances them in place."""
        self.game, self.evaluator, self.roots = game, evaluator, roots
        self.num_actions = game.num_actions
        self.evaluations = 0

    def expand(
        self, rows: np.ndarray, nodes: np.ndarray, parents: np.ndarray, actions: np.ndarray, lengths: np.ndarray
    ) -> Expansion:
        states = self.roots[rows]
        self.game.play_paths(states, actions, lengths)
        terminal = self.game.ended(states)
        value = np.zeros(len(rows), np.float32)
        prior = np.zeros((len(rows), self.num_actions), np.float32)
        if terminal.any():  # a game without a result has value 0 for both
            value[terminal] = np.nan_to_num(mover_result(self.game, states[terminal]))
        going = ~terminal
        if going.any():
            alive = states[going] if terminal.any() else states
            found = self.evaluator(alive)
            value[going] = found.value
            if not np.isfinite(value).all():
                raise UserError("the network returned NaN or inf: its training has diverged; try a lower --lr")
            prior[going] = masked_softmax(found.logits, self.game.legal(alive))
            self.evaluations += len(alive)
            if found.ownership is not None or found.score is not None:
                owner, score = self._details(states, terminal, found)
                return Expansion(self.game.to_move(states), terminal, value, prior, owner, score)
        return Expansion(self.game.to_move(states), terminal, value, prior)

    def _details(
        self, states: np.ndarray, terminal: np.ndarray, found: Evaluation
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Ownership [L, P] and score [L]: the evaluator's, or the final count's where the game is over."""
        if not terminal.any():
            return found.ownership, found.score
        owner, score = None, None
        mover = self.game.to_move(states[terminal]).astype(np.float32)
        counted = self.game.can.count(states[terminal], None) if self.game.can.count else None
        if found.ownership is not None:
            owner = np.zeros((len(states), found.ownership.shape[1]), np.float32)
            owner[~terminal] = found.ownership
            if counted:
                owner[terminal] = counted.owner.reshape(len(mover), -1) * mover[:, None]
        if found.score is not None:
            score = np.zeros(len(states), np.float32)
            score[~terminal] = found.score
            if counted:
                score[terminal] = counted.score * mover
        return owner, score


class FunctionModel:
    """A model without rules: `step` computes hidden states [L, *S] and their expansion from the parents' states.

    `step(hidden, action) -> (hidden, Expansion)`; `root(hidden) -> Expansion` for the roots themselves.
    """

    def __init__(
        self,
        num_actions: int,
        roots: np.ndarray,
        root: Callable[[np.ndarray], Expansion],
        step: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, Expansion]],
        nodes: int,
    ) -> None:
        """`roots` [B, *S]; at most `nodes` nodes per tree. Subtrees cannot be kept: use `Search.forget`, not `play`."""
        self.num_actions, self.root, self.step = num_actions, root, step
        self.hidden = np.zeros((len(roots), nodes, *roots.shape[1:]), roots.dtype)
        self.hidden[:, 0] = roots

    def expand(
        self, rows: np.ndarray, nodes: np.ndarray, parents: np.ndarray, actions: np.ndarray, lengths: np.ndarray
    ) -> Expansion:
        if (parents < 0).all():
            return self.root(self.hidden[rows, 0])
        if (parents < 0).any():
            raise ValueError("roots and leaves in one call: start all searches of a FunctionModel together")
        hidden, found = self.step(self.hidden[rows, parents], actions[np.arange(len(rows)), lengths - 1])
        self.hidden[rows, nodes] = hidden
        return found


def masked_softmax(logits: np.ndarray, legal: np.ndarray) -> np.ndarray:
    """Probabilities [L, A] over the `legal` [L, A] actions; never exactly 0 for those, whatever the logits."""
    shifted = np.where(legal, logits, -np.inf)
    shifted = shifted - shifted.max(1, keepdims=True)
    p = np.exp(shifted, dtype=np.float32) + np.float32(1e-8) * legal
    out: np.ndarray = p / p.sum(1, keepdims=True)
    return out

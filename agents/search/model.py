"""The model that a search uses: the position at the end of a path of actions. A game, or a learned model.

GameModel(game, evaluator)   rules for the next positions, an evaluator for their values
FunctionModel(A, roots, …)   functions only: a learned model, a toy (tests)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from agents.search.evaluators import Evaluation, Evaluator
from envs.boards.game import Game, mover_result
from tengen.errors import UserError


class Expansion(NamedTuple):
    """L leaves, each from the point of view of the player to move there."""

    to_play: np.ndarray  # [L] int8 1 or -1
    terminal: np.ndarray  # [L] bool
    value: np.ndarray  # [L] float32 in [-1, 1], exact where terminal
    prior: np.ndarray  # [L, A] float32 sums to 1, 0 for what is illegal; anything where terminal
    ownership: np.ndarray | None = None  # [L, P] float32 in [-1, 1]; None where nobody says
    score: np.ndarray | None = None  # [L] float32 points ahead at the end; None likewise


class Model(Protocol):
    num_actions: int

    def expand(
        self, rows: np.ndarray, nodes: np.ndarray, parents: np.ndarray, actions: np.ndarray, lengths: np.ndarray
    ) -> Expansion:
        """The leaves `nodes` [L] of trees `rows` [L], below `parents` [L] (-1: a root).

        They are reached from the root by the first `lengths` [L] of `actions` [L, D].
        """
        ...


class GameModel:
    """A board game. Positions below the root are not stored but played again: that takes microseconds, a network a
    hundred times as long, and the memory of a tree does not depend on the size of a state."""

    def __init__(self, game: Game, evaluator: Evaluator, roots: np.ndarray) -> None:
        """`roots` [B] are the states to search from; the caller plays on in them."""
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
        if terminal.any():  # a game cut short has no result: worth nothing to either
            value[terminal] = np.nan_to_num(mover_result(self.game, states[terminal]))
        going = ~terminal
        if going.any():
            alive = states[going] if terminal.any() else states
            found = self.evaluator(alive)
            value[going] = found.value
            if not np.isfinite(value).all():
                raise UserError("the network returned NaN or inf: its training has diverged, a lower --lr helps")
            prior[going] = masked_softmax(found.logits, self.game.legal(alive))
            self.evaluations += len(alive)
            if found.ownership is not None or found.score is not None:
                owner, score = self._details(states, terminal, found)
                return Expansion(self.game.to_move(states), terminal, value, prior, owner, score)
        return Expansion(self.game.to_move(states), terminal, value, prior)

    def _details(
        self, states: np.ndarray, terminal: np.ndarray, found: Evaluation
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Ownership [L, P] and score [L]: the evaluator's, and those of the final count where the game is over."""
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
        """`roots` [B, *S]; a tree has at most `nodes`. Subtrees cannot be kept: call `Search.forget`, not `play`."""
        self.num_actions, self.root, self.step = num_actions, root, step
        self.hidden = np.zeros((len(roots), nodes, *roots.shape[1:]), roots.dtype)
        self.hidden[:, 0] = roots

    def expand(
        self, rows: np.ndarray, nodes: np.ndarray, parents: np.ndarray, actions: np.ndarray, lengths: np.ndarray
    ) -> Expansion:
        if (parents < 0).all():
            return self.root(self.hidden[rows, 0])
        if (parents < 0).any():
            raise ValueError("roots and leaves in one call: begin all searches of a function together")
        hidden, found = self.step(self.hidden[rows, parents], actions[np.arange(len(rows)), lengths - 1])
        self.hidden[rows, nodes] = hidden
        return found


def masked_softmax(logits: np.ndarray, legal: np.ndarray) -> np.ndarray:
    """Probabilities [L, A] over what is legal [L, A]; never quite 0 there, however sure the network is."""
    shifted = np.where(legal, logits, -np.inf)
    shifted = shifted - shifted.max(1, keepdims=True)
    p = np.exp(shifted, dtype=np.float32) + np.float32(1e-8) * legal
    out: np.ndarray = p / p.sum(1, keepdims=True)
    return out

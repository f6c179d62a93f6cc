"""The trees of B searches in flat arrays.

A tree stores which node follows from taking action a at node n, whose turn it is there, and how that node was
evaluated. Only the model knows the positions themselves (agents/search/model.py).

Values are those of a two-player game with alternating turns and one payoff, at the end. Rewards and discounts on the
edges (MuZero, single-player environments) would be two more arrays [B, N, A] here, and two more fields of `Expansion`.

      node 0 ── action 3 ──▶ node 1 ── action 0 ──▶ node 2       parent  -1  0  1
         └──── action 5 ──▶ node 3                                action  -1  3  0  5
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import psutil

from tengen.errors import UserError

WAITING, OPEN, TERMINAL, PROVEN = 1, 2, 3, 4  # status of a node, 0 for none; the last two have an exact value
PUCT, GUMBEL = 0, 1


class Trees(NamedTuple):
    """B trees of up to N nodes with A actions each; node 0 is the root."""

    used: np.ndarray  # [B] int32 nodes
    parent: np.ndarray  # [B, N] int32
    action: np.ndarray  # [B, N] int32 that led here
    to_play: np.ndarray  # [B, N] int8 1 or -1
    status: np.ndarray  # [B, N] int8
    value: np.ndarray  # [B, N] float32 of an evaluation or a proof, as the player to move sees it
    prior: np.ndarray  # [B, N, A] float32 probabilities, 0 for what is illegal
    child: np.ndarray  # [B, N, A] int32, -1 for none
    visits: np.ndarray  # [B, N, A] int32
    total: np.ndarray  # [B, N, A] float32 sum of values as the player to move at the node sees them
    square: np.ndarray  # [B, N] float32 sum of squares of the node's own value and of all values backed up through it
    gumbel: np.ndarray  # [B, A] float32 noise at the root, 0 for none
    pending: np.ndarray  # [B, N] int32 descents through the node that wait for an evaluation; `visits` has them already


class Constants(NamedTuple):
    """The numbers of a search; agents/search/search.py explains them."""

    kind: int
    c_init: float
    c_base: float
    fpu: float
    fpu_root: float
    forced: float
    several: bool  # descents begin while others wait for their evaluation
    virtual_loss: float
    c_visit: float
    c_scale: float
    proofs: bool
    variance_scaling: float


def bytes_per_node(actions: int, points: int = 0) -> int:
    """Memory of a node, with details (agents/search/details.py) of so many points."""
    return 16 * (actions + 2) + points + 6


def new_trees(batch: int, nodes: int, actions: int) -> Trees:
    """Memory: 16 bytes * batch * nodes * (actions + 2). UserError where there is not so much."""
    needed, free = bytes_per_node(actions) * batch * nodes, psutil.virtual_memory().available
    if needed > free:
        raise UserError(
            f"{batch} x {nodes:,} nodes of a search need {needed / 1e9:,.0f} GB of memory, {free / 1e9:,.0f} are free: "
            "use fewer simulations, or fewer games at a time"
        )
    return Trees(
        used=np.zeros(batch, np.int32),
        parent=np.full((batch, nodes), -1, np.int32),
        action=np.full((batch, nodes), -1, np.int32),
        to_play=np.zeros((batch, nodes), np.int8),
        status=np.zeros((batch, nodes), np.int8),
        value=np.zeros((batch, nodes), np.float32),
        prior=np.zeros((batch, nodes, actions), np.float32),
        child=np.zeros((batch, nodes, actions), np.int32),  # of a node that has been expanded: memory is touched late
        visits=np.zeros((batch, nodes, actions), np.int32),
        total=np.zeros((batch, nodes, actions), np.float32),
        square=np.zeros((batch, nodes), np.float32),
        gumbel=np.zeros((batch, actions), np.float32),
        pending=np.zeros((batch, nodes), np.int32),
    )

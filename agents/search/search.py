"""Monte Carlo tree search for B games at once: simulate, expand, back up.

    PUCT     AlphaGo Zero and AlphaZero (Silver et al. 2017, Nature 550; 2018, Science 362)
    Gumbel   Danihelka et al. 2022, "Policy improvement by planning with Gumbel": sequential halving at the root,
             visits that follow the improved policy below it, completed Q values as the policy target
    UCT      PUCT with the `Rollouts` evaluator

A round asks every tree for a leaf (or several), expands all of them with one call of the model, and backs their
values up. The three steps can be called one by one: agents/search/pipeline.py has several rounds in flight. Trees
advance independently: one may start a new search while others are in the middle of theirs, so that the batch stays
full. A tree depends only on its own game and its own random generator.

Deviations: an untried action is worth the parent's mean less a reduction (first-play urgency as in Leela and
KataGo), not a loss; forced visits and their pruning are KataGo's (Wu 2019, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from agents.search.arrays import GUMBEL, OPEN, PROVEN, PUCT, TERMINAL, Constants, new_trees
from agents.search.details import Details
from agents.search.halving import halving_schedule
from agents.search.model import Expansion, Model
from agents.search.proofs import sound
from agents.search.tree import (
    expand,
    gather,
    gumbel_choice,
    improved_policy,
    keep_below,
    paths,
    pruned_visits,
    thin_out,
)

_ENDLESS = 2**62


@dataclass(frozen=True)
class SearchConfig:
    kind: Literal["puct", "gumbel"] = "puct"
    """puct as in AlphaZero, or gumbel with sequential halving."""
    c_init: float = 1.25
    """PUCT: weight of the prior."""
    c_base: float = 19652.0
    """PUCT: visits after which the prior's weight has risen by log 2."""
    fpu: float = 0.2
    """PUCT: how much worse than the parent an untried move is taken to be, times sqrt(prior tried)."""
    fpu_root: float = 0.0
    """The same at the root; 0, so that noisy actions get visits."""
    noise: float = 0.0
    """PUCT: fraction of Dirichlet noise in the root's prior; 0.25 in self-play."""
    noise_total: float = 10.83
    """Sum of the Dirichlet distribution's alphas, spread over the legal moves (KataGo; 0.03 * 361 in AlphaGo Zero)."""
    forced: float = 0.0
    """PUCT: an action of the root has at least sqrt(forced * prior * visits) visits; 2 in KataGo's self-play."""
    root_temperature: float = 1.0
    """The root's prior is flattened by this temperature."""
    max_considered_actions: int = 16
    """Gumbel: actions considered at the root, at most."""
    gumbel_scale: float = 1.0
    """Gumbel: 1 samples (self-play), 0 plays the best."""
    c_visit: float = 50.0
    """Gumbel: sigma(q) = (c_visit + most visits) c_scale q, q between 0 and 1."""
    c_scale: float = 1.0
    """Gumbel: see c_visit."""
    virtual_loss: float = 1.0
    """Losses assumed for each visit under evaluation, so that several descents spread out; 0: just a visit."""
    proofs: bool = False
    """Back up proven results exactly: a proven win ends the search, a proven loss is not played."""
    variance_scaling: float = 0.0
    """PUCT: fraction of the exploration that follows the deviation of the values below a node (KataGo: 0.85)."""
    count_kept: bool = True
    """Visits kept by `play` are part of the budget. False, PUCT only: they come on top of it (AlphaGo Zero)."""
    leaves: int = 1
    """Evaluations per tree and round: 1 for many games, 8 or more for a single one."""


class SearchResult(NamedTuple):
    """The results of R finished searches."""

    visits: np.ndarray  # [R, A] int32 of the root's actions
    policy: np.ndarray  # [R, A] float32 the policy target: fractions of the visits (pruned), or the improved policy
    value: np.ndarray  # [R] float32 mean value of the root as the player to move sees it
    raw_value: np.ndarray  # [R] float32 the root's own evaluation
    prior: np.ndarray  # [R, A] float32 of the root, noise included
    best: np.ndarray  # [R] int64 most visited, or Gumbel's choice


class Leaves(NamedTuple):
    """L positions to be evaluated. They are reached from the root by the first `lengths` of `actions`."""

    rows: np.ndarray  # [L] int64 trees
    nodes: np.ndarray  # [L] int64
    parents: np.ndarray  # [L] int32, -1 for a root
    actions: np.ndarray  # [L, D] int32
    lengths: np.ndarray  # [L] int64


class Search:
    """B trees over one model."""

    def __init__(
        self,
        model: Model,
        batch: int,
        most: int,
        config: SearchConfig,
        seeds: Sequence[int],
        nodes: int | None = None,
        details: Details | None = None,
    ) -> None:
        """`most` simulations at a time; `seeds` [B] of each tree's own generator; `details` of the only tree, or None.

        A tree has room for `nodes`, and its search ends early where they are used up. None: for `most` simulations, or
        three times as many where kept visits come on top.
        """
        if config.kind == "gumbel" and not config.count_kept:
            raise ValueError("Gumbel's schedule counts the visits that a kept subtree has")
        if len(seeds) != batch:
            raise ValueError(f"{batch} trees need as many seeds, {len(seeds)} came")
        self.model, self.config, self.most, self.details = model, config, most, details
        self.tree = new_trees(batch, nodes or (most if config.count_kept else 3 * most) + 2, model.num_actions)
        self.random = [np.random.default_rng(seed) for seed in seeds]
        self.done, self.budget = np.zeros(batch, np.int64), np.zeros(batch, np.int64)
        self.schedule = np.zeros((batch, most if config.kind == "gumbel" else 1), np.int32)
        self.noisy = np.ones(batch, bool)
        self.constants = _constants(config)
        self.pending = 0  # leaves whose evaluation has not come back yet
        self._leaf_rows = np.zeros(batch * max(1, config.leaves), np.int64)
        self._leaf_nodes = np.zeros(batch * max(1, config.leaves), np.int64)
        self._depth = 16

    def begin(self, rows: np.ndarray, simulations: np.ndarray | int, noisy: np.ndarray | bool = True) -> None:
        """Start searches of `simulations` [R] in the trees `rows` [R]; visits kept by `play` count if `count_kept`.

        `noisy` [R] False searches without noise at the root.
        """
        self.budget[rows] = np.minimum(simulations, self.most)
        kept_visits = np.where(self.tree.used[rows] > 0, self.tree.visits[rows, 0].sum(1), 0)
        self.done[rows] = np.minimum(kept_visits, self.budget[rows]) if self.config.count_kept else 0
        self.noisy[rows] = noisy
        kept = rows[self.tree.used[rows] > 0]
        self._prepare_roots(kept)

    def forget(self, rows: np.ndarray) -> None:
        """Empty trees, for another position."""
        self.tree.used[rows] = 0

    def play(self, rows: np.ndarray, actions: np.ndarray) -> None:
        """The games went on with `actions` [R]: keep what lies below them."""
        moved = np.empty(self.tree.parent.shape[1], np.int64)
        used, first = int(self.tree.used[0]), int(self.tree.child[0, 0, actions[0]])
        keep_below(self.tree, np.asarray(rows, np.int64), np.asarray(actions, np.int64), moved)
        if self.details is not None and self.tree.used[0] > 0:
            self.details.move(moved, first, used)

    def thin_out(self, row: int) -> None:
        """Forget the nodes of a tree that were visited least, at least half of all; nothing may be pending."""
        t, used = self.tree, int(self.tree.used[row])
        visits = t.visits[row, t.parent[row, 1:used], t.action[row, 1:used]]
        least = int(np.partition(visits, used // 2)[used // 2]) + 1
        moved = np.empty(t.parent.shape[1], np.int64)
        thin_out(t, row, least, moved)
        if self.details is not None:
            self.details.move(moved, 0, used)

    def round(self, rows: np.ndarray) -> int:
        """One round for the trees `rows`: simulate, expand, back up. Returns how many leaves were evaluated."""
        leaves = self.gather(rows)
        if leaves is None:
            return 0
        self.backup(leaves, self.evaluate(leaves))
        return len(leaves.rows)

    def gather(self, rows: np.ndarray, leaves: int | None = None, descents: int = _ENDLESS) -> Leaves | None:
        """Simulate: up to `leaves` (None: `config.leaves`) positions of each tree to evaluate; None if there are none.

        A tree makes at most so many `descents`: those that end at a terminal position need no evaluation.
        """
        t = self.tree
        count = gather(
            t,
            self.constants,
            np.asarray(rows, np.int64),
            self.done,
            self.budget,
            self.schedule,
            self.config.leaves if leaves is None else leaves,
            descents,
            self._leaf_rows,
            self._leaf_nodes,
        )
        if count == 0:
            return None
        self.pending += count
        leaf_rows, leaf_nodes = self._leaf_rows[:count].copy(), self._leaf_nodes[:count].copy()
        lengths = np.empty(count, np.int64)
        actions = np.zeros((count, self._depth), np.int32)
        paths(t, leaf_rows, leaf_nodes, actions, lengths)
        if (deepest := int(lengths.max())) > self._depth:
            self._depth = 2 * deepest
            actions = np.zeros((count, self._depth), np.int32)
            paths(t, leaf_rows, leaf_nodes, actions, lengths)
        return Leaves(leaf_rows, leaf_nodes, t.parent[leaf_rows, leaf_nodes], actions, lengths)

    def evaluate(self, leaves: Leaves) -> Expansion:
        """Expand: what the model says of `leaves`. Touches no tree: another thread may do it."""
        return self.model.expand(*leaves)

    def backup(self, leaves: Leaves, found: Expansion) -> None:
        """Write the evaluations into the trees, and back their values up."""
        rows, nodes = leaves.rows, leaves.nodes
        expand(self.tree, self.constants, rows, nodes, found.to_play, found.terminal, found.value, found.prior)
        if self.details is not None:
            self.details.put(nodes, found)
        self.pending -= len(rows)
        self._prepare_roots(rows[nodes == 0])

    def finished(self, rows: np.ndarray) -> np.ndarray:
        """Those of `rows` whose search has spent its budget (or whose root is the end of the game, or proven)."""
        t = self.tree
        open_root = t.status[rows, 0] == OPEN
        over = (t.used[rows] > 0) & (t.status[rows, 0] >= TERMINAL)
        return rows[(open_root & (t.used[rows] > 0) & (self.done[rows] >= self.budget[rows])) | over]

    def run(self, rows: np.ndarray) -> SearchResult:
        """Search `rows` to the end of their budgets."""
        going = rows
        while len(going):
            self.round(going)
            going = np.setdiff1d(going, self.finished(going))
        return self.result(rows)

    def result(self, rows: np.ndarray) -> SearchResult:
        """The results so far of the searches of `rows` [R]; visits that are pending are left out."""
        t, rows = self.tree, np.asarray(rows, np.int64)
        visits = t.visits[rows, 0]
        if self.pending:
            children = t.child[rows, 0]  # [R, A]
            visits = visits - np.where(children >= 0, t.pending[rows[:, None], children], 0)
        count = visits.sum(1)
        value = (t.value[rows, 0] + t.total[rows, 0].sum(1)) / (1 + count)
        value = np.where(t.status[rows, 0] == PROVEN, t.value[rows, 0], value)
        allowed = np.empty(visits.shape, np.bool_)
        sound(t, self.constants, rows, allowed)
        policy = np.empty(visits.shape, np.float32)
        if self.config.kind == "gumbel":
            improved_policy(t, self.constants, rows, policy)
            best = np.zeros(len(rows), np.int64)
            gumbel_choice(t, self.constants, rows, allowed, best)
        else:
            best = np.where(allowed, visits + t.prior[rows, 0], -1).argmax(1)
            if self.config.forced > 0:
                pruned_visits(t, self.constants, rows, policy)
            else:
                policy[:] = visits
        policy *= allowed
        bare = policy.sum(1) == 0  # no visits, or none of sound actions
        policy[bare] = (t.prior[rows, 0] * allowed)[bare]
        policy /= np.maximum(policy.sum(1, keepdims=True), 1e-20)  # all 0 at the end of the game
        return SearchResult(visits, policy, value, t.value[rows, 0].copy(), t.prior[rows, 0].copy(), best)

    def _prepare_roots(self, rows: np.ndarray) -> None:
        """Noise at roots that have just been evaluated, and Gumbel's schedule of visits."""
        c, t = self.config, self.tree
        for b in rows:
            t.gumbel[b] = 0.0
            if t.status[b, 0] != OPEN:
                continue
            prior = t.prior[b, 0]
            legal = prior > 0
            noisy = bool(self.noisy[b])
            if c.root_temperature != 1.0 and noisy:
                flat = prior ** (1 / c.root_temperature)
                prior[:] = flat / flat.sum()
            if c.kind == "puct" and c.noise > 0 and noisy:
                number = int(legal.sum())
                drawn = self.random[b].dirichlet(np.full(number, c.noise_total / number))
                prior[legal] = (1 - c.noise) * prior[legal] + c.noise * (drawn + 1e-8)
            if c.kind == "gumbel":
                scale = c.gumbel_scale if noisy else 0.0
                if scale:
                    t.gumbel[b] = scale * self.random[b].gumbel(size=len(prior))
                budget = int(self.budget[b])
                considered = min(c.max_considered_actions, int(legal.sum()))
                self.schedule[b, :budget] = halving_schedule(considered, budget)


def _constants(config: SearchConfig) -> Constants:
    """What the kernels need to know of `config`."""
    same = {name: getattr(config, name) for name in Constants._fields if name not in ("kind", "several")}
    return Constants(kind=GUMBEL if config.kind == "gumbel" else PUCT, several=config.leaves > 1, **same)

"""Monte Carlo tree search for B games at once: simulate, expand, back up.

    PUCT     AlphaGo Zero and AlphaZero (Silver et al. 2017, Nature 550; 2018, Science 362)
    Gumbel   Danihelka et al. 2022, "Policy improvement by planning with Gumbel": sequential halving at the root,
             visits that follow the improved policy below it, completed Q values as the policy target
    UCT      PUCT with the `Rollouts` evaluator

A round asks every tree for a leaf (or several), expands all of them with one call of the model, and backs their
values up. Trees advance independently: one may begin a new search while others are in the middle of theirs, so
that the batch stays full. What happens in a tree depends only on its own game and its own random generator.

Deviations: an untried action is worth the parent's mean less a reduction (first-play urgency as in Leela and
KataGo), not a loss; forced visits and their pruning are KataGo's (Wu 2019, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from agents.search.arrays import GUMBEL, OPEN, PROVEN, PUCT, TERMINAL, Constants, new_trees
from agents.search.model import Model
from agents.search.proofs import sound
from agents.search.tree import expand, gather, gumbel_choice, improved_policy, keep_below, paths, pruned_visits


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
    """Loss assumed for an edge under evaluation, so that several descents spread out."""
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


class Search:
    """B trees over one model."""

    def __init__(self, model: Model, batch: int, most: int, config: SearchConfig, seeds: Sequence[int]) -> None:
        """`most` simulations at a time; `seeds` [B] of each tree's own generator.

        Where kept visits come on top, a search ends early once its tree has 3 `most` nodes.
        """
        if config.kind == "gumbel" and not config.count_kept:
            raise ValueError("Gumbel's schedule counts the visits that a kept subtree has")
        if len(seeds) != batch:
            raise ValueError(f"{batch} trees need as many seeds, {len(seeds)} came")
        self.model, self.config, self.most = model, config, most
        self.tree = new_trees(batch, (most if config.count_kept else 3 * most) + 2, model.num_actions)
        self.random = [np.random.default_rng(seed) for seed in seeds]
        self.done, self.budget = np.zeros(batch, np.int64), np.zeros(batch, np.int64)
        self.schedule = np.zeros((batch, most), np.int32)
        self.noisy = np.ones(batch, bool)
        self.constants = Constants(
            kind=GUMBEL if config.kind == "gumbel" else PUCT,
            c_init=config.c_init,
            c_base=config.c_base,
            fpu=config.fpu,
            fpu_root=config.fpu_root,
            forced=config.forced,
            virtual_loss=config.virtual_loss if config.leaves > 1 else 0.0,
            c_visit=config.c_visit,
            c_scale=config.c_scale,
            proofs=config.proofs,
            variance_scaling=config.variance_scaling,
        )
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
        keep_below(self.tree, np.asarray(rows, np.int64), np.asarray(actions, np.int64), moved)

    def round(self, rows: np.ndarray) -> int:
        """One round for the trees `rows`: simulate, expand, back up. Returns how many leaves were evaluated."""
        t = self.tree
        count = gather(
            t,
            self.constants,
            np.asarray(rows, np.int64),
            self.done,
            self.budget,
            self.schedule,
            self.config.leaves,
            self._leaf_rows,
            self._leaf_nodes,
        )
        if count == 0:
            return 0
        leaf_rows, leaf_nodes = self._leaf_rows[:count], self._leaf_nodes[:count]
        lengths = np.empty(count, np.int64)
        actions = np.zeros((count, self._depth), np.int32)
        paths(t, leaf_rows, leaf_nodes, actions, lengths)
        if (deepest := int(lengths.max())) > self._depth:
            self._depth = 2 * deepest
            actions = np.zeros((count, self._depth), np.int32)
            paths(t, leaf_rows, leaf_nodes, actions, lengths)
        parents = t.parent[leaf_rows, leaf_nodes]
        found = self.model.expand(leaf_rows, leaf_nodes, parents, actions, lengths)
        expand(t, self.constants, leaf_rows, leaf_nodes, found.to_play, found.terminal, found.value, found.prior)
        self._prepare_roots(leaf_rows[leaf_nodes == 0])
        return count

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
        """The results so far of the searches of `rows` [R]."""
        t, rows = self.tree, np.asarray(rows, np.int64)
        visits = t.visits[rows, 0]
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


@lru_cache(maxsize=4096)
def halving_schedule(considered: int, simulations: int) -> tuple[int, ...]:
    """Sequential halving as a list: before each simulation, how many visits the action to be tried has.

    `considered` actions are visited equally often, then the better half of them, and so on, each phase with its
    part of the simulations (Danihelka 2022, algorithm 2 and section 4; Karnin 2013).

    >>> halving_schedule(4, 8)
    (0, 0, 0, 0, 1, 1, 2, 2)
    """
    if considered <= 1:
        return tuple(range(simulations))
    phases = int(np.ceil(np.log2(considered)))
    sequence: list[int] = []
    visits = [0] * considered
    number = considered
    while len(sequence) < simulations:
        extra = max(1, simulations // (phases * number))
        for _ in range(extra):
            sequence += visits[:number]
            for i in range(number):
                visits[i] += 1
        number = max(2, number // 2)
    return tuple(sequence[:simulations])

"""Several batches in flight in one tree: pending visits, order, proofs in the meantime, a full tree."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from agents.search.arrays import OPEN, PROVEN, TERMINAL
from agents.search.details import Details
from agents.search.evaluators import Evaluation, Evaluator
from agents.search.model import GameModel
from agents.search.pipeline import Pipeline
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from envs.boards.lines import connect4, tictactoe
from envs.boards.solve import solve
from envs.go.game import Go
from tests.agents.search.helpers import Fixed, after, chain
from tests.agents.search.test_proofs import random_positions

ROOT = np.array([0])


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def searched(
    game: Game,
    state: np.ndarray,
    simulations: int,
    threads: ThreadPoolExecutor | None,
    evaluator: Evaluator | None = None,
    nodes: int | None = None,
    details: Details | None = None,
    **options: Any,
) -> Search:
    config = SearchConfig(leaves=8, virtual_loss=0.2, count_kept=False, **options)
    model = GameModel(game, evaluator or Fixed(game), state.copy())
    search = Search(model, 1, simulations, config, [0], nodes, details)
    run(search, Pipeline(search, threads, 2), simulations)
    return search


def run(search: Search, pipeline: Pipeline, simulations: int) -> None:
    search.begin(ROOT, simulations, noisy=False)
    while len(search.finished(ROOT)) == 0:
        pipeline.step()
    pipeline.drain()


def check_sums(search: Search) -> int:
    """Check that an edge's sum is the total of its child's value and all below; returns the number of proven nodes."""
    t, proven = search.tree, 0
    used = int(t.used[0])
    assert not t.pending[0, :used].any() and search.pending == 0
    for node in range(used):
        for a in np.flatnonzero(t.visits[0, node]) if t.status[0, node] in (OPEN, PROVEN) else ():
            below = t.child[0, node, a]
            sign = int(t.to_play[0, below]) * int(t.to_play[0, node])
            if t.status[0, below] >= TERMINAL:
                value = t.visits[0, node, a] * t.value[0, below]
                proven += t.status[0, below] == PROVEN
            else:
                value = t.value[0, below] + t.total[0, below].sum()
                assert t.visits[0, node, a] == 1 + t.visits[0, below].sum()
            assert t.total[0, node, a] == pytest.approx(sign * value, abs=2e-3)
    return proven


def test_what_is_pending_by_hand() -> None:
    """Priors (0.7, 0.3), c = 1.25; the first leaf is below action 0, its value still pending.

    Without virtual losses: 0.2 + c 0.7 sqrt(2) / 2 = 0.819 against 0.2 + c 0.3 sqrt(2) = 0.730: action 0 again, whose
    node is still being evaluated. With 0.2 of one: -1 + 0.619 against (0.2 - 0.2) / 1.2 + 0.530: action 1.
    """
    values, prior = [0.2, 0.5, -0.4, 0.0, 0.0, 0.6, 0.0], [[0.7, 0.3]] + [[0.5, 0.5]] * 6
    for loss, expected in ((0.0, (1, 0)), (0.2, (1, 1))):
        config = SearchConfig(fpu_root=0.0, fpu=0.0, c_base=1e9, leaves=2, virtual_loss=loss)
        made = Search(chain(values, prior), 1, 9, config, [0])
        made.begin(ROOT, 9)
        made.round(ROOT)
        t = made.tree
        first = made.gather(ROOT, 1)
        assert first is not None and t.visits[0, 0].tolist() == [1, 0] and t.pending[0, 1] == 1
        assert made.result(ROOT).visits[0].tolist() == [0, 0]  # nothing has finished yet
        second = made.gather(ROOT, 1)
        assert tuple(t.visits[0, 0]) == expected and (second is None) == (loss == 0.0)
        assert made.done[0] == sum(expected) and t.total[0, 0].tolist() == [0, 0]
        for leaves in (first, second):
            if leaves is not None:
                made.backup(leaves, made.evaluate(leaves))
        assert t.total[0, 0].tolist() == pytest.approx([-0.5, 0.4 * expected[1]]) and not t.pending[0].any()


def test_the_tree_does_not_depend_on_which_thread_was_faster(threads: ThreadPoolExecutor) -> None:
    game, trees = connect4(), []
    fixed = Fixed(game)

    def slow(states: np.ndarray) -> Evaluation:
        time.sleep(random.random() / 500)
        return fixed(states)

    for evaluator in (fixed, slow, slow):
        made = searched(game, game.new(1), 500, threads, evaluator)
        check_sums(made)
        assert made.result(ROOT).visits.sum() == 500
        trees.append(made.tree)
    for other in trees[1:]:
        for one, two in zip(trees[0], other, strict=True):
            assert np.array_equal(one, two)


def test_batches_grow_with_the_tree_and_are_several_at_once(threads: ThreadPoolExecutor) -> None:
    game, sizes, under_way = connect4(), [], []
    fixed = Fixed(game)

    def watched(states: np.ndarray) -> Evaluation:
        sizes.append(len(states))
        under_way.append(1)
        time.sleep(0.003)
        under_way.append(-1)
        return fixed(states)

    made = searched(game, game.new(1), 600, threads, watched)
    assert made.result(ROOT).visits.sum() == 600
    assert max(sizes[:12]) <= 2 and max(sizes) == 3 and np.mean(sizes[-30:]) > 2.5  # 600 / 64 wait, in three batches
    assert max(np.cumsum(under_way)) == 2


def test_a_short_search_of_a_large_tree_goes_one_by_one(threads: ThreadPoolExecutor) -> None:
    """In a tree kept from the last move, half of the new simulations must not wait for each other."""
    game, waited = connect4(), []
    made = searched(game, game.new(1), 600, threads, nodes=2000)
    gather = made.gather

    def watched(*args: Any) -> Any:
        found = gather(*args)
        waited.append(made.pending)
        return found

    made.gather = watched  # type: ignore[method-assign]
    run(made, Pipeline(made, threads, 2), 64)
    assert made.result(ROOT).visits.sum() == 664
    assert max(waited) <= 3  # one-leaf batches in flight, where 64 / 32 leaves may wait


def test_proofs_while_batches_are_under_way(threads: ThreadPoolExecutor) -> None:
    game, known = tictactoe(), {}  # type: ignore[var-annotated]
    for moves in (("a1", "b2", "c3", "a3"), ("a1", "b1", "a2", "a3")):
        state = after(game, *moves)
        made = searched(game, state, 3000, threads, proofs=True)
        assert check_sums(made) > 3
        assert made.tree.status[0, 0] == PROVEN and made.result(ROOT).value[0] == solve(game, state, known)
    game = connect4()
    states = random_positions(game, 12, 34)
    assert sum(check_sums(searched(game, states[i : i + 1], 300, threads, proofs=True)) for i in range(12)) > 50


def test_a_full_tree_goes_on_with_what_was_visited_most(threads: ThreadPoolExecutor) -> None:
    game = connect4()
    small = searched(game, game.new(1), 3000, threads, nodes=200)
    large = searched(game, game.new(1), 3000, threads)
    t = small.tree
    assert t.used[0] <= 200 == t.parent.shape[1] and not t.pending[0].any()
    one, two = small.result(ROOT), large.result(ROOT)
    assert one.visits.sum() == two.visits.sum() == 3000
    assert one.best[0] == two.best[0] and one.value[0] == pytest.approx(two.value[0], abs=0.05)
    for node in range(1, int(t.used[0])):
        assert t.parent[0, node] < node and t.child[0, t.parent[0, node], t.action[0, node]] == node


def test_positions_without_an_end_of_descents_let_go() -> None:
    """One empty point: every descent ends the game; an endless search without proofs returns from each step."""
    game = tictactoe()
    state = after(game, "a1", "b1", "a2", "b2", "c1", "c2", "b3", "a3")
    search = Search(GameModel(game, Fixed(game), state), 1, 2**60, SearchConfig(leaves=4, count_kept=False), [0], 50)
    pipeline = Pipeline(search, None, 1)
    search.begin(ROOT, 2**60)
    for _ in range(5):
        pipeline.step()
    assert 100 < search.done[0] < 10_000 and search.tree.used[0] == 2


def test_an_evaluator_that_fails_leaves_nothing_behind(threads: ThreadPoolExecutor) -> None:
    game, calls = connect4(), []
    fixed = Fixed(game)

    def fails(states: np.ndarray) -> Evaluation:
        calls.append(len(states))
        if len(calls) == 20:
            raise OSError("gone")
        return fixed(states)

    config = SearchConfig(leaves=8, count_kept=False)
    search = Search(GameModel(game, fails, game.new(1)), 1, 300, config, [0])
    pipeline = Pipeline(search, threads, 2)
    with pytest.raises(OSError, match="gone"):
        run(search, pipeline, 300)
    assert search.pending == 0 and search.tree.used[0] == 0
    run(search, pipeline, 300)
    check_sums(search)
    assert search.result(ROOT).visits.sum() == 300


class Owned(Fixed):
    """Also predicts ownership: a number per point that depends on the stones, from the mover's point of view."""

    def __call__(self, states: np.ndarray) -> Evaluation:
        black, mover = black_s_view(self.game, states), self.game.to_move(states)
        found = super().__call__(states)
        return found._replace(ownership=black * mover[:, None], score=(black.sum(1) * mover).astype(np.float32))


def black_s_view(game: Game, states: np.ndarray) -> np.ndarray:
    """[B, P] in [-1, 1]."""
    points = int(np.prod(game.board_shape))
    keys = game.keys(states)
    return np.stack([np.random.default_rng(abs(int(k))).uniform(-1, 1, points) for k in keys]).astype(np.float32)


@pytest.mark.parametrize("nodes", [None, 60])
def test_ownership_and_score_are_means_over_the_tree(threads: ThreadPoolExecutor, nodes: int | None) -> None:
    game = Go(5)
    state = game.new(1)
    details = Details(1000, 25)
    search = searched(game, state, 120, threads, Owned(game), nodes, details)
    for _ in range(2):  # as searched, and below the move played
        t = search.tree
        owner, score = details.mean(t)
        assert owner is not None and score is not None
        expected = []
        for node in range(int(t.used[0])):
            path, at = [], node
            while at:
                path.append(int(t.action[0, at]))
                at = int(t.parent[0, at])
            there = state.copy()
            for action in reversed(path):
                game.play(there, np.array([action]))
            expected.append(black_s_view(game, there)[0])
        if nodes is None:  # every node visited once
            assert owner == pytest.approx(np.mean(expected, 0), abs=0.005)
            assert score == pytest.approx(float(np.mean(expected, 0).sum()), abs=1e-3)
        for node, view in enumerate(expected):
            assert details.owner[node] / 127 == pytest.approx(view, abs=0.005)
        best = search.result(ROOT).best
        search.play(ROOT, best)
        game.play(state, best)

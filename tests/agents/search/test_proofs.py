"""Proofs propagated up from ended games: exact, found early, and consistent with the averages."""

from __future__ import annotations

import numpy as np
import pytest

from agents.search.arrays import PROVEN, TERMINAL
from agents.search.evaluators import Uniform
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig, SearchResult
from envs.boards.game import Game
from envs.boards.lines import connect4, tictactoe
from envs.boards.solve import solve
from envs.go.game import Go
from tests.agents.search.helpers import Fixed, after

KINDS = ("puct", "gumbel")


def random_positions(game: Game, count: int, longest: int) -> np.ndarray:
    """`count` positions from unfinished random games."""
    random, found = np.random.default_rng(1), []
    while len(found) < count:
        state = game.new(1)
        for _ in range(random.integers(longest)):
            game.play(state, np.array([random.choice(np.flatnonzero(game.legal(state)[0]))]))
            if game.ended(state)[0]:
                break
        if not game.ended(state)[0]:
            found.append(state)
    return np.concatenate(found)


def think(game: Game, states: np.ndarray, most: int, **options: object) -> tuple[Search, SearchResult]:
    config = SearchConfig(proofs=True, **options)  # type: ignore[arg-type]
    made = Search(GameModel(game, Fixed(game), states.copy()), len(states), most, config, range(len(states)))
    rows = np.arange(len(states))
    made.begin(rows, most)
    return made, made.run(rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("leaves", [1, 5])
def test_every_proof_is_the_value_of_best_play(kind: str, leaves: int) -> None:
    game, known = tictactoe(), {}  # type: ignore[var-annotated]
    states = random_positions(game, 40, 8)
    made, result = think(game, states, 400, kind=kind, leaves=leaves)
    t, proven, roots = made.tree, 0, 0
    for b in range(len(states)):
        for node in np.flatnonzero(t.status[b, : t.used[b]] == PROVEN):
            path, at = [], int(node)
            while at:
                path.append(int(t.action[b, at]))
                at = int(t.parent[b, at])
            state = states[b : b + 1].copy()
            for action in reversed(path):
                game.play(state, np.array([action]))
            assert t.value[b, node] == solve(game, state, known)
            proven += 1
        if t.status[b, 0] == PROVEN:
            roots += 1
            after_best = states[b : b + 1].copy()
            game.play(after_best, result.best[b : b + 1])
            worth = game.result(after_best)[0] if game.ended(after_best)[0] else np.nan
            mover = game.to_move(states[b : b + 1])[0]
            theirs = worth * -mover if np.isfinite(worth) else solve(game, after_best, known)
            assert -theirs == result.value[b] == solve(game, states[b : b + 1], known)
            assert result.policy[b].sum() == pytest.approx(1)
    assert proven > 500 and roots > 10


@pytest.mark.parametrize("leaves", [1, 8])
def test_averages_above_a_proof_are_those_of_the_exact_values(leaves: int) -> None:
    game = connect4()
    states = random_positions(game, 12, 34)
    t = think(game, states, 300, leaves=leaves)[0].tree
    settled = 0
    for b in range(len(states)):
        for node in range(int(t.used[b])):
            for a in np.flatnonzero(t.visits[b, node]):
                below = t.child[b, node, a]
                sign = int(t.to_play[b, below]) * int(t.to_play[b, node])
                if t.status[b, below] >= TERMINAL:
                    value = t.visits[b, node, a] * t.value[b, below]
                    settled += t.status[b, below] == PROVEN
                else:
                    value = t.value[b, below] + t.total[b, below].sum()
                assert t.total[b, node, a] == pytest.approx(sign * value, abs=2e-3)
    assert settled > 50


@pytest.mark.parametrize("kind", KINDS)
def test_a_won_move_ends_the_search_and_a_lost_one_is_not_played(kind: str) -> None:
    game = connect4()
    winning = after(game, *"112233")  # the fourth column makes four in a row
    made, result = think(game, winning, 200, kind=kind)
    assert result.best[0] == 3 and result.value[0] == 1 and result.policy[0, 3] == 1
    assert made.model.evaluations < 60  # type: ignore[attr-defined]
    threatened = after(game, *"11223")  # anything but the fourth column loses at once
    for most in (200, 400):
        _, result = think(game, threatened, most, kind=kind)
        assert result.best[0] == 3 and result.policy[0].argmax() == 3


def test_passing_wins_at_once_where_the_opponent_passed_behind() -> None:
    game = Go(5, "tromp-taylor", 0.5)
    state = after(game, "C3", "pass", "D4", "pass")
    _, result = think(game, state, 100, kind="gumbel", max_considered_actions=26)
    assert result.best[0] == game.num_actions - 1 and result.value[0] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_proof_outlives_the_move(kind: str) -> None:
    """A reused subtree keeps its proofs: what is proven needs no further evaluation."""
    game = tictactoe()
    state = after(game, "a1", "b2", "c3", "a3")  # Black blocks at c1 and has two threats
    made, result = think(game, state, 300, kind=kind)
    assert made.tree.status[0, 0] == PROVEN and result.value[0] == solve(game, state)
    before = made.model.evaluations  # type: ignore[attr-defined]
    rows = np.arange(1)
    while not game.ended(state)[0]:
        made.begin(rows, 300)
        result = made.run(rows)
        value = solve(game, state)
        assert result.value[0] == value or made.tree.status[0, 0] != PROVEN
        game.play(state, result.best)
        game.play(made.model.roots, result.best)  # type: ignore[attr-defined]
        made.play(rows, result.best)
    assert made.model.evaluations - before < 60  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_without_proofs_the_search_is_as_it_was(kind: str) -> None:
    game = connect4()
    states = random_positions(game, 6, 30)
    made = Search(GameModel(game, Uniform(game), states.copy()), 6, 100, SearchConfig(kind=kind), range(6))  # type: ignore[arg-type]
    rows = np.arange(6)
    made.begin(rows, 100)
    result = made.run(rows)
    assert not (made.tree.status == PROVEN).any() and (result.visits.sum(1) == 100).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("proofs", [False, True])
def test_where_every_move_loses_a_legal_one_is_played(kind: str, proofs: bool) -> None:
    game = Go(3, "tromp-taylor", 0.5)
    states = random_positions(game, 2000, 30)
    ending = states.copy()
    game.play(ending, np.full(len(ending), game.num_actions - 1))
    lost = game.ended(ending) & (game.result(ending) == -game.to_move(states))
    only = states[lost & (game.legal(states).sum(1) == 1)][:10]
    assert len(only) > 0
    made = Search(
        GameModel(game, Uniform(game), only.copy()),
        len(only),
        20,
        SearchConfig(kind=kind, proofs=proofs),
        range(len(only)),
    )  # type: ignore[arg-type]
    made.begin(np.arange(len(only)), 20)
    result = made.run(np.arange(len(only)))
    assert (result.best == game.num_actions - 1).all() and (result.policy[:, -1] == 1).all()

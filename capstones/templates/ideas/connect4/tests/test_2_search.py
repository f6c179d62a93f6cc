"""The search: each step by hand, then what it has to find."""

import numpy as np
import pytest

from parts.game import GAME, position
from parts.search import Path, Tree, backup, descend, noisy, puct, search


def uniform(states):
    """An evaluator that knows only the rules."""
    legal = GAME.legal(states)
    return (legal / legal.sum(1, keepdims=True)).astype(np.float32), np.zeros(len(states), np.float32)


def rows(*values):
    return np.array([values], np.float32)


def test_puct_by_hand():
    """sqrt(1 + 4) = 2.236: 0.5 + 0.5 * 2.236 / 4, -1 + 0.3 * 2.236 / 2, 0 + 0.2 * 2.236 / 1, and a full column."""
    with np.errstate(all="raise"):
        found = puct(
            rows(0.5, 0.3, 0.2, 0), rows(3, 1, 0, 0), rows(1.5, -1, 0, 0), np.array([[True, True, True, False]]), 1.0
        )
    np.testing.assert_allclose(found, [[0.77951, -0.66459, 0.44721, -np.inf]], rtol=1e-4)


def test_without_visits_the_prior_decides():
    legal = np.ones((1, 3), bool)
    assert puct(rows(0.2, 0.5, 0.3), rows(0, 0, 0), rows(0, 0, 0), legal, 1.0).argmax() == 1


def by_hand():
    """Two games. Game 0: root -3-> node 1, -0-> node 2, not visited yet. Game 1: root -6-> node 3, where it is over."""
    tree = Tree.empty(2, 4)
    tree.legal[:, :3] = True
    tree.prior[:] = 0.1
    tree.visits[0, 0, 3], tree.total[0, 0, 3], tree.child[0, 0, 3] = 2, 1.8, 1
    tree.visits[0, 1, 0], tree.total[0, 1, 0], tree.child[0, 1, 0] = 1, 0.9, 2
    tree.visits[1, 0, 6], tree.total[1, 0, 6], tree.child[1, 0, 6] = 1, 1.0, 3
    tree.prior[0, 2, 5] = 0.4
    return tree


def test_descend_follows_the_best_score_to_where_the_tree_ends():
    path = descend(by_hand(), 0.5)
    assert path.taken.sum(0).tolist() == [3, 1]
    assert path.nodes[:, 0].tolist() == [0, 1, 2] and path.moves[:, 0].tolist() == [3, 0, 5]
    assert path.nodes[0, 1] == 0 and path.moves[0, 1] == 6
    node, move = path.last
    assert node.tolist() == [2, 0] and move.tolist() == [5, 6]


def test_descend_looks_and_changes_nothing():
    tree, same = by_hand(), by_hand()
    descend(tree, 0.5)
    for name in ("visits", "total", "child", "prior"):
        np.testing.assert_array_equal(getattr(tree, name), getattr(same, name))


def test_backup_turns_the_sign_with_every_step():
    """Game 0: three steps; the value for the player to move after the last is 0.5. Game 1: one step; they have lost."""
    tree = Tree.empty(2, 4)
    path = Path(
        nodes=np.array([[0, 0], [1, 0], [2, 0]]),
        moves=np.array([[3, 6], [0, 0], [5, 0]]),
        taken=np.array([[True, True], [True, False], [True, False]]),
    )
    backup(tree, path, np.array([0.5, -1.0], np.float32))
    assert [tree.total[0, 0, 3], tree.total[0, 1, 0], tree.total[0, 2, 5]] == [-0.5, 0.5, -0.5]
    assert tree.total[1, 0, 6] == 1.0
    assert tree.visits.sum((1, 2)).tolist() == [3, 1] and tree.visits.max() == 1
    backup(tree, path, np.array([0.25, -1.0], np.float32))
    assert tree.total[0, 0, 3] == -0.75 and tree.visits[0, 0, 3] == 2 and tree.total[1, 0, 6] == 2.0


@pytest.mark.parametrize(("moves", "best"), [("112233", 4), ("7172636", 4), ("454545", 4)])
def test_a_win_is_played(moves, best):
    assert search(position(moves), uniform, 100)[0].argmax() == best - 1


@pytest.mark.parametrize(("moves", "best"), [("11223", 4), ("74757", 7)])
def test_a_threat_is_answered(moves, best):
    assert search(position(moves), uniform, 300)[0].argmax() == best - 1


def test_two_in_the_middle_with_room_on_both_sides_are_answered():
    """The first player has columns 3 and 4 of the bottom row, and threatens three in a row with both ends open."""
    visits = search(position("374"), uniform, 2000)[0]
    assert visits.argmax() + 1 in (2, 5)


def test_every_simulation_is_one_visit_and_no_column_is_overfull():
    states = np.concatenate([position(""), position("111111"), position("4444")])
    visits = search(states, uniform, 50)
    assert visits.shape == (3, 7) and visits.sum(1).tolist() == [50, 50, 50] and visits[1, 0] == 0


def test_games_side_by_side_are_games_alone():
    states = np.concatenate([position(moves) for moves in ("", "4453", "112233", "7172636", "44444")])
    together = search(states, uniform, 80)
    for i in range(len(states)):
        np.testing.assert_array_equal(search(states[i : i + 1], uniform, 80)[0], together[i])


def test_noise_mixes_and_leaves_out_what_is_illegal():
    prior = np.tile(rows(0.7, 0.2, 0.1, 0), (4000, 1))
    legal = np.tile(np.array([[True, True, True, False]]), (4000, 1))
    mixed = noisy(prior, legal, 1.0, 0.25, np.random.default_rng(0))
    np.testing.assert_allclose(mixed.sum(1), 1, rtol=1e-5)
    assert (mixed[:, 3] == 0).all() and mixed[:, 0].std() > 0.01
    np.testing.assert_allclose(mixed.mean(0), 0.75 * prior[0] + 0.25 * np.array([1, 1, 1, 0]) / 3, atol=0.01)
    np.testing.assert_allclose(noisy(prior, legal, 1.0, 0.0, np.random.default_rng(0)), prior, rtol=1e-5)

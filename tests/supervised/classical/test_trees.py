"""Trees, forests and boosting: splits by hand, and against scikit-learn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from supervised.classical.boosting import Boosting
from supervised.classical.forest import RandomForest
from supervised.classical.kernels.boosting import boost_tree
from supervised.classical.tree import DecisionTree


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    bunch = load_digits()
    held_out = np.arange(len(bunch.target)) % 3 == 2
    X, y = bunch.data.astype(np.float32), bunch.target
    return X[~held_out], y[~held_out], X[held_out], y[held_out]


def test_a_question_by_hand() -> None:
    tree = DecisionTree().fit(np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([0, 0, 1, 0]))
    # 2 | 2: gini 4/8 of 3 - weighted decrease 4 * (0.375 - 0.25) = 0.5; 3 | 1: 4 * (0.375 - 3/4 * 4/9) = 1/6
    assert tree.nodes_[:, 0].tolist() == [0, -1, 0, -1, -1]
    assert tree.numbers_[[0, 2], 0].tolist() == [3.0, 6.0]
    assert tree.numbers_[0, 1] == pytest.approx(0.5)
    assert tree.predict([[2.9], [3.1], [6.1]]).tolist() == [0, 1, 0]


@pytest.mark.parametrize("kind", ["continuous", "whole numbers"])
def test_a_full_tree_has_scikit_learn_s_splits(kind: str) -> None:
    """With one feature, the order of nodes, features, thresholds and fractions is fixed; the classes are random."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 1)) if kind == "continuous" else rng.integers(0, 40, (300, 1)).astype(float)
    y = rng.integers(3, size=300)
    ours, theirs = DecisionTree().fit(X, y), DecisionTreeClassifier(random_state=0).fit(X, y).tree_
    assert len(ours.nodes_) == theirs.node_count > 30
    assert np.array_equal(ours.nodes_[:, 0], np.where(theirs.feature < 0, -1, theirs.feature))
    inner = theirs.feature >= 0
    assert np.allclose(ours.numbers_[inner, 0], theirs.threshold[inner])
    assert np.array_equal(ours.nodes_[inner, 1], theirs.children_right[inner])
    assert np.allclose(ours.numbers_[:, 2:], theirs.value[:, 0], atol=1e-6)


def test_no_node_of_scikit_learn_s_tree_has_a_better_split(digits: Any) -> None:
    """Among equally good splits either may be taken, so each node of scikit-learn's tree is split again by ours."""
    X, y = digits[0][:400], digits[1][:400]
    model = DecisionTreeClassifier(random_state=1).fit(X, y)
    theirs, where, same = model.tree_, model.decision_path(X).toarray().astype(bool), 0
    for node in np.flatnonzero(theirs.feature >= 0):
        mine = where[:, node]
        ours = DecisionTree(max_depth=1).fit(X[mine], y[mine])
        left, right = theirs.children_left[node], theirs.children_right[node]
        n = theirs.weighted_n_node_samples
        decrease = n[node] * theirs.impurity[node] - n[left] * theirs.impurity[left] - n[right] * theirs.impurity[right]
        assert ours.numbers_[0, 1] == pytest.approx(decrease, abs=1e-6)
        same += ours.nodes_[0, 0] == theirs.feature[node] and np.isclose(ours.numbers_[0, 0], theirs.threshold[node])
    assert same >= 0.4 * (theirs.feature >= 0).sum()  # small pure nodes have many equal splits


def test_counting_and_sorting_find_the_same_cut(digits: Any) -> None:
    """The same values with few codes and with many: a thousand more examples have values in between."""
    X, y = digits[0][:200, 20:40], digits[1][:200]
    few = DecisionTree(max_depth=4).fit(X, y)
    spread_out = np.concatenate([X, np.random.default_rng(0).uniform(100, 200, (6000, 20)).astype(np.float32)])
    # the others are separated at the root; below it nodes are small relative to the number of codes
    many = DecisionTree(max_depth=5).fit(spread_out, np.concatenate([y, np.full(6000, 10)]))
    assert np.array_equal(many.nodes_[1 : 1 + len(few.nodes_), 0], few.nodes_[:, 0])
    assert np.allclose(many.numbers_[1 : 1 + len(few.nodes_), 0], few.numbers_[:, 0])


def test_a_forest_is_as_good_as_scikit_learn_s_and_its_out_of_bag_error_is_the_test_s(digits: Any) -> None:
    X, y, X_test, y_test = digits
    ours, theirs = (
        RandomForest(trees=60).fit(X, y),
        RandomForestClassifier(60, oob_score=True, random_state=0).fit(X, y),
    )
    assert abs(ours.score(X_test, y_test) - theirs.score(X_test, y_test)) <= 0.012
    out_of_bag = (ours.out_of_bag_.argmax(1) == y).mean()
    assert abs(out_of_bag - ours.score(X_test, y_test)) < 0.02 and abs(out_of_bag - theirs.oob_score_) < 0.02
    assert ours.importances().sum() == pytest.approx(1) and ours.importances()[0] == 0  # an always-black pixel


def test_threads_grow_the_same_forest(digits: Any) -> None:
    one, two = (RandomForest(trees=5, threads=threads).fit(digits[0], digits[1]) for threads in (1, 2))
    assert np.array_equal(one.numbers_, two.numbers_) and np.array_equal(one.out_of_bag_, two.out_of_bag_)


def test_gain_and_leaf_weights_by_hand() -> None:
    """Four examples, one feature of three bins: Eq. 5 and Eq. 7 with lambda 1, gamma 0.5."""
    bins = np.array([[0, 0, 1, 2]], np.uint8)
    g, h = np.array([1.0, 2.0, -4.0, 0.5]), np.array([1.0, 1.0, 2.0, 0.5])
    # bins 0 | 1 2: G 3 | -3.5, H 2 | 2.5: 1/2 (9/3 + 12.25/3.5 - 0.25/5.5) - 0.5 = 2.727…; bins 0 1 | 2: less
    for usual in (-1, 0):
        nodes, numbers, value = np.zeros((3, 3), np.int32), np.zeros((3, 2)), np.zeros(4)
        room = np.zeros((2, 3, 2))
        count = boost_tree(
            bins, np.array([0, 3]), np.array([usual]), np.array([0]), g, h, 2, 0, 0.0, 1.0, 0.5, np.arange(4), room,
            nodes, numbers, value,
        )  # fmt: skip
        assert count == 3 and nodes[0].tolist() == [0, 0, 1]
        assert numbers[0, 1] == pytest.approx(0.5 * (3 + 3.5 - 0.25 / 5.5) - 0.5)
        assert numbers[1:, 0] == pytest.approx([-3 / 3, 3.5 / 3.5])
        assert value == pytest.approx([-1, -1, 1, 1])


def test_a_gain_below_gamma_is_no_split() -> None:
    X, y = np.array([[0.0], [1.0]] * 8), np.array([0, 1] * 8)
    assert len(Boosting(rounds=1, gamma=100.0, min_leaf=1).fit(X, y).nodes_) == 1
    assert len(Boosting(rounds=1, gamma=0.0, min_leaf=1).fit(X, y).nodes_) == 3


def test_boosting_is_as_good_as_scikit_learn_s(digits: Any) -> None:
    X, y, X_test, y_test = digits
    learner = Boosting(rounds=25, l2=0.0, leaves=15)
    data = learner.begin(X, y)
    losses = [step["loss"] for step in learner.grow(*data)]
    theirs = HistGradientBoostingClassifier(max_iter=25, max_leaf_nodes=15, early_stopping=False).fit(X, y)
    assert all(b < a for a, b in pairwise(losses))
    assert learner.score(X_test, y_test) >= theirs.score(X_test, y_test) - 0.01
    p = learner.predict_proba(X)
    assert -np.log(p[np.arange(len(y)), y]).mean() == pytest.approx(
        losses[-1], abs=1e-6
    )  # predictions use the grown trees


def test_threads_boost_alike(digits: Any) -> None:
    X, y = digits[0][:300], digits[1][:300]
    one, two = (Boosting(rounds=3, columns=0.5, threads=threads).fit(X, y) for threads in (1, 2))
    assert np.array_equal(one.numbers_, two.numbers_)

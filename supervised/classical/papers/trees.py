"""Rows of the reading list: decision trees and sums of them."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("classical learning", "supervised/classical", "docs/algorithms")


PAPERS: tuple[Paper, ...] = (
    _row(
        "tree",
        "Breiman, Friedman, Olshen & Stone 1984, Classification and regression trees",
        1984,
        "first steps",
        "twenty questions: one feature and one threshold at a time",
        """Ask the question that leaves both sides as pure as possible, then repeat on each side.
Purity is measured by the Gini impurity, 1 - sum_k p_k^2.
A full tree makes no errors on its training examples, and many on others.
Limits on its depth, or on the examples in a leaf, bound how much it can memorise.
Features need no scaling, and its decisions can be read.""",
        "tree.py",
        "trees.md",
        "tengen train mnist --examples 10000 --learner tree",
        exercise="find the --max-depth with the best held-out accuracy on digits; how far below a forest is it?",
        result="80.2 % [79.4, 81.0] of MNIST with 10,000 examples, seconds",
    ),
    _row(
        "forest",
        "Breiman 2001, Random forests",
        2001,
        "first steps",
        "many trees, each grown on different examples and features, vote",
        """The less correlated the trees' errors, the better their average.
So each tree sees a bootstrap sample, and each split only a few features drawn at random.
More trees do not over-fit: the error converges.
About a third of the examples are out of a tree's bag: they give an honest error without a test set.
The decrease in impurity shows which features mattered.""",
        "forest.py",
        "trees.md",
        "tengen train mnist --examples 10000 --learner forest",
        exercise="does out_of_bag_accuracy agree with the held-out one within its interval? and with --features 64?",
        result="94.9 % [94.4, 95.3] of MNIST with 10,000 examples, out of the bag 94.5 %, a minute on one busy core",
    ),
    _row(
        "boosting",
        "Chen & Guestrin 2016, XGBoost: a scalable tree boosting system",
        2016,
        "middle",
        "each tree corrects the sum of those before it, by first and second derivatives",
        """Each leaf takes a Newton step: minus the sum of gradients over the sum of second derivatives.
The same sums give the gain of a split, less a penalty gamma for the extra leaf.
lambda shrinks the weights of leaves, the learning rate those of whole trees.
Splits are found in histograms of the features; a node's is its parent's minus its sibling's.
Threads share the work.""",
        "boosting.py",
        "trees.md",
        "tengen train mnist --examples 10000 --learner boosting",
        exercise="halve --lr to 0.05: how many --steps does the same accuracy need?",
        result="95.7 % [95.3, 96.1] of MNIST with 10,000 examples and 100 rounds, five minutes on one busy core",
    ),
)

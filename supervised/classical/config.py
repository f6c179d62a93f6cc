"""Settings of the classical learners that learn from labels. No torch in here: `--help` reads it.

The length of a training (trees, rounds, iterations, epochs) is `--steps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tengen.config import Amount, Count, Fraction, Whole


@dataclass(frozen=True)
class OfExamples:
    """Settings of every learner."""

    examples: Whole = 0
    """Use only this many training examples, the first ones; 0 takes all."""
    words: Count = 5000
    """Sentences: size of the vocabulary, the most frequent words."""


@dataclass(frozen=True)
class Linear(OfExamples):
    learner: str = "linear"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    l2: Amount = 1.0
    """Penalty on the squared weights."""


@dataclass(frozen=True)
class Logistic(OfExamples):
    learner: str = "logistic"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    l2: Amount = 1.0
    """Penalty on the squared weights: 1 / C."""
    tolerance: Amount = 1e-4
    """Stop when no entry of the gradient is larger."""


@dataclass(frozen=True)
class SGD(OfExamples):
    learner: str = "sgd"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    loss: Literal["hinge", "log"] = "hinge"
    """hinge: a support vector machine; log: logistic regression."""
    l2: Amount = 1e-4
    """Penalty on the squared weights, lambda."""
    average: Whole = 1
    """Epochs before averaging of the weights begins."""


@dataclass(frozen=True)
class Tree(OfExamples):
    learner: str = "tree"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    max_depth: Whole = 0
    """Maximum depth; 0: grow until every leaf is pure."""
    min_leaf: Count = 1
    """Minimum number of examples in a leaf."""


@dataclass(frozen=True)
class Forest(OfExamples):
    learner: str = "forest"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    features: Whole = 0
    """Features drawn at random for each split; 0 takes the square root of their number."""
    max_depth: Whole = 0
    """Maximum depth; 0: grow until every leaf is pure."""
    min_leaf: Count = 1
    """Minimum number of examples in a leaf."""


@dataclass(frozen=True)
class Boosting(OfExamples):
    learner: str = "boosting"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    leaves: Count = 31
    """Leaves per tree."""
    max_depth: Whole = 0
    """Maximum depth; 0: no limit."""
    min_leaf: Count = 20
    """Minimum number of examples in a leaf."""
    lr: Amount = 0.1
    """Learning rate (shrinkage): each tree's weights are multiplied by this."""
    l2: Amount = 1.0
    """lambda, the penalty on a leaf's squared weight."""
    gamma: Amount = 0.0
    """Minimum gain of a split."""
    columns: Fraction = 1.0
    """Fraction of the features available to each round."""


@dataclass(frozen=True)
class SVM(OfExamples):
    learner: str = "svm"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    examples: Whole = 10_000
    """Use only this many training examples, the first ones; 0 takes all."""
    C: Amount = 5.0
    """Penalty for examples inside the margin."""
    kernel: Literal["rbf", "linear", "poly"] = "rbf"
    """Kernel."""
    gamma: Amount = 0.0
    """Coefficient of the kernel; 0 takes 1 / (features * variance)."""
    degree: Count = 3
    """poly: its degree."""
    megabytes: Count = 500
    """Memory for cached rows of the kernel matrix, in megabytes."""


@dataclass(frozen=True)
class Discriminants(OfExamples):
    learner: str = "discriminants"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    shrinkage: Fraction = 1e-3
    """Fraction of the mean variance that is added to every feature's variance."""


LINEAR, LOGISTIC, SGD_, TREE, FOREST = Linear(), Logistic(), SGD(), Tree(), Forest()
BOOSTING, SVM_, DISCRIMINANTS = Boosting(), SVM(), Discriminants()

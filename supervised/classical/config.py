"""Settings of the classical learners. No torch in here: `--help` reads it.

How long one grows (trees, rounds, iterations, epochs) is `--steps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tengen.config import Amount, Count, Fraction, Whole


@dataclass(frozen=True)
class OfExamples:
    """What every learner has."""

    examples: Whole = 0
    """Training examples, the first ones; 0 takes all."""
    words: Count = 5000
    """Sentences: the most frequent words that are counted."""


@dataclass(frozen=True)
class Linear(OfExamples):
    learner: str = "linear"
    """Learner."""
    l2: Amount = 1.0
    """Penalty on the squared weights."""


@dataclass(frozen=True)
class Logistic(OfExamples):
    learner: str = "logistic"
    """Learner."""
    l2: Amount = 1.0
    """Penalty on the squared weights: 1 / C."""
    tolerance: Amount = 1e-4
    """Ends when no entry of the gradient is larger."""


@dataclass(frozen=True)
class SGD(OfExamples):
    learner: str = "sgd"
    """Learner."""
    loss: Literal["hinge", "log"] = "hinge"
    """hinge: a support vector machine; log: logistic regression."""
    l2: Amount = 1e-4
    """Penalty on the squared weights, lambda."""
    average: Whole = 1
    """Epochs before the average of the weights begins."""


@dataclass(frozen=True)
class KMeans(OfExamples):
    learner: str = "kmeans"
    """Learner."""
    clusters: Count = 10
    """Centres, K."""
    algorithm: Literal["lloyd", "hartigan-wong"] = "lloyd"
    """Lloyd's iterations; hartigan-wong goes on with moves of single examples."""
    start: Literal["k-means++", "random"] = "k-means++"
    """First centres."""
    patch: Whole = 0
    """Cluster patches of so many pixels a side instead of whole pictures."""


@dataclass(frozen=True)
class Tree(OfExamples):
    learner: str = "tree"
    """Learner."""
    max_depth: Whole = 0
    """Questions from the root to a leaf; 0: until every leaf is pure."""
    min_leaf: Count = 1
    """Examples in a leaf, at least."""


@dataclass(frozen=True)
class Forest(OfExamples):
    learner: str = "forest"
    """Learner."""
    features: Whole = 0
    """Features drawn at each node; 0 takes the square root of their number."""
    max_depth: Whole = 0
    """Questions from the root to a leaf; 0: until every leaf is pure."""
    min_leaf: Count = 1
    """Examples in a leaf, at least."""


@dataclass(frozen=True)
class Boosting(OfExamples):
    learner: str = "boosting"
    """Learner."""
    leaves: Count = 31
    """Leaves of a tree."""
    max_depth: Whole = 0
    """Questions from the root to a leaf; 0: no limit."""
    min_leaf: Count = 20
    """Examples in a leaf, at least."""
    lr: Amount = 0.1
    """Shrinkage: each tree's weights are multiplied by this."""
    l2: Amount = 1.0
    """lambda, the penalty on a leaf's weight."""
    gamma: Amount = 0.0
    """What a split must gain at least."""
    columns: Fraction = 1.0
    """Share of the features that a round may use."""


@dataclass(frozen=True)
class SVM(OfExamples):
    learner: str = "svm"
    """Learner."""
    examples: Whole = 10_000
    """Training examples, the first ones; 0 takes all."""
    C: Amount = 5.0
    """Price of an example inside of the margin."""
    kernel: Literal["rbf", "linear", "poly"] = "rbf"
    """Kernel."""
    gamma: Amount = 0.0
    """Width of the kernel; 0 takes 1 / (features * variance)."""
    degree: Count = 3
    """poly: its degree."""
    megabytes: Count = 500
    """Room for rows of the kernel matrix."""


@dataclass(frozen=True)
class Topics(OfExamples):
    learner: str = "lda"
    """Learner."""
    topics: Count = 10
    """Topics, K."""
    alpha: Amount = 0.0
    """Prior of a document's mixture; 0 takes 1 / topics."""
    eta: Amount = 0.0
    """Prior of a topic's words; 0 takes 1 / topics."""


@dataclass(frozen=True)
class PCA(OfExamples):
    learner: str = "pca"
    """Learner."""
    components: Whole = 20
    """Directions that are kept; 0: all."""


@dataclass(frozen=True)
class Discriminants(OfExamples):
    learner: str = "discriminants"
    """Learner."""
    shrinkage: Fraction = 1e-3
    """Share of the mean variance that is added to every feature's."""


@dataclass(frozen=True)
class TSNE(OfExamples):
    learner: str = "tsne"
    """Learner."""
    examples: Whole = 3000
    """Examples on the map."""
    perplexity: Amount = 30.0
    """Neighbours of an example, in effect."""


@dataclass(frozen=True)
class Lesson:
    lesson: str = "ravine"
    """Lesson."""
    noise: Amount = 0.3
    """bias-variance, over-fitting: deviation of the noise."""


LINEAR, LOGISTIC, SGD_, KMEANS, TREE, FOREST = Linear(), Logistic(), SGD(), KMeans(), Tree(), Forest()
BOOSTING, SVM_, TOPICS, PCA_, DISCRIMINANTS, TSNE_ = Boosting(), SVM(), Topics(), PCA(), Discriminants(), TSNE()
RAVINE, BIAS_VARIANCE, N_STEP, OVER_FITTING = (
    Lesson(),
    Lesson("bias-variance"),
    Lesson("n-step"),
    Lesson("over-fitting"),
)
SAMPLE_SIZE, SHATTERING, VANISHING = Lesson("sample-size"), Lesson("shattering"), Lesson("vanishing-gradients")

"""Settings of the classical learners that need no labels. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from supervised.classical.config import OfExamples
from tengen.config import Amount, Count, Whole


@dataclass(frozen=True)
class KMeans(OfExamples):
    learner: str = "kmeans"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    clusters: Count = 10
    """Number of centres, K."""
    algorithm: Literal["lloyd", "hartigan-wong"] = "lloyd"
    """Lloyd's iterations; hartigan-wong then moves single examples."""
    start: Literal["k-means++", "random"] = "k-means++"
    """Initial centres."""
    patch: Whole = 0
    """Cluster patches with this many pixels a side instead of whole pictures; 0: whole pictures."""


@dataclass(frozen=True)
class Topics(OfExamples):
    learner: str = "lda"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    topics: Count = 10
    """Number of topics, K."""
    alpha: Amount = 0.0
    """Dirichlet prior of a document's topics; 0 takes 1 / topics."""
    eta: Amount = 0.0
    """Dirichlet prior of a topic's words; 0 takes 1 / topics."""


@dataclass(frozen=True)
class PCA(OfExamples):
    learner: str = "pca"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    components: Whole = 20
    """Principal components to keep; 0: all."""


@dataclass(frozen=True)
class TSNE(OfExamples):
    learner: str = "tsne"
    """Learner: linear, logistic, sgd, kmeans, tree, forest, boosting, svm, pca, discriminants, tsne; sentences: lda."""
    examples: Whole = 3000
    """Examples on the map."""
    perplexity: Amount = 30.0
    """Effective number of neighbours of an example."""


KMEANS, TOPICS, PCA_, TSNE_ = KMeans(), Topics(), PCA(), TSNE()

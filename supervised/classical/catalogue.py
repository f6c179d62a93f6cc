"""The systems of this room, by task and name. No torch in here."""

from __future__ import annotations

from typing import Any, NamedTuple

from supervised.systems.system import NOT_DIGITS, System

PICTURES = "digits|mnist|fashion-mnist|images"


class Made(NamedTuple):
    """Where a learner is, and which of its parameters `--steps` sets (empty: the data determine its length)."""

    where: str
    length: str = ""


LEARNERS = {
    "linear": Made("supervised.classical.linear:LinearClassifier"),
    "logistic": Made("supervised.classical.logistic:LogisticRegression", "iterations"),
    "sgd": Made("supervised.classical.sgd:SGD", "epochs"),
    "kmeans": Made("supervised.classical.kmeans:KMeans", "iterations"),
    "tree": Made("supervised.classical.tree:DecisionTree"),
    "forest": Made("supervised.classical.forest:RandomForest", "trees"),
    "boosting": Made("supervised.classical.boosting:Boosting", "rounds"),
    "svm": Made("supervised.classical.svm:SVM"),
    "lda": Made("supervised.classical.topics:LatentDirichlet", "iterations"),
    "pca": Made("supervised.classical.projections:PCA"),
    "discriminants": Made("supervised.classical.projections:LinearDiscriminants"),
    "tsne": Made("supervised.classical.tsne:TSNE", "iterations"),
}


def _learner(
    name: str, config: str, about: str, steps: int, tasks: str = f"{PICTURES}|sentences", **more: Any
) -> System:
    return System(
        task=tasks,
        option="--learner",
        name=name,
        about=about,
        config=f"supervised.classical.{config}",
        study="supervised.classical.study:ClassicalStudy",
        model="supervised.classical.study:learner_of",
        settings={"steps": steps},
        unused=() if LEARNERS[name].length else ("steps",),
        only={"words": "sentences", "data": NOT_DIGITS},
        **more,
    )


def _lesson(name: str, config: str, about: str, steps: int, paper: str, default: bool = False) -> System:
    return System(
        task="lesson",
        option="--lesson",
        name=name,
        about=about,
        config=f"supervised.classical.lessons.config:{config}",
        study="supervised.classical.lessons.study:LessonStudy",
        settings={"steps": steps},
        default=default,
        paper=paper,
        reads=(),
        unused=() if name in ("bias-variance", "over-fitting") else ("noise",),
    )


SYSTEMS: tuple[System, ...] = (
    _learner("linear", "config:LINEAR", "least squares", 1),
    _learner("logistic", "config:LOGISTIC", "logistic regression by L-BFGS", 200),
    _learner("sgd", "config:SGD_", "a linear SVM by stochastic gradient descent", 20),
    _learner("kmeans", "unsupervised_config:KMEANS", "k-means clustering", 300, PICTURES),
    _learner("tree", "config:TREE", "a decision tree", 1, PICTURES),
    _learner("forest", "config:FOREST", "a random forest", 100, PICTURES),
    _learner("boosting", "config:BOOSTING", "gradient boosting of trees (XGBoost)", 100, PICTURES),
    _learner("svm", "config:SVM_", "support vector machines", 45, PICTURES),
    _learner("lda", "unsupervised_config:TOPICS", "latent Dirichlet allocation, topics of texts", 50, "sentences"),
    _learner("pca", "unsupervised_config:PCA_", "principal components", 1, PICTURES),
    _learner("discriminants", "config:DISCRIMINANTS", "Fisher's linear discriminants", 1, PICTURES),
    _learner("tsne", "unsupervised_config:TSNE_", "t-SNE, a map on which neighbours stay neighbours", 1000, PICTURES),
    _lesson("ravine", "RAVINE", "momentum compared with gradient descent", 200, "momentum", default=True),
    _lesson("bias-variance", "BIAS_VARIANCE", "the two parts of a model's error", 400, "bias-variance"),
    _lesson("n-step", "N_STEP", "the two parts of a return's error", 200, "bias-variance"),
    _lesson("over-fitting", "OVER_FITTING", "training and test error by degree", 300, "bias-variance"),
    _lesson("sample-size", "SAMPLE_SIZE", "the gap between training and test error", 20, "statistical-learning"),
    _lesson("shattering", "SHATTERING", "how many points a hyperplane can shatter", 18, "statistical-learning"),
    _lesson("vanishing-gradients", "VANISHING", "the gradient that reaches the first layer", 10, "vanishing-gradients"),
)

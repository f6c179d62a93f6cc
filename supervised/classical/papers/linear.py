"""Rows of the reading list: linear models, and the support vector machine."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("classical learning", "supervised/classical", "docs/algorithms")


PAPERS: tuple[Paper, ...] = (
    _row(
        "linear",
        "Hoerl & Kennard 1970, Ridge regression",
        1970,
        "first steps",
        "a weighted sum of the features, fitted by solving one linear system",
        """The weights with the smallest squared error solve the normal equations X'X w = X'y.
Where features are nearly dependent, X'X is nearly singular and w is large and unstable.
Adding a constant to its diagonal shrinks w: a little bias for much less variance.
As a classifier it fits 1 for the true class of an example and -1 for the others.
It is the baseline that anything cleverer has to beat.""",
        "linear.py",
        "linear-models.md",
        "tengen train mnist --learner linear",
        exercise="which --l2 of 0.01, 1, 100 and 10000 does best on digits? does more of it ever"
        " help with --examples 100?",
        result="86.0 % [85.4, 86.7] of MNIST, seconds",
    ),
    _row(
        "logistic",
        "Cox 1958, The regression analysis of binary sequences",
        1958,
        "first steps",
        "a linear function turned into a probability, fitted by maximum likelihood",
        """The logarithm of the odds is linear in the features: p = 1 / (1 + exp(-w x)).
The likelihood has one maximum, and its gradient is (prediction - target) times the features.
For several classes the softmax takes the place of the logistic function.
There is no closed form for the maximum: here L-BFGS finds it (Nocedal 1980).
It is a neural network without hidden layers.""",
        "logistic.py",
        "linear-models.md",
        "tengen train mnist --learner logistic",
        exercise="plot the weights (tengen plot last): how do --l2 0.001 and --l2 100 change the picture of a 0?",
        result="92.7 % [92.1, 93.2] of MNIST, two minutes on a busy core; 76.3 % of rt_polarity, scikit-learn's 76.2 %",
    ),
    _row(
        "sgd",
        "Bottou 2012, Stochastic gradient descent tricks",
        2012,
        "middle",
        "one step per example: seeing more examples beats better steps",
        """With plenty of data, compute is the limit, not examples.
Single-example steps converge slowly to the optimum but quickly to a good test error.
Shuffle, choose the first rate on a small sample, let it fall as 1 / (1 + lambda eta t).
Store w as a vector times a scalar: shrinking is one multiplication, a sparse example costs little.
Averaging the weights over the last passes makes it nearly as good as a second-order method.""",
        "sgd.py",
        "linear-models.md",
        "tengen train sentences --learner sgd",
        exercise="compare --average 1 with --average 20 (no average) in tengen plot: whose loss"
        " is smoother, and whose lower?",
        result="75.5 % [72.8, 77.9] of rt_polarity, scikit-learn's 75.8 % (a second)",
        takes="about a second on one core",
    ),
    _row(
        "svm",
        "Cortes & Vapnik 1995, Support-vector networks",
        1995,
        "middle",
        "the widest margin between two classes, determined by a few examples",
        """Of all planes between two classes take the one farthest from both; C penalises margin violations.
The dual problem only needs inner products of examples: a kernel gives those of another space.
Only the support vectors matter: the examples on the margin, inside it or on the wrong side.
Their number bounds the expected error.
SMO (Platt 1998) solves the dual two variables at a time.""",
        "svm.py",
        "svm.md",
        "tengen train mnist --learner svm",
        exercise="how do accuracy and support_vectors change with --C 0.1, 1, 10 and 100?",
        result="3.3 % error [3.0, 3.7] with 10,000 of MNIST, a minute on one busy core",
        published="1.4 % error, Gaussian kernel, all 60,000 of MNIST, from the MNIST page (LeCun et al.)",
        published_on="mnist",
        takes="about a minute on one core",
    ),
    _row(
        "discriminants",
        "Fisher 1936, The use of multiple measurements in taxonomic problems",
        1936,
        "first steps",
        "the directions in which classes are far apart relative to their spread",
        """One number per flower, a weighted sum of measurements: which weights separate two species best?
Those with the largest difference of means in units of the standard deviation within a species.
The answer is S_w^-1 times the difference of means.
With several classes there are K - 1 such directions.
For Gaussian classes with one covariance it is the best classifier there is.""",
        "projections.py",
        "projections.md",
        "tengen train digits --learner discriminants",
        exercise="compare its plane with --learner pca's (tengen plot): which separates digits better, and why?",
        result="96.4 % [93.9, 97.9] of digits, a second",
        takes="about a second on one core",
    ),
)

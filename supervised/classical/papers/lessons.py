"""Rows of the reading list: figures that a command draws."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("classical learning", "supervised/classical", "docs/algorithms")


PAPERS: tuple[Paper, ...] = (
    _row(
        "bias-variance",
        "Domingos 2012, A few useful things to know about machine learning",
        2012,
        "first steps",
        "the expected error is bias² + variance + noise; lowering bias tends to raise variance",
        """Generalisation is what counts, and data alone is not enough: every learner assumes something.
Errors come in two kinds: the same mistake each time (bias), a different one each time (variance).
A more powerful learner is not always better than a less powerful one.
More data beats a cleverer algorithm, up to a point.
Learn many models, not just one: averaging reduces variance.""",
        "lessons/bias_variance.py",
        "lessons.md",
        "tengen train lesson --lesson bias-variance",
        exercise="with --noise 1, which degree is best now? and which n in --lesson n-step?",
        result="degree 3 of a sine, 30 points; measured error = noise² + bias² + variance"
        " within 1.1 % (400 sets, a second)",
        takes="about a second on one core",
    ),
    _row(
        "statistical-learning",
        "Vapnik 1995, The nature of statistical learning theory",
        1995,
        "middle",
        "how far a training error can be trusted depends on how many points the model class can shatter",
        """A model class that can label some h points in every way, but no h + 1, has VC dimension h.
For hyperplanes in d dimensions that is d + 1.
With N examples the test error exceeds the training error by about sqrt(h / N) at most.
That holds for every distribution of the data.
So choose a class that is just rich enough: structural risk minimisation.""",
        "lessons/shattering.py",
        "lessons.md",
        "tengen train lesson --lesson shattering",
        exercise="run --lesson sample-size: from how many examples on is the gap below 5 points?"
        " what does the bound say there?",
        result="hyperplanes separate 2 to 7 points in 1 to 3 dimensions exactly as often as Cover's"
        " formula says (a second)",
        takes="about a second on one core",
    ),
    _row(
        "vanishing-gradients",
        "Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks; after Glorot & Bengio 2010",
        2011,
        "first steps",
        "how much gradient reaches the first of twenty layers, by activation function and initial weights",
        """Going backwards, every layer multiplies the gradient by its weights and by the slopes of its units.
A sigmoid's slope is a quarter at most: twenty layers leave nothing.
Weights of the right variance keep the size of the gradient (Xavier for tanh).
ReLU has slope one for half of the units: twice the variance keeps it (He 2015).
Half of the units are silent: sparse, and cheap.""",
        "lessons/gradients.py",
        "lessons.md",
        "tengen train lesson --lesson vanishing-gradients",
        exercise="by what factor per layer does the gradient of tanh fall with half of Xavier's"
        " variance? (the card says it)",
        result="factors a layer, 20 layers: sigmoid 0.23, tanh 0.92, ReLU with He's variance 1.00 (a second)",
        takes="about a second on one core",
    ),
)

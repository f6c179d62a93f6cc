"""Rows of the reading list: clusters, topics and projections, which need no labels."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("classical learning", "supervised/classical", "docs/algorithms")


PAPERS: tuple[Paper, ...] = (
    _row(
        "kmeans",
        "Lloyd 1957 and 1982, Least squares quantization in PCM; Hartigan & Wong 1979, A K-means clustering algorithm",
        1979,
        "first steps",
        "every example to its nearest centre, every centre to the mean of its examples",
        """Two alternating steps, neither of which can raise the sum of squared distances.
So it converges, to a local optimum that depends on the start.
Hartigan and Wong move single examples, and account for how both centres move with them.
Their moves continue where Lloyd's stop, and never end higher.
Initial centres that lie far apart avoid most bad starts (k-means++, Arthur & Vassilvitskii 2007).""",
        "kmeans.py",
        "kmeans.md",
        "tengen train digits --learner kmeans",
        exercise="how much lower is training_inertia with --algorithm hartigan-wong than without,"
        " for --seed 1, 2 and 3? (eval/*.json in the run's folder has the decimals)",
        result="71.0 % of held-out digits by labelling ten clusters (a second)",
        takes="about a second on one core",
    ),
    _row(
        "lda",
        "Blei, Ng & Jordan 2003, Latent Dirichlet allocation",
        2003,
        "hard",
        "every text is a mixture of topics, every topic a distribution over words",
        """A text draws its own mixture of topics, and each of its words from one of them.
Only the words are seen; the mixtures and topics have to be inferred.
The exact posterior is intractable: independent Dirichlets approximate it, fitted text by text.
Both steps raise a lower bound on the probability of the texts.
Held-out perplexity measures how well new texts are explained.""",
        "topics.py",
        "topics.md",
        "tengen train sentences --learner lda",
        exercise="does held-out perplexity fall or rise with --topics 2, 10 and 50 on short sentences? why?",
        result="perplexity 7,186 on rt_polarity, scikit-learn's 7,224 (means of three seeds, 50 iterations, 6 s each)",
        takes="6 seconds on one core",
    ),
    _row(
        "pca",
        "Pearson 1901, On lines and planes of closest fit to systems of points in space",
        1901,
        "first steps",
        "the directions in which the examples vary most",
        """Points in many dimensions often lie near a plane of few dimensions.
The plane of closest fit passes through the mean.
Its directions are the eigenvectors of the covariance with the largest eigenvalues.
An eigenvalue is the variance along its direction.
The remaining eigenvalues sum to the mean squared distance from the plane.""",
        "projections.py",
        "projections.md",
        "tengen train digits --learner pca",
        exercise="how many --components keep 90 % of the variance of digits? and of mnist?",
        result="88.9 % of the variance of held-out digits with 20 components (a second)",
    ),
    _row(
        "tsne",
        "van der Maaten & Hinton 2008, Visualizing data using t-SNE",
        2008,
        "middle",
        "a map on which near examples stay near",
        """Turn distances in the data into probabilities of being neighbours, by a Gaussian.
Place points in the plane so that their neighbour probabilities agree: gradient descent on the KL.
In the plane use a Student t: moderate distances may grow, so that clusters do not crowd.
Exaggerating the probabilities at first lets clusters form.
Sizes of clusters and distances between them mean little.""",
        "tsne.py",
        "projections.md",
        "tengen train digits --learner tsne",
        exercise="draw digits with --perplexity 2, 30 and 200: which map shows ten groups, and"
        " which trustworthiness has each?",
        result="trustworthiness 0.9927 on 1,438 digits, scikit-learn's 0.9934 (6 s on one core)",
        takes="6 seconds on one core",
    ),
)

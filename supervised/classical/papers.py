"""The rows of the reading list that this room has."""

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

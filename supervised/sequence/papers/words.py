"""Rows of the reading list: vectors of words and moves, and a sentence's class."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("sequences", "supervised/sequence", "docs/algorithms")


PAPERS: tuple[Paper, ...] = (
    _row(
        "word2vec",
        "Mikolov, Sutskever, Chen, Corrado & Dean 2013, Distributed representations of words and phrases",
        2013,
        "first steps",
        "words that occur in similar contexts get similar vectors",
        """Predict the words around each word: the dot product of the two vectors should be high.
A softmax over all words is slow, so tell real neighbours from k random words instead.
These are drawn by frequency to the power 3/4; very frequent words are often skipped.
Sums of vectors mean something: Russia + river is near Volga River.
Levy & Goldberg (2014): the optimum factorises a matrix, PMI - log k.""",
        "words/kernel.py",
        "words.md",
        "tengen train words --steps 1000000",
        exercise="tengen train words --negatives 1, then 15; what does test/loss do, and why can it not be compared?",
        result="2.93 nats per pair on a million words of Tiny Shakespeare; eyes: tears, own; duchess: aumerle, duke",
    ),
    _row(
        "act2vec",
        "Tennenholtz & Mannor 2019, The natural language of actions",
        2019,
        "first steps",
        "moves that are played in similar situations get similar vectors",
        """Skip-gram with moves as words and each game as a text.
The model is not told what a move is, only which moves come before and after it.
Yet the vectors of neighbouring points are similar, and their principal components draw the board.
Actions with similar effects end up close, which helps an agent with many actions to explore.
The paper shows it on StarCraft II, navigation and drawing; here it is Go.""",
        "words/study.py",
        "words.md",
        "tengen train words --net act2vec",
        result="97.5 % of the 361 points of 19x19 are nearest to one that touches them (KGS"
        " games, 10 M moves, 1 minute)",
        exercise="tengen train words --net act2vec with --window 1 and 10; which redraws the board? --records PATH"
        " takes a folder or archive of SGF files; without it, 1,000 artificial games are made",
    ),
    Paper(
        name="sentence-cnn",
        paper="Kim 2014, Convolutional neural networks for sentence classification",
        year=2014,
        theme="sequences",
        level="first steps",
        idea="filters over neighbouring words find phrases; the maximum over the sentence says whether they occur",
        says="""Stack the word vectors of a sentence into a matrix, one row per word.
Filters over 3, 4 and 5 words look for phrases; the maximum over time keeps the best match of each.
Dropout on these maxima and a bound on the output's weights are the only regularisation.
Starting from word2vec's vectors instead of random ones gains several points.
One layer with little tuning was as good as much larger models.""",
        file="supervised/nets/sentence.py",
        page="docs/algorithms/sentence-cnn.md",
        command="tengen train sentences",
        result="76.8 % [76.0, 77.6] over ten folds, 5 minutes on one core",
        published="76.1 % (CNN-rand, ten folds; table 2)",
        published_on="rt-polarity",
        exercise="tengen train sentences --folds 1 --dropout 0; how far does the gap between training and test widen?",
        takes="5 minutes on one core",
    ),
)

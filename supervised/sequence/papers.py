"""The rows of the reading list that this room has."""

from __future__ import annotations

from tengen.papers import Level, Paper

_HERE = "supervised/sequence"
_PAGES = "docs/algorithms"


def _row(
    name: str,
    paper: str,
    year: int,
    level: Level,
    idea: str,
    says: str,
    file: str,
    page: str,
    command: str,
    result: str = "",
    published: str = "",
    exercise: str = "",
) -> Paper:
    return Paper(
        name,
        paper,
        year,
        "sequences",
        level,
        idea,
        says,
        f"{_HERE}/{file}",
        f"{_PAGES}/{page}",
        command,
        result,
        published,
        exercise,
    )


TRANSLATION: tuple[Paper, ...] = (
    _row(
        "word2vec",
        "Mikolov, Sutskever, Chen, Corrado & Dean 2013, Distributed representations of words and phrases",
        2013,
        "first steps",
        "words that stand beside the same words get vectors that are alike",
        """For each word predict the words around it: the vector of one times the vector of the other is high.
A softmax over all words is slow, so tell real neighbours from k words drawn at random instead.
They are drawn by frequency to the power 3/4; very frequent words are often skipped.
Sums of vectors mean something: Russia + river is near Volga River.
Levy & Goldberg (2014): the optimum factorises a matrix, PMI - log k.""",
        "words/kernel.py",
        "words.md",
        "tengen train words",
        exercise="tengen train words --negatives 1, then 15; what does test/loss do, and why can it not be compared?",
    ),
    _row(
        "act2vec",
        "Tennenholtz & Mannor 2019, The natural language of actions",
        2019,
        "first steps",
        "moves that are played in the same situations get vectors that are alike",
        """Skip-gram with the moves of games as words and each game as a text.
Nothing says what a move is: only which moves come before and after it.
Yet the vectors of neighbouring points are alike, and their main directions draw the board.
Actions with similar effects end up close, which helps an agent with many actions to explore.
The paper shows it on StarCraft II, navigation and drawing; here it is Go.""",
        "words/study.py",
        "words.md",
        "tengen train words --net act2vec",
        "97.5 % of the 361 points of 19x19 are nearest to one that touches them (KGS games, 10 M moves, 1 minute)",
        exercise="tengen train words --net act2vec --records PATH with --window 1 and 10; which one redraws the board?",
    ),
    _row(
        "sentence-cnn",
        "Kim 2014, Convolutional neural networks for sentence classification",
        2014,
        "first steps",
        "filters over neighbouring words find phrases; their maximum over the sentence says whether they are there",
        """Put the vectors of a sentence's words under each other, as a picture one word high.
Filters over 3, 4 and 5 words look for phrases; the maximum over time keeps the best match of each.
Dropout on these maxima and a bound on the output's weights are all the regularisation.
Vectors from word2vec instead of random ones give some points more.
One layer with little tuning was as good as much larger models.""",
        "sentences/study.py",
        "sentence-cnn.md",
        "tengen train sentences",
        published="76.1 % (CNN-rand, ten folds; table 2)",
        exercise="tengen train sentences --folds 1 --dropout 0; by how much do loss and test/accuracy part?",
    ),
    _row(
        "seq2seq",
        "Sutskever, Vinyals & Le 2014, Sequence to sequence learning with neural networks",
        2014,
        "middle",
        "one network reads a sentence into a vector, another writes the translation from it",
        """An LSTM reads the source; its last state is all that the second LSTM gets.
Reading the source backwards helps much: the first words are then close to the first words written.
A beam search keeps the most probable beginnings.
Four layers of 1,000 units beat a phrase-based system when they rescore its output.
A vector of fixed size has to hold any sentence: long ones suffer.""",
        "translation/seq2seq.py",
        "translation.md",
        "tengen train translation --net seq2seq",
        exercise="take the flip(1) out of Seq2Seq.encode and train again; what does reading backwards bring?",
    ),
    _row(
        "attention",
        "Bahdanau, Cho & Bengio 2014, Neural machine translation by jointly learning to align and translate",
        2014,
        "middle",
        "for each word that it writes, the decoder looks at another part of the source",
        """Keep the states of all source words instead of the last one only.
A small network scores how well each of them fits what is written next; a softmax makes weights of it.
The weighted mean of the states is what the decoder reads.
The alignment is learned with the rest, from translations alone, and can be looked at.
Long sentences no longer get worse.""",
        "translation/attention.py",
        "translation.md",
        "tengen train translation --net attention",
        published="about 28 BLEU (28.77 of a re-implementation on Multi30k, bentrevett/pytorch-seq2seq; other tokens)",
        exercise="tengen sample RUN --prompt, with the verb at the sentence's end: where does the picture cross over?",
    ),
    _row(
        "transformer",
        "Vaswani et al. 2017, Attention is all you need",
        2017,
        "middle",
        "attention instead of recurrence: all places of a sentence are computed at once",
        """Each place asks all others by query and key, and takes the weighted mean of their values.
Several heads look for different things; the scale 1 / sqrt(d) keeps the softmax from saturating.
Sines and cosines tell where a word stands; a mask hides the future from the decoder.
Nothing waits for the word before it, so training uses the machine well.
It beat recurrent networks in translation at a fraction of their training cost.""",
        "translation/transformer.py",
        "translation.md",
        "tengen train translation --net transformer",
        published="about 36 BLEU (36.09 of a re-implementation on Multi30k, bentrevett/pytorch-seq2seq; other tokens)",
        exercise="train with --heads 1 and with --heads 8 for the same --steps; which loss is lower, and by how much?",
    ),
)

PAPERS: tuple[Paper, ...] = TRANSLATION

"""Rows of the reading list: translation."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("sequences", "supervised/sequence", "docs/algorithms")


PAPERS: tuple[Paper, ...] = (
    _row(
        "seq2seq",
        "Sutskever, Vinyals & Le 2014, Sequence to sequence learning with neural networks",
        2014,
        "middle",
        "one network reads a sentence into a vector, another writes the translation from it",
        """An LSTM reads the source; its last state is all that the second LSTM gets.
Reading the source backwards helps a lot: its first words are then close to the first words written.
Beam search keeps the most probable partial translations.
Four layers of 1,000 units improve on a phrase-based system when they rescore its output.
A vector of fixed size has to hold any sentence, and long ones suffer.""",
        "translation/seq2seq.py",
        "translation.md",
        "tengen train translation --net seq2seq",
        result="17.8 [16.7, 18.9] BLEU (sacreBLEU, lower-cased), 31 minutes on one core",
        takes="31 minutes on one core",
        exercise="take the flip(1) out of Seq2Seq.encode and train again; how much does reading backwards help?",
    ),
    _row(
        "attention",
        "Bahdanau, Cho & Bengio 2014, Neural machine translation by jointly learning to align and translate",
        2014,
        "middle",
        "for each word it writes, the decoder looks at a different part of the source",
        """Keep the states of all source words instead of only the last.
A small network scores how well each one fits the next word; a softmax turns the scores into weights.
The decoder reads the weighted mean of the states.
The alignment is learned with the rest, from translations alone, and can be plotted.
Long sentences no longer suffer.""",
        "translation/attention.py",
        "translation.md",
        "tengen train translation --net attention",
        result="38.9 [37.3, 40.4] BLEU (sacreBLEU, lower-cased), 50 minutes on one core",
        published="about 28 BLEU (28.77 of a re-implementation on Multi30k, bentrevett/pytorch-seq2seq; other tokens)",
        published_on="multi30k",
        exercise='tengen sample RUN --prompt "ein alter mann hat heute vor dem haus gesessen.": in which rows does its'
        " picture leave the diagonal, and how far? (--steps 100 is enough for the generated sentences)",
        takes="50 minutes on one core",
    ),
    _row(
        "transformer",
        "Vaswani et al. 2017, Attention is all you need",
        2017,
        "middle",
        "attention instead of recurrence: all positions of a sentence are computed in parallel",
        """Each position compares its query with all keys and takes the weighted mean of the values.
Several heads look for different things; the scale 1 / sqrt(d) keeps the softmax from saturating.
Sines and cosines encode the position of a word; a mask hides the future from the decoder.
No position waits for the one before it, so training uses the hardware well.
It beat recurrent networks in translation at a fraction of their training cost.""",
        "translation/transformer.py",
        "translation.md",
        "tengen train translation --net transformer",
        result="38.3 [36.6, 39.9] BLEU (sacreBLEU, lower-cased), 39 minutes on one core",
        takes="39 minutes on one core",
        published="about 36 BLEU (36.09 of a re-implementation on Multi30k, bentrevett/pytorch-seq2seq; other tokens)",
        published_on="multi30k",
        exercise="train with --heads 1 and with --heads 8 for the same --steps; which loss is lower, and by how much?",
    ),
)

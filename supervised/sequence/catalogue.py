"""The systems of this room, by task and name. No torch in here."""

from __future__ import annotations

from supervised.systems.system import NOT_DIGITS, System

_TRANSLATION = "supervised.sequence.translation"

TRANSLATION = tuple(
    System(
        task="translation",
        option="--net",
        name=name,
        about=about,
        config=f"{_TRANSLATION}.config:{name.upper()}",
        study=f"{_TRANSLATION}.study:study",
        model=f"{_TRANSLATION}.translate:model",
        sample=f"{_TRANSLATION}.sample:sample",
        settings={"steps": steps},
        default=name == "transformer",
        steers=("prompt",),
        unused=unused,
    )
    for name, about, steps, unused in (
        ("transformer", "translation by attention alone", 3000, ("embedding",)),
        (
            "attention",
            "translation by recurrent networks with attention",
            3500,
            ("layers", "heads", "feed_forward"),
        ),
        ("seq2seq", "translation of a sentence through one vector", 3600, ("heads", "feed_forward")),
    )
)

MOVES_OF_GAMES = "agents.alphago.moves:sequences"  # (records, size of the board, say) -> points, names, about
WORDS = tuple(
    System(
        task="words",
        option="--net",
        name=name,
        about=about,
        config=f"supervised.sequence.words.config:{preset}",
        study="supervised.sequence.words.study:WordStudy",
        model="supervised.sequence.words.study:model",
        sample="supervised.sequence.words.show:sample",
        settings={"steps": steps},
        default=preset == "SKIP_GRAM",
        paper=paper,
        reads=("data",) if preset == "SKIP_GRAM" else ("records",),
        unused=("board",) if preset == "SKIP_GRAM" else ("most_words",),
        steers=("prompt", "count"),
    )
    for name, about, preset, steps, paper in (
        ("skip-gram", "a vector for each word, from the words around it", "SKIP_GRAM", 5_000_000, "word2vec"),
        ("act2vec", "a vector for each move of Go, from the moves around it", "ACT2VEC", 10_000_000, "act2vec"),
    )
)

SENTENCES = System(
    task="sentences",
    option="--net",
    name="sentence-cnn",
    about="convolutions over neighbouring words",
    config="supervised.sequence.sentences.config:SENTENCE_CNN",
    study="supervised.sequence.sentences.study:FoldStudy",
    model="supervised.sequence.sentences.show:model",
    sample="supervised.sequence.sentences.show:sample",
    settings={"steps": 10_000},
    default=True,
    unused=("ema",),
    takes_trunk=True,
    of_trunk=("width", "filters"),
    steers=("prompt",),
)

_TEXT = "supervised.sequence.text"


def _text(net: str, about: str, steps: int, default: bool = False) -> System:
    return System(
        task="text",
        option="--net",
        name=net,
        about=about,
        config=f"{_TEXT}.config:{net.upper()}",
        study=f"{_TEXT}.study:study",
        model=f"{_TEXT}.networks:model",
        sample=f"{_TEXT}.generate:sample",
        settings={"steps": steps},
        default=default,
        unused=("embedding",) if net == "gpt" else ("heads",),
        steers=("prompt", "temperature", "top", "length", "count"),
    )


def _in_context(family: str, about: str, steps: int, default: bool = False) -> System:
    return System(
        task="in-context",
        option="--family",
        name=family,
        about=about,
        config=f"supervised.sequence.in_context.config:{family.upper()}",
        study="supervised.sequence.in_context.study:study",
        settings={"steps": steps},
        default=default,
        paper="few-shot",
        reads=(),
    )


SYSTEMS: tuple[System, ...] = (
    System(
        task="digits|mnist|fashion-mnist",
        option="--impl",
        name="tape",
        about="back-propagation by hand, on numpy arrays",
        config="supervised.sequence.tape.config:TAPE",
        study="supervised.sequence.tape.study:TapeStudy",
        settings={"steps": 2000},
        only={"data": NOT_DIGITS},
    ),
    System(
        task="corridor",
        option="--impl",
        name="tape",
        about="REINFORCE with back-propagation by hand, on numpy arrays",
        config="agents.reinforce.by_hand_config:BY_HAND",
        study="agents.reinforce.by_hand_study:CorridorStudy",
        settings={"steps": 60},
        reads=(),
    ),
    _text("lstm", "character model: an LSTM", 5000, default=True),
    _text("gru", "character model: a GRU", 5000),
    _text("rnn", "character model: a vanilla recurrent network", 5000),
    _text("gpt", "character model: a small GPT", 3000),
    _in_context("linear", "linear functions from examples in the prompt", 8000, default=True),
    _in_context("lookup", "key-value lookup from examples in the prompt", 3000),
    *TRANSLATION,
    *WORDS,
    SENTENCES,
)

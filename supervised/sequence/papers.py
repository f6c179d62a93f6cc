"""The rows of the reading list that this room has."""

from __future__ import annotations

from tengen.papers import Paper

_THEME = "sequences"
_TEXT_PAGE = "docs/algorithms/text.md"

PAPERS: tuple[Paper, ...] = (
    Paper(
        name="tape",
        paper="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors",
        year=1986,
        theme=_THEME,
        level="first steps",
        idea="write every operation down, read the list backwards once: every weight has its gradient",
        says="""A network's error is a function of its weights, so it has a gradient.
The chain rule gives it layer by layer, from the output back to the input.
Each operation needs to know only how a gradient of its result becomes one of its inputs.
Hidden units that nobody labelled come to stand for features of the task.
A list of operations (Wengert 1964) makes the order automatic, for any computation.""",
        file="supervised/sequence/tape/tape.py",
        page="docs/algorithms/tape.md",
        command="tengen train digits --impl tape",
        result="97.5 % [95.3, 98.7] of 359 held-out digits, 2,000 steps, 10 seconds on one core",
        exercise="add Value.maximum with its pulls and a line in OPERATIONS of tests/supervised/sequence/test_tape.py;"
        " `python -m pytest tests/supervised/sequence -k differences` checks it",
    ),
    Paper(
        name="rnn",
        paper="Elman 1990, Finding structure in time",
        year=1990,
        theme=_THEME,
        level="first steps",
        idea="the hidden state is read again with the next input: a memory",
        says="""Time need not be an input of its own: what was computed before is read together with what comes now.
The same weights are used at every step, so a text may be of any length.
The task is to predict what comes next; nothing is labelled.
Words and their kinds appear in the hidden state although only letters were given.
Gradients through many steps vanish or explode, which bounds what it can learn to remember.""",
        file="supervised/scratch/recurrent.py",
        page=_TEXT_PAGE,
        command="tengen train text --net rnn",
        result="1.97 nats a character, 256 units, 500 steps of 2,048 characters, 13 seconds of one core",
        exercise="train with --max-grad-norm 0 and --length 256; when does the loss jump, and why not with lstm?",
    ),
    Paper(
        name="lstm",
        paper="Hochreiter & Schmidhuber 1997, Long short-term memory",
        year=1997,
        theme=_THEME,
        level="middle",
        idea="a cell that copies itself, with gates that say what is written, kept and read",
        says="""In a plain recurrent network an error that flows back through time vanishes or explodes.
A unit with a connection of weight 1 to itself keeps it constant: the constant error carousel.
Gates, which are learned too, protect the cell from inputs and others from the cell.
So a value can be held over a thousand steps.
Gers 2000 added the gate that forgets.""",
        file="supervised/scratch/recurrent.py",
        page=_TEXT_PAGE,
        command="tengen train text --net lstm",
        result="1.647 nats a character, 256 units, 1,000 steps of 2,048 characters, 40 seconds of one core",
        published="1.88 after three CPU minutes (nanoGPT, its README)",
        exercise="set a cell by hand that copies a bit over 100 steps: write the weights, then compare with"
        " test_a_memory_cell_copies_over_a_hundred_steps in tests/supervised/sequence/test_recurrent.py",
    ),
    Paper(
        name="gru",
        paper="Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        year=2014,
        theme=_THEME,
        level="middle",
        idea="two gates instead of three, and no cell beside the hidden state",
        says="""An update gate says how much of the state is kept, a reset gate how much of it is read.
Where the update gate is open the state is copied, as in an LSTM's cell.
There are three quarters of the LSTM's weights.
In the paper it encodes a phrase into one vector and decodes it into another language.
On most tasks it is as good as an LSTM.""",
        file="supervised/scratch/recurrent.py",
        page=_TEXT_PAGE,
        command="tengen train text --net gru",
        result="1.553 nats a character, 256 units, 1,000 steps of 2,048 characters, 61 seconds of one core",
        exercise="train lstm and gru with the same number of weights (--hidden); which is better after the same steps?",
    ),
    Paper(
        name="gpt",
        paper="Radford et al. 2019, Language models are unsupervised multitask learners",
        year=2019,
        theme=_THEME,
        level="middle",
        idea="blocks of causal self-attention, trained to predict the next token and nothing else",
        says="""Predicting the next token of enough text teaches translation, summaries and answers on the way.
A block adds attention to what came before and a perceptron to its input; norms come first.
All places of a text are learned from at once, since none can see what follows it.
While writing, keys and values of the past are kept: a token costs one row of attention.
More data and larger networks go on helping: none of them had learned its text to the end.""",
        file="supervised/sequence/gpt.py",
        page=_TEXT_PAGE,
        command="tengen train text --net gpt",
        result="1.690 nats a character, 4 blocks of 128, 800 steps of 2,048 characters, 85 seconds of one core",
        published="1.88 in three CPU minutes, 1.4697 in three minutes on an A100 (nanoGPT, its README)",
        exercise="`tengen bench sequence`: how much faster is writing with a cache? Predict it for twice the context",
    ),
    Paper(
        name="few-shot",
        paper="Brown et al. 2020, Language models are few-shot learners",
        year=2020,
        theme=_THEME,
        level="middle",
        idea="a task is learned from examples in the prompt, with weights that stay as they are",
        says="""A large language model does new tasks from a few examples in its prompt, without a gradient step.
The more examples, the better, and the larger the model the steeper the curve.
Training on text that is full of small tasks teaches how to learn from context.
Garg 2022 shows it in miniature: trained on random linear functions, a GPT does least squares.
Here a network of 150,000 weights learns linear functions, or to look pairs up.""",
        file="supervised/sequence/in_context/families.py",
        page="docs/algorithms/few-shot.md",
        command="tengen train in-context",
        exercise="train --family lookup with --layers 1 and with 2; why does one block never look a key up?"
        " (pictures/in-context.png)",
    ),
)

"""Rows of the reading list: back-propagation by hand, and models of text."""

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
        idea="record every operation, then go through the list backwards once: every weight has its gradient",
        says="""A network's error is a function of its weights, so it has a gradient.
The chain rule gives it layer by layer, from the output back to the input.
Each operation only needs to turn the gradient of its result into gradients of its inputs.
Hidden units, which have no labels, come to represent features of the task.
A list of operations (Wengert 1964) makes the order automatic, for any computation.""",
        file="supervised/sequence/tape/tape.py",
        page="docs/algorithms/tape.md",
        command="tengen train digits --impl tape",
        result="97.5 % [95.3, 98.7] of 359 held-out digits, 2,000 steps, 10 seconds on one core",
        exercise="add Value.maximum with its pulls and a line in OPERATIONS of tests/supervised/sequence/test_tape.py;"
        " `python -m pytest tests/supervised/sequence -k differences` checks it",
        takes="10 seconds on one core",
    ),
    Paper(
        name="rnn",
        paper="Elman 1990, Finding structure in time",
        year=1990,
        theme=_THEME,
        level="first steps",
        idea="the hidden state is fed back with the next input, as a memory",
        says="""Time need not be an input: the network reads its previous state together with the current input.
The same weights are used at every step, so a text may have any length.
The task is to predict what comes next; there are no labels.
Word boundaries and word classes emerge, learned from the order of letters and words alone.
Gradients through many steps vanish or explode, which limits what it can learn to remember.""",
        file="supervised/scratch/recurrent.py",
        page=_TEXT_PAGE,
        command="tengen train text --net rnn",
        result="1.643 [1.618, 1.669] nats per character of Tiny Shakespeare, 256 units, 2 minutes on one core",
        takes="2 minutes on one core",
        exercise="train with --max-grad-norm 0 and --length 256; when does the loss jump, and why not with lstm?",
    ),
    Paper(
        name="lstm",
        paper="Hochreiter & Schmidhuber 1997, Long short-term memory",
        year=1997,
        theme=_THEME,
        level="middle",
        idea="a cell that copies itself, with gates that control what is written, kept and read",
        says="""In a plain recurrent network an error that flows back through time vanishes or explodes.
A unit with a connection of weight 1 to itself keeps it constant: the constant error carousel.
Learned gates protect the cell from irrelevant inputs, and other units from the cell.
So a value can be held for a thousand steps.
Gers (2000) added the forget gate.""",
        file="supervised/scratch/recurrent.py",
        page=_TEXT_PAGE,
        command="tengen train text --net lstm",
        result="1.513 [1.482, 1.544] nats per character of Tiny Shakespeare, 256 units, 4 minutes on one core",
        takes="4 minutes on one core",
        published="1.88 after three CPU minutes (nanoGPT, its README)",
        published_on="tinyshakespeare",
        exercise="set a cell by hand that copies a bit over 100 steps: write the weights (rows in the order"
        " i, f, g, o), then compare with"
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
It has three quarters of an LSTM's weights.
In the paper it encodes a phrase into one vector and decodes it into another language.
On most tasks it is as good as an LSTM.""",
        file="supervised/scratch/recurrent.py",
        page=_TEXT_PAGE,
        command="tengen train text --net gru",
        result="1.465 [1.434, 1.497] nats per character of Tiny Shakespeare, 13 minutes on two cores beside other work",
        exercise="train lstm and gru with the same number of weights (--hidden); which is better after the same steps?",
        takes="13 minutes on two cores beside other work",
    ),
    Paper(
        name="gpt",
        paper="Radford et al. 2019, Language models are unsupervised multitask learners",
        year=2019,
        theme=_THEME,
        level="middle",
        idea="blocks of causal self-attention, trained to predict the next token and nothing else",
        says="""Predicting the next token of enough text teaches translation, summaries and answers on the way.
A block adds to its input the outputs of causal attention and of a perceptron, each after a norm.
All positions of a text train at once, since none of them sees what follows it.
When generating, the keys and values of the past are cached: a token costs one row of attention.
More data and larger networks keep helping: all the models still underfit their text.""",
        file="supervised/sequence/gpt.py",
        page=_TEXT_PAGE,
        command="tengen train text --net gpt",
        result="1.507 [1.470, 1.543] nats per character, 4 blocks of 128, 3,000 steps, 12 minutes beside other work",
        published="1.88 in three CPU minutes, 1.4697 in three minutes on an A100 (nanoGPT, its README)",
        published_on="tinyshakespeare",
        exercise="`tengen bench sequence`: how much faster is sampling with a cache? Predict it for twice the context",
        takes="12 minutes beside other work",
    ),
    Paper(
        name="few-shot",
        paper="Brown et al. 2020, Language models are few-shot learners",
        year=2020,
        theme=_THEME,
        level="middle",
        idea="learn a task from examples in the prompt, without changing the weights",
        says="""A large language model does new tasks from a few examples in its prompt, without a gradient step.
More examples help, and they help larger models more.
Training on text that is full of small tasks teaches the model to learn from context.
Garg (2022) shows it in miniature: trained on random linear functions, a GPT does least squares.
Here a small network learns linear functions, or key-value lookup.""",
        file="supervised/sequence/in_context/families.py",
        page="docs/algorithms/few-shot.md",
        command="tengen train in-context --family lookup",
        result="4.7 % [4.0, 5.3] wrong after 11 examples, 3.4 % at best, 75 % without; 70 seconds on one core",
        takes="1 minute on one core",
        exercise="train --family lookup with --layers 1 and with 2; why does one block never look a key up?"
        " (pictures/in-context.png)",
    ),
)

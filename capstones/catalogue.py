"""The project ideas by name. To add one, add a folder in templates/ideas and a line here."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from tengen.errors import UserError, unknown

TEMPLATES = Path(__file__).resolve().parent / "templates"

Kind = Literal["supervised", "rl"]
KINDS: tuple[Kind, ...] = ("supervised", "rl")


class Idea(NamedTuple):
    """The topic of a project and its target."""

    kind: Kind
    title: str
    about: str
    data: str  # the data, their licence, and a substitute
    metric: str
    published: str  # a published figure with its source; "" where there is none
    target: str
    minutes: int  # of training for the finished sample, on one core

    # the folder in templates/ideas has the idea's name


IDEAS: dict[str, Idea] = {
    "digits": Idea(
        "supervised",
        "handwritten digits, classified by a small residual network",
        "random shifts, residual blocks, label smoothing, momentum and its schedule, each written out",
        "MNIST (LeCun, Cortes & Burges), 60,000 pictures to learn from, 10,000 to test; usually cited as CC BY-SA 3.0",
        "accuracy on the 10,000 test pictures",
        "99.2 % with distorted pictures (LeNet-5, LeCun et al. 1998, section III), 99.05 % without, one training each",
        "99.4 % or more as the mean of three seeds",
        7,
    ),
    "segmentation": Idea(
        "supervised",
        "the class of every pixel, by a small U-Net",
        "scenes composed of digits, intersection over union, a network that contracts and expands again",
        "scenes of 64x64 composed on the fly from two to five MNIST digits, usually cited as CC BY-SA 3.0",
        "mean intersection over union on 1,000 scenes of test digits",
        "0.92 on PhC-U373, cells under a microscope (U-Net, Ronneberger et al. 2015); there is none for these scenes",
        "0.90 or more as the mean of three seeds",
        20,
    ),
    "sentiment": Idea(
        "supervised",
        "positive or negative reviews, classified by filters over words",
        "a vocabulary, batches of sentences, filters that find phrases wherever they stand",
        "rt-polarity (Pang & Lee 2005), 10,662 sentences of film reviews; free for research, no formal licence",
        "accuracy on a held-out tenth of the sentences, another tenth for each seed",
        "76.1 % (CNN-rand, Kim 2014, table 2), ten folds",
        "75 % or more as the mean of three seeds",
        1,
    ),
    "text": Idea(
        "supervised",
        "a text, a character at a time, by a recurrent network",
        "gated recurrent units from their equations, truncated and clipped gradients, sampling with a temperature",
        "Tiny Shakespeare (1,115,394 characters; text in the public domain), the last tenth held out",
        "nats a character on the held-out tenth (lower is better)",
        "1.88 nats (nanoGPT's README: 4 blocks of 128, about three minutes on a CPU), random windows of that tenth",
        "1.9 nats or less as the mean of three seeds",
        3,
    ),
    "blank-supervised": Idea(
        "supervised",
        "a problem of your own, learned from labels",
        "every file of a project, a small generated set to start from, nothing decided",
        "generated: three rings of points",
        "accuracy on held-out points",
        "",
        "yours to set in PROPOSAL.md",
        1,
    ),
    "blank-rl": Idea(
        "rl",
        "a problem of your own, learned from rewards",
        "every file of a project, a corridor to start from, nothing decided",
        "none: a simulated environment",
        "mean return of an episode",
        "",
        "yours to set in PROPOSAL.md",
        1,
    ),
    "gym": Idea(
        "rl",
        "control learned from scratch",
        "a cart with a pole, a double pendulum and a lunar lander, all by proximal policy optimisation",
        "none: simulated Gymnasium environments; LunarLander needs `pip install box2d`",
        "mean score of the environments, with 0 for random play and 1 for what Gymnasium calls solved",
        "475 for CartPole-v1, -100 for Acrobot-v1, 200 for LunarLander-v3: there Gymnasium calls them solved",
        "1 or more",
        3,
    ),
    "connect4": Idea(
        "rl",
        "Connect 4, learned by self-play",
        "a network, a tree search and self-play, each written from scratch; Tengen has the rules and is the referee",
        "none: its games against itself",
        "games lost out of 100 against a search with 1,000 random rollouts a move",
        "0 with perfect play by the player who moves first on the empty board: the first player wins (Allis 1988)",
        "at most 3 lost of 100",
        34,
    ),
    "frogger": Idea(
        "rl",
        "Frogger from pixels",
        "an Atari game outside the usual 57, learned by parallelised Q-learning without a replay memory",
        "none: the game comes with ale-py and is emulated",
        "mean score of whole games with sticky actions",
        "",
        "clearly above random play: the intervals do not touch",
        22,
    ),
    "recommender": Idea(
        "supervised",
        "who beats whom",
        "ratings of players from their game records, with a low-rank term for what no ranking can express",
        "generated: players with a strength and a style; --data: a CSV file of games, or what `tengen rate` has kept",
        "log-loss on held-out games, in nats",
        "",
        "lower than Elo's, and rock-paper-scissors recovered",
        1,
    ),
}


def find_idea(name: str, kind: Kind) -> tuple[str, Idea]:
    """(name, idea) of `name` for projects of this kind; `blank` exists for both. UserError for any other name."""
    name = f"blank-{kind}" if name == "blank" else name
    if name not in IDEAS:
        names = [idea if not idea.startswith("blank-") else "blank" for idea in IDEAS]
        raise unknown("idea", name, set(names), "(see tengen new --ideas)")
    idea = IDEAS[name]
    if idea.kind != kind:
        raise UserError(
            f"the idea '{name}' is for capstone-{idea.kind}: tengen new capstone-{idea.kind} NAME --idea {name}"
        )
    return name, idea


def describe() -> list[tuple[str, ...]]:
    """A table for people, its head first."""
    rows = [("idea", "what", "metric", "target")]
    for name, idea in IDEAS.items():
        shown = "blank" if name.startswith("blank-") else name
        rows.append((f"capstone-{idea.kind} NAME --idea {shown}", idea.title, idea.metric, idea.target))
    return list(rows)

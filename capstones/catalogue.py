"""The ideas for projects by name. One idea more is a folder in templates/ideas and a line here."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from tengen.errors import UserError, unknown

TEMPLATES = Path(__file__).resolve().parent / "templates"

Kind = Literal["supervised", "rl"]
KINDS: tuple[Kind, ...] = ("supervised", "rl")


class Idea(NamedTuple):
    """What a project is about, before anything is done."""

    kind: Kind
    title: str
    about: str
    data: str  # what is read, and what stands in for it
    metric: str
    published: str  # a figure that others reached, with its source; "" where there is none
    target: str
    minutes: int  # that the finished sample's training takes, one core

    # the folder in templates/ideas has the idea's name


IDEAS: dict[str, Idea] = {
    "digits": Idea(
        "supervised",
        "handwritten digits, read by a small residual network",
        "pictures moved at random, residual blocks, smoothed labels, momentum and its schedule, each written out",
        "MNIST (LeCun, Cortes & Burges), 60,000 pictures to learn from, 10,000 to test; usually cited as CC BY-SA 3.0",
        "accuracy on the 10,000 test pictures",
        "99.2 % with distorted pictures (LeNet-5, LeCun et al. 1998, section III), 99.05 % without, one training each",
        "99.4 % or more as the mean of three seeds",
        7,
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
        "none: a world that is simulated",
        "mean return of an episode",
        "",
        "yours to set in PROPOSAL.md",
        1,
    ),
}


def find_idea(name: str, kind: Kind) -> tuple[str, Idea]:
    """(name, idea) of `name` for projects of this kind; `blank` is there for both. UserError for another one."""
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

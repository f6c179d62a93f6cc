"""The rubric: the criteria that `tengen check` judges, and those that people judge. There is no grade."""

from __future__ import annotations

from typing import NamedTuple

MACHINE = {
    "runs": "the notebook runs top to bottom in a fresh kernel",
    "prose": "every code cell has prose before it",
    "imports": "imports follow the rules",
    "tests": "known-answer tests pass, and at least one fails when a part is changed",
    "card": "metric with interval, three seeds, a baseline, a published figure with its protocol",
    "sections": "the sections of the proposal and of the report are filled",
    "shareable": "licence, no restricted data, no absolute paths, no cell that prints over forty lines",
    "axes": "every figure has labelled axes",
}

PEOPLE = {
    "supervised": "where would it be used, and what would a mistake cost there",
    "rl": "what does the method mean for the system as a whole",
}


def people(kind: str) -> tuple[str, ...]:
    """The criteria left to people, for this kind of project."""
    return (
        "does it say why each step is necessary",
        "is the problem of interest",
        PEOPLE.get(kind, PEOPLE["supervised"]),
        "if the target was missed: is there a hypothesis why, and one test of it",
        "would you show it to an employer",
        "has one review by another person been answered (REVIEW.md)",
    )


class Verdict(NamedTuple):
    """The result for one criterion."""

    status: str  # passed, to do, failed
    said: str  # what was found
    way_out: str = ""  # what to do about it


def passed(said: str) -> Verdict:
    return Verdict("passed", said)


def to_do(said: str, way_out: str = "") -> Verdict:
    return Verdict("to do", said, way_out)


def failed(said: str, way_out: str = "") -> Verdict:
    return Verdict("failed", said, way_out)

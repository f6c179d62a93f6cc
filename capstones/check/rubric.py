"""The rubric: what a machine can judge of a project, and what people judge. There is no grade."""

from __future__ import annotations

from typing import NamedTuple

MACHINE = {
    "runs": "the notebook runs top to bottom in a fresh kernel",
    "prose": "every code cell has prose before it",
    "imports": "imports keep to the rules",
    "tests": "known-answer tests pass, and at least one fails when a part is changed",
    "card": "metric with interval, three seeds, a baseline, a published figure with its protocol",
    "sections": "the sections of the proposal and of the report are filled",
    "shareable": "licence, no restricted data, no absolute paths, no cell that prints over forty lines",
    "axes": "every figure has labelled axes",
}

PEOPLE = {
    "supervised": "where it would be used, and what a mistake would cost there",
    "rl": "what the method means for the system as a whole",
}


def people(kind: str) -> tuple[str, ...]:
    """What is left to people, for this kind of project."""
    return (
        "is it said why each step is necessary",
        "is the problem of interest",
        PEOPLE.get(kind, PEOPLE["supervised"]),
        "was a missed target explained with a hypothesis, and one test of it",
        "would you show it to an employer",
        "was one review by another person answered (REVIEW.md)",
    )


class Verdict(NamedTuple):
    """What was found for one criterion."""

    status: str  # passed, to do, failed
    said: str  # what was found
    way_out: str = ""  # what to do about it


def passed(said: str) -> Verdict:
    return Verdict("passed", said)


def to_do(said: str, way_out: str = "") -> Verdict:
    return Verdict("to do", said, way_out)


def failed(said: str, way_out: str = "") -> Verdict:
    return Verdict("failed", said, way_out)

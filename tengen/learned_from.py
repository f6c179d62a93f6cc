"""Whether the data found now are the data that a run learned from.

A fingerprint depends on the values and their order. For a set whose parts may be in any order, such as games in a
folder, it is SET/ORDER; older runs have ORDER alone.
"""

from __future__ import annotations

from typing import Protocol

from tengen.description import Description
from tengen.errors import UserError
from tengen.run import Run


class Described(Protocol):
    """An assembled training (tengen/session.py)."""

    def description(self) -> Description: ...


def other_data(run: Run, session: Described) -> str:
    """A message if the data of `session` are not those that `run` learned from; else empty.

    Runs from before this was remembered say nothing of it.
    """
    then = Description.of_run(run).learned_from
    now = session.description().learned_from if then else None
    if not now or not then or _same(then, now):
        return ""
    return f"the data found now are not those that {run.path.name} learned from (fingerprints {now} and {then})"


def checked(run: Run, session: Described) -> str:
    """UserError if `run` would continue with other data: results from before and after could not be compared.

    Else `other_order`.
    """
    if told := other_data(run, session):
        raise UserError(f"{told}: {name_data(run)}; to train on these, start with `tengen train`")
    return other_order(run, session)


def other_order(run: Run, session: Described) -> str:
    """A warning if the data are those that `run` learned from but in another order; else empty."""
    then, now = Description.of_run(run).learned_from, session.description().learned_from
    if not then or not now or _same_order(then, now):
        return ""
    return "its games are in another order now (were files renamed?), so the result will differ"


def name_data(run: Run) -> str:
    option = "--records" if Description.of_run(run).settings.get("records") else "--data"
    return f"name the original data with `tengen resume {run.path} {option} PATH`"


def _same(then: str, now: str) -> bool:
    """Whether two fingerprints belong to the same data, in any order."""
    part = 0 if "/" in then else -1
    return then.split("/")[part] == now.split("/")[part]


def _same_order(then: str, now: str) -> bool:
    """Whether they are also in the same order, so that a training on them continues bit for bit."""
    return then.split("/")[-1] == now.split("/")[-1]

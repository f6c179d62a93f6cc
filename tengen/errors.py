"""User errors: shown as one line that says what to do, with exit status 2 and never a traceback."""

import difflib
import re
from collections.abc import Iterable

_LONG = re.compile(r"\S{400,}")  # what came may be a whole file


class UserError(Exception):
    """What was expected, what was found, and what to do, in one line."""

    def __str__(self) -> str:
        return _LONG.sub(lambda found: f"{found[0][:60]}…{found[0][-20:]}", super().__str__())


class Diverged(UserError):
    """A training whose loss or weights have become NaN or inf."""


class UnknownName(UserError):
    """A name that does not exist; `what` is the kind of thing it should name."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(text)
        self.what = what


def unknown(what: str, given: str, known: Iterable[str], hint: str = "") -> UnknownName:
    """The error for a name that does not exist, with the closest existing ones."""
    names = sorted(known)
    folded = {name.lower(): name for name in names}
    near = difflib.get_close_matches(given.lower(), folded, n=3, cutoff=0.5)
    if near:
        tail = "did you mean " + " or ".join(folded[name] for name in near) + "?"
    else:
        shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        tail = f"known: {shown}" if names else "there is none yet"
    return UnknownName(what, f"no {what} named '{given}'; {tail}" + (f" {hint}" if hint else ""))


def nearer(error: UserError, given: str, known: Iterable[str]) -> UserError:
    """`error`, unless one of `known` is close to `given`: then an error that suggests it."""
    near = difflib.get_close_matches(given.lower(), list(known), n=1, cutoff=0.75)
    return UserError(f"no task named '{given}'; did you mean {near[0]}?") if near else error


def first_line(error: BaseException) -> str:
    """An error's message, in one line of at most 200 characters; its type if it has no message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__

"""Settings as frozen dataclasses, with ranges and documentation; options.py turns them into command-line options.

A config class documents each field by the string under it, so the help cannot drift from the code:

    @dataclass(frozen=True)
    class Config:
        lr: float = 2.5e-4
        '''Adam's learning rate at the start.'''

A number whose type has a `Range` is refused outside it, wherever it comes from:

        lr: Amount = 2.5e-4

A renamed setting keeps its old spelling too, in options and in saved runs:

        RENAMED: ClassVar = {"games": "num_envs"}

and `MAIN` names the most important ones, which `--help` shows:

        MAIN: ClassVar = ("num_envs", "lr")
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import textwrap
import typing
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from tengen.errors import UserError, unknown

C = TypeVar("C")


LARGEST = 2.0**53  # of any setting: whole numbers below it are exact as floats, and nothing sensible is above it


@dataclasses.dataclass(frozen=True)
class Range:
    """The numbers from `low` to `high`, inclusive, and within ±`LARGEST`."""

    low: float = -math.inf
    high: float = math.inf

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float)) or not -LARGEST <= value <= LARGEST:
            return False
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if self.low == -math.inf:
            return " that is finite" if self.high == math.inf else f", at most {self.high:g}"
        return f", {self.low:g} or more" if self.high == math.inf else f" from {self.low:g} to {self.high:g}"


Count = Annotated[int, Range(1)]
Whole = Annotated[int, Range(0)]
Threads = Annotated[int, Range(0, 1024)]
Port = Annotated[int, Range(0, 65_535)]
Fraction = Annotated[float, Range(0, 1)]
Amount = Annotated[float, Range(0)]
Seconds = Annotated[float, Range(0.001)]  # to think or to wait
Finite = Annotated[float, Range()]


def field_docs(config: type) -> dict[str, str]:
    """The string under each field of a dataclass and of its bases, on one line each."""
    docs: dict[str, str] = {}
    for base in reversed(config.__mro__[:-1]):
        docs |= _own_field_docs(base)
    return docs


def _own_field_docs(config: type) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(config))).body[0]
    assert isinstance(body, ast.ClassDef)
    docs = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            assert isinstance(field.target, ast.Name)
            docs[field.target.id] = " ".join(str(after.value.value).split())
    return docs


def renamed(config: type) -> dict[str, str]:
    """Old name -> new name of settings that were renamed."""
    return {old: new for base in config.__mro__ for old, new in getattr(base, "RENAMED", {}).items()}


def main_settings(config: type) -> set[str]:
    """The names of the main settings; all of them if a class names none."""
    named = {name for base in config.__mro__ for name in getattr(base, "MAIN", ())}
    return named or set(kinds_of(config))


def from_dict(config: type[C], values: dict[str, Any]) -> C:
    """A config from parsed YAML; unknown or missing names and wrong kinds are refused."""
    kinds = kinds_of(config)
    values = {renamed(config).get(name, name): value for name, value in values.items()}
    for name, value in values.items():
        if name not in kinds:
            raise unknown("setting", name, kinds)
        if not fits(value, kinds[name]):
            raise UserError(f"setting {name} must be {describe(kinds[name])}, not {shown(value)}")
    return config(**values)


def kinds_of(config: type) -> dict[str, Any]:
    hints = typing.get_type_hints(config, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(config)}


def plain_type(kind: Any) -> Any:
    return typing.get_args(kind)[0] if typing.get_origin(kind) is Annotated else kind


def range_of(kind: Any) -> Range | None:
    return next((x for x in getattr(kind, "__metadata__", ()) if isinstance(x, Range)), None)


def fits(value: Any, kind: Any) -> bool:
    plain, within = plain_type(kind), range_of(kind)
    if typing.get_origin(plain) is typing.Literal:
        return value in typing.get_args(plain)
    if isinstance(value, bool) or plain is bool:
        return isinstance(value, bool) and plain is bool
    if not isinstance(value, (int, float) if plain is float else plain) or value != value:  # nan is no number
        return False
    return within is None or value in within


def shown(value: Any) -> str:
    """A refused value, cut if it is long."""
    huge = isinstance(value, int) and abs(value) >= LARGEST
    return cut(f"a number of {value.bit_length()} bits" if huge else repr(value))


def cut(text: str, most: int = 60) -> str:
    """`text`, with … in place of its end if it is longer than `most`."""
    return text if len(text) <= most else f"{text[: most - 3]}…"


def describe(kind: Any) -> str:
    plain, within = plain_type(kind), range_of(kind)
    if typing.get_origin(plain) is typing.Literal:
        return "one of " + ", ".join(typing.get_args(plain))
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(plain, str(plain)) + (str(within) if within else "")


def check_described(told: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    """UserError if fields of a model's description have the wrong kind."""
    for name, kind in kinds.items():
        if not fits(told[name], kind):
            raise UserError(
                f"the description has {name} {cut(repr(told[name]))}, which must be {describe(kind)}:"
                " it is damaged or forged"
            )

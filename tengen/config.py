"""Settings as frozen dataclasses: the one place that turns them into options, help and YAML.

A config class documents each field by the string under it, so the help cannot drift from the code:

    @dataclass(frozen=True)
    class Config:
        lr: float = 2.5e-4
        '''Adam's learning rate at the start.'''

A number whose type has a `Range` is refused outside of it, wherever it comes from:

        lr: Amount = 2.5e-4

A setting that gets another name keeps its old spelling, in options and in saved runs:

        RENAMED: ClassVar = {"games": "num_envs"}
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import difflib
import inspect
import math
import sys
import textwrap
import typing
from collections.abc import Callable
from typing import Annotated, Any, NoReturn, TypeVar

from tengen.errors import UserError, unknown

C = TypeVar("C")


@dataclasses.dataclass(frozen=True)
class Range:
    """The finite numbers from `low` to `high`, both ends among them."""

    low: float = -math.inf
    high: float = math.inf

    def __contains__(self, value: object) -> bool:
        return isinstance(value, (int, float)) and math.isfinite(value) and self.low <= value <= self.high

    def __str__(self) -> str:
        if self.low == -math.inf:
            return " that is finite" if self.high == math.inf else f", at most {self.high:g}"
        return f", {self.low:g} or more" if self.high == math.inf else f" from {self.low:g} to {self.high:g}"


Count = Annotated[int, Range(1)]
Whole = Annotated[int, Range(0)]
Fraction = Annotated[float, Range(0, 1)]
Amount = Annotated[float, Range(0)]
Finite = Annotated[float, Range()]


class Parser(argparse.ArgumentParser):
    """argparse whose mistakes are one line with the nearest right option, exit status 2."""

    def __init__(self, prog: str, description: str = "") -> None:
        super().__init__(prog, description=description, allow_abbrev=False, formatter_class=_Formatter)

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see {self.prog} --help)")

    def parse_all(self, args: list[str]) -> argparse.Namespace:
        """Parse; an unknown option is answered with the nearest known ones."""
        parsed, rest = self.parse_known_args(args)
        if rest:
            option = next((a for a in rest if a.startswith("--")), rest[0]).split("=")[0]
            if not option.startswith("-"):
                raise UserError(f"unexpected argument '{option}' (see {self.prog} --help)")
            names = [o for action in self._actions for o in action.option_strings if o.startswith("--")]
            raise unknown("option", option, names, f"(see {self.prog} --help)")
        return parsed


class _Formatter(argparse.ArgumentDefaultsHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=100)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in (None, argparse.SUPPRESS) else super()._get_help_string(action)


def field_docs(config: type) -> dict[str, str]:
    """The string under each field of a dataclass, its bases' fields too, on one line."""
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


def add_options(parser: argparse.ArgumentParser, config: Any, title: str) -> None:
    """An option for each field of the dataclass instance `config`, its values as the defaults."""
    group = parser.add_argument_group(title)
    docs = field_docs(type(config))
    for name, kind in _kinds(type(config)).items():
        default = getattr(config, name)
        option = "--" + name.replace("_", "-")
        text = docs.get(name, "").replace("%", "%%")
        if kind is bool:
            group.add_argument(option, action=argparse.BooleanOptionalAction, default=default, help=text)
        else:
            metavar = "|".join(_choices(kind)) or _plain(kind).__name__
            group.add_argument(option, type=_reader(kind), default=default, metavar=metavar, help=text)
    for old, new in renamed(type(config)).items():
        _add_former_name(parser, old, new, _kinds(type(config))[new])


def renamed(config: type) -> dict[str, str]:
    """Old name -> new name of settings that had another one in an earlier version."""
    return {old: new for base in config.__mro__ for old, new in getattr(base, "RENAMED", {}).items()}


def _add_former_name(parser: argparse.ArgumentParser, old: str, new: str, kind: Any) -> None:
    """The old spelling of an option: still understood, with a line that names the new one; not in the help."""
    for prefix, given in (("", True), ("no-", False)) if kind is bool else (("", None),):
        option, now = (f"--{prefix}{name}".replace("_", "-") for name in (old, new))

        class Former(argparse.Action):
            _now, _given = now, given

            def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
                print(f"tengen: {option_string} is called {self._now} now", file=sys.stderr)
                setattr(namespace, self.dest, values if self._given is None else self._given)

        parser.add_argument(
            option,
            dest=new,
            action=Former,
            nargs=0 if kind is bool else None,
            type=str if kind is bool else _reader(kind),
            default=argparse.SUPPRESS,
            help=argparse.SUPPRESS,
        )


def from_options(config: C, options: argparse.Namespace) -> C:
    """`config` with the values that were parsed for `add_options`."""
    return dataclasses.replace(config, **{name: getattr(options, name) for name in _kinds(type(config))})  # type: ignore[type-var]


def from_dict(config: type[C], values: dict[str, Any]) -> C:
    """A config from what YAML gave; unknown or missing names and wrong kinds are refused."""
    kinds = _kinds(config)
    values = {renamed(config).get(name, name): value for name, value in values.items()}
    for name, value in values.items():
        if name not in kinds:
            raise unknown("setting", name, kinds)
        if not _fits(value, kinds[name]):
            raise UserError(f"setting {name} should be {_describe(kinds[name])} and is {value!r}")
    return config(**values)


def _kinds(config: type) -> dict[str, Any]:
    hints = typing.get_type_hints(config, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(config)}


def _plain(kind: Any) -> Any:
    return typing.get_args(kind)[0] if typing.get_origin(kind) is Annotated else kind


def _range(kind: Any) -> Range | None:
    return next((x for x in getattr(kind, "__metadata__", ()) if isinstance(x, Range)), None)


def _fits(value: Any, kind: Any) -> bool:
    plain, within = _plain(kind), _range(kind)
    if typing.get_origin(plain) is typing.Literal:
        return value in typing.get_args(plain)
    if isinstance(value, bool) or plain is bool:
        return isinstance(value, bool) and plain is bool
    if not isinstance(value, (int, float) if plain is float else plain) or value != value:  # nan is no number
        return False
    return within is None or value in within


def _describe(kind: Any) -> str:
    plain, within = _plain(kind), _range(kind)
    if typing.get_origin(plain) is typing.Literal:
        return "one of " + ", ".join(typing.get_args(plain))
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(plain, str(plain)) + (str(within) if within else "")


def _choices(kind: Any) -> tuple[str, ...]:
    """The values of a Literal; empty for other kinds."""
    return typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()


def _reader(kind: Any) -> Callable[[str], Any]:
    return _choice(_choices(kind)) if _choices(kind) else number(kind)


def _choice(choices: tuple[str, ...]) -> Any:
    def parse(text: str) -> str:
        if text not in choices:
            near = difflib.get_close_matches(text, choices, 1)
            tail = f"; did you mean {near[0]}?" if near else ""
            raise argparse.ArgumentTypeError(f"'{text}' is not one of {', '.join(choices)}{tail}")
        return text

    return parse


def number(kind: Any) -> Callable[[str], Any]:
    """What argparse calls to read an option of this kind, for example `type=number(Count)`."""
    plain = _plain(kind)

    def parse(text: str) -> Any:
        try:
            value = float(text.replace("_", "")) if plain is int else plain(text)  # 2e6 and 2_000_000 are whole too
            if plain is int and value == int(value):
                value = int(value)
            if _fits(value, kind):
                return value
        except (ValueError, OverflowError):
            pass
        raise argparse.ArgumentTypeError(f"'{text}' is not {_describe(kind)}")

    return parse

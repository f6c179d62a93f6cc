"""Settings as frozen dataclasses: the one place that turns them into options, help and YAML.

A config class documents each field by the string under it, so the help cannot drift from the code:

    @dataclass(frozen=True)
    class Config:
        lr: float = 2.5e-4
        '''Adam's learning rate at the start.'''
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import difflib
import inspect
import textwrap
import typing
from typing import Any, NoReturn, TypeVar

from tengen.errors import UserError, unknown

C = TypeVar("C")


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
        elif typing.get_origin(kind) is typing.Literal:
            choices = typing.get_args(kind)
            group.add_argument(option, type=_choice(choices), default=default, metavar="|".join(choices), help=text)
        else:
            group.add_argument(option, type=_number(kind), default=default, metavar=kind.__name__, help=text)


def from_options(config: C, options: argparse.Namespace) -> C:
    """`config` with the values that were parsed for `add_options`."""
    return dataclasses.replace(config, **{name: getattr(options, name) for name in _kinds(type(config))})  # type: ignore[type-var]


def from_dict(config: type[C], values: dict[str, Any]) -> C:
    """A config from what YAML gave; unknown or missing names and wrong kinds are refused."""
    kinds = _kinds(config)
    for name, value in values.items():
        if name not in kinds:
            raise unknown("setting", name, kinds)
        kind = kinds[name]
        allowed = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else None
        good = value in allowed if allowed else isinstance(value, (int, float) if kind is float else kind)
        if not good or (isinstance(value, bool) and kind is not bool):
            raise UserError(f"setting {name} should be {_describe(kind)} and is {value!r}")
    return config(**values)


def _kinds(config: type) -> dict[str, Any]:
    hints = typing.get_type_hints(config)
    return {field.name: hints[field.name] for field in dataclasses.fields(config)}


def _describe(kind: Any) -> str:
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(typing.get_args(kind))
    return {int: "a whole number", float: "a number", bool: "true or false", str: "text"}.get(kind, str(kind))


def _choice(choices: tuple[str, ...]) -> Any:
    def parse(text: str) -> str:
        if text not in choices:
            near = difflib.get_close_matches(text, choices, 1)
            tail = f"; did you mean {near[0]}?" if near else ""
            raise argparse.ArgumentTypeError(f"'{text}' is not one of {', '.join(choices)}{tail}")
        return text

    return parse


def _number(kind: type) -> Any:
    def parse(text: str) -> Any:
        try:
            if kind is int:  # 2e6 and 2_000_000 are whole numbers too
                value = float(text.replace("_", ""))
                if value != int(value):
                    raise ValueError
                return int(value)
            return kind(text)
        except (ValueError, OverflowError):
            raise argparse.ArgumentTypeError(f"'{text}' is not {_describe(kind)}") from None

    return parse

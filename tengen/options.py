"""Command-line options, generated from a configuration's fields; mistakes are reported in one line."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import shutil
import sys
import typing
from collections.abc import Callable, Collection, Iterable
from typing import Any, NoReturn, TypeVar

from tengen.config import LARGEST, cut, describe, field_docs, fits, kinds_of, main_settings, plain_type, renamed
from tengen.errors import UserError, unknown

C = TypeVar("C")


class Parser(argparse.ArgumentParser):
    """A parser that reports a mistake in one line, with the closest valid option, and exits with status 2.

    Options in `further` are left out of `--help` and shown by `--help-all`.
    """

    def __init__(self, prog: str, description: str = "") -> None:
        super().__init__(prog, description=description, allow_abbrev=False, formatter_class=_Formatter)
        self.further: list[argparse.Action] = []

    def format_help(self) -> str:
        if not self.further:
            return super().format_help()
        texts = [action.help for action in self.further]
        for action in self.further:
            action.help = argparse.SUPPRESS
        text = super().format_help()
        for action, before in zip(self.further, texts, strict=True):
            action.help = before
        return f"{text}\n{len(self.further)} more options: --help-all\n"

    def format_full_help(self) -> str:
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see {self.prog} --help)")

    def parse_all(self, args: list[str], also: Iterable[str] = ()) -> argparse.Namespace:
        """Parse; an unknown option is answered with the nearest known ones, and those of `also`."""
        parsed, rest = self.parse_known_args(args)
        if rest:
            option = next((a for a in rest if a.startswith("--")), rest[0]).split("=")[0]
            if not option.startswith("-"):
                raise UserError(f"unexpected argument '{option}' (see {self.prog} --help)")
            shown = [action for action in self._actions if action.help is not argparse.SUPPRESS]
            names = [o for action in shown for o in action.option_strings if o.startswith("--")]
            raise unknown("option", option, [*names, *also], f"(see {self.prog} --help)")
        return parsed


class HelpAll(argparse.Action):
    """`--help-all`: every option."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        print(parser.format_full_help(), end="")
        parser.exit()


class _Formatter(argparse.ArgumentDefaultsHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=max(60, min(100, shutil.get_terminal_size().columns - 2)))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in (None, "", argparse.SUPPRESS) else super()._get_help_string(action)


def add_options(parser: Parser, config: Any, title: str, without: Collection[str] = ()) -> None:
    """An option for each field of the dataclass instance `config`, its values as the defaults.

    Those in `without` are read too, so that whoever refuses them can say why, but no help lists them.
    """
    group = parser.add_argument_group(title)
    docs, main = field_docs(type(config)), main_settings(type(config))
    for name, kind in kinds_of(type(config)).items():
        action = _add_option(group, name, kind, docs.get(name, ""), getattr(config, name))
        if name in without:
            action.help = argparse.SUPPRESS
        elif name not in main:
            parser.further.append(action)
    for old, new in renamed(type(config)).items():
        add_former_name(parser, old, new, kinds_of(type(config))[new])


def add_changes(parser: Parser, config: type, names: Iterable[str], title: str) -> None:
    """An option for each of the `names` among the fields of `config`; None where it is not given."""
    group = parser.add_argument_group(title)
    docs, kinds = field_docs(config), kinds_of(config)
    for name in names:
        _add_option(group, name, kinds[name], docs.get(name, ""), None)


def _add_option(group: argparse._ArgumentGroup, name: str, kind: Any, text: str, default: Any) -> argparse.Action:
    option, text = "--" + name.replace("_", "-"), text.replace("%", "%%")
    if kind is bool:
        return group.add_argument(option, action=argparse.BooleanOptionalAction, default=default, help=text)
    metavar = "|".join(_choices(kind)) or plain_type(kind).__name__
    return group.add_argument(option, type=reader(kind), default=default, metavar=metavar, help=text)


def add_former_name(parser: Parser, old: str, new: str, kind: Any) -> None:
    """The old spelling of an option: still understood, with a line that names the new one; not in the help."""
    for prefix, given in (("", True), ("no-", False)) if kind is bool else (("", None),):
        option, now = (f"--{prefix}{name}".replace("_", "-") for name in (old, new))

        class Former(argparse.Action):
            _now, _given = now, given

            def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
                print(f"tengen: {option_string} is now called {self._now}", file=sys.stderr)
                setattr(namespace, self.dest, values if self._given is None else self._given)

        parser.add_argument(
            option,
            dest=new,
            action=Former,
            nargs=0 if kind is bool else None,
            type=str if kind is bool else reader(kind),
            default=argparse.SUPPRESS,
            help=argparse.SUPPRESS,
        )


def from_options(config: C, options: argparse.Namespace) -> C:
    """`config` with the values that were parsed for `add_options`."""
    return dataclasses.replace(config, **{name: getattr(options, name) for name in kinds_of(type(config))})  # type: ignore[type-var]


def _choices(kind: Any) -> tuple[str, ...]:
    """The values of a Literal; empty for other kinds."""
    return typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()


def reader(kind: Any) -> Callable[[str], Any]:
    """What argparse calls to read an option of this kind; it raises ArgumentTypeError."""
    return _choice(_choices(kind)) if _choices(kind) else number(kind)


def _choice(choices: tuple[str, ...]) -> Any:
    def parse(text: str) -> str:
        if text not in choices:
            near = difflib.get_close_matches(text, choices, 1)
            tail = f"; did you mean {near[0]}?" if near else ""
            raise argparse.ArgumentTypeError(f"'{text}' is not one of {', '.join(choices)}{tail}")
        return text

    return parse


def given_option(args: list[str], option: str) -> str | None:
    """The last value of `option` in `args`, read before the parser that depends on it can be made."""
    found = None
    for i, arg in enumerate(args):
        if arg == option and i + 1 < len(args):
            found = args[i + 1]
        elif arg.startswith(f"{option}="):
            found = arg.split("=", 1)[1]
    return found


def _too_large(text: str) -> str:
    try:
        return "; that is too large" if abs(float(text.replace("_", ""))) > LARGEST else ""
    except (ValueError, OverflowError):
        return ""


def number(kind: Any) -> Callable[[str], Any]:
    """What argparse calls to read an option of this kind, for example `type=number(Count)`."""
    plain = plain_type(kind)

    def parse(text: str) -> Any:
        try:
            value = float(text.replace("_", "")) if plain is int else plain(text)  # 2e6 and 2_000_000 are whole too
            if plain is int and value == int(value):
                value = int(value)
            if fits(value, kind):
                return value
        except (ValueError, OverflowError):
            pass
        raise argparse.ArgumentTypeError(f"'{cut(text)}' is not {describe(kind)}{_too_large(text)}")

    return parse

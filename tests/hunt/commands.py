"""Whole commands, generated from the parsers: every option of each, with values from a list of nasty ones."""

from __future__ import annotations

import argparse
import importlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from scripts.cli import COMMANDS
from tengen.options import Parser
from tests.hunt.mutate import value

# These start clusters, write projects, run for minutes or execute user code by design: only fuzz their mistakes.
_REFUSED_ONLY = ("bench", "sweep", "check", "notebook", "new")
_LEFT_OUT = ("--workers", "--learners", "--ray", "--inference-actors", "--learner-gpus")  # Ray takes seconds to start
_FIRST: dict[str, list[list[str]]] = {
    "train": [
        ["corridor", "--steps", "2000"],
        ["bandit", "--agent", "pqn", "--steps", "2000"],
        ["catch", "--agent", "dqn", "--steps", "2000"],
        ["tictactoe", "--steps", "512", "--boards", "8", "--simulations", "4"],
        ["digits", "--epochs", "1"],
        ["digits", "--learner", "tree"],
        ["text", "--steps", "5"],
        ["lesson", "--lesson", "gradients"],
    ],
    "match": [["random", "random", "--board", "go5", "--games", "2"], ["uct:4", "random", "--board", "tictactoe"]],
    "rate": [["random", "uct:2", "uct:4", "--board", "tictactoe", "--games", "2"]],
    "gtp": [["random"], ["uct:4", "--board", "go5"]],
    "eval": [["digits-lenet"], ["go9-policy"], ["nothing"]],
    "play": [["random"]],
    "watch": [["nothing"]],
    "sample": [["digits-vae"], ["text-gpt"]],
    "plot": [["nothing"]],
    "resume": [["nothing"]],
    "show": [["game.sgf"]],
    "gtp-check": [["cat"]],
}


@dataclass(frozen=True)
class Option:
    words: tuple[str, ...]
    takes: bool  # whether it takes a value


class _Seen(Exception):
    pass


class _Spy(Parser):
    def parse_all(self, args: list[str], also: Any = ()) -> argparse.Namespace:
        raise _Seen

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if _Spy.patience <= 0:
            raise _Seen
        _Spy.patience -= 1
        return super().parse_known_args(args, namespace)

    patience = 0


@cache
def options(command: str, first: tuple[str, ...]) -> tuple[Option, ...]:
    """The options that the parser of `command` accepts after `first`."""
    parser = _Spy(f"tengen {command}")
    parser.add_argument("--runs", default="runs")
    _Spy.patience = 3 if command == "train" else 0
    try:
        importlib.import_module(f"scripts.{command.replace('-', '_')}").run(parser, list(first))
    except _Seen:
        pass
    except Exception:  # the command reports what is missing; the options so far will do
        pass
    found = [Option(tuple(a.option_strings), a.nargs != 0) for a in parser._actions if a.option_strings]
    return tuple(o for o in found if not set(o.words) & {*_LEFT_OUT, "-h", "--help", "--help-all"})


def commands(dice: random.Random) -> Iterator[list[str]]:
    """An endless stream of commands."""
    while True:
        name = dice.choice([*COMMANDS, "train", "train", "train", "match", "match", "eval", "rate", "gtp"])
        firsts = _FIRST.get(name, [[]])
        first = list(dice.choice(firsts))
        typed = [name, *first]
        if dice.random() < 0.25 and first:  # one of the words
            at = dice.randrange(1, len(typed))
            typed[at] = value(dice)
        known = options(name, tuple(first))
        for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
            if not known:
                break
            option = dice.choice(known)
            typed.append(dice.choice(option.words))
            if option.takes and dice.random() < 0.97:
                typed.append(value(dice))
        if dice.random() < 0.05:
            typed.append(value(dice))
        if name in _REFUSED_ONLY:
            typed.append("--no-such-option")
        if name == "train" and "--wandb" not in typed:
            typed += ["--wandb", "off"]
        yield [word.replace("\0", "") for word in typed]

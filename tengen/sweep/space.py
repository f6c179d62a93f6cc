"""What a sweep varies: `--over NAME=VALUES`, and the values of each trial.

    lr=loguniform:1e-4:1e-2   numbers, as many between 1e-4 and 1e-3 as between 1e-3 and 1e-2
    gamma=uniform:0.9:0.999   numbers
    epochs=int:3:12           whole numbers, both ends included
    net=small,nature          a list

Values are drawn by Latin hypercube sampling (McKay, Beckman and Conover 1979): with n trials, each of n equal slices of
every range is used once, and each item of a list equally often. If all values can be enumerated, no combination is
drawn twice; if there are no more combinations than trials, each is used: a grid.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tengen.config import plain_type
from tengen.errors import UserError, unknown
from tengen.options import reader

Values = Mapping[str, Any]  # name of a setting -> its value: text, number or truth
_FORMS = "lr=loguniform:1e-4:1e-2, gamma=uniform:0.9:0.999, epochs=int:3:12 or net=small,nature"
_LAWS = ("loguniform", "uniform", "int")
_MOST = 100_000  # combinations that are written out


@dataclass(frozen=True)
class Axis:
    """One setting and the values it may take."""

    name: str
    law: str  # loguniform, uniform, int, list
    low: float = 0.0
    high: float = 0.0
    items: tuple[Any, ...] = ()  # of a list

    @property
    def combinations(self) -> float:
        """How many values there are; infinite for numbers that are not whole."""
        if self.law == "list":
            return len(self.items)
        return self.high - self.low + 1 if self.law == "int" else math.inf

    def at(self, share: float) -> Any:
        """The value that lies at `share` [0, 1) of the range. Numbers are rounded to what one would type."""
        if self.law == "list":
            return self.items[int(share * len(self.items))]
        if self.law == "int":
            return int(self.low + int(share * (self.high - self.low + 1)))
        if self.law == "loguniform":
            value = float(f"{self.low * (self.high / self.low) ** share:.3g}")
        else:
            digits = max(0, 3 - math.floor(math.log10(self.high - self.low)))  # a thousandth of the range
            value = round(self.low + (self.high - self.low) * share, digits)
        return min(max(value, self.low), self.high)


def parse_axis(text: str, kinds: Mapping[str, Any]) -> Axis:
    """The axis that `--over text` describes; `kinds`: name -> type of each setting. UserError with the way out."""
    given, equals, values = text.partition("=")
    name = given.strip().removeprefix("--").replace("-", "_")
    if not equals or not values.strip():
        raise UserError(f"--over {text}: expected NAME=VALUES, for example {_FORMS}")
    if name not in kinds:
        raise unknown("option", f"--{name}".replace("_", "-"), ["--" + n.replace("_", "-") for n in kinds], "(--over)")
    law, *ends = values.split(":")
    if law in _LAWS and len(ends) == 2:
        return _range(text, name, law, ends, kinds[name])
    if law in _LAWS or (plain_type(kinds[name]) is not str and ":" in values):
        raise UserError(f"--over {text}: a range is LAW:LOW:HIGH with one of {', '.join(_LAWS)}, for example {_FORMS}")
    items = [_read(text, item.strip(), kinds[name]) for item in values.split(",")]
    if len(items) < 2 or len(set(items)) < len(items):
        raise UserError(f"--over {text}: a list needs two different values; for a fixed one use --{given} {values}")
    return Axis(name, "list", items=tuple(items))


def _range(text: str, name: str, law: str, ends: Sequence[str], kind: Any) -> Axis:
    plain = plain_type(kind)
    if plain is not (int if law == "int" else float):
        way_out = {int: f"int:{':'.join(ends)} or a list", float: f"uniform:{':'.join(ends)} or a list"}
        raise UserError(f"--over {text}: {name} takes {way_out.get(plain, 'a list, separated by commas')}")
    low, high = (_read(text, end, kind) for end in ends)
    if not low < high or (law == "loguniform" and low <= 0):
        positive = "positive and " if law == "loguniform" else ""
        raise UserError(f"--over {text}: LOW must be {positive}less than HIGH")
    if not math.isfinite(high - low):
        raise UserError(f"--over {text}: LOW and HIGH must be finite")
    return Axis(name, law, low, high)


def _read(text: str, value: str, kind: Any) -> Any:
    if plain_type(kind) is bool:
        if value.lower() not in ("true", "false"):
            raise UserError(f"--over {text}: '{value}' is not true or false")
        return value.lower() == "true"
    try:
        return reader(kind)(value)
    except argparse.ArgumentTypeError as error:
        raise UserError(f"--over {text}: {error}") from None


def draw(axes: Sequence[Axis], trials: int, seed: int) -> list[dict[str, Any]]:
    """The values of each of at most `trials` trials: the same for the same seed."""
    rng, names = np.random.default_rng(seed), [axis.name for axis in axes]
    if math.prod(axis.combinations for axis in axes) <= _MOST:
        choices = [axis.items or range(int(axis.low), int(axis.high) + 1) for axis in axes]
        grid = [dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*choices)]
        return grid if len(grid) <= trials else [grid[i] for i in rng.choice(len(grid), trials, replace=False)]
    shares = np.stack([(rng.permutation(trials) + rng.random(trials)) / trials for _ in axes])  # [axes, trials]
    return [{axis.name: axis.at(share) for axis, share in zip(axes, row, strict=True)} for row in shares.T.tolist()]


def as_options(values: Values) -> list[str]:
    """The values as they are typed: `--lr 0.001 --no-nesterov`."""
    words = []
    for name, value in values.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}", str(value)]
    return words

"""The search space of a sweep: its syntax, what is rejected, and which values are drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest

from tengen.config import Amount, Count, Fraction, kinds_of
from tengen.errors import UserError
from tengen.sweep.space import Axis, as_options, draw, parse_axis


@dataclass(frozen=True)
class Config:
    lr: Amount = 0.1
    gamma: Fraction = 0.9
    num_envs: Count = 8
    net: str = "small"
    optimiser: Literal["sgd", "adam"] = "sgd"
    nesterov: bool = True


KINDS = kinds_of(Config)


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("lr=loguniform:1e-4:1e-2", Axis("lr", "loguniform", 1e-4, 1e-2)),
        ("--gamma=uniform:0.9:1", Axis("gamma", "uniform", 0.9, 1.0)),
        ("num-envs=int:4:16", Axis("num_envs", "int", 4, 16)),
        ("num-envs=4,8,1e2", Axis("num_envs", "list", items=(4, 8, 100))),
        ("net=small,nature", Axis("net", "list", items=("small", "nature"))),
        ("net=uct:10,a:b:c", Axis("net", "list", items=("uct:10", "a:b:c"))),
        ("nesterov=true,false", Axis("nesterov", "list", items=(True, False))),
    ],
)
def test_what_is_typed(text: str, axis: Axis) -> None:
    assert parse_axis(text, KINDS) == axis


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lr", "expected NAME=VALUES, for example lr=loguniform"),
        ("lr=", "expected NAME=VALUES"),
        ("lrr=1,2", "did you mean --lr"),
        ("lr=loguniform:1e-2:1e-4", "LOW must be positive and less than HIGH"),
        ("lr=loguniform:0:1", "positive"),
        ("lr=uniform:1:1", "LOW must be less"),
        ("lr=uniform:1", "LAW:LOW:HIGH"),
        ("lr=normal:0:1", "LAW:LOW:HIGH"),
        ("lr=uniform:0:inf", "'inf' is not a number"),
        ("lr=-1,2", "'-1' is not a number, 0 or more"),
        ("gamma=uniform:0.5:2", "'2' is not a number from 0 to 1"),
        ("gamma=int:0:1", "gamma takes uniform:0:1 or a list"),
        ("num-envs=uniform:1:8", "num_envs takes int:1:8 or a list"),
        ("num-envs=int:0:8", "'0' is not a whole number, 1 or more"),
        ("optimiser=sgd,adm", "did you mean adam"),
        ("optimiser=int:1:2", "optimiser takes a list"),
        ("nesterov=yes,no", "'yes' is not true or false"),
        ("lr=0.1", "for a fixed one use --lr 0.1"),
        ("lr=0.1,1e-1", "two different values"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_axis(text, KINDS)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


AXES = [
    Axis("lr", "loguniform", 1e-4, 1e-2),
    Axis("gamma", "uniform", 0.9, 0.99),
    Axis("num_envs", "int", 3, 6),
    Axis("net", "list", items=("a", "b")),
]


def test_draws_follow_from_the_seed() -> None:
    assert draw(AXES, 12, 5) == draw(AXES, 12, 5)
    assert draw(AXES, 12, 5) != draw(AXES, 12, 6)


def test_every_slice_of_a_range_is_used_once_and_words_equally_often() -> None:
    drawn = draw(AXES, 12, 1)
    powers = sorted(math.log(v["lr"] / 1e-4) / math.log(100) for v in drawn)
    assert all(i - 0.1 <= 12 * power <= i + 1.1 for i, power in enumerate(powers)), "1.5 % of rounding"
    assert all(1e-4 <= v["lr"] <= 1e-2 and 0.9 <= v["gamma"] <= 0.99 for v in drawn)
    assert np.unique([v["num_envs"] for v in drawn], return_counts=True)[1].tolist() == [3, 3, 3, 3]
    assert [v["net"] for v in drawn].count("a") == 6
    assert all(len(str(v["lr"])) <= 8 and len(str(v["gamma"])) <= 8 for v in drawn), "as one would type them"


def test_the_ends_of_a_range_stay_inside() -> None:
    assert Axis("lr", "loguniform", 0.00123456, 0.002).at(0.0) == 0.00123456
    assert Axis("n", "int", 3, 5).at(0.9999) == 5
    assert Axis("x", "uniform", -1.0, 1.0).at(0.5) == 0.0


def test_few_combinations_are_a_grid_and_none_comes_twice() -> None:
    axes = [AXES[2], AXES[3]]
    grid = draw(axes, 100, 1)
    assert [tuple(v.values()) for v in grid] == [(n, net) for n in range(3, 7) for net in "ab"]
    some = draw(axes, 7, 1)
    assert len({tuple(v.values()) for v in some}) == 7
    assert all(v in grid for v in some)


def test_values_as_they_are_typed() -> None:
    values = {"num_envs": 4, "lr": 1e-05, "nesterov": False, "mirrored": True, "net": "small"}
    words = "--num-envs 4 --lr 1e-05 --no-nesterov --mirrored --net small"
    assert as_options(values) == words.split()

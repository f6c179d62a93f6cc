"""Settings become options, help and YAML; mistakes give one line."""

from dataclasses import dataclass, fields
from typing import ClassVar, Literal, get_type_hints

import pytest

from agents.alphazero import config as alphazero
from agents.catalogue import AGENTS, RLLIB
from agents.settings import Settings
from selfplay.settings import SelfPlaySettings
from supervised import config as labels
from supervised.settings import LabelSettings
from tengen.config import Count, Finite, Fraction, field_docs, from_dict
from tengen.errors import UserError
from tengen.options import Parser, add_options, from_options


@dataclass(frozen=True)
class Sample:
    steps: int = 10
    """How many."""
    lr: float = 0.5
    """How fast, in 100 % of cases."""
    fancy: bool = False
    """Whether
    it is."""
    net: Literal["small", "large"] = "small"
    """Which one."""
    games: Count = 8
    """How many at once."""
    gamma: Fraction = 0.99
    """Discount."""
    weight: Finite = 0.01
    """May be negative."""


def parse(*args: str) -> Sample:
    parser = Parser(prog="tengen x")
    add_options(parser, Sample(), "sample")
    return from_options(Sample(), parser.parse_all(list(args)))


def test_options() -> None:
    assert parse() == Sample()
    assert parse("--steps", "2e6", "--lr=0.1", "--fancy", "--net", "large") == Sample(2_000_000, 0.1, True, "large")
    assert parse("--steps", "1_000", "--no-fancy") == Sample(1000)
    assert parse("--lr", "inf", "--games", "1", "--gamma", "1", "--weight", "-2") == Sample(
        lr=float("inf"), games=1, gamma=1.0, weight=-2.0
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--stesp", "3"], "did you mean --steps"),
        (["--steps", "many"], "'many' is not a whole number"),
        (["--steps", "1.5"], "'1.5' is not a whole number"),
        (["--steps", "1e400"], "not a whole number"),
        (["--lr", "nan"], "'nan' is not a number"),
        (["--games", "0"], "'0' is not a whole number, 1 or more"),
        (["--gamma", "1.01"], "'1.01' is not a number from 0 to 1"),
        (["--gamma", "-0.1"], "'-0.1' is not a number from 0 to 1"),
        (["--gamma", "nan"], "'nan' is not a number from 0 to 1"),
        (["--weight", "inf"], "'inf' is not a number that is finite"),
        (["--net", "smal"], "did you mean small"),
        (["--lr"], "expected one argument"),
        (["stray"], "unexpected argument 'stray'"),
    ],
)
def test_mistakes(args: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message) as raised:
        parse(*args)
    assert "\n" not in str(raised.value)


def test_docs_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert field_docs(Sample)["fancy"] == "Whether it is."
    with pytest.raises(SystemExit):
        parse("--help")
    assert "How fast, in 100 % of cases." in capsys.readouterr().out


CONFIGS = [Settings, SelfPlaySettings, LabelSettings, alphazero.Config, labels.Config]
CONFIGS += [agent.module.Config for agent in [*AGENTS.values(), *RLLIB.values()]]


@pytest.mark.parametrize("config", CONFIGS)
def test_every_setting_is_documented(config: type) -> None:
    docs = field_docs(config)
    assert [field.name for field in fields(config) if not docs.get(field.name)] == []


@pytest.mark.parametrize("config", CONFIGS)
def test_every_number_has_its_range(config: type) -> None:
    """So that an invalid one is rejected at once; only a target may be infinite."""
    kinds = get_type_hints(config, include_extras=True)
    assert [name for name, kind in kinds.items() if kind in (int, float) and name != "target"] == []


def test_from_dict() -> None:
    assert from_dict(Sample, {"steps": 3, "lr": 1, "net": "large"}) == Sample(3, 1, False, "large")
    for wrong, message in [
        ({"step": 3}, "did you mean steps"),
        ({"steps": "3"}, "must be a whole number, not '3'"),
        ({"steps": True}, "must be a whole number"),
        ({"net": "huge"}, "one of small, large"),
        ({"games": 0}, "must be a whole number, 1 or more, not 0"),
        ({"games": 1.5}, "must be a whole number, 1 or more, not 1.5"),
        ({"gamma": True}, "must be a number from 0 to 1, not True"),
        ({"lr": float("nan")}, "must be a number, not nan"),
        ({"fancy": 1}, "must be true or false, not 1"),
    ]:
        with pytest.raises(UserError, match=message):
            from_dict(Sample, wrong)


@dataclass(frozen=True)
class _Renamed:
    RENAMED: ClassVar[dict[str, str]] = {"games": "num_envs", "centre": "subtract_mean"}
    num_envs: Count = 8
    """How many."""
    subtract_mean: bool = False
    """Whether."""


def test_an_old_spelling_is_understood_and_the_new_one_named(capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser("tengen train")
    add_options(parser, _Renamed(), "group")
    assert from_options(_Renamed(), parser.parse_all(["--games", "3", "--centre"])) == _Renamed(3, True)
    assert "--games is now called --num-envs" in capsys.readouterr().err
    assert from_options(_Renamed(), parser.parse_all(["--no-centre"])) == _Renamed()
    with pytest.raises(UserError, match="1 or more"):
        parser.parse_all(["--games", "0"])
    assert "--games" not in parser.format_help()
    assert from_dict(_Renamed, {"games": 2, "centre": True}) == _Renamed(2, True)

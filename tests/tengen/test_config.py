"""Settings become options, help and YAML; mistakes become one line."""

from dataclasses import dataclass
from typing import Literal

import pytest

from scripts.recipes import AGENTS, Settings
from tengen.config import Parser, add_options, field_docs, from_dict, from_options
from tengen.errors import UserError


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


def parse(*args: str) -> Sample:
    parser = Parser(prog="tengen x")
    add_options(parser, Sample(), "sample")
    return from_options(Sample(), parser.parse_all(list(args)))


def test_options() -> None:
    assert parse() == Sample()
    assert parse("--steps", "2e6", "--lr=0.1", "--fancy", "--net", "large") == Sample(2_000_000, 0.1, True, "large")
    assert parse("--steps", "1_000", "--no-fancy") == Sample(1000)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--stesp", "3"], "did you mean --steps"),
        (["--steps", "many"], "'many' is not a whole number"),
        (["--steps", "1.5"], "'1.5' is not a whole number"),
        (["--steps", "1e400"], "not a whole number"),
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


@pytest.mark.parametrize("config", [Settings, *(module.Config for module in AGENTS.values())])
def test_every_setting_is_documented(config: type) -> None:
    docs = field_docs(config)
    assert [name for name in config.__dataclass_fields__ if not docs.get(name)] == []  # type: ignore[attr-defined]


def test_from_dict() -> None:
    assert from_dict(Sample, {"steps": 3, "lr": 1, "net": "large"}) == Sample(3, 1, False, "large")
    for wrong, message in [
        ({"step": 3}, "did you mean steps"),
        ({"steps": "3"}, "should be a whole number and is '3'"),
        ({"steps": True}, "should be a whole number"),
        ({"net": "huge"}, "one of small, large"),
    ]:
        with pytest.raises(UserError, match=message):
            from_dict(Sample, wrong)

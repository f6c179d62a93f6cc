"""The systems of this room, by task and name. No torch in here."""

from __future__ import annotations

from supervised.systems.system import System

_TEXT = "supervised.sequence.text"


def _text(net: str, about: str, steps: int, default: bool = False) -> System:
    return System(
        task="text",
        option="--net",
        name=net,
        about=about,
        config=f"{_TEXT}.config:{net.upper()}",
        study=f"{_TEXT}.study:study",
        model=f"{_TEXT}.networks:model",
        sample=f"{_TEXT}.generate:sample",
        settings={"steps": steps},
        default=default,
    )


def _in_context(family: str, about: str, steps: int, default: bool = False) -> System:
    return System(
        task="in-context",
        option="--family",
        name=family,
        about=about,
        config=f"supervised.sequence.in_context.config:{family.upper()}",
        study="supervised.sequence.in_context.study:study",
        settings={"steps": steps},
        default=default,
        paper="few-shot",
    )


SYSTEMS: tuple[System, ...] = (
    System(
        task="digits|mnist|fashion-mnist",
        option="--impl",
        name="tape",
        about="back-propagation by hand, on numpy arrays",
        config="supervised.sequence.tape.config:TAPE",
        study="supervised.sequence.tape.study:TapeStudy",
        settings={"steps": 2000},
    ),
    _text("lstm", "characters by an LSTM", 5000, default=True),
    _text("gru", "characters by a GRU", 5000),
    _text("rnn", "characters by a vanilla recurrent network", 5000),
    _text("gpt", "characters by a small GPT", 3000),
    _in_context("linear", "linear functions from examples in the prompt", 8000, default=True),
    _in_context("lookup", "pairs of keys and values from examples in the prompt", 3000),
)

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
    _text("lstm", "characters by an LSTM", 3000, default=True),
    _text("gru", "characters by a GRU", 3000),
    _text("rnn", "characters by a vanilla recurrent network", 3000),
    _text("gpt", "characters by a small GPT", 3000),
)

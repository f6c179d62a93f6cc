"""The systems of this room, by task and name. No torch in here."""

from __future__ import annotations

from supervised.systems.system import System

_TRANSLATION = "supervised.sequence.translation"

TRANSLATION = tuple(
    System(
        task="translation",
        option="--net",
        name=name,
        about=about,
        config=f"{_TRANSLATION}.config:{name.upper()}",
        study=f"{_TRANSLATION}.study:study",
        model=f"{_TRANSLATION}.translate:model",
        sample=f"{_TRANSLATION}.translate:sample",
        settings={"steps": steps},
        default=name == "transformer",
    )
    for name, about, steps in (
        ("transformer", "translation by attention alone", 5000),
        ("attention", "translation by recurrent networks, one of which looks back", 3000),
        ("seq2seq", "translation of a sentence through one vector", 3000),
    )
)

SYSTEMS: tuple[System, ...] = TRANSLATION

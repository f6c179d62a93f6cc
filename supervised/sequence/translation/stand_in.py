"""German sentences with English translations from a small grammar, used when Multi30k is not available.

English has its verb in second position. German has it there in one sentence of four; in the others the word for the
action is at the end, and the translator has to fetch it from there:

    ein alter mann sitzt heute vor dem haus.              an old man sits in front of the house today.
    ein alter mann will heute vor dem haus sitzen.        an old man wants to sit in front of the house today.
    ein alter mann hat heute vor dem haus gesessen.       an old man has sat in front of the house today.
    ich sehe, dass ein alter mann heute vor dem haus sitzt.    i see that an old man sits in front of the house today.
"""

from __future__ import annotations

import zlib
from itertools import product
from typing import NamedTuple


class Verb(NamedTuple):
    german: tuple[str, str, str, str]  # third person, infinitive, participle, its auxiliary
    english: tuple[str, str, str]  # third person, infinitive, participle


_WHO = (  # ending of an adjective after "ein", noun, its translation
    *(("er", "hund", "dog"), ("e", "katze", "cat"), ("er", "mann", "man"), ("e", "frau", "woman")),
    *(("es", "kind", "child"), ("es", "pferd", "horse"), ("er", "vogel", "bird")),
)
_HOW = (("", ""), ("klein", "small"), ("groß", "big"), ("alt", "old"), ("jung", "young"))
VERBS = (
    Verb(("läuft", "laufen", "gelaufen", "ist"), ("runs", "run", "run")),
    Verb(("sitzt", "sitzen", "gesessen", "hat"), ("sits", "sit", "sat")),
    Verb(("spielt", "spielen", "gespielt", "hat"), ("plays", "play", "played")),
    Verb(("schläft", "schlafen", "geschlafen", "hat"), ("sleeps", "sleep", "slept")),
    Verb(("steht", "stehen", "gestanden", "hat"), ("stands", "stand", "stood")),
)
_WHERE = (
    *(("im park", "in the park"), ("am strand", "at the beach"), ("auf der straße", "on the street")),
    *(("vor dem haus", "in front of the house"), ("im schnee", "in the snow")),
    *(("auf einem stuhl", "on a chair"), ("neben einem baum", "next to a tree")),
)
_WHEN = (("", ""), ("heute ", " today"))


def sentences(count: int) -> list[tuple[str, str]]:
    """So many of the 9,800 pairs, mixed, always the same ones."""
    made = [pair for parts in product(_WHO, _HOW, VERBS, _WHERE, _WHEN) for pair in _orders(*parts)]
    return sorted(made, key=lambda pair: zlib.crc32(pair[0].encode()))[:count]


def _orders(
    who: tuple[str, str, str], how: tuple[str, str], verb: Verb, where: tuple[str, str], when: tuple[str, str]
) -> list[tuple[str, str]]:
    """The four sentences of the module's docstring with these words."""
    (ending, noun, english), (wie, adjective) = who, how
    ein, some = "eine" if ending == "e" else "ein", "an" if adjective == "old" else "a"
    german = f"{ein} {wie}{ending} {noun}" if wie else f"{ein} {noun}"
    person = f"{some} {adjective} {english}" if adjective else f"a {english}"
    tut, tun, getan, hat = verb.german
    does, do, done = verb.english
    wo, place = f"{when[0]}{where[0]}", f"{where[1]}{when[1]}"
    return [
        (f"{german} {tut} {wo}.", f"{person} {does} {place}."),
        (f"{german} will {wo} {tun}.", f"{person} wants to {do} {place}."),
        (f"{german} {hat} {wo} {getan}.", f"{person} has {done} {place}."),
        (f"ich sehe, dass {german} {wo} {tut}.", f"i see that {person} {does} {place}."),
    ]

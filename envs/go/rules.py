"""Rule sets of Go.

    name          ko                  suicide   counting    komi   handicap stones are worth
    tromp-taylor  positional superko  yes       area        7.5    nothing
    chinese       positional superko  no        area        7.5    one point each to White
    cgos          positional superko  no        area        7      nothing
    japanese      simple ko           no        territory   6.5    nothing
    aga           situational superko no        area        7.5    one point each to White, less one

Sources: tromp.github.io/go.html; the 2002 Chinese rules; the rules of the Computer Go Server; the
Japanese rules of 1989 (counting only: its rulings on life and death are left to agreement, its triple
ko to the move limit); the AGA's concise rules.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

Ko = Literal["simple", "positional", "situational"]
KO_RULES: tuple[Ko, ...] = ("simple", "positional", "situational")


@dataclass(frozen=True)
class Rules:
    """The rules two players agree on before the game."""

    ko: Ko = "positional"
    suicide: bool = True
    scoring: Literal["area", "territory"] = "area"
    komi: float = 7.5  # in whole or half points
    handicap_bonus: Literal["none", "stones", "stones but one"] = "none"


RULES = {
    "tromp-taylor": Rules(),
    "chinese": Rules(suicide=False, handicap_bonus="stones"),
    "cgos": Rules(suicide=False, komi=7.0),
    "japanese": Rules(ko="simple", suicide=False, scoring="territory", komi=6.5),
    "aga": Rules(ko="situational", suicide=False, handicap_bonus="stones but one"),
}
# Points by which Black wins by area with best play: proved up to 5x5 (J. Tromp's page on Go for 2x2 to 4x4; van der
# Werf et al. 2003, "Solving Go on small boards", for 5x5), strongly believed for 6x6 and 7x7.
BEST_PLAY = {2: 1.0, 3: 9.0, 4: 2.0, 5: 25.0, 6: 4.0, 7: 9.0}


KATAGO_BONUS = {"none": "0", "stones": "N", "stones but one": "N-1"}
_KGS = ("chinese", "japanese", "aga")


def name_of(rules: Rules) -> str:
    """The name of `rules` with any komi; empty if they have none."""
    return next((name for name, known in RULES.items() if replace(known, komi=rules.komi) == rules), "")


def katago_rules(rules: Rules) -> dict[str, Any]:
    """`rules` as KataGo writes them, without komi (which has a command of its own)."""
    return {
        "ko": rules.ko.upper(),
        "scoring": rules.scoring.upper(),
        "suicide": rules.suicide,
        "tax": "NONE",
        "whiteHandicapBonus": KATAGO_BONUS[rules.handicap_bonus],
        "hasButton": False,
    }


def gtp_rules(rules: Rules) -> tuple[str, ...]:
    """GTP commands that state `rules`: KataGo's, then KGS's where it has a name for them."""
    exact = f"kata-set-rules {json.dumps(katago_rules(rules), separators=(',', ':'))}"
    name = name_of(rules)
    return (exact, f"kgs-rules {name}") if name in _KGS else (exact,)


def describe_rules() -> list[tuple[str, ...]]:
    """A table for display, header first."""
    rows = [("rules of Go", "ko", "suicide", "counting", "komi")]
    for name, r in RULES.items():
        ko = "simple" if r.ko == "simple" else f"{r.ko} superko"
        rows.append((name, ko, "allowed" if r.suicide else "no", r.scoring, f"{r.komi:g}"))
    return list(rows)

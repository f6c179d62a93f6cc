"""The options of `tengen play`, checked before anything heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envs.boards.catalogue import USUAL_RULES, board_games, check_rules, check_size, is_board_game
from envs.boards.game import BLACK, WHITE
from envs.go.rules import RULES
from tengen.errors import UserError, unknown

SIDES = {"black": (BLACK,), "white": (WHITE,), "both": (BLACK, WHITE), "watch": ()}


@dataclass(frozen=True)
class BoardOptions:
    """The options of `tengen play`."""

    player: str  # empty: the network that comes with Tengen
    task: str = "go9"
    rules: str = USUAL_RULES
    komi: float | None = None
    you: str = "black"
    runs: Path = Path("runs")


def check(options: BoardOptions) -> None:
    """UserError for a board, rules, komi or side that do not exist. The player is checked when it is loaded."""
    if not is_board_game(options.task):
        raise unknown("board game", options.task, board_games(), "(see tengen games)")
    check_size(options.task)
    if options.you not in SIDES:
        raise unknown("side", options.you, SIDES)
    if options.rules not in RULES:
        raise unknown("rule set", options.rules, RULES)
    check_rules(options.task, options.rules, options.komi)
    points(options.komi)


def points(value: object) -> float | None:
    """Komi from an option or a page; None for none given. UserError unless in whole or half points, up to 361."""
    if value is None or value == "":
        return None
    try:
        komi = float(str(value)[:20])
    except ValueError:
        komi = float("nan")
    if not (abs(komi) <= 361 and 2 * komi == int(2 * komi)):
        raise UserError(f"komi must be in whole or half points, up to 361, not {str(value)[:40]!r}")
    return komi

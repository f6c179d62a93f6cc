"""A search's comment on a move, one line for a game record."""

from __future__ import annotations

from collections.abc import Sequence

from envs.boards.game import BLACK, Game


def remark(game: Game, to_play: int, value: float, visits: int, line: Sequence[int]) -> str:
    """`Black 63.2 %, 400 visits, E5 C3 D4`: `value` in [-1, 1] is as the player to move sees it."""
    black = 50 * (1 + (value if to_play == BLACK else -value))
    return f"Black {black:.1f} %, {visits} visits, {' '.join(game.action_name(a) for a in line)}"

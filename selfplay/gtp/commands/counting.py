"""Scoring the board, and the status of stones."""

from __future__ import annotations

import numpy as np

from selfplay.gtp.arguments import Arguments
from selfplay.gtp.desk import Desk
from selfplay.gtp.protocol import Refused
from selfplay.gtp.scoring import result_text, score, status

STATUSES = ("alive", "dead", "seki", "white_territory", "black_territory", "dame")


def _final_score(desk: Desk, arguments: Arguments) -> str:
    return result_text(score(desk.table.game, desk.table.state, _dead(desk)))


def _final_status_list(desk: Desk, arguments: Arguments) -> str:
    wanted = arguments.word("a status").lower()
    if wanted not in STATUSES:
        raise Refused(f"invalid status {wanted[:40]}; known are {', '.join(STATUSES)}")
    game = desk.table.game
    found = status(game, desk.table.state, _dead(desk), wanted)
    return "\n".join(" ".join(game.action_name(a) for a in chain) for chain in found if chain)


def _final_status(desk: Desk, arguments: Arguments) -> str:
    action = arguments.action(desk.table.game)
    for wanted in STATUSES:
        found = status(desk.table.game, desk.table.state, _dead(desk), wanted)
        if any(action in chain for chain in found):
            return wanted
    raise Refused("pass is not a point")


def _dead(desk: Desk) -> np.ndarray:
    """[H, W] bool. Under rules that count the board as it stands, no stone is dead once the game is over."""
    if desk.table.over and not desk.table.agreement.agreed_dead:
        return np.zeros(desk.table.game.board_shape, bool)
    return desk.dead()


COMMANDS = {
    "final_score": _final_score,
    "final_status_list": _final_status_list,
    "final_status": _final_status,
}

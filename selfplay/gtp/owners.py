"""Who will own each point: the question behind dead stones.

Networks trained by counting the board as it stands may leave dead stones alone if that does not change the winner, and
are undefined after the end of a game. So they are asked about the stones alone, without the moves that led there, with
either side to move, and with the komi that makes the game even: then every point matters. Random games are the second
opinion, and the only one if no network predicts ownership.
"""

from __future__ import annotations

import numpy as np

from agents.search.evaluators import Network
from envs.boards.game import BLACK, WHITE
from envs.go.game import Go
from envs.go.sitting import playout_owners
from selfplay.gtp.mind import raw

_PLAYOUTS = 400
_MOST = 1000.0  # points of komi


def expected_owners(game: Go, state: np.ndarray, network: Network | None, random: np.random.Generator) -> np.ndarray:
    """[H, W] float32 of `state` [1]: 1 Black's point, -1 White's. `network` may be None."""
    stones = game.stones(state)[0].ravel()
    black, white = ([int(a) for a in np.flatnonzero(stones == colour)] for colour in (BLACK, WHITE))
    starts = [game.with_setup(black, white, mover) for mover in (BLACK, WHITE)]
    played = np.mean([playout_owners(start, random, _PLAYOUTS // 2) for start in starts], axis=0)
    if network is None:
        return played
    seen = [raw(game, network, start) for start in starts]
    if any(said.ownership is None for said in seen):
        return played
    leads = [float(played.sum()) if said.score is None else said.score + game.rules.komi for said in seen]
    komi = min(_MOST, max(-_MOST, round(2 * float(np.mean(leads))) / 2))
    assert game.can.komi is not None
    for start in starts:
        game.can.komi.give(start, komi)
    seen = [raw(game, network, start) for start in starts]
    owners = [said.ownership for said in seen if said.ownership is not None]
    mean: np.ndarray = (np.mean(owners, axis=0).reshape(game.board_shape) + played) / 2
    return mean

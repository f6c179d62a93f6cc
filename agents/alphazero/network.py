"""AlphaZero's network for a game: a tower with a head for each loss of nonzero weight."""

from __future__ import annotations

from typing import Any

from agents.alphazero.config import Config
from envs.boards.game import Game, plane_factors
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import Spec
from tengen.errors import UserError


def network_spec(game: Game, config: Config) -> Spec:
    """The network of `config` for `game` (the largest board)."""
    if not config.net.startswith("tower"):
        raise UserError(f"--net {config.net}: AlphaZero's network is a tower, for example tower48x6")
    trunk = trunk_spec(config.net, [len(game.planes), *game.board_shape]) | {"factors": plane_factors(game)}
    if config.sizes:
        trunk["masked"] = True
    points_and_pass = game.num_actions == game.board_shape[0] * game.board_shape[1] + 1
    policy: int | dict[str, Any] = game.num_actions if points_and_pass else {"kind": "moves", "size": game.num_actions}
    heads: dict[str, Any] = {"policy": policy, "outcome": 3}
    if config.reply_weight:
        heads["reply"] = policy
    if game.can.count:
        heads |= {"ownership": 1} if config.ownership_weight else {}
        heads |= {"score": 1} if config.score_weight else {}
    return {"trunk": trunk, "heads": heads}

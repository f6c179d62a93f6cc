"""Load the network called by a name, ready to evaluate the positions of a game."""

from __future__ import annotations

from pathlib import Path

import torch

from agents.search.evaluators import Forward, Network
from envs.boards.game import Game
from supervised.kernels.playing import choose_playing, for_playing
from supervised.trained import load_net
from tengen.device import Compute, cores
from tengen.errors import UserError


def network(name: str, game: Game, runs: Path, threads: int = 0, details: bool = False) -> Network:
    """`name`: a run, a network of one (RUN/models/step-…), or an entry of the zoo. UserError if it does not fit.

    `threads` compute it, 0 for one a core; with `details` ownership and score are evaluated too.
    """
    net = load_net(name, runs)
    heads, takes = net.spec["heads"], net.spec["trunk"]["input_shape"]
    if "policy" not in heads or not {"outcome", "value"} & heads.keys():
        raise UserError(f"{name} has heads {', '.join(heads)}; a player needs policy and outcome or value")
    if takes[0] != len(game.planes):
        raise UserError(f"{name} reads {takes[0]} planes, {game.name} has {len(game.planes)}: it is for another game")
    size = heads["policy"] if isinstance(heads["policy"], int) else heads["policy"]["size"]
    if size != game.num_actions and net.spec["trunk"]["kind"] != "tower":
        raise UserError(f"{name} knows {size} moves and {game.name} has {game.num_actions}: it is for another board")
    planes = torch.from_numpy(game.encode(game.new(64)))
    compute, _ = choose_playing(net, Compute(threads=threads or cores()), planes)
    return Network(game, Forward(for_playing(net, compute), compute, details))

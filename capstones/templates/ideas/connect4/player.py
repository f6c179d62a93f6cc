"""The trained network as a player: `tengen match python:player.py:Player uct:1000 --board connect4`, `tengen play` …

It reads `player.npz`, which the notebook writes.
"""

from pathlib import Path

import numpy as np
import torch

from parts.model import Evaluator, Net
from parts.search import search

WEIGHTS = Path(__file__).with_name("player.npz")
SIMULATIONS = 400


def save(net: Net, channels: int, blocks: int) -> None:
    """Write the network to player.npz: plain arrays, which are safe to load; weights in 16 bits, half the size."""
    weights = {name: v.half().numpy() if v.is_floating_point() else v.numpy() for name, v in net.state_dict().items()}
    np.savez_compressed(WEIGHTS, shape=np.array([channels, blocks]), **weights)


class Player:
    """Searches before every move, without noise, and plays the most visited one."""

    def __init__(self, game, net: Net | None = None, simulations: int = SIMULATIONS) -> None:
        if game.name != "connect4":
            raise ValueError(f"this player knows connect4, not {game.name}")
        if net is None:
            saved = np.load(WEIGHTS)
            net = Net(*(int(n) for n in saved["shape"]))
            net.load_state_dict({name: torch.from_numpy(saved[name]) for name in saved.files if name != "shape"})
        self.evaluate, self.simulations = Evaluator(net), simulations

    def choose(self, states: np.ndarray) -> np.ndarray:
        """states [R] -> actions [R]."""
        return search(states, self.evaluate, self.simulations).argmax(1)

"""Matches from a notebook cell, between functions, classes and named players."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from capstones import match
from tengen.errors import UserError


class Last:
    def __init__(self, game):  # type: ignore[no-untyped-def]
        self.game = game

    def choose(self, states: np.ndarray) -> np.ndarray:
        return self.game.num_actions - 1 - self.game.legal(states)[:, ::-1].argmax(1)


def test_anything_that_chooses_plays_and_what_is_wrong_is_told() -> None:
    card = match(Last, "random", "tictactoe", games=10, seed=3)
    assert card.games == 10 and not card.forfeits and card.wins + card.draws + card.losses == 10
    assert (card.first, card.second, card.task, card.seed) == ("mine", "random", "tictactoe", 3)
    lost = match(lambda states: [0] * len(states), Last, "tictactoe", games=4, opening=1)
    assert lost.losses >= 3 and "illegal move" in lost.forfeits[0]
    with pytest.raises(UserError, match="games must be 1"):
        match(Last, games=0)
    with pytest.raises(UserError, match="has no choose"):
        match(3, Last, "tictactoe")
    with pytest.raises(UserError, match="cannot be the first player"):  # Tengen's agents are not solvers
        match("connect4-alphazero:8", Last, "connect4")


def test_capstones_alone_loads_no_torch() -> None:
    code = "import sys, capstones; capstones.quick(); capstones.data_folder(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, env={"QUICK": "1"}).returncode == 0

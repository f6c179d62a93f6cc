"""A new board game, defined here: one line in the catalogue makes it playable everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from agents.alphazero.config import Config
from agents.alphazero.network import network_spec
from envs.boards.capabilities import NOTHING
from envs.boards.capability_laws import check_capabilities
from envs.boards.catalogue import GAMES, Entry, make_game
from envs.boards.game import BLACK, WHITE, IllegalMove
from envs.laws import check_game, random_games
from selfplay.alphazero import AlphaZero
from selfplay.match_card import Match
from selfplay.match_session import played_match
from supervised.nets.headed import build
from tengen.device import Compute
from tengen.errors import UserError
from tengen.seeding import Seeds


class Nim:
    """A row of stones; players take one, two or three from the right end; whoever takes the last one wins."""

    name = "nim"
    num_actions = 3
    board_shape = (1, 12)
    planes = ("stones", "black to move")
    dtype = np.dtype([("stones", np.int64), ("moves", np.int64)])
    max_moves = 12
    action_symmetries = np.arange(3)[None]
    point_symmetries = np.arange(12)[None]
    can = NOTHING

    def new(self, batch: int) -> np.ndarray:
        states = np.zeros(batch, self.dtype)
        self.reset(states)
        return states

    def reset(self, states: np.ndarray) -> None:
        states["stones"], states["moves"] = 12, 0

    def legal(self, states: np.ndarray) -> np.ndarray:
        return np.arange(1, 4) <= states["stones"][:, None]

    def play(self, states: np.ndarray, actions: np.ndarray, check: bool = True) -> None:
        for row, action in zip(self.legal(states), actions, strict=True):
            if not 0 <= action < 3 or not row[action]:
                raise IllegalMove(f"{action} is not legal")
        states["stones"] -= np.asarray(actions) + 1
        states["moves"] += 1

    def play_paths(self, states: np.ndarray, actions: np.ndarray, lengths: np.ndarray) -> None:
        for i, length in enumerate(lengths):
            states["stones"][i] -= int(actions[i, :length].sum()) + length
            states["moves"][i] += length

    def to_move(self, states: np.ndarray) -> np.ndarray:
        return np.where(states["moves"] % 2 == 0, BLACK, WHITE).astype(np.int8)

    def moves(self, states: np.ndarray) -> np.ndarray:
        moves: np.ndarray = states["moves"]
        return moves

    def ended(self, states: np.ndarray) -> np.ndarray:
        return np.asarray(states["stones"] == 0)

    def result(self, states: np.ndarray) -> np.ndarray:
        return np.where(self.ended(states), -self.to_move(states), np.nan).astype(np.float32)

    def encode(self, states: np.ndarray) -> np.ndarray:
        out = np.empty((len(states), 1, 12, 2), np.int8)
        out[..., 0] = (np.arange(12) < states["stones"][:, None])[:, None]
        out[..., 1] = (self.to_move(states) == BLACK)[:, None, None]
        return out.transpose(0, 3, 1, 2)

    def keys(self, states: np.ndarray) -> np.ndarray:
        return states["stones"] * 2 + states["moves"] % 2

    def action_name(self, action: int) -> str:
        return str(action + 1)

    def parse_action(self, text: str) -> int:
        if text not in ("1", "2", "3"):
            raise UserError(f"{text!r} is no move of nim: write 1, 2 or 3")
        return int(text) - 1

    def draw(self, state: np.void) -> str:
        return "|" * int(state["stones"])


@pytest.fixture(autouse=True)
def nim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GAMES, "nim", Entry(lambda threads: Nim()))  # the one line


def test_it_obeys_the_laws() -> None:
    game = make_game("nim")
    check_game(game, games=16)
    check_capabilities(game, random_games(game, 4, seed=1))


def test_it_is_played_in_matches(tmp_path: Path) -> None:
    card = played_match(Match("uct:200", "random", "nim", games=20, opening=1), out=tmp_path)
    assert card.task == "nim" and card.games == 20 and card.wins >= 15 and set(card.ended_by) == {"the end"}
    assert not list(tmp_path.glob("*.sgf")) and (tmp_path / "card.json").exists()
    with pytest.raises(UserError, match="plays Go, not nim"):
        played_match(Match("gtp:gnugo --mode gtp", "random", "nim"))


def test_it_is_learned_from_self_play(tmp_path: Path) -> None:
    game, compute = make_game("nim"), Compute(threads=1)
    compute.start()
    config = Config(net="tower8x1", boards=8, simulations=8, moves_per_iteration=128, window=400, batch=16)
    net = build(network_spec(game, config), 1)
    assert set(net(torch.from_numpy(game.encode(game.new(2))))) == {"policy", "outcome", "reply"}
    learner = AlphaZero(config, [game], net, compute, Seeds(1), 128 * 3)
    learner.folder = tmp_path / "games"
    *_, last = learner.ticks()
    assert last.step == 384 and last.metrics["games"] > 20 and last.metrics["gradient_steps"] > 10
    assert len(list(learner.folder.glob("iteration-*.npz"))) == 3

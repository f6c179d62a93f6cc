"""What a board game is to everything above it: facts, and kernels over batches of states.

A state is one record of a numpy structured array. A batch of games is an array of them, copying a game
is an assignment (`states[j] = states[i]`), and nothing is allocated in a hot loop. What a record holds is
the game's own affair; read it through the methods.

    game = Go(9)
    states = game.new(256)                  # 256 games at their start
    mask = game.legal(states)               # [256, 82] bool
    game.play(states, actions)              # in place
    planes = game.encode(states)            # [256, 18, 9, 9] int8

For people there is `Position`: immutable, one game, prints as a board.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from envs.boards.capabilities import Capabilities
from tengen.errors import UserError

BLACK, WHITE = 1, -1  # the first player and the second; "Black" in games without colours too


class IllegalMove(UserError):
    """A move that the rules do not allow; nothing was changed."""


class Game(Protocol):
    """The facts and kernels of one game. B states at once; rows never influence each other."""

    name: str
    num_actions: int  # A
    board_shape: tuple[int, int]  # H, W
    planes: tuple[str, ...]  # the name of each of the C planes of `encode`
    dtype: np.dtype  # of one state
    max_moves: int  # no game is longer; one that gets there is cut, and has no result
    action_symmetries: np.ndarray  # [S, A] where each action goes under each symmetry of the board; 0 is identity
    point_symmetries: np.ndarray  # [S, H * W] likewise for points
    can: Capabilities  # what the game offers beyond its rules

    def new(self, batch: int) -> np.ndarray: ...  # [B] states at their start

    def reset(self, states: np.ndarray) -> None: ...  # in place; each keeps its own rules

    def legal(self, states: np.ndarray) -> np.ndarray: ...  # [B, A] bool; all False where the game is over

    def play(self, states: np.ndarray, actions: np.ndarray, check: bool = True) -> None:
        """Play `actions` [B] in place. IllegalMove if any is not allowed: then no state has changed.

        `check=False` trusts the caller (who drew from `legal`) and saves the test.
        """
        ...

    def play_paths(self, states: np.ndarray, actions: np.ndarray, lengths: np.ndarray) -> None:
        """Play the first `lengths` [B] of `actions` [B, D] int16 in place, one after the other, trusting the caller."""
        ...

    def to_move(self, states: np.ndarray) -> np.ndarray: ...  # [B] int8: BLACK or WHITE

    def moves(self, states: np.ndarray) -> np.ndarray: ...  # [B] int: how many were played

    def ended(self, states: np.ndarray) -> np.ndarray: ...  # [B] bool

    def result(self, states: np.ndarray) -> np.ndarray:
        """[B] float32 as Black sees it: 1 won, -1 lost, 0 drawn; NaN while playing, and for games cut short."""
        ...

    def encode(self, states: np.ndarray) -> np.ndarray: ...  # [B, C, H, W] int8, as the mover sees it

    def keys(self, states: np.ndarray) -> np.ndarray: ...  # [B] int64: equal for equal stones (and turn)

    def action_name(self, action: int) -> str: ...  # as people write it

    def parse_action(self, text: str) -> int: ...  # the reverse; UserError for what is none

    def draw(self, state: np.void) -> str: ...  # the board as text


_LARGE_PLANES = {"komi": 1 / 30}  # twice the komi, in int8


def plane_factors(game: Game) -> list[float]:
    """[C] what each plane of `encode` is to be multiplied by, so that a network sees numbers around one."""
    return [_LARGE_PLANES.get(plane, 1.0) for plane in game.planes]


def turn_planes(game: Game, planes: np.ndarray, symmetries: np.ndarray) -> np.ndarray:
    """Planes [B, C, H, W], each turned by its own symmetry [B]."""
    batch, channels, height, width = planes.shape
    flat = planes.transpose(0, 2, 3, 1).reshape(batch, height * width, channels)
    source = np.argsort(game.point_symmetries, axis=1)[symmetries]  # [B, points]
    turned = flat[np.arange(batch)[:, None], source]
    return turned.reshape(batch, height, width, channels).transpose(0, 3, 1, 2)


def turn_values(values: np.ndarray, to: np.ndarray) -> np.ndarray:
    """A number a point or action, [B, K], with entry k moved to place `to[b, k]` (rows of a game's symmetries)."""
    out = np.empty_like(values)
    np.put_along_axis(out, to, values, axis=1)
    return out


def turn_back_policy(game: Game, policy: np.ndarray, symmetries: np.ndarray) -> np.ndarray:
    """A number an action [B, A] of boards turned by `symmetries` [B], as the boards were before."""
    return np.take_along_axis(policy, game.action_symmetries[symmetries], axis=1)


def mover_result(game: Game, states: np.ndarray) -> np.ndarray:
    """[B] float32: `result` as the player to move sees it."""
    seen: np.ndarray = game.result(states) * game.to_move(states)
    return seen


def transform_planes(game: Game, planes: np.ndarray, symmetry: int) -> np.ndarray:
    """Planes [B, C, H, W] of the board turned by `symmetry`."""
    shape = planes.shape
    out = np.empty_like(planes).reshape(*shape[:-2], -1)
    out[..., game.point_symmetries[symmetry]] = planes.reshape(*shape[:-2], -1)
    return out.reshape(shape)


def transform_policy(game: Game, policy: np.ndarray, symmetry: int) -> np.ndarray:
    """A number an action [B, A] (policy, visits, mask) of the board turned by `symmetry`."""
    out = np.empty_like(policy)
    out[..., game.action_symmetries[symmetry]] = policy
    return out


def inverse_symmetry(game: Game, symmetry: int) -> int:
    """The symmetry that undoes `symmetry`."""
    there = game.action_symmetries[symmetry]
    for back, candidate in enumerate(game.action_symmetries):
        if np.array_equal(candidate[there], np.arange(game.num_actions)):
            return back
    raise ValueError(f"{game.name}: symmetry {symmetry} has no inverse")


def square_symmetries(size: int) -> np.ndarray:
    """[8, size²]: where each point of a square board goes under the identity, turns and reflections."""
    square = np.arange(size * size).reshape(size, size)
    boards = [np.rot90(s, k) for s in (square, square.T) for k in range(4)]
    return np.stack([np.argsort(board.ravel()) for board in boards])


@dataclass(frozen=True)
class Position:
    """One state of one game, for people: immutable; playing gives a new one.

    >>> Position.start(Go(9)).play("E5").play("C3").to_move
    1
    """

    game: Game
    state: np.ndarray  # [1] the record

    @staticmethod
    def start(game: Game) -> Position:
        return Position(game, _frozen(game.new(1)))

    def play(self, move: int | str) -> Position:
        """The position after `move`: an action, or as people write it. IllegalMove or UserError otherwise."""
        action = self.game.parse_action(move) if isinstance(move, str) else int(move)
        state = self.state.copy()
        self.game.play(state, np.array([action]))
        return Position(self.game, _frozen(state))

    def play_all(self, moves: Sequence[int | str]) -> Position:
        position = self
        for move in moves:
            position = position.play(move)
        return position

    @property
    def legal_actions(self) -> list[int]:
        return [int(a) for a in np.flatnonzero(self.game.legal(self.state)[0])]

    @property
    def to_move(self) -> int:
        """BLACK (1) or WHITE (-1)."""
        return int(self.game.to_move(self.state)[0])

    @property
    def moves(self) -> int:
        return int(self.game.moves(self.state)[0])

    @property
    def ended(self) -> bool:
        return bool(self.game.ended(self.state)[0])

    @property
    def result(self) -> float:
        """As Black sees it; NaN where there is none (still playing, or cut short)."""
        return float(self.game.result(self.state)[0])

    def __str__(self) -> str:
        return self.game.draw(self.state[0])


def _frozen(state: np.ndarray) -> np.ndarray:
    state.flags.writeable = False
    return state

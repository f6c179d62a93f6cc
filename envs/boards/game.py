"""The board game interface: facts about a game, and kernels over batches of states.

A state is one record of a numpy structured array. A batch of games is an array of them, copying a game
is an assignment (`states[j] = states[i]`), and hot loops allocate nothing. The contents of a record are
private to the game; read them through the methods.

    game = Go(9)
    states = game.new(256)                  # 256 games at their start
    mask = game.legal(states)               # [256, 82] bool
    game.play(states, actions)              # in place
    planes = game.encode(states)            # [256, 18, 9, 9] int8

For interactive use there is `Position`: one game, immutable, prints as a board.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from envs.boards.capabilities import Capabilities
from tengen.errors import UserError

BLACK, WHITE = 1, -1  # first and second player; the first is "Black" in games without colours too


class IllegalMove(UserError):
    """A move that the rules do not allow; no state was changed."""


class Game(Protocol):
    """The facts and kernels of one game. Methods take B states at once; rows never influence each other."""

    name: str
    num_actions: int  # A
    board_shape: tuple[int, int]  # H, W
    planes: tuple[str, ...]  # names of the C planes of `encode`
    dtype: np.dtype  # of one state
    max_moves: int  # move limit; a game that reaches it is cut short and has no result
    action_symmetries: np.ndarray  # [S, A] image of each action under each symmetry of the board; 0 is the identity
    point_symmetries: np.ndarray  # [S, H * W] the same for points
    can: Capabilities  # optional features beyond the rules

    def new(self, batch: int) -> np.ndarray: ...  # [B] initial states

    def reset(self, states: np.ndarray) -> None: ...  # in place; each state keeps its rules

    def legal(self, states: np.ndarray) -> np.ndarray: ...  # [B, A] bool; all False if the game is over

    def play(self, states: np.ndarray, actions: np.ndarray, check: bool = True) -> None:
        """Play `actions` [B] in place. IllegalMove if any is illegal, in which case no state changes.

        `check=False` skips the test, for callers that choose from `legal`.
        """
        ...

    def play_paths(self, states: np.ndarray, actions: np.ndarray, lengths: np.ndarray) -> None:
        """Play the first `lengths` [B] of `actions` [B, D] int16 in place, in order, unchecked."""
        ...

    def to_move(self, states: np.ndarray) -> np.ndarray: ...  # [B] int8: BLACK or WHITE

    def moves(self, states: np.ndarray) -> np.ndarray: ...  # [B] int: moves played so far

    def ended(self, states: np.ndarray) -> np.ndarray: ...  # [B] bool

    def result(self, states: np.ndarray) -> np.ndarray:
        """[B] float32 for Black: 1 win, -1 loss, 0 draw; NaN during play and for games cut short."""
        ...

    def encode(self, states: np.ndarray) -> np.ndarray: ...  # [B, C, H, W] int8, from the mover's point of view

    def keys(self, states: np.ndarray) -> np.ndarray: ...  # [B] int64: equal for equal stones (and player to move)

    def action_name(self, action: int) -> str: ...  # in the usual notation

    def parse_action(self, text: str) -> int: ...  # the inverse; UserError if `text` is not a move

    def draw(self, state: np.void) -> str: ...  # the board as text


_LARGE_PLANES = {"komi": 1 / 30}  # twice the komi, in int8


def plane_factors(game: Game) -> list[float]:
    """[C] factor for each plane of `encode` that brings its values to around one for a network."""
    return [_LARGE_PLANES.get(plane, 1.0) for plane in game.planes]


def turn_planes(game: Game, planes: np.ndarray, symmetries: np.ndarray) -> np.ndarray:
    """Planes [B, C, H, W], each row transformed by its own symmetry [B]."""
    batch, channels, height, width = planes.shape
    flat = planes.transpose(0, 2, 3, 1).reshape(batch, height * width, channels)
    source = np.argsort(game.point_symmetries, axis=1)[symmetries]  # [B, points]
    turned = flat[np.arange(batch)[:, None], source]
    return turned.reshape(batch, height, width, channels).transpose(0, 3, 1, 2)


def turn_values(values: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Values per point or action [B, K], with entry k moved to index `to[b, k]` (rows of a game's symmetries)."""
    out = np.empty_like(values)
    np.put_along_axis(out, to, values, axis=1)
    return out


def turn_back_policy(game: Game, policy: np.ndarray, symmetries: np.ndarray) -> np.ndarray:
    """Values per action [B, A] of boards transformed by `symmetries` [B], mapped back to the original boards."""
    return np.take_along_axis(policy, game.action_symmetries[symmetries], axis=1)


def mover_result(game: Game, states: np.ndarray) -> np.ndarray:
    """[B] float32: `result` for the player to move."""
    seen: np.ndarray = game.result(states) * game.to_move(states)
    return seen


def transform_planes(game: Game, planes: np.ndarray, symmetry: int) -> np.ndarray:
    """Planes [B, C, H, W] of the board transformed by `symmetry`."""
    shape = planes.shape
    out = np.empty_like(planes).reshape(*shape[:-2], -1)
    out[..., game.point_symmetries[symmetry]] = planes.reshape(*shape[:-2], -1)
    return out.reshape(shape)


def transform_policy(game: Game, policy: np.ndarray, symmetry: int) -> np.ndarray:
    """Values per action [B, A] (policy, visits, mask) of the board transformed by `symmetry`."""
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
    """[8, size²]: image of each point of a square board under the identity, rotations and reflections."""
    square = np.arange(size * size).reshape(size, size)
    boards = [np.rot90(s, k) for s in (square, square.T) for k in range(4)]
    return np.stack([np.argsort(board.ravel()) for board in boards])


@dataclass(frozen=True)
class Position:
    """One state of one game, for interactive use. Immutable; playing returns a new one.

    >>> Position.start(Go(9)).play("E5").play("C3").to_move
    1
    """

    game: Game
    state: np.ndarray  # [1] the record

    @staticmethod
    def start(game: Game) -> Position:
        return Position(game, _frozen(game.new(1)))

    def play(self, move: int | str) -> Position:
        """The position after `move`, an action or its usual notation. IllegalMove or UserError if it is neither."""
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
        """The result for Black; NaN if there is none (still playing, or cut short)."""
        return float(self.game.result(self.state)[0])

    def __str__(self) -> str:
        return self.game.draw(self.state[0])


def _frozen(state: np.ndarray) -> np.ndarray:
    state.flags.writeable = False
    return state

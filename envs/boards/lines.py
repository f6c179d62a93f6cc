"""Tic-tac-toe and Connect 4: games of k stones in a row, on bitboards.

    game          width height  in a row  stones fall   actions
    tictactoe     3     3       3         no            9 cells, row by row from the top left
    connect4      7     6       4         yes           7 columns

One bit per cell, column by column from the bottom, with an empty row on top so that lines do not wrap into
the next column:

     .  .  .  …
     5 12 19
     …
     0  7 14 …          bit = column * (height + 1) + height above the bottom
"""

from __future__ import annotations

import numpy as np

from envs.boards.capabilities import Capabilities
from envs.boards.game import BLACK, WHITE, IllegalMove, square_symmetries
from tengen.errors import UserError
from tengen.jit import inlined, kernel, spread

PLANES = ("own stones", "opponent stones", "first player to move")
PLAYING, WON, FULL = 0, 1, 2
LEGAL, OVER, OUTSIDE, TAKEN = 0, 1, 2, 3

# Indices of a state's int64 words
FIRST, SECOND, MOVES, END, LAST = 0, 1, 2, 3, 4
STATE = np.dtype([("stones", np.int64, 2), ("moves", np.int64), ("end", np.int64), ("last", np.int64)])


@inlined
def has_line(stones, height, k):
    """Whether `stones` holds `k` in a row in any of the four directions."""
    for step in (1, height, height + 1, height + 2):  # up, down right, right, up right
        line = stones
        for i in range(1, k):
            line &= stones >> (i * step)
        if line != 0:
            return True
    return False


@inlined
def bit_of(taken, action, width, height, falls):
    """The bit that `action` fills, 0 if it is illegal. `taken` holds both players' stones."""
    if falls:
        bottom = action * (height + 1)
        bit = (taken + (np.int64(1) << bottom)) & (((np.int64(1) << height) - 1) << bottom)
        return bit & ~taken
    row, column = action // width, action % width
    return (np.int64(1) << (column * (height + 1) + height - 1 - row)) & ~taken


@kernel
def _legal(words, start, stop, width, height, falls, out):
    for i in range(start, stop):
        taken = words[i, FIRST] | words[i, SECOND]
        for a in range(out.shape[1]):
            out[i, a] = words[i, END] == PLAYING and bit_of(taken, a, width, height, falls) != 0


@kernel
def _check(words, start, stop, actions, width, height, falls, num_actions, why):
    for i in range(start, stop):
        if words[i, END] != PLAYING:
            why[i] = OVER
        elif actions[i] < 0 or actions[i] >= num_actions:
            why[i] = OUTSIDE
        elif bit_of(words[i, FIRST] | words[i, SECOND], actions[i], width, height, falls) == 0:
            why[i] = TAKEN
        else:
            why[i] = LEGAL


@kernel
def _play(words, start, stop, actions, width, height, falls, k):
    for i in range(start, stop):
        _advance(words, i, actions[i], width, height, falls, k)


@kernel
def _play_paths(words, start, stop, actions, lengths, width, height, falls, k):
    for i in range(start, stop):
        for step in range(lengths[i]):
            _advance(words, i, actions[i, step], width, height, falls, k)


@inlined
def _advance(words, i, action, width, height, falls, k):
    mover = words[i, MOVES] & 1
    words[i, mover] |= bit_of(words[i, FIRST] | words[i, SECOND], action, width, height, falls)
    words[i, MOVES] += 1
    words[i, LAST] = action
    if has_line(words[i, mover], height, k):
        words[i, END] = WON
    elif words[i, MOVES] == width * height:
        words[i, END] = FULL


@kernel
def _encode(words, start, stop, width, height, out):
    for i in range(start, stop):
        mover = words[i, MOVES] & 1
        for row in range(height):
            for column in range(width):
                bit = np.int64(1) << (column * (height + 1) + height - 1 - row)
                out[i, row, column, 0] = (words[i, mover] & bit) != 0
                out[i, row, column, 1] = (words[i, 1 - mover] & bit) != 0
                out[i, row, column, 2] = mover == 0


class Lines:
    """A k-in-a-row game as a `Game` (envs/boards/game.py documents the methods)."""

    planes: tuple[str, ...] = PLANES
    dtype = STATE

    def __init__(self, name: str, width: int, height: int, k: int, falls: bool, threads: int = 1) -> None:
        if width * (height + 1) > 62:
            raise ValueError("the board must fit into 62 bits")
        self.name, self.width, self.height, self.k, self.falls, self.threads = name, width, height, k, falls, threads
        self.board_shape = (height, width)
        self.num_actions = width if falls else width * height
        self.max_moves = width * height
        self.can = Capabilities(winning_rows=self._winning_rows)
        cells = np.arange(width * height).reshape(height, width)
        if falls:  # only the mirror image respects gravity
            self.point_symmetries = np.stack([cells.ravel(), cells[:, ::-1].ravel()])
            self.action_symmetries = np.stack([np.arange(width), np.arange(width)[::-1]])
        else:
            if width != height:
                raise ValueError("a board without gravity must be square")
            self.point_symmetries = square_symmetries(width)
            self.action_symmetries = self.point_symmetries

    def new(self, batch: int) -> np.ndarray:
        states = np.zeros(batch, self.dtype)
        self.reset(states)
        return states

    def reset(self, states: np.ndarray) -> None:
        states.view(np.int64)[:] = 0
        states["last"] = -1

    def legal(self, states: np.ndarray) -> np.ndarray:
        out = np.empty((len(states), self.num_actions), np.bool_)
        w = _words(states)
        spread(lambda i, j: _legal(w, i, j, self.width, self.height, self.falls, out), len(states), self.threads, 4096)
        return out

    def play(self, states: np.ndarray, actions: np.ndarray, check: bool = True) -> None:
        w = _words(states)
        actions = np.asarray(actions, np.int64)
        if actions.shape != (len(states),):
            raise ValueError(f"expected one action for each of {len(states)} states, got shape {actions.shape}")
        if check:
            why = np.empty(len(states), np.int64)
            _check(w, 0, len(states), actions, self.width, self.height, self.falls, self.num_actions, why)
            if why.any():
                row = int(np.argmax(why != LEGAL))
                raise IllegalMove(self._reason(int(w[row, MOVES]) + 1, int(actions[row]), int(why[row])))
        spread(
            lambda i, j: _play(w, i, j, actions, self.width, self.height, self.falls, self.k),
            len(states),
            self.threads,
            4096,
        )

    def play_paths(self, states: np.ndarray, actions: np.ndarray, lengths: np.ndarray) -> None:
        w = _words(states)
        spread(
            lambda i, j: _play_paths(w, i, j, actions, lengths, self.width, self.height, self.falls, self.k),
            len(states),
            self.threads,
            4096,
        )

    def _reason(self, number: int, action: int, why: int) -> str:
        if why == OUTSIDE:
            return f"move {number}: {action} is not an action of {self.name}, which has 0 to {self.num_actions - 1}"
        text = {OVER: "the game is over", TAKEN: "the column is full" if self.falls else "the cell is taken"}[why]
        return f"move {number}, {self.action_name(action)}: {text}"

    def to_move(self, states: np.ndarray) -> np.ndarray:
        return np.where(states["moves"] % 2 == 0, BLACK, WHITE).astype(np.int8)

    def moves(self, states: np.ndarray) -> np.ndarray:
        moves: np.ndarray = states["moves"]
        return moves

    def ended(self, states: np.ndarray) -> np.ndarray:
        return np.asarray(states["end"] != PLAYING)

    def result(self, states: np.ndarray) -> np.ndarray:
        last_mover = np.where(states["moves"] % 2 == 1, BLACK, WHITE)
        out = np.where(states["end"] == WON, last_mover, np.where(states["end"] == FULL, 0.0, np.nan))
        return out.astype(np.float32)

    def encode(self, states: np.ndarray) -> np.ndarray:
        out = np.empty((len(states), *self.board_shape, 3), np.int8)
        w = _words(states)
        spread(lambda i, j: _encode(w, i, j, self.width, self.height, out), len(states), self.threads, 2048)
        return out.transpose(0, 3, 1, 2)

    def _winning_rows(self, state: np.ndarray) -> list[list[int]]:
        if state["end"][0] != WON:
            return []
        stones, rows = np.pad(self.encode(state)[0, 1], 1), []  # the winner's: the loser would be to move
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            for i, j in np.argwhere(stones).tolist():
                row: list[int] = []
                while stones[i, j] and (row or not stones[i - down, j - right]):
                    row.append((i - 1) * self.width + j - 1)
                    i, j = i + down, j + right
                if len(row) >= self.k:
                    rows.append(row)
        return rows

    def keys(self, states: np.ndarray) -> np.ndarray:
        stones = states["stones"].astype(np.uint64)
        mixed = stones[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ (stones[:, 1] + np.uint64(1)) * np.uint64(
            0xC2B2AE3D27D4EB4F
        )
        return mixed.astype(np.int64)

    def action_name(self, action: int) -> str:
        if self.falls:
            return str(action + 1)
        row, column = divmod(action, self.width)
        return f"{chr(97 + column)}{self.height - row}"

    def parse_action(self, text: str) -> int:
        names = {self.action_name(a): a for a in range(self.num_actions)}
        if text.strip().lower() not in names:
            raise UserError(f"{text!r} is not a move of {self.name}: write one of {', '.join(names)}")
        return names[text.strip().lower()]

    def draw(self, state: np.void) -> str:
        first, second = (int(x) for x in state["stones"])
        lines = []
        for row in range(self.height):
            bits = [1 << (c * (self.height + 1) + self.height - 1 - row) for c in range(self.width)]
            cells = ["X" if first & bit else "O" if second & bit else "." for bit in bits]
            lines.append(("" if self.falls else f"{self.height - row} ") + " ".join(cells))
        if self.falls:
            lines.append(" ".join(str(c + 1) for c in range(self.width)))
        else:
            lines.append("  " + " ".join(chr(97 + c) for c in range(self.width)))
        end = int(state["end"])
        mover = "X" if int(state["moves"]) % 2 == 0 else "O"
        other = "O" if mover == "X" else "X"
        status = {PLAYING: f"{mover} to move", WON: f"{other} has won", FULL: "a draw"}[end]
        return "\n".join([*lines, f"move {int(state['moves'])}, {status}"])


def tictactoe(threads: int = 1) -> Lines:
    return Lines("tictactoe", 3, 3, 3, falls=False, threads=threads)


def connect4(threads: int = 1) -> Lines:
    return Lines("connect4", 7, 6, 4, falls=True, threads=threads)


def _words(states: np.ndarray) -> np.ndarray:
    if not states.flags.c_contiguous:
        raise ValueError("a batch of states must be contiguous: copy a strided selection first")
    return states.view(np.int64).reshape(len(states), 5)

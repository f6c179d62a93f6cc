"""Go as a `Game`, under any of the rule sets; the work is done in kernels.py.

Dead stones are never removed automatically: pass what both players agree on as `dead`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from envs.boards.capabilities import Count
from envs.boards.game import BLACK, WHITE, IllegalMove, square_symmetries
from envs.go import board, coords, kernels
from envs.go.capabilities import capabilities
from envs.go.drawing import draw
from envs.go.features import ALPHAGO, COMPACT, ZERO
from envs.go.rules import KO_RULES, RULES, Rules
from envs.go.states import words
from tengen.errors import UserError, unknown
from tengen.jit import spread

FEATURES = {"compact": COMPACT, "zero": ZERO, "alphago": ALPHAGO}


class Go:
    """Batches of Go games on one board size. envs/boards/game.py documents the methods."""

    def __init__(
        self,
        size: int = 19,
        rule_set: str | Rules = "tromp-taylor",
        komi: float | None = None,
        features: str = "compact",
        max_moves: int | None = None,
        threads: int = 1,
    ) -> None:
        """`max_moves` (default 3 size² + 64) bounds the size of a state, which stores all earlier positions' keys."""
        if not 2 <= size <= board.MAX_SIZE:
            raise UserError(f"a {size}x{size} board is not supported: use sizes from 2 to {board.MAX_SIZE}")
        if features not in FEATURES:
            raise unknown("feature set", features, FEATURES)
        if isinstance(rule_set, str) and rule_set not in RULES:
            raise unknown("rule set", rule_set, RULES)
        chosen = RULES[rule_set] if isinstance(rule_set, str) else rule_set
        if komi is not None:
            chosen = replace(chosen, komi=komi)
        if not abs(chosen.komi) <= 1000 or chosen.komi * 2 != int(chosen.komi * 2):
            raise UserError(f"komi {chosen.komi}: must be in whole or half points, up to 1000")
        self.size, self.rules, self.features, self.threads = size, chosen, features, threads
        self.max_moves = max_moves or 3 * size * size + 64
        if not 1 <= self.max_moves <= 30_000:
            raise UserError(f"max_moves {self.max_moves}: must be between 1 and 30,000")
        self.name = f"go{size}"
        self.num_actions = size * size + 1
        self.board_shape = (size, size)
        self.planes: tuple[str, ...] = FEATURES[features]
        self.dtype = board.state_dtype(size, self.max_moves)
        self.point_symmetries = square_symmetries(size)
        passes = np.full((8, 1), size * size)
        self.action_symmetries = np.concatenate([self.point_symmetries, passes], axis=1)
        self.on_board = np.array([coords.to_point(a, size) for a in range(size * size)])  # bordered points
        self._bordered = board.points(size)
        self.can = capabilities(size, chosen, self.threads, self.legal, self.count, self.decided, self.with_setup)

    # --- starting -----------------------------------------------------------------------------------

    def new(self, batch: int) -> np.ndarray:
        states = np.zeros(batch, self.dtype)
        meta = states["meta"]
        r = self.rules
        meta[:, board.KO_RULE] = KO_RULES.index(r.ko)
        meta[:, board.SUICIDE] = r.suicide
        meta[:, board.SCORING] = board.TERRITORY if r.scoring == "territory" else board.AREA
        meta[:, board.KOMI2] = round(2 * r.komi)
        meta[:, board.LIMIT] = self.max_moves
        self.reset(states)
        return states

    def reset(self, states: np.ndarray) -> None:
        s16, s64 = words(states)
        kernels.reset(s16, s64, 0, len(states), self.size)

    def with_setup(self, black: list[int], white: list[int], to_move: int = BLACK, handicap: int = 0) -> np.ndarray:
        """[1] a state with set-up stones at the given actions and no moves. `handicap` is the number used for komi.

        UserError if a point is used twice or a chain would have no liberty.
        """
        states = self.new(1)
        for action in [*black, *white]:
            if not 0 <= action < self.size * self.size:
                raise UserError(f"set-up stone on {action}: not a point on a {self.size}x{self.size} board")
        mover = board.BLACK if to_move == BLACK else board.WHITE
        stones = [np.array([coords.to_point(a, self.size) for a in c], np.int64) for c in (black, white)]
        if not kernels.setup(*words(states), *stones, mover):
            raise UserError("set-up: a point is used twice, or a chain has no liberty")
        bonus = {"none": 0, "stones": handicap, "stones but one": max(0, handicap - 1)}[self.rules.handicap_bonus]
        states["meta"][:, board.HANDICAP] = handicap
        states["meta"][:, board.BONUS] = bonus
        return states

    def handicap(self, stones: int | list[int]) -> np.ndarray:
        """[1] a state with handicap stones (a number, placed on the traditional points, or actions), White to move."""
        placed = coords.fixed_handicap(stones, self.size) if isinstance(stones, int) else stones
        return self.with_setup(placed, [], WHITE, len(placed))

    # --- playing ------------------------------------------------------------------------------------

    def legal(self, states: np.ndarray) -> np.ndarray:
        out = np.empty((len(states), self.num_actions), np.bool_)
        s16, s64 = words(states)
        spread(lambda i, j: kernels.legal(s16, s64, i, j, out), len(states), self.threads)
        return out

    def play(self, states: np.ndarray, actions: np.ndarray, check: bool = True) -> None:
        s16, s64 = words(states)
        actions = np.asarray(actions, np.int64)
        if actions.shape != (len(states),):
            raise ValueError(f"expected one action for each of {len(states)} states, got shape {actions.shape}")
        if check:
            why = np.empty(len(states), np.int64)
            spread(lambda i, j: kernels.check(s16, s64, i, j, actions, why), len(states), self.threads)
            if (why != board.LEGAL).any():
                row = int(np.argmax(why != board.LEGAL))
                raise IllegalMove(self._reason(states[row], int(actions[row]), int(why[row])))
        spread(lambda i, j: kernels.play(s16, s64, i, j, actions), len(states), self.threads)

    def play_paths(self, states: np.ndarray, actions: np.ndarray, lengths: np.ndarray) -> None:
        s16, s64 = words(states)
        spread(lambda i, j: kernels.play_paths(s16, s64, i, j, actions, lengths), len(states), self.threads, 64)

    def _reason(self, state: np.void, action: int, why: int) -> str:
        number = int(state["meta"][board.MOVES]) + 1
        colour = "Black" if state["meta"][board.TO_MOVE] == board.BLACK else "White"
        if why == kernels.OUTSIDE:
            return f"move {number}: {action} is not an action on a {self.size}x{self.size} board"
        text = {
            kernels.OVER: "the game is over",
            board.OCCUPIED: "the point is occupied",
            board.SUICIDAL: "suicide is not allowed",
            board.KO_BAN: "ko" if self.rules.ko == "simple" else f"it repeats a position ({self.rules.ko} superko)",
        }[why]
        return f"move {number}, {colour} {coords.to_vertex(action, self.size)}: {text}"

    def resign(self, states: np.ndarray, loser: int) -> None:
        """In place: `loser` (BLACK or WHITE) resigns in all unfinished games in `states`."""
        meta = states["meta"]
        playing = meta[:, board.END] == board.PLAYING
        meta[playing, board.WINNER] = -loser
        meta[playing, board.END] = board.RESIGNED

    # --- reading ------------------------------------------------------------------------------------

    def to_move(self, states: np.ndarray) -> np.ndarray:
        return np.where(states["meta"][:, board.TO_MOVE] == board.BLACK, BLACK, WHITE).astype(np.int8)

    def moves(self, states: np.ndarray) -> np.ndarray:
        return states["meta"][:, board.MOVES]

    def ended(self, states: np.ndarray) -> np.ndarray:
        return states["meta"][:, board.END] != board.PLAYING

    def cut_short(self, states: np.ndarray) -> np.ndarray:
        """[B] bool: the move limit ended the game, which has no result."""
        return states["meta"][:, board.END] == board.CUT

    def keys(self, states: np.ndarray) -> np.ndarray:
        return states["key"][:, 0] ^ np.where(
            states["meta"][:, board.TO_MOVE] == board.WHITE, board.WHITE_TO_MOVE, 0
        ).astype(np.int64)

    def stones(self, states: np.ndarray) -> np.ndarray:
        """[B, size, size] int8: 1 Black, -1 White, 0 empty."""
        colours = states["colour"][:, self.on_board].reshape(len(states), *self.board_shape)
        return np.array([0, 1, -1], np.int8)[colours]

    # --- counting -----------------------------------------------------------------------------------

    def score(self, states: np.ndarray, dead: np.ndarray | None = None) -> np.ndarray:
        """[B] float32: Black's points minus White's and komi, for the current board.

        `dead` [B, size²] bool marks stones that both players agree to remove first.
        """
        return self.count(states, dead)[0]

    def count(self, states: np.ndarray, dead: np.ndarray | None = None) -> Count:
        """`score`, and the owner of each point."""
        marked = np.zeros((len(states), self._bordered), np.bool_)
        if dead is not None:
            marked[:, self.on_board] = dead & (states["colour"][:, self.on_board] != board.EMPTY)
            if self.rules.scoring == "area":
                states = self._without(states, marked)
        owner = np.zeros((len(states), self._bordered), np.int8)
        points = np.empty(len(states), np.float32)
        s16, s64 = words(states)
        spread(lambda i, j: kernels.score(s16, s64, i, j, marked, owner, points), len(states), self.threads)
        meta = states["meta"]
        komi = meta[:, board.KOMI2] / 2 + meta[:, board.BONUS]
        owners = owner[:, self.on_board].reshape(len(states), *self.board_shape)
        return Count((points - komi).astype(np.float32), owners)

    @staticmethod
    def _without(states: np.ndarray, dead: np.ndarray) -> np.ndarray:
        """Copies without the dead stones, valid for counting only."""
        states = states.copy()
        colours = states["colour"]
        colours[dead & (colours < board.BORDER)] = board.EMPTY
        return states

    def result(self, states: np.ndarray) -> np.ndarray:
        meta = states["meta"]
        end = meta[:, board.END]
        out = np.full(len(states), np.nan, np.float32)
        counted = end == board.PASSED
        if counted.any():
            out[counted] = np.sign(self.score(states[counted]))
        resigned = end == board.RESIGNED
        out[resigned] = meta[resigned, board.WINNER]
        return out

    def alive(self, states: np.ndarray) -> np.ndarray:
        """[B, size, size] int8: the owner of each point in unconditionally alive chains or area (Benson), else 0."""
        return self._alive(states)[0]

    def decided(self, states: np.ndarray) -> np.ndarray:
        """[B] int8: the colour that wins under area counting whatever is played from here on, 0 if undecided."""
        owner, lead = self._alive(states)
        sure_black, sure_white = (owner == 1).sum((1, 2)), (owner == -1).sum((1, 2))
        open_points = self.size * self.size - sure_black - sure_white
        komi = states["meta"][:, board.KOMI2] / 2 + states["meta"][:, board.BONUS]
        area = states["meta"][:, board.SCORING] == board.AREA
        black = area & (lead - open_points > komi)
        white = area & (lead + open_points < komi)
        return (black.astype(np.int8) - white.astype(np.int8)).astype(np.int8)

    def _alive(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        owner = np.empty((len(states), self._bordered), np.int8)
        lead = np.empty(len(states), np.int64)
        s16, s64 = words(states)
        spread(lambda i, j: kernels.alive(s16, s64, i, j, owner, lead), len(states), self.threads)
        return owner[:, self.on_board].reshape(len(states), *self.board_shape), lead

    # --- for networks -------------------------------------------------------------------------------

    def encode(self, states: np.ndarray) -> np.ndarray:
        out = np.empty((len(states), *self.board_shape, len(self.planes)), np.int8)
        s16, s64 = words(states)
        kernel = {
            "compact": kernels.planes_compact,
            "zero": kernels.planes_zero,
            "alphago": kernels.planes_alphago,
        }[self.features]
        if len(states):
            smallest = 256 if self.features == "zero" else 16  # ladders take microseconds
            spread(lambda i, j: kernel(s16, s64, i, j, out), len(states), self.threads, smallest)
        return out.transpose(0, 3, 1, 2)

    # --- for people ---------------------------------------------------------------------------------

    def action_name(self, action: int) -> str:
        return coords.to_vertex(action, self.size)

    def parse_action(self, text: str) -> int:
        return coords.from_vertex(text, self.size)

    def chains(self, state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For one state [1]: each point's chain (its head, 0 for none), liberties, and whether a ladder catches it.

        Three arrays [size, size].
        """
        libs = np.zeros(self._bordered, np.int16)
        laddered = np.zeros(self._bordered, np.bool_)
        kernels.chains(*words(state), libs, laddered)
        stone = (state["colour"][0] == board.BLACK) | (state["colour"][0] == board.WHITE)
        head = np.where(stone, state["chain"][0], 0)
        fields = (head, np.where(stone, libs[head], 0), laddered)
        one, two, three = (field[self.on_board].reshape(self.board_shape) for field in fields)
        return one, two, three

    def draw(self, state: np.void) -> str:
        """The board with coordinates; the last move in brackets."""
        return draw(state, self.size, self.on_board)

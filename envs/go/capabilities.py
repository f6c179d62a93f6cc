"""Go's optional capabilities (documented in envs/boards/capabilities.py)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from envs.boards.capabilities import Capabilities, Count, Komi
from envs.go import board, coords, kernels
from envs.go import playout as kernel_of_playouts
from envs.go.features import ALPHAGO
from envs.go.rules import Rules, gtp_rules
from envs.go.sgf import sgf_of
from envs.go.sitting import continued, give_turn, resume
from envs.go.states import words
from tengen.jit import spread


def capabilities(
    size: int,
    rules: Rules,
    threads: int,
    legal: Callable[[np.ndarray], np.ndarray],
    count: Callable[[np.ndarray, np.ndarray | None], Count],
    decided: Callable[[np.ndarray], np.ndarray],
    setup: Callable[[list[int], list[int], int, int], np.ndarray],
) -> Capabilities:
    """Capabilities of Go on a board of `size` under `rules`; the functions are methods of `envs.go.game.Go`."""

    def settled(states: np.ndarray) -> np.ndarray:
        """`decided`, checked only from mid-game on: before that nothing can be decided, and checking costs time."""
        winner = np.zeros(len(states), np.int8)
        meta = states["meta"]
        late = (meta[:, board.END] == board.PLAYING) & (meta[:, board.MOVES] > size**2 // 2)
        if late.any():
            winner[late] = decided(states[late])
        return winner

    def sensible(states: np.ndarray) -> np.ndarray:
        """Legal moves that do not fill the mover's own eyes, and the pass."""
        planes = np.empty((len(states), size, size, len(ALPHAGO)), np.int8)
        s16, s64 = words(states)
        if len(states):
            spread(lambda i, j: kernels.planes_alphago(s16, s64, i, j, planes), len(states), threads, 16)
        allowed = legal(states)
        allowed[:, :-1] &= planes[..., ALPHAGO.index("sensible")].reshape(len(states), -1) == 1
        return allowed

    return Capabilities(
        komi=Komi(rules.komi, give_komi),
        count=count,
        settled=settled,
        playouts=playouts,
        sensible=sensible,
        passing=size**2,
        opening_points=coords.inner_points(size),
        setup=setup,
        edited=lambda state, black, white, to_move: continued(state, setup(black, white, to_move, 0)),
        give_turn=turn_to,
        fixed_handicap=lambda stones: coords.fixed_handicap(stones, size),
        sgf=lambda game: sgf_of(game, size, rules),
        gtp_setup=(f"boardsize {size}", "clear_board", f"komi {rules.komi:g}"),
        gtp_rules=gtp_rules(rules),
        agreed={"komi": rules.komi, "ko": rules.ko, "suicide": rules.suicide, "scoring": rules.scoring},
    )


def give_komi(states: np.ndarray, komi: np.ndarray | float) -> None:
    """Set the komi in place: `komi` [B] in whole or half points."""
    states["meta"][:, board.KOMI2] = np.round(2 * np.asarray(komi))


def turn_to(states: np.ndarray, colour: int) -> None:
    """In place: `colour` is to move, even if passes had ended the game; passes before do not count any more."""
    resume(states)
    give_turn(states, colour)
    states["meta"][:, board.PASSES] = 0


def playouts(states: np.ndarray, random: np.random.Generator, count: int) -> np.ndarray:
    """[B] the mean result for Black of `count` random games that do not fill own eyes."""
    black = np.empty(len(states), np.float32)
    if len(states) == 0:
        return black
    s16, s64 = words(states)
    meta = states["meta"]
    points, owners = np.empty(count, np.float32), np.empty(board.points(int(meta[0, board.SIZE])), np.float32)
    komi = meta[:, board.KOMI2] / 2 + meta[:, board.BONUS]
    for row in range(len(states)):
        kernel_of_playouts.playouts(s16, s64, row, int(random.integers(2**62)), count, points, owners)
        black[row] = np.sign(points - komi[row]).mean()
    return black

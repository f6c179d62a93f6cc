"""Search finds forced wins, threats, ladders and the values of solved games."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.search.evaluators import Evaluation, Rollouts
from envs.boards.lines import connect4, tictactoe
from envs.boards.solve import solve
from envs.go.game import Go
from tests.agents.search.helpers import after, think


@pytest.mark.parametrize("kind", ["puct", "gumbel"])
@pytest.mark.parametrize("swap", [False, True])
def test_a_forced_win_is_found_and_a_threat_is_met_by_both_colours(kind: Any, swap: bool) -> None:
    """X at a1 and a2 wins with a3, whichever colour X is; the other must take a3."""
    game = tictactoe()
    before = ("c2",) if swap else ()
    attack = after(game, *before, "a1", "b1", "a2", "b3") if not swap else after(game, "c2", "a1", "b1", "a2", "b3")
    winning = game.parse_action("a3")
    if swap:  # the second player has a1, a2 and is to move
        assert game.to_move(attack)[0] == -1
    _, result = think(game, attack, 200, kind=kind, gumbel_scale=0.0)
    assert result.best[0] == winning and result.value[0] > 0.4
    defence = after(game, "c2", "a1", "b1", "a2") if swap else after(game, "a1", "b1", "a2")
    _, result = think(game, defence, 400, kind=kind, gumbel_scale=0.0)
    assert result.best[0] == winning


def test_connect4_three_in_a_row_by_rollouts() -> None:
    game = connect4()
    attack = after(game, "1", "7", "2", "7", "3", "6")
    _, result = think(game, attack, 300, Rollouts(game, 1))
    assert result.best[0] == 3 and result.value[0] > 0.8
    defence = after(game, "1", "7", "2", "7", "3")
    _, result = think(game, defence, 300, Rollouts(game, 1))
    assert result.best[0] == 3


def test_values_agree_with_the_solved_game() -> None:
    """In tic-tac-toe positions with few moves left, thousands of simulations find the true value."""
    game = tictactoe()
    rng = np.random.default_rng(0)
    for _ in range(12):
        state = game.new(1)
        for _ in range(4):
            legal = np.flatnonzero(game.legal(state)[0])
            game.play(state, np.array([rng.choice(legal)]))
        if game.ended(state)[0]:
            continue
        _, result = think(game, state, 1500)
        best = state.copy()
        game.play(best, result.best)
        assert -solve(game, best) == solve(game, state)


class Hunter:
    """Prior: moves next to chains with one or two liberties; value: good for Black once White's stone is captured."""

    def __init__(self, game: Go, stone: int, sign: float = 1.0) -> None:
        self.game, self.stone, self.sign = game, stone, sign

    def __call__(self, states: np.ndarray) -> Evaluation:
        logits = np.zeros((len(states), self.game.num_actions), np.float32)
        for row in range(len(states)):
            heads, liberties, _ = self.game.chains(states[row : row + 1])
            weak = np.pad((heads > 0) & (liberties <= 2), 1)
            logits[row, :-1] = 4.0 * (weak[:-2, 1:-1] | weak[2:, 1:-1] | weak[1:-1, :-2] | weak[1:-1, 2:]).ravel()
        captured = self.game.stones(states).reshape(len(states), -1)[:, self.stone] != -1
        value = np.where(captured, 0.9, -0.3) * self.game.to_move(states)
        return Evaluation(logits, (self.sign * value).astype(np.float32))


def read_out(simulations: int, breaker: str = "", sign: float = 1.0) -> tuple[list[str], float]:
    """The line that a search expects when White's C4 can be caught in a ladder, and its value for Black.

    6 . . . . . .     D4 drives White down to the edge: C3 C2 D3 E3 D2 E2 D1, and Black captures.
    5 . . X X . .     C3 does not: White escapes at D4, towards Black's loose D5.
    4 . X O . . .     A white stone on E2, where the ladder passes, breaks it.
    3 . X . . . .
    2 . . . . . .
    1 . . . . . .
      A B C D E F
    """
    game = Go(6, "cgos", komi=0.0)
    white = ["C4", *([breaker] if breaker else [])]
    black = ["B4", "C5", "D5", "B3"]
    state = game.with_setup([game.parse_action(v) for v in black], [game.parse_action(v) for v in white])
    made, result = think(game, state, simulations, Hunter(game, game.parse_action("C4"), sign))
    line, node, tree = [], 0, made.tree
    while node >= 0 and tree.visits[0, node].any():
        action = int(tree.visits[0, node].argmax())
        line.append(game.action_name(action))
        node = int(tree.child[0, node, action])
    return line, float(result.value[0])


def test_a_ladder_is_read_to_its_end() -> None:
    """The evaluator sees a captured stone, not a ladder: only a search twelve moves deep finds the right atari."""
    ladder = ["D4", "C3", "C2", "D3", "E3", "D2", "E2", "D1"]
    line, value = read_out(1200)
    assert line[:8] == ladder and value > 0.1
    line, value = read_out(8)
    assert line[:8] != ladder and value == pytest.approx(-0.3)  # too shallow to see the end
    line, value = read_out(1200, breaker="E2")
    assert line[:8] != ladder and value < -0.1
    line, _ = read_out(1200, sign=-1.0)  # with the sides confused, the search goes elsewhere
    assert line[:8] != ladder

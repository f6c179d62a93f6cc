"""Search: backups by hand, golden trees, forced wins, signs, masks, batches, reuse, Gumbel's schedule and target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.search.arrays import OPEN
from agents.search.evaluation_cache import EvaluationCache, digest_rows
from agents.search.evaluators import Rollouts, Uniform
from agents.search.model import Expansion, FunctionModel, GameModel, masked_softmax
from agents.search.search import Search, SearchConfig, halving_schedule
from envs.boards.game import Game
from envs.boards.lines import connect4, tictactoe
from envs.boards.solve import solve
from envs.go.game import Go
from tengen.errors import UserError


class Fixed:
    """An evaluator that says the same of every position with the same stones, whatever the batch."""

    def __init__(self, game: Game, scale: float = 1.0) -> None:
        self.game, self.scale = game, scale

    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        keys = self.game.keys(states)
        logits = np.stack([np.random.default_rng(abs(int(k))).normal(size=self.game.num_actions) for k in keys])
        values = np.array([np.random.default_rng(abs(int(k)) + 1).uniform(-1, 1) for k in keys])
        return (self.scale * logits).astype(np.float32), (0.5 * values).astype(np.float32)


def search_of(game: Game, states: np.ndarray, config: SearchConfig, most: int, evaluator: Any = None) -> Search:
    model = GameModel(game, evaluator or Uniform(game), states)
    return Search(model, len(states), most, config, seeds=range(len(states)))


def think(game: Game, states: np.ndarray, most: int, evaluator: Any = None, **options: Any) -> tuple[Search, Any]:
    made = search_of(game, states, SearchConfig(**options), most, evaluator)
    rows = np.arange(len(states))
    made.begin(rows, most)
    return made, made.run(rows)


def after(game: Game, *moves: str) -> np.ndarray:
    state = game.new(1)
    for move in moves:
        game.play(state, np.array([game.parse_action(move)]))
    return state


# --- by hand ----------------------------------------------------------------------------------------------------


def chain(values: list[float], prior: list[list[float]]) -> FunctionModel:
    """A world of numbers: the root is 0, action a of state s leads to 2 s + 1 + a; the players alternate."""

    def known(hidden: np.ndarray) -> Expansion:
        s = hidden[:, 0].astype(int)
        depth = np.floor(np.log2(s + 1)).astype(int)
        to_play = np.where(depth % 2 == 0, 1, -1).astype(np.int8)
        return Expansion(
            to_play,
            np.zeros(len(s), bool),
            np.array([values[i] for i in s], np.float32),
            np.array([prior[i] for i in s], np.float32),
        )

    def step(hidden: np.ndarray, action: np.ndarray) -> tuple[np.ndarray, Expansion]:
        below = 2 * hidden + 1 + action[:, None]
        return below, known(below)

    return FunctionModel(2, np.zeros((1, 1)), known, step, nodes=40)


def test_three_simulations_by_hand() -> None:
    """Priors (0.7, 0.3) at the root, half and half below; values as the player to move at each state sees them.

    1: action 0 (U 0.7 > 0.3) meets state 1, worth 0.5 to White: -0.5 on the edge.
    2: Q + U is -0.5 + c 0.7 sqrt(2) / 2 against fpu (0.2 - 0.5) / 2 + c 0.3 sqrt(2), c = 1.25:
       0.119 against 0.380: action 1 meets state 2, worth -0.4 to White: +0.4.
    3: -0.5 + c 0.7 sqrt(3) / 2 = 0.258 against 0.4 + c 0.3 sqrt(3) / 2 = 0.725: action 1 again; below state 2
       both actions look alike: the first, state 5, worth 0.6 to Black: +0.6 on the root's edge, -0.6 on state 2's.
    """
    values = [0.2, 0.5, -0.4, 0.0, 0.0, 0.6, 0.0]
    prior = [[0.7, 0.3]] + [[0.5, 0.5]] * 6
    config = SearchConfig(fpu_root=0.0, fpu=0.0, c_base=1e9)
    made = Search(chain(values, prior), 1, 3, config, [0])
    made.begin(np.arange(1), 3)
    expected = [((1, 0), (-0.5, 0.0)), ((1, 1), (-0.5, 0.4)), ((1, 2), (-0.5, 1.0))]
    made.round(np.arange(1))  # the root's own evaluation
    assert made.tree.value[0, 0] == pytest.approx(0.2)
    for visits, total in expected:
        assert made.round(np.arange(1)) == 1
        assert tuple(made.tree.visits[0, 0]) == visits
        assert made.tree.total[0, 0] == pytest.approx(total, abs=1e-6)
    assert made.tree.visits[0, 2].tolist() == [1, 0] and made.tree.total[0, 2] == pytest.approx([-0.6, 0.0])
    result = made.result(np.arange(1))
    assert result.value[0] == pytest.approx((0.2 - 0.5 + 1.0) / 4) and result.best[0] == 1
    assert result.policy[0] == pytest.approx([1 / 3, 2 / 3]) and result.raw_value[0] == pytest.approx(0.2)


def test_first_play_urgency_by_hand() -> None:
    """A reduction of 0.4 * sqrt(0.7) below the mean makes the untried action look worse than the bad one."""
    values, prior = [0.2, -0.1, -0.4, 0, 0, 0, 0], [[0.7, 0.3]] + [[0.5, 0.5]] * 6
    for fpu, second in ((0.0, 1), (3.0, 0)):
        made = Search(chain(values, prior), 1, 2, SearchConfig(fpu_root=fpu, c_init=0.2, c_base=1e9), [0])
        made.begin(np.arange(1), 2)
        made.run(np.arange(1))
        # mean (0.2 + 0.1) / 2 = 0.15; action 0: 0.1 + 0.2*0.7*1.414/2 = 0.199; action 1: 0.15 - red + 0.0849 = 0.235
        assert made.tree.visits[0, 0].tolist() == ([1, 1] if second else [2, 0])


def test_forced_visits_and_their_pruning() -> None:
    values, prior = [0.0], [[0.5, 0.5]] * 2**12
    for s in range(1, 2**12):  # below state 1 Black wins, below state 2 White; each value as the player to move sees it
        first = s
        while first > 2:
            first = (first - 1) // 2
        depth = int(np.log2(s + 1))
        values.append((0.9 if first == 1 else -0.9) * (1 if depth % 2 == 0 else -1))
    plain = Search(chain(values, prior), 1, 31, SearchConfig(), [0])
    forced = Search(chain(values, prior), 1, 31, SearchConfig(forced=8.0), [0])
    results = []
    for made in (plain, forced):
        made.begin(np.arange(1), 31)
        results.append(made.run(np.arange(1)))
    assert forced.tree.visits[0, 0, 1] >= int(np.sqrt(8 * 0.5 * 30)) > plain.tree.visits[0, 0, 1]
    assert results[1].policy[0, 1] <= plain.tree.visits[0, 0, 1] / 31 + 1e-6  # pruned back
    assert results[1].policy.sum() == pytest.approx(1)


def test_masked_softmax() -> None:
    p = masked_softmax(np.array([[0.0, 500.0, np.log(3.0)]], np.float32), np.array([[True, False, True]]))
    assert p[0] == pytest.approx([0.25, 0, 0.75], abs=1e-6)
    sure = masked_softmax(np.array([[1e4, -1e4]], np.float32), np.ones((1, 2), bool))
    assert sure[0, 1] > 0 and sure.sum() == pytest.approx(1)


# --- games ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["puct", "gumbel"])
@pytest.mark.parametrize("swap", [False, True])
def test_a_forced_win_is_found_and_a_threat_is_met_by_both_colours(kind: Any, swap: bool) -> None:
    """X at a1 and a2 wins by a3, whoever X is; the other must take a3."""
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
    """From positions of tic-tac-toe with few moves left, thousands of simulations find the true value."""
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
    """Expects moves next to chains of one or two liberties; Black stands well once White's stone is captured."""

    def __init__(self, game: Go, stone: int, sign: float = 1.0) -> None:
        self.game, self.stone, self.sign = game, stone, sign

    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits = np.zeros((len(states), self.game.num_actions), np.float32)
        for row in range(len(states)):
            heads, liberties, _ = self.game.chains(states[row : row + 1])
            weak = np.pad((heads > 0) & (liberties <= 2), 1)
            logits[row, :-1] = 4.0 * (weak[:-2, 1:-1] | weak[2:, 1:-1] | weak[1:-1, :-2] | weak[1:-1, 2:]).ravel()
        captured = self.game.stones(states).reshape(len(states), -1)[:, self.stone] != -1
        value = np.where(captured, 0.9, -0.3) * self.game.to_move(states)
        return logits, (self.sign * value).astype(np.float32)


def read_out(simulations: int, breaker: str = "", sign: float = 1.0) -> tuple[list[str], float]:
    """The line that a search expects where White's C4 can be caught in a ladder, and what it is worth to Black.

    6 . . . . . .     D4 drives White down to the edge: C3 C2 D3 E3 D2 E2 D1, and Black captures.
    5 . . X X . .     C3 does not: White gets out at D4, towards Black's loose D5.
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
    """The evaluator sees a captured stone, not a ladder: only a search twelve moves deep tells the right atari."""
    ladder = ["D4", "C3", "C2", "D3", "E3", "D2", "E2", "D1"]
    line, value = read_out(1200)
    assert line[:8] == ladder and value > 0.1
    line, value = read_out(8)
    assert line[:8] != ladder and value == pytest.approx(-0.3)  # too shallow to see the end
    line, value = read_out(1200, breaker="E2")
    assert line[:8] != ladder and value < -0.1
    line, _ = read_out(1200, sign=-1.0)  # whoever confuses the sides goes elsewhere
    assert line[:8] != ladder


@pytest.mark.parametrize("kind", ["puct", "gumbel"])
@pytest.mark.parametrize("name", ["go4", "connect4", "tictactoe"])
def test_a_batch_of_searches_is_each_search_alone(kind: Any, name: str) -> None:
    """Different positions and players side by side; tree and noise of each are those of a search alone."""
    game: Game = {"go4": Go(4, komi=0.5), "connect4": connect4(), "tictactoe": tictactoe()}[name]
    rng = np.random.default_rng(4)
    states = game.new(6)
    for row in range(6):
        for _ in range(row):
            legal = np.flatnonzero(game.legal(states[row : row + 1])[0])
            one = states[row : row + 1].copy()
            game.play(one, np.array([rng.choice(legal)]))
            states[row] = one[0]
    config = SearchConfig(kind=kind, noise=0.25, forced=2.0 if kind == "puct" else 0.0)
    together = Search(GameModel(game, Fixed(game), states.copy()), 6, 40, config, seeds=range(6))
    together.begin(np.arange(6), np.array([40, 10, 25, 40, 3, 33]))
    result = together.run(np.arange(6))
    for row in range(6):
        alone = Search(GameModel(game, Fixed(game), states[row : row + 1].copy()), 1, 40, config, seeds=[row])
        alone.begin(np.arange(1), int(together.budget[row]))
        lonely = alone.run(np.arange(1))
        used = int(alone.tree.used[0])
        assert used == together.tree.used[row]
        for field in ("parent", "action", "status", "value", "visits", "total", "prior"):
            ours, theirs = getattr(together.tree, field)[row, :used], getattr(alone.tree, field)[0, :used]
            assert np.array_equal(ours, theirs), field
        for one, two in zip(result, lonely, strict=True):
            assert np.array_equal(one[row], two[0])


def test_illegal_moves_get_no_visit_whatever_the_network_says() -> None:
    game = tictactoe()

    class Stubborn(Uniform):
        def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            logits, value = super().__call__(states)
            logits[:, 4] = 50.0  # the centre, which is taken
            return logits, value

    state = after(game, "b2", "a1")
    for kind in ("puct", "gumbel"):
        made, result = think(game, state, 60, Stubborn(game), kind=kind)
        taken = [game.parse_action("b2"), game.parse_action("a1")]
        assert not result.visits[0, taken].any() and not result.policy[0, taken].any()
        assert result.visits[0].sum() == 60 and made.tree.prior[0, 0, taken].sum() == 0


def test_terminal_positions_count_exactly_and_cost_no_evaluation() -> None:
    game = tictactoe()
    state = after(game, "a1", "b1", "a2", "b2", "c1", "c2", "b3", "a3")  # one empty point: X fills it
    made, result = think(game, state, 50)
    assert made.model.evaluations == 1 and result.visits[0].sum() == 50  # type: ignore[attr-defined]
    assert result.best[0] == game.parse_action("c3")
    assert made.tree.total[0, 0, result.best[0]] / 50 == pytest.approx(solve(game, state))


def test_several_leaves_a_round_are_different_and_leave_no_virtual_loss() -> None:
    game = connect4()
    for leaves in (1, 4, 16):
        made = search_of(game, game.new(2), SearchConfig(leaves=leaves), 200, Fixed(game))
        rows = np.arange(2)
        made.begin(rows, 200)
        rounds = 0
        while len(made.finished(rows)) < 2:
            made.round(rows)
            rounds += 1
        result = made.result(rows)
        assert (result.visits.sum(1) == 200).all() and rounds <= 200 // leaves + 60
        t = made.tree
        for b in range(2):
            for node in range(int(t.used[b])):  # an edge's sum is its child's value and what lies below that
                for a in np.flatnonzero(t.visits[b, node]):
                    below = t.child[b, node, a]
                    if t.status[b, below] != OPEN:
                        continue
                    value = t.value[b, below] + t.total[b, below].sum()
                    sign = t.to_play[b, below] * t.to_play[b, node]
                    assert t.total[b, node, a] == pytest.approx(sign * value, abs=1e-3)
                    assert t.visits[b, node, a] == 1 + t.visits[b, below].sum()


def test_a_kept_subtree_is_the_subtree() -> None:
    game = connect4()
    made, result = think(game, game.new(1), 120, Fixed(game))
    t, action = made.tree, int(result.best[0])
    below = int(t.child[0, 0, action])
    visits, total, prior = t.visits[0, below].copy(), t.total[0, below].copy(), t.prior[0, below].copy()
    grandchildren = {a: t.visits[0, t.child[0, below, a]].copy() for a in range(7) if t.child[0, below, a] >= 0}
    made.play(np.arange(1), np.array([action]))
    assert np.array_equal(t.visits[0, 0], visits) and np.array_equal(t.total[0, 0], total)
    assert np.array_equal(t.prior[0, 0], prior) and t.used[0] <= visits.sum() + 1
    for a, expected in grandchildren.items():
        assert np.array_equal(t.visits[0, t.child[0, 0, a]], expected)
    roots = made.model.roots  # type: ignore[attr-defined]
    game.play(roots, np.array([action]))
    made.begin(np.arange(1), 120)
    result = made.run(np.arange(1))
    assert result.visits.sum() == 120 and t.used[0] <= 122
    made.play(np.arange(1), np.array([int(np.argmin(result.visits[0]))]))
    made.forget(np.arange(1))
    assert t.used[0] == 0


def test_kept_visits_come_on_top_where_wanted() -> None:
    game = connect4()
    made, result = think(game, game.new(1), 120, Fixed(game), count_kept=False)
    everyone = np.arange(1)
    for turn in range(6):
        action = result.best
        kept = int(result.visits[0, action[0]]) - 1  # the edge's own evaluation is the new root's
        made.play(everyone, action)
        game.play(made.model.roots, action)  # type: ignore[attr-defined]
        made.begin(everyone, 120)
        result = made.run(everyone)
        assert kept > 0 and result.visits.sum() == kept + 120, turn
    for _ in range(3):  # the same root again and again: the memory ends, the search with it
        made.begin(everyone, 120)
        result = made.run(everyone)
    assert made.tree.used[0] == 3 * 120 + 2 and result.visits.sum() < 4 * 120
    with pytest.raises(ValueError, match="schedule"):
        search_of(game, game.new(1), SearchConfig(kind="gumbel", count_kept=False), 8)


def values_below(t: Any, node: int) -> list[float]:
    """The value of `node` and of all that lies below it, of trees whose every node was visited once."""
    found = [float(t.value[0, node])]
    for a in np.flatnonzero(t.visits[0, node]):
        found += values_below(t, int(t.child[0, node, a]))
    return found


@pytest.mark.parametrize("leaves", [1, 4])
def test_squares_are_those_of_all_values_below(leaves: int) -> None:
    game = connect4()
    made, result = think(game, game.new(1), 150, Fixed(game), leaves=leaves)
    for _ in range(2):  # as searched, then below the move that was played
        for node in range(int(made.tree.used[0])):
            expected = sum(v * v for v in values_below(made.tree, node))
            assert made.tree.square[0, node] == pytest.approx(expected, abs=1e-4)
        made.play(np.arange(1), result.best)


def test_exploration_follows_the_deviation_of_the_values() -> None:
    """The root's choices against the formula, from the values themselves; and they differ from those without."""
    game, chosen = connect4(), {}
    for scaling in (0.0, 0.85):
        config = SearchConfig(variance_scaling=scaling)
        made = search_of(game, game.new(1), config, 80, Fixed(game, 0.5))
        t, row = made.tree, np.arange(1)
        made.begin(row, 80)
        made.round(row)
        chosen[scaling] = []
        for _ in range(80):
            visits, prior = t.visits[0, 0].copy(), t.prior[0, 0]
            values = np.array(values_below(t, 0))
            n, tried = visits.sum(), prior[visits > 0].sum()
            mean = (t.value[0, 0] + t.total[0, 0].sum()) / (n + 1)
            variance = ((values**2).sum() + 2 * (mean**2 + 0.4**2)) / (n + 3) - mean**2
            c = np.log((n + 1 + 19652) / 19652) + 1.25
            c *= 1 + scaling * (np.sqrt(variance) / 0.4 - 1)
            q = np.where(visits > 0, t.total[0, 0] / np.maximum(visits, 1), mean - config.fpu_root * np.sqrt(tried))
            expected = int(np.argmax(q + c * prior * np.sqrt(n + 1) / (1 + visits)))
            made.round(row)
            assert np.flatnonzero(t.visits[0, 0] != visits) == expected
            chosen[scaling].append(expected)
    assert chosen[0.0] != chosen[0.85]


def test_noise_is_the_tree_s_own_and_only_where_wanted() -> None:
    game = tictactoe()
    priors = []
    for noisy in (True, False):
        made = search_of(game, game.new(2), SearchConfig(noise=0.25), 8)
        made.begin(np.arange(2), 8, noisy)
        made.run(np.arange(2))
        priors.append(made.tree.prior[:, 0].copy())
    assert not np.array_equal(priors[0][0], priors[0][1])
    assert np.allclose(priors[0].sum(1), 1) and np.allclose(priors[1], 1 / 9)


# --- Gumbel -----------------------------------------------------------------------------------------------------


def test_sequential_halving_by_hand() -> None:
    assert halving_schedule(4, 8) == (0, 0, 0, 0, 1, 1, 2, 2)
    assert halving_schedule(2, 4) == (0, 0, 1, 1)
    assert halving_schedule(1, 3) == (0, 1, 2)
    sixteen = halving_schedule(16, 200)
    assert len(sixteen) == 200 and sixteen[:16] == (0,) * 16


def test_gumbel_visits_follow_the_schedule() -> None:
    game = connect4()
    made, result = think(game, game.new(1), 32, Fixed(game), kind="gumbel", max_considered_actions=4)
    visited = np.sort(result.visits[0])[::-1]
    assert (visited > 0).sum() == 4 and visited.sum() == 32
    assert visited.tolist() == [12, 12, 4, 4, 0, 0, 0]  # 4 each, then 8 more for the better two
    t, g = made.tree, made.tree.gumbel[0]
    considered = set(np.flatnonzero(result.visits[0]))
    assert considered == set(np.argsort(-(g + np.log(t.prior[0, 0])))[:4])
    assert result.visits[0, result.best[0]] == 12


def test_the_improved_policy_by_hand() -> None:
    """Two actions, prior (0.75, 0.25), value 0; one visit of the first, worth -0.5: v_mix = (0 + 1 * -0.5) / 2."""
    made = Search(
        chain([0.0, 0.5, 0, 0, 0, 0, 0], [[0.75, 0.25]] * 7),
        1,
        1,
        SearchConfig(kind="gumbel", gumbel_scale=0, c_visit=4, c_scale=0.5),
        [0],
    )
    made.begin(np.arange(1), 1)
    result = made.run(np.arange(1))
    assert result.visits[0].tolist() == [1, 0]
    sigma = (4 + 1) * 0.5
    logits = np.log([0.75, 0.25]) + sigma * (np.array([-0.5, -0.25]) + 1) / 2
    assert result.policy[0] == pytest.approx(np.exp(logits) / np.exp(logits).sum(), abs=1e-5)


def test_gumbel_improves_a_policy_with_few_simulations() -> None:
    """With a winning move of small prior among seven, 8 simulations choose it (Danihelka 2022, section 4)."""
    game = connect4()
    state = after(game, "1", "7", "2", "7", "3", "6")
    better = 0
    for seed in range(30):
        made = Search(
            GameModel(game, Uniform(game), state.copy()),
            1,
            8,
            SearchConfig(kind="gumbel", max_considered_actions=8),
            [seed],
        )
        made.begin(np.arange(1), 8)
        result = made.run(np.arange(1))
        better += int(result.best[0]) == 3
        assert result.policy[0, 3] == result.policy[0].max()
    assert better == 30


def test_a_network_that_diverged_is_one_clear_line() -> None:
    game = tictactoe()

    def broken(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((len(states), 9), np.float32), np.full(len(states), np.nan, np.float32)

    search = Search(GameModel(game, broken, game.new(1)), 1, 4, SearchConfig(), [0])
    search.begin(np.array([0]), 4)
    with pytest.raises(UserError, match="diverged"):
        search.run(np.array([0]))


@pytest.mark.parametrize("entries", [1, 3, 1000])
def test_cached_evaluations_are_the_evaluations(entries: int) -> None:
    """Whatever has to share a place, in one batch or from batch to batch; what is known is not asked again."""
    random = np.random.default_rng(0)
    different = random.integers(0, 2, (12, 4, 3, 3)).astype(np.int8)
    asked: list[int] = []

    def truth(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return planes.reshape(len(planes), -1)[:, :9].astype(np.float32), planes.sum((1, 2, 3)).astype(np.float32)

    cache = EvaluationCache(entries, 9)
    for _ in range(30):
        planes = different[random.integers(0, 12, 8)]

        def judge(new: np.ndarray, planes: np.ndarray = planes) -> tuple[np.ndarray, np.ndarray]:
            asked.append(len(new))
            return truth(planes[new])

        logits, values = cache.evaluate(planes, judge)
        assert np.array_equal(logits, truth(planes)[0]) and np.array_equal(values, truth(planes)[1])
    assert cache.lookups == 240 and cache.lookups - cache.hits == sum(asked)
    assert sum(asked) == 12 if entries == 1000 else sum(asked) > 30


def test_digests_tell_planes_apart() -> None:
    rows = np.zeros((1459, 1458), np.uint8)
    rows[np.arange(1458), np.arange(1458)] = 1  # one plane, one point
    digests = np.empty(1459, np.uint64)
    digest_rows(rows, digests)
    assert len(np.unique(digests)) == 1459 and len(np.unique(digests % np.uint64(20_000))) > 1350

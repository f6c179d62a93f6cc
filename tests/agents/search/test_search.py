"""Search: backups by hand, golden trees, forced wins, signs, masks, batches, tree reuse, Gumbel schedule and target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.search.arrays import OPEN
from agents.search.evaluators import Evaluation, Uniform
from agents.search.model import GameModel, masked_softmax
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from envs.boards.lines import connect4, tictactoe
from envs.boards.solve import solve
from envs.go.game import Go
from tengen.errors import UserError
from tests.agents.search.helpers import Fixed, after, chain, search_of, think


def test_three_simulations_by_hand() -> None:
    """Priors (0.7, 0.3) at the root, 0.5 each below; each value is for the player to move in that state.

    1: action 0 (U 0.7 > 0.3) reaches state 1, worth 0.5 to White: -0.5 on the edge.
    2: Q + U is -0.5 + c 0.7 sqrt(2) / 2 against fpu (0.2 - 0.5) / 2 + c 0.3 sqrt(2), c = 1.25:
       0.119 against 0.380: action 1 reaches state 2, worth -0.4 to White: +0.4.
    3: -0.5 + c 0.7 sqrt(3) / 2 = 0.258 against 0.4 + c 0.3 sqrt(3) / 2 = 0.725: action 1 again; below state 2
       both actions tie: the first, state 5, worth 0.6 to Black: +0.6 on the root's edge, -0.6 on state 2's.
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
    """A reduction of 0.4 * sqrt(0.7) below the mean makes the unvisited action look worse than the bad one."""
    values, prior = [0.2, -0.1, -0.4, 0, 0, 0, 0], [[0.7, 0.3]] + [[0.5, 0.5]] * 6
    for fpu, second in ((0.0, 1), (3.0, 0)):
        made = Search(chain(values, prior), 1, 2, SearchConfig(fpu_root=fpu, c_init=0.2, c_base=1e9), [0])
        made.begin(np.arange(1), 2)
        made.run(np.arange(1))
        # mean (0.2 + 0.1) / 2 = 0.15; action 0: 0.1 + 0.2*0.7*1.414/2 = 0.199; action 1: 0.15 - red + 0.0849 = 0.235
        assert made.tree.visits[0, 0].tolist() == ([1, 1] if second else [2, 0])


def test_forced_visits_and_their_pruning() -> None:
    values, prior = [0.0], [[0.5, 0.5]] * 2**12
    for s in range(1, 2**12):  # below state 1 Black wins, below state 2 White; each value is for the player to move
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
    assert results[1].policy[0, 1] <= plain.tree.visits[0, 0, 1] / 31 + 1e-6  # visits pruned
    assert results[1].policy.sum() == pytest.approx(1)


def test_masked_softmax() -> None:
    p = masked_softmax(np.array([[0.0, 500.0, np.log(3.0)]], np.float32), np.array([[True, False, True]]))
    assert p[0] == pytest.approx([0.25, 0, 0.75], abs=1e-6)
    sure = masked_softmax(np.array([[1e4, -1e4]], np.float32), np.ones((1, 2), bool))
    assert sure[0, 1] > 0 and sure.sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", ["puct", "gumbel"])
@pytest.mark.parametrize("name", ["go4", "connect4", "tictactoe"])
def test_a_batch_of_searches_is_each_search_alone(kind: Any, name: str) -> None:
    """Different positions and players in one batch; each one's tree and noise equal those of a search on its own."""
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
        def __call__(self, states: np.ndarray) -> Evaluation:
            found = super().__call__(states)
            found.logits[:, 4] = 50.0  # the centre, which is occupied
            return found

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
            for node in range(int(t.used[b])):  # an edge's sum totals its child's value and all below it
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
    for _ in range(3):  # the same root again and again: memory runs out and the search stops
        made.begin(everyone, 120)
        result = made.run(everyone)
    assert made.tree.used[0] == 3 * 120 + 2 and result.visits.sum() < 4 * 120
    with pytest.raises(ValueError, match="schedule"):
        search_of(game, game.new(1), SearchConfig(kind="gumbel", count_kept=False), 8)


def values_below(t: Any, node: int) -> list[float]:
    """The values of `node` and of everything below it, in trees where every node was visited once."""
    found = [float(t.value[0, node])]
    for a in np.flatnonzero(t.visits[0, node]):
        found += values_below(t, int(t.child[0, node, a]))
    return found


@pytest.mark.parametrize("leaves", [1, 4])
def test_squares_are_those_of_all_values_below(leaves: int) -> None:
    game = connect4()
    made, result = think(game, game.new(1), 150, Fixed(game), leaves=leaves)
    for _ in range(2):  # as searched, then below the move played
        for node in range(int(made.tree.used[0])):
            expected = sum(v * v for v in values_below(made.tree, node))
            assert made.tree.square[0, node] == pytest.approx(expected, abs=1e-4)
        made.play(np.arange(1), result.best)


def test_exploration_follows_the_deviation_of_the_values() -> None:
    """The root's choices follow the formula, computed from the values; and differ from those without it."""
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


def test_a_network_that_diverged_is_one_clear_line() -> None:
    game = tictactoe()

    def broken(states: np.ndarray) -> Evaluation:
        return Evaluation(np.zeros((len(states), 9), np.float32), np.full(len(states), np.nan, np.float32))

    search = Search(GameModel(game, broken, game.new(1)), 1, 4, SearchConfig(), [0])
    search.begin(np.array([0]), 4)
    with pytest.raises(UserError, match="diverged"):
        search.run(np.array([0]))

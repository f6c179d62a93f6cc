"""Self-play examples: moves sampled with the right frequencies, values with the right sign, a correct mirror image."""

import numpy as np

from parts.game import GAME, position
from parts.selfplay import Examples, choose, mirrored, play_games, value_targets, visit_policy


def uniform(states):
    legal = GAME.legal(states)
    return (legal / legal.sum(1, keepdims=True)).astype(np.float32), np.zeros(len(states), np.float32)


def test_visits_as_probabilities():
    assert visit_policy(np.array([[1.0, 3.0, 0.0], [2.0, 0.0, 0.0]])).tolist() == [[0.25, 0.75, 0.0], [1.0, 0.0, 0.0]]


def test_moves_are_drawn_in_proportion_or_are_the_best():
    visits = np.tile(np.array([[0.0, 10.0, 30.0, 0.0]]), (20_000, 1))
    explores = np.arange(20_000) < 10_000
    moves = choose(visits, explores, np.random.default_rng(0))
    assert moves.shape == (20_000,) and np.issubdtype(moves.dtype, np.integer)
    assert (moves[10_000:] == 2).all()
    assert set(moves[:10_000]) == {1, 2} and abs((moves[:10_000] == 1).mean() - 0.25) < 0.02
    assert (choose(visits, explores, np.random.default_rng(0)) == moves).all()


def test_values_are_those_of_whoever_was_to_move():
    movers = np.array([1, -1, 1])
    assert value_targets(movers, 1.0).tolist() == [1.0, -1.0, 1.0]
    assert value_targets(movers, -1.0).tolist() == [-1.0, 1.0, -1.0]
    assert value_targets(movers, 0.0).tolist() == [0.0, 0.0, 0.0] and value_targets(movers, 1.0).dtype == np.float32


def test_a_mirror_shows_the_game_played_on_the_other_side():
    moves = "4412256"
    other = "".join(str(8 - int(m)) for m in moves)
    seen, there = (GAME.encode(position(m)) for m in (moves, other))
    policy = np.array([[0.1, 0.2, 0.3, 0.4, 0, 0, 0]], np.float32)
    found = mirrored(Examples(seen, policy, np.ones(1, np.float32)))
    np.testing.assert_array_equal(found.planes, there)
    assert found.policy.tolist() == policy[:, ::-1].tolist() and found.value.tolist() == [1.0]
    back = mirrored(found)
    np.testing.assert_array_equal(back.planes, seen)
    np.testing.assert_array_equal(back.policy, policy)


def test_games_are_whole_and_their_examples_fit_together():
    examples = play_games(uniform, 6, 16, np.random.default_rng(3))
    starts = np.flatnonzero(examples.planes[:, :2].sum((1, 2, 3)) == 0)
    assert len(starts) == 6, "each game begins with an empty board"
    assert (examples.planes[:, 0] * examples.planes[:, 1]).max() == 0
    np.testing.assert_allclose(examples.policy.sum(1), 1, rtol=1e-5)
    top_row = examples.planes[:, :2, 0].sum(1)  # [N, 7]: 1 where the column is full
    assert examples.policy[top_row > 0].max(initial=0) == 0
    for first, last in zip(starts, [*starts[1:], len(examples.value)], strict=True):
        value = examples.value[first:last]
        assert last - first >= 7 and ((value == 0).all() or (value[1:] == -value[:-1]).all())
        assert value[-1] in (0.0, 1.0), "whoever moved last has won, or nobody has"

"""Laws that every board game and every vector environment must obey, whatever its rules.

    check_game(Go(9))                    a board game fit for search and self-play
    check_laws(lambda: MyVecEnv(8))      a world fit for every agent

One function per law; the AssertionError names the one broken.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from envs.boards.capability_laws import check_capabilities
from envs.boards.game import BLACK, WHITE, Game, IllegalMove, inverse_symmetry, transform_planes, transform_policy
from envs.vector import Transition, VecEnv


def check_game(game: Game, games: int = 64, seed: int = 0, max_rounds: int | None = None) -> None:
    """Play `games` random games and check every law of a board game on them."""
    facts(game)
    symmetries_are_a_group(game)
    for k, batch in enumerate(random_games(game, games, seed, max_rounds)):
        legality(game, batch, np.random.default_rng(seed + k))
        turns_and_ends(game, batch)
        if k % 5 == 0:
            encoding(game, batch)
            copies_are_independent(game, batch)
    few = enumerate(random_games(game, 8, seed, max_rounds))
    check_capabilities(game, (batch.copy() for k, batch in few if k % 9 == 0))
    same_actions_same_states(game, games, seed, max_rounds)
    paths_are_moves_in_a_row(game, games, seed)
    symmetric_play(game, seed, max_rounds)


def random_games(game: Game, games: int, seed: int, max_rounds: int | None = None):  # type: ignore[no-untyped-def]
    """Yield the batch [games] before every round of uniformly random legal moves, and after the last.

    Finished games do not change.
    """
    random = np.random.default_rng(seed)
    states = game.new(games)
    for _ in range(max_rounds or game.max_moves):
        yield states
        going = np.flatnonzero(~game.ended(states))
        if len(going) == 0:
            return
        moving = states[going]
        game.play(moving, random_actions(game.legal(moving), random))
        states[going] = moving
    yield states


def random_actions(legal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """[B] one legal action per row of `legal` [B, A], uniformly at random."""
    return np.argmax(random.random(legal.shape) * legal, axis=1)


def facts(game: Game) -> None:
    states = game.new(3)
    assert states.dtype == game.dtype and states.shape == (3,)
    assert game.legal(states).shape == (3, game.num_actions) and game.legal(states).dtype == np.bool_
    planes = game.encode(states)
    assert planes.shape == (3, len(game.planes), *game.board_shape) and planes.dtype == np.int8
    assert len(set(game.planes)) == len(game.planes), "two planes share a name"
    assert not game.ended(states).any(), "a game has ended before its first move"
    assert game.moves(game.new(3)).max() == 0, "a game that nobody has played has moves"
    names = [game.action_name(a) for a in range(game.num_actions)]
    assert [game.parse_action(name) for name in names] == list(range(game.num_actions)), "names of actions"


def paths_are_moves_in_a_row(game: Game, games: int, seed: int) -> None:
    """`play_paths` equals `play` move by move, each row for its own number of moves."""
    random = np.random.default_rng(seed)
    states, paths = game.new(games), np.zeros((games, 6), np.int16)
    expected, lengths = states.copy(), random.integers(0, 7, games)
    for k in range(6):
        rows = np.flatnonzero((lengths > k) & ~game.ended(expected))
        lengths[(lengths > k) & game.ended(expected)] = k
        moving = expected[rows]
        paths[rows, k] = random_actions(game.legal(moving), random)
        game.play(moving, paths[rows, k])
        expected[rows] = moving
    game.play_paths(states, paths, lengths)
    assert states.tobytes() == expected.tobytes(), "playing a path"


def symmetries_are_a_group(game: Game) -> None:
    identity = np.arange(game.num_actions)
    assert np.array_equal(game.action_symmetries[0], identity), "symmetry 0 must be the identity"
    all_of_them = {tuple(s) for s in game.action_symmetries}
    assert len(all_of_them) == len(game.action_symmetries), "two symmetries are the same"
    for one in game.action_symmetries:
        for other in game.action_symmetries:
            assert tuple(one[other]) in all_of_them, "not closed under composition"
    for s in range(len(game.action_symmetries)):
        policy = np.random.default_rng(s).random((2, game.num_actions))
        there = transform_policy(game, policy, s)
        assert np.array_equal(transform_policy(game, there, inverse_symmetry(game, s)), policy)


def legality(game: Game, states: np.ndarray, random: np.random.Generator) -> None:
    """Every move in `legal` can be played; any other raises and changes nothing."""
    legal = game.legal(states)
    over = game.ended(states)
    assert not legal[over].any(), "a finished game has legal moves"
    assert legal[~over].any(axis=1).all(), "a game that goes on has no legal move"
    row = int(random.integers(len(states)))
    for action in [*random.permutation(game.num_actions)[:4], -1, game.num_actions]:
        one = states[row : row + 1].copy()
        before = one.tobytes()
        allowed = 0 <= action < game.num_actions and bool(legal[row, action])
        try:
            game.play(one, np.array([action]))
        except IllegalMove:
            assert not allowed, f"{action} is legal but cannot be played"
            assert one.tobytes() == before, f"the illegal move {action} changed the state"
        else:
            assert allowed, f"{action} is not legal but was played"


def turns_and_ends(game: Game, states: np.ndarray) -> None:
    result, over = game.result(states), game.ended(states)
    assert np.isnan(result[~over]).all(), "a game that goes on has a result"
    assert np.isin(result[~np.isnan(result)], (-1, 0, 1)).all()
    assert np.isin(game.to_move(states), (BLACK, WHITE)).all()
    assert (game.moves(states) <= game.max_moves).all()


def encoding(game: Game, states: np.ndarray) -> None:
    """Encoding a batch equals encoding its rows one by one, and changes no state."""
    before = states.tobytes()
    planes = game.encode(states)
    for row in range(0, len(states), 7):
        assert np.array_equal(game.encode(states[row : row + 1])[0], planes[row]), (
            "rows of a batch influence each other"
        )
    assert states.tobytes() == before, "encode changes the state"


def copies_are_independent(game: Game, states: np.ndarray) -> None:
    going = np.flatnonzero(~game.ended(states))
    if len(going) == 0:
        return
    original = states[going[:1]]
    before = original.tobytes()
    copy = original.copy()
    game.play(copy, random_actions(game.legal(copy), np.random.default_rng(0)))
    assert original.tobytes() == before, "playing on a copy changed the original"
    game.reset(copy)
    assert original.tobytes() == before


def same_actions_same_states(game: Game, games: int, seed: int, max_rounds: int | None) -> None:
    *_, one = random_games(game, games, seed, max_rounds)
    *_, two = random_games(game, games, seed, max_rounds)
    assert one.tobytes() == two.tobytes(), "the same actions gave different states"


def symmetric_play(game: Game, seed: int, max_rounds: int | None) -> None:
    """Playing transformed moves gives the transformed game: the same legal moves, planes and result."""
    random = np.random.default_rng(seed)
    for s in range(len(game.action_symmetries)):
        plain, turned = game.new(1), game.new(1)
        for k in range(max_rounds or game.max_moves):
            legal = game.legal(plain)
            assert np.array_equal(transform_policy(game, legal, s), game.legal(turned)), f"symmetry {s}: legal"
            if k % 5 == 0:
                expected = transform_planes(game, game.encode(plain), s)
                assert np.array_equal(expected, game.encode(turned)), f"symmetry {s}: planes after {k} moves"
            if game.ended(plain)[0]:
                break
            action = random_actions(legal, random)
            game.play(plain, action)
            game.play(turned, game.action_symmetries[s][action])
        assert np.array_equal(game.ended(plain), game.ended(turned))
        assert np.array_equal(game.result(plain), game.result(turned), equal_nan=True), f"symmetry {s}: result"


def check_laws(make: Callable[[], VecEnv], steps: int = 120, seed: int = 0) -> None:
    """Check every law of a vector environment (envs/vector.py) on what `make` returns, over `steps` random steps.

    The environment is made twice: the same seed and actions must give bit-identical transitions. Choose `steps` large
    enough for some games to end, or the behaviour after an end goes untested.
    """
    one, two = make(), make()
    try:
        _facts_of_world(one)
        random = np.random.default_rng(seed)
        first, other = one.reset(seed), two.reset(seed)
        _observation(one, first, "reset")
        assert np.array_equal(first, other), "the same seed gave different first observations"
        first, obs = first.copy(), first
        ended = np.zeros(one.num_envs, bool)
        for k in range(steps):
            actions = random.integers(one.num_actions, size=one.num_envs)
            given, before = actions.copy(), obs.copy()
            t, u = one.step(actions), two.step(given.copy())
            assert np.array_equal(before, obs), f"step {k} changed an observation that was handed out"
            assert np.array_equal(actions, given), f"step {k} changed the actions that it was given"
            _transition(one, t, k)
            _same_transition(t, u, k)
            _next_step_autoreset(t, ended, k)
            _discounts(t, k)
            ended, obs = t.ended, t.obs
        assert np.array_equal(one.reset(seed), first), "reset with the same seed, after some games, began differently"
    finally:
        one.close()
        two.close()


def _facts_of_world(env: VecEnv) -> None:
    for name in ("num_envs", "num_actions", "frames_per_step"):
        value = getattr(env, name)
        assert isinstance(value, int) and value > 0, f"{name} must be an int above 0, not {value!r}"
    assert isinstance(env.obs_shape, tuple), f"obs_shape must be a tuple, not {env.obs_shape!r}"
    assert env.obs_dtype in (np.uint8, np.float32), f"observations must be uint8 or float32, not {env.obs_dtype}"


def _observation(env: VecEnv, obs: np.ndarray, when: str) -> None:
    expected = (env.num_envs, *env.obs_shape)
    assert obs.shape == expected, f"{when}: observations must have shape {expected}, not {obs.shape}"
    assert obs.dtype == env.obs_dtype, f"{when}: observations must be {env.obs_dtype}, not {obs.dtype}"
    assert np.isfinite(obs).all(), f"{when}: observations must be finite"


def _transition(env: VecEnv, t: Transition, step: int) -> None:
    """Shapes and dtypes of everything a step returns."""
    _observation(env, t.obs, f"step {step}")
    types = {"reward": np.float32, "discount": np.float32, "terminated": bool, "truncated": bool, "valid": bool}
    for name, dtype in types.items():
        value = getattr(t, name)
        assert value.shape == (env.num_envs,), f"step {step}: {name} must have shape ({env.num_envs},)"
        assert value.dtype == dtype, f"step {step}: {name} must be {np.dtype(dtype)}, not {value.dtype}"
    assert np.isfinite(t.reward).all(), f"step {step}: rewards must be finite"


def _same_transition(t: Transition, u: Transition, step: int) -> None:
    for name, mine, other in zip(t._fields[:6], t[:6], u[:6], strict=True):
        assert np.array_equal(mine, other), f"step {step}: the same seed and actions gave different {name}"


def _next_step_autoreset(t: Transition, ended: np.ndarray, step: int) -> None:
    """Only the step after a game's end ignores its action: not valid, no reward, no end."""
    assert t.valid[~ended].all(), f"step {step}: a game went on but its row is not valid"
    assert not t.valid[ended].any(), f"step {step}: a game had ended but its next row is valid (NEXT_STEP autoreset)"
    assert (t.reward[~t.valid] == 0).all(), f"step {step}: a row that is not valid has a reward"
    assert not t.ended[~t.valid].any(), f"step {step}: a game ended in a row that is not valid"


def _discounts(t: Transition, step: int) -> None:
    assert not (t.terminated & t.truncated).any(), f"step {step}: a game is both terminated and truncated"
    assert np.isin(t.discount, (0, 1)).all(), f"step {step}: a discount is neither 0 nor 1"
    assert (t.discount[t.terminated] == 0).all(), f"step {step}: a terminated game has discount 1, but no value follows"
    assert (t.discount[~t.valid] == 1).all(), f"step {step}: a row that is not valid has discount 0"

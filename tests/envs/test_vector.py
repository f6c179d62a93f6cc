"""The journal: exact restoring, cuts at fixed steps, episode statistics."""

import numpy as np
import pytest

from envs.atari import AtariVec
from envs.gym import GymVec
from envs.vector import Journal, VecEnv, random_observations, screen_statistics
from envs.worlds import TOYS, toy
from tengen.errors import UserError
from tengen.seeding import Seeds


def worlds() -> list[tuple[str, VecEnv, VecEnv]]:
    makers = {
        "pong": lambda: AtariVec("pong", 3, max_frames=100),
        "cartpole": lambda: GymVec("CartPole-v1", 3),
        **{name: (lambda name=name: toy(name)(3)) for name in TOYS},
    }
    return [(name, make(), make()) for name, make in makers.items()]


@pytest.mark.parametrize(("name", "one", "other"), worlds(), ids=lambda x: x if isinstance(x, str) else "")
def test_a_restored_journal_continues_bit_for_bit(name: str, one: VecEnv, other: VecEnv) -> None:
    seeds, random = Seeds(4), np.random.default_rng(0)
    plan = random.integers(one.num_actions, size=(150, 3))
    first, second = Journal(one, seeds, reseed_every=120), Journal(other, seeds, reseed_every=120)
    first.reset()
    for actions in plan[:90]:  # 40 rounds per segment: this stops in the third
        first.step(actions)
    first.take_finished()
    obs = second.load(first.state())
    assert np.array_equal(obs, first._obs)
    for actions in plan[90:]:
        a, b = first.step(actions), second.step(actions)
        for field in ("obs", "reward", "discount", "terminated", "truncated", "valid"):
            assert np.array_equal(getattr(a, field), getattr(b, field)), field
        assert first.take_finished() == second.take_finished()
    assert first.metrics() == second.metrics()
    assert first.scores.episodes > 0


def test_the_cut_is_a_truncation_at_a_fixed_step() -> None:
    journal = Journal(toy("corridor")(2), Seeds(1), reseed_every=8)
    journal.reset()
    rows = [journal.step(np.array([0, 0])) for _ in range(9)]
    assert [t.truncated.all() for t in rows] == [False, False, False, True, False, False, False, False, True]
    assert not rows[4].valid.any() and (rows[4].reward == 0).all()
    assert (rows[3].discount == 1).all()  # values are still bootstrapped
    assert rows[5].valid.all()
    assert journal.scores.episodes == 0  # a game cut by the journal has no score


def test_accounts_by_hand() -> None:
    journal = Journal(toy("corridor")(1), Seeds(1), reseed_every=10_000)
    journal.reset()
    for action in [0, 1, 1, 1, 1, 1, 1, 1]:  # one step into the wall, then seven to the right
        journal.step(np.array([action]))
    (episode,) = journal.take_finished()
    assert episode.score == pytest.approx(1 - 7 * 0.01) and episode.length == 8
    assert journal.take_finished() == []
    journal.step(np.array([1]))  # ignored: the next game starts
    for _ in range(7):
        journal.step(np.array([1]))
    assert journal.take_finished()[0].score == pytest.approx(0.94)


def test_clipped_scores_are_kept_beside_raw_ones() -> None:
    journal = Journal(AtariVec("ms_pacman", 1, max_frames=1200), Seeds(1), reseed_every=10_000)
    journal.reset()
    random = np.random.default_rng(0)
    while not journal.scores.episodes:
        journal.step(random.integers(9, size=1))
    (episode,) = journal.take_finished()
    assert 0 < episode.clipped < episode.score


def test_another_world_is_noticed() -> None:
    journal = Journal(toy("catch")(2), Seeds(1), reseed_every=1000)
    journal.reset()
    journal.step(np.array([0, 2]))
    state = journal.state()
    with pytest.raises(UserError, match="did not restore the games"):
        Journal(toy("catch")(2), Seeds(2), reseed_every=1000).load(state | {"obs_crc32": 1})


def test_screen_statistics_by_hand() -> None:
    class Two(toy("catch")):  # type: ignore[misc, name-defined]
        def _look(self) -> np.ndarray:
            obs = np.zeros((self.num_envs, 1, 2, 2), np.uint8)
            obs[0], obs[1] = 10, 30
            return obs

    mean, deviation = screen_statistics(Two(2), 1, rounds=5)
    assert mean.shape == (2, 2) and (mean == 20).all() and deviation == pytest.approx(10)


def test_observations_of_random_play_are_not_the_first() -> None:
    """Each has four frames of its game; a first observation after a reset has black ones."""
    seen = random_observations(AtariVec("pong", 2), 1, count=5, apart=3)
    assert seen.shape == (5, 4, 84, 84) and seen.reshape(5, 4, -1).any(2).all()
    assert not AtariVec("pong", 2).reset(1).reshape(2, 4, -1).any(2).all()


def test_too_many_actions_for_the_journal() -> None:
    world = toy("bandit")(1)
    world.num_actions = 300
    with pytest.raises(ValueError, match="256"):
        Journal(world, Seeds(1), 100)


def test_a_part_of_the_games_is_played_as_among_all() -> None:
    """The seeds and the cuts of all games, for emulators; 30 steps per game between cuts."""
    whole = Journal(AtariVec("breakout", 4), Seeds(1), reseed_every=120)
    part = Journal(AtariVec("breakout", 2), Seeds(1), reseed_every=120, first=2, of=4)
    seen = [whole.reset()[2:] == part.reset()]
    for t in range(70):
        actions = np.random.default_rng(t).integers(whole.num_actions, size=4)
        expected, came = whole.step(actions), part.step(actions[2:])
        seen += [expected.obs[2:] == came.obs, expected.truncated[2:] == came.truncated]
    assert all(same.all() for same in seen) and whole.state()["segment"] == part.state()["segment"] == 2

"""`AtariVec` against single games stepped one by one, in both autoreset modes."""

import ale_py
import gymnasium as gym
import numpy as np
import pytest

from envs.atari import AtariVec, atari_name
from envs.vector import Transition
from tengen.errors import UserError

GAMES, STEPS, FRAMES = 3, 260, 400  # games are cut after 100 agent steps: several end within 260


def actions(steps: int = STEPS) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 4, (steps, GAMES))


def stream(same_step: bool, game: str = "breakout", **options: object) -> tuple[np.ndarray, list[Transition]]:
    env = AtariVec(game, GAMES, max_frames=FRAMES, same_step=same_step, **options)  # type: ignore[arg-type]
    first = env.reset(11)
    out = [env.step(a) for a in actions()]
    env.close()
    return first, out


def test_next_step_equals_games_stepped_one_by_one() -> None:
    first, together = stream(same_step=False)
    for i in range(GAMES):
        alone = AtariVec("breakout", 1, max_frames=FRAMES)
        assert np.array_equal(alone.reset(11 + i)[0], first[i])
        for action, t in zip(actions(), together, strict=True):
            one = alone.step(action[i : i + 1])
            for name in ("obs", "reward", "discount", "terminated", "truncated", "valid"):
                assert np.array_equal(getattr(one, name)[0], getattr(t, name)[i]), name
        alone.close()
    assert sum(int(t.ended.sum()) for t in together) >= 2 * GAMES


def test_same_step_is_next_step_without_the_ignored_rows() -> None:
    """Both modes return the same frames; SAME_STEP one row earlier, with the final observation in `final_obs`."""
    for i in range(GAMES):
        played = actions()[:, i : i + 1]
        later = AtariVec("breakout", 1, max_frames=FRAMES)
        sooner = AtariVec("breakout", 1, max_frames=FRAMES, same_step=True)
        assert np.array_equal(later.reset(30 + i), sooner.reset(30 + i))
        ends = 0
        for action in played:
            a, b = later.step(action), sooner.step(action)
            assert b.valid.all() and np.array_equal(a.reward, b.reward) and np.array_equal(a.ended, b.ended)
            if a.ended[0]:
                ends += 1
                assert b.final_obs is not None and np.array_equal(b.final_obs, a.obs)
                ignored = later.step(action)
                assert not ignored.valid[0] and ignored.reward[0] == 0 and not ignored.ended[0]
                assert np.array_equal(ignored.obs, b.obs)
            else:
                assert b.final_obs is None and np.array_equal(a.obs, b.obs)
        assert ends >= 2
        later.close()
        sooner.close()


def test_ignored_action_changes_nothing() -> None:
    env, twin = AtariVec("pong", 1, max_frames=FRAMES), AtariVec("pong", 1, max_frames=FRAMES)
    env.reset(3)
    twin.reset(3)
    ended, ignored = False, 0
    for step in range(250):
        t = env.step(np.array([step % 6]))
        u = twin.step(np.array([(step + 3 if ended else step) % 6]))  # a different action where it is ignored
        assert np.array_equal(t.obs, u.obs)
        assert t.valid[0] == (not ended)
        ended = bool(t.ended[0])
        ignored += int(not t.valid[0])
    assert ignored >= 2
    env.close()
    twin.close()


def test_single_gymnasium_environment_agrees() -> None:
    """Rewards, lives and ends match `gym.make`, without sticky actions or random starts."""
    gym.register_envs(ale_py)
    env = AtariVec("breakout", 1, repeat_action_probability=0.0, max_frames=10**6)
    single = gym.make("ALE/Breakout-v5", frameskip=4, repeat_action_probability=0.0)
    env.reset(1)
    _, info = single.reset(seed=1)
    plan = np.random.default_rng(0).integers(0, 4, 1500)
    totals, ends = [0.0, 0.0], [0, 0]
    for a in plan:
        t = env.step(np.array([a]))
        totals[0] += float(t.reward[0])
        ends[0] += int(t.terminated[0])
    done = False
    for a in plan:
        if done:
            single.reset()
            done = False
            continue
        _, reward, done, _, info = single.step(a)
        totals[1] += float(reward)
        ends[1] += int(done)
    assert ends[0] > 0 and totals[0] > 0 and ends[1] > 0 and totals[1] > 0
    assert abs(ends[0] - ends[1]) <= 2 and info["lives"] <= 5


def test_a_lost_life_ends_the_return_but_never_the_game() -> None:
    _, plain = stream(same_step=False)
    _, lives = stream(same_step=False, life_loss_ends=True)
    lost = 0
    for a, b in zip(plain, lives, strict=True):
        assert np.array_equal(a.obs, b.obs) and np.array_equal(a.reward, b.reward)
        assert np.array_equal(a.ended, b.ended) and np.array_equal(a.valid, b.valid)
        assert np.array_equal(a.discount == 0, a.terminated)
        lost += int(((b.discount == 0) & ~b.terminated).sum())
    assert lost >= 3


def test_truncation_keeps_the_value() -> None:
    _, out = stream(same_step=False, game="pong")
    cut = [(t, i) for t in out for i in np.flatnonzero(t.truncated)]
    assert len(cut) >= GAMES
    assert all(t.discount[i] == 1 and not t.terminated[i] for t, i in cut)


def test_rewards_are_raw() -> None:
    env = AtariVec("ms_pacman", 2)
    env.reset(1)
    rng = np.random.default_rng(0)
    assert max(float(env.step(rng.integers(0, 9, 2)).reward.max()) for _ in range(150)) >= 10
    env.close()


def test_making_one_leaves_gymnasium_as_it_was() -> None:
    before = dict(gym.vector.VectorEnv.metadata)
    AtariVec("pong", 1, same_step=True).close()
    assert gym.vector.VectorEnv.metadata == before


@pytest.mark.parametrize(
    ("given", "name"),
    [("pong", "pong"), ("ALE/Pong-v5", "pong"), ("MsPacman", "ms_pacman"), ("PongNoFrameskip-v4", "pong"), ("x", None)],
)
def test_names(given: str, name: str | None) -> None:
    assert atari_name(given) == name


def test_unknown_game_names_the_nearest() -> None:
    with pytest.raises(UserError, match="breakout"):
        AtariVec("brekout", 1)

"""A replay returns what the emulator produced, never crosses a game, and is written once."""

from pathlib import Path

import numpy as np
import pytest

from agents.common.replay.experience import one_round
from agents.common.replay.prioritised import Prioritised
from agents.common.replay.replay import Replay
from agents.common.replay.ring import FrameRing
from agents.common.replay.sampling import Sampler, Uniform
from agents.common.replay.size import check_memory, replay_bytes
from envs.atari import AtariVec
from envs.vector import Transition
from tengen.checkpoint import DamagedCheckpoint, differences, read_checkpoint, write_checkpoint
from tengen.errors import UserError

SHAPE = (4, 84, 84)


def make(steps: int = 8000, n_step: int = 1, priority_exponent: float | None = None) -> Replay:
    memory, random = FrameRing(steps, 2, SHAPE, np.dtype(np.uint8)), np.random.default_rng(1)
    sampler: Sampler = Uniform(memory, random)
    if priority_exponent is not None:
        sampler = Prioritised(memory, random, priority_exponent, 0.4)
    return Replay(memory, sampler, n_step, gamma=0.5)


def fill(replay: Replay, steps: int, seed: int = 0) -> list[tuple[np.ndarray, Transition]]:
    env, random = AtariVec("breakout", 2, max_frames=160), np.random.default_rng(seed)
    obs, seen = env.reset(seed), []
    for _ in range(steps):
        action = random.integers(4, size=2)
        t = env.step(action)
        replay.add(one_round(obs, action, t, t.reward, t.discount))
        seen.append((obs, t))
        obs = t.obs
    env.close()
    return seen


def test_stacks_are_what_the_emulator_gave() -> None:
    replay = make()
    seen = fill(replay, 220)
    assert sum(int(t.ended.sum()) for _, t in seen) >= 6
    batch = replay.sample(600, 0.0)
    rows, games = batch.place // 2, batch.place % 2
    for obs, later, row, game in zip(batch.obs, batch.later, rows, games, strict=True):
        assert np.array_equal(obs, seen[row][0][game])
        assert np.array_equal(later, seen[row][1].obs[game])  # including the final one where a game ended
        assert seen[row][1].valid[game]
    assert {seen[r][1].ended[g] for r, g in zip(rows, games, strict=True)} == {True, False}


def test_after_the_ring_is_full_too() -> None:
    replay = make(steps=2 * 4096)
    rows = replay.memory.parts[0].rows
    seen = fill(replay, rows + 700)
    batch = replay.sample(300, 0.0)
    for obs, later, place in zip(batch.obs, batch.later, batch.place, strict=True):
        row, game = place // 2, place % 2
        row += (len(seen) - 1 - row) // rows * rows
        assert np.array_equal(obs, seen[row][0][game]) and np.array_equal(later, seen[row][1].obs[game])


def vector_replay(n_step: int) -> Replay:
    """Row t of one game: obs t, reward t; terminated at row 5, row 6 ignored, truncated at row 9."""
    ring = FrameRing(100, 1, (1,), np.dtype(np.float32))
    replay = Replay(ring, Uniform(ring, np.random.default_rng(0)), n_step, gamma=0.5)
    for t in range(14):
        ended, cut, ignored = t == 5, t == 9, t in (6, 10)
        flags = [np.array([x]) for x in (ended, cut, not ignored)]
        discount = np.array([0.0 if ended else 1.0], np.float32)
        step = Transition(np.array([[t + 1.0]], np.float32), np.array([float(t)], np.float32), discount, *flags)
        replay.add(one_round(np.array([[float(t)]], np.float32), np.array([0]), step, step.reward, discount))
    return replay


def test_three_steps_by_hand() -> None:
    batch = vector_replay(3).sample(400, 0.0)
    rows = {
        int(o[0]): (float(r), float(d), int(x[0]))
        for o, r, d, x in zip(batch.obs, batch.reward, batch.discount, batch.later, strict=True)
    }
    assert rows[1] == (1 + 0.5 * 2 + 0.25 * 3, 0.125, 4)
    assert rows[4] == (4 + 0.5 * 5, 0.0, 6)  # terminated after two rewards
    assert rows[5] == (5.0, 0.0, 6)
    assert rows[8] == (8 + 0.5 * 9, 0.25, 10)  # truncated: bootstraps from the final observation
    assert set(rows) == set(range(11)) - {6, 10}  # never from an ignored row, nor from one without a successor


def test_every_step_is_as_likely_as_another() -> None:
    drawn = [int(o[0]) for o in vector_replay(1).sample(11_000, 0.0).obs]
    played = sorted(set(range(13)) - {6, 10})
    counts = np.bincount(drawn, minlength=13)[played]
    assert counts.sum() == 11_000 and counts == pytest.approx([1000] * 11, rel=0.15)


def test_nothing_is_sampled_before_two_rows_have_their_future() -> None:
    replay = make(n_step=3)
    fill(replay, 4)
    assert not replay.ready
    with pytest.raises(RuntimeError, match="too few steps"):
        replay.sample(1, 0.0)
    fill(replay, 1)
    assert replay.ready and len(replay.sample(50, 0.0).reward) == 50


def test_a_replay_too_small_for_its_steps_ahead_is_refused() -> None:
    with pytest.raises(UserError, match="holds 4096 of each of 2 games and needs 10005 to sample 10000 steps ahead"):
        make(n_step=10_000)


def test_priorities_decide() -> None:
    replay = make(priority_exponent=1.0)
    fill(replay, 100)
    batch = replay.sample(64, 0.0)
    assert (batch.weight <= 1).all()
    replay.update(np.arange(200), np.full(200, 1e-9))
    replay.update(batch.place[:1], np.array([50.0]))
    drawn = replay.sample(100, done=1.0)
    often = drawn.place == batch.place[0]
    assert often.mean() > 0.95
    assert (drawn.weight[often] < 1e-3).all() or often.all()


def test_segments_are_written_once_and_come_back(tmp_path: Path) -> None:
    replay = make(n_step=2)
    replay.attach(tmp_path, writing=True)
    fill(replay, 2100)  # 2048 rows per segment
    first = write_checkpoint(tmp_path, 1, {"replay": replay.state()})
    (file,) = (tmp_path / "checkpoints" / "replay").iterdir()
    stamp = file.stat().st_mtime_ns
    fill(replay, 60, seed=5)
    tree = replay.state()
    assert file.stat().st_mtime_ns == stamp and len(tree["segments"]) == 1 and len(tree["tail"]["age"]) == 112
    path = write_checkpoint(tmp_path, 2, {"replay": tree})
    other = make(n_step=2)
    other.attach(tmp_path, writing=True)
    other.load(read_checkpoint(path)["replay"])
    a, b = replay.sample(50, 0.0), other.sample(50, 0.0)
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    assert differences(other.state(), tree) == []
    with pytest.raises(DamagedCheckpoint, match="no run has been attached"):
        make(n_step=2).load(read_checkpoint(first)["replay"])
    for damage, message in ((lambda: file.write_bytes(file.read_bytes()[:-1]), "has changed"), (file.unlink, "miss")):
        damage()
        with pytest.raises(DamagedCheckpoint, match=message):
            other.load(read_checkpoint(first)["replay"])


def test_memory_is_stated_and_refused() -> None:
    assert 7e9 < replay_bytes(1_000_000, SHAPE, np.dtype(np.uint8)) <= 8e9
    assert "0.01 GB" in check_memory(1000, SHAPE, np.dtype(np.uint8))
    with pytest.raises(UserError, match=r"needs 7084\.0 GB .* use --replay"):
        check_memory(1_000_000_000, SHAPE, np.dtype(np.uint8))

"""The replay gives back what the emulator gave, never crosses a game, and is written once."""

from pathlib import Path

import numpy as np
import pytest

from agents.common.replay import Replay, SumTree, check_memory, replay_bytes
from envs.atari import AtariVec
from envs.vector import Transition
from tengen.checkpoint import DamagedCheckpoint, differences, read_checkpoint, write_checkpoint
from tengen.errors import UserError

SHAPE = (4, 84, 84)


def make(steps: int = 8000, n_step: int = 1, **options: object) -> Replay:
    return Replay(
        steps,
        2,
        SHAPE,
        np.dtype(np.uint8),
        n_step=n_step,
        gamma=0.5,
        random=np.random.default_rng(1),
        **options,  # type: ignore[arg-type]
    )


def fill(replay: Replay, steps: int, seed: int = 0) -> list[tuple[np.ndarray, Transition]]:
    env, random = AtariVec("breakout", 2, max_frames=160), np.random.default_rng(seed)
    obs, seen = env.reset(seed), []
    for _ in range(steps):
        action = random.integers(4, size=2)
        t = env.step(action)
        replay.add(obs, action, t, t.reward, t.discount)
        seen.append((obs, t))
        obs = t.obs
    env.close()
    return seen


def test_stacks_are_what_the_emulator_gave() -> None:
    replay = make()
    seen = fill(replay, 220)
    assert sum(int(t.ended.sum()) for _, t in seen) >= 6
    batch = replay.sample(600)
    rows, games = batch.place // 2, batch.place % 2
    for obs, later, row, game in zip(batch.obs, batch.later, rows, games, strict=True):
        assert np.array_equal(obs, seen[row][0][game])
        assert np.array_equal(later, seen[row][1].obs[game])  # the final one too, where a game ended
        assert seen[row][1].valid[game]
    assert {seen[r][1].ended[g] for r, g in zip(rows, games, strict=True)} == {True, False}


def test_after_the_ring_is_full_too() -> None:
    replay = make(steps=2 * 4096)
    seen = fill(replay, replay.rows + 700)
    batch = replay.sample(300)
    for obs, later, place in zip(batch.obs, batch.later, batch.place, strict=True):
        row, game = place // 2, place % 2
        row += (len(seen) - 1 - row) // replay.rows * replay.rows
        assert np.array_equal(obs, seen[row][0][game]) and np.array_equal(later, seen[row][1].obs[game])


def vector_replay(n_step: int) -> Replay:
    """Row t of one game: obs t, reward t; game over by row 5 (terminated), row 6 ignored, cut by row 9."""
    replay = Replay(100, 1, (1,), np.dtype(np.float32), n_step=n_step, gamma=0.5, random=np.random.default_rng(0))
    for t in range(14):
        ended, cut, ignored = t == 5, t == 9, t in (6, 10)
        flags = [np.array([x]) for x in (ended, cut, not ignored)]
        discount = np.array([0.0 if ended else 1.0], np.float32)
        step = Transition(np.array([[t + 1.0]], np.float32), np.array([float(t)], np.float32), discount, *flags)
        replay.add(np.array([[float(t)]], np.float32), np.array([0]), step, step.reward, discount)
    return replay


def test_n_step_by_hand() -> None:
    batch = vector_replay(3).sample(400)
    rows = {
        int(o[0]): (float(r), float(d), int(x[0]))
        for o, r, d, x in zip(batch.obs, batch.reward, batch.discount, batch.later, strict=True)
    }
    assert rows[1] == (1 + 0.5 * 2 + 0.25 * 3, 0.125, 4)
    assert rows[4] == (4 + 0.5 * 5, 0.0, 6)  # terminated after two rewards
    assert rows[5] == (5.0, 0.0, 6)
    assert rows[8] == (8 + 0.5 * 9, 0.25, 10)  # cut: the final observation keeps its value
    assert not {6, 10} & set(rows)  # never from a row that was not played


def test_nothing_is_sampled_before_two_rows_have_their_future() -> None:
    replay = make(n_step=3)
    fill(replay, 4)
    assert not replay.ready
    with pytest.raises(RuntimeError, match="too few steps"):
        replay.sample(1)
    fill(replay, 1)
    assert replay.ready and len(replay.sample(50).reward) == 50


def test_a_replay_too_small_for_its_steps_ahead_is_refused() -> None:
    with pytest.raises(UserError, match="holds 4096 of each of 2 games and needs 10005 to sample 10000 steps ahead"):
        make(n_step=10_000)


def test_priorities_decide() -> None:
    replay = make(priority_exponent=1.0)
    fill(replay, 100)
    batch = replay.sample(64)
    assert (batch.weight <= 1).all()
    places = np.arange(200)
    replay.update(places, np.full(200, 1e-9))
    replay.update(batch.place[:1], np.array([50.0]))
    drawn = replay.sample(100, correction=1.0)
    share = (drawn.place == batch.place[0]).mean()
    assert share > 0.95
    rare = drawn.weight[drawn.place == batch.place[0]]
    assert (rare < 1e-3).all() or share == 1


def test_sum_tree_against_numpy() -> None:
    tree, random = SumTree(37), np.random.default_rng(0)
    values = random.random(37)
    tree.set(np.arange(37), values)
    values[[3, 3, 11]] = 5.0
    tree.set(np.array([3, 11]), np.array([5.0, 5.0]))
    assert tree.total == pytest.approx(values.sum())
    shares = random.random(2000)
    expected = np.searchsorted(np.cumsum(values), shares * values.sum(), side="right")
    assert np.array_equal(tree.draw(shares), expected)


def test_segments_are_written_once_and_come_back(tmp_path: Path) -> None:
    replay = make(n_step=2)
    fill(replay, 2100)  # 2048 rows a segment
    folder = tmp_path / "replay"
    first = write_checkpoint(tmp_path, 1, {"replay": replay.state(folder)})
    (file,) = folder.iterdir()
    stamp = file.stat().st_mtime_ns
    fill(replay, 60, seed=5)
    tree = replay.state(folder)
    assert file.stat().st_mtime_ns == stamp and len(tree["segments"]) == 1 and len(tree["tail"]["age"]) == 112
    path = write_checkpoint(tmp_path, 2, {"replay": tree})
    other = make(n_step=2)
    other.load(read_checkpoint(path)["replay"], folder)
    a, b = replay.sample(50), other.sample(50)
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    assert differences(other.state(folder), tree) == []
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedCheckpoint):
        make(n_step=2).load(read_checkpoint(first)["replay"], folder)


def test_memory_is_stated_and_refused() -> None:
    assert 7e9 < replay_bytes(1_000_000, SHAPE, np.dtype(np.uint8)) <= 8e9
    assert "0.01 GB" in check_memory(1000, SHAPE, np.dtype(np.uint8))
    with pytest.raises(UserError, match=r"needs 7084\.0 GB .* use --replay"):
        check_memory(1_000_000_000, SHAPE, np.dtype(np.uint8))

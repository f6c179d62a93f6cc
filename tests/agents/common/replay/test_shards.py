"""Several rings as one replay: sampling frequencies, where updates go, and that a single ring behaves as before."""

from pathlib import Path

import numpy as np
import pytest

from agents.common.replay.experience import Experience, joined, one_round
from agents.common.replay.prioritised import Prioritised
from agents.common.replay.replay import Replay
from agents.common.replay.ring import FrameRing
from agents.common.replay.sampling import Sampler, Uniform
from agents.common.replay.shards import Shards, memory_of
from envs.vector import Transition
from tengen.checkpoint import differences, read_checkpoint, write_checkpoint

NUMBER = np.dtype(np.float32)


def rows(
    first: int, count: int, games: int, ignored: tuple[int, ...] = (), error: np.ndarray | None = None
) -> Experience:
    """Row t of game g holds 10 t + g and reward t."""
    t = np.arange(first, first + count, dtype=np.float32)[:, None].repeat(games, 1)
    valid = ~np.isin(t, ignored)
    frame = (10 * t + np.arange(games, dtype=np.float32))[..., None]
    return Experience(frame, np.zeros(t.shape, np.uint8), t, np.ones_like(t), valid, np.zeros(t.shape, bool), error)


def two(exponent: float | None = None, n_step: int = 1) -> Replay:
    """One ring of two games and one of a single game."""
    memory = Shards([FrameRing(20, games, (1,), NUMBER, block=10 * games) for games in (2, 1)], 40)
    random = np.random.default_rng(0)
    sampler: Sampler = Uniform(memory, random)
    if exponent is not None:
        sampler = Prioritised(memory, random, exponent, 1.0)
    return Replay(memory, sampler, n_step, gamma=0.5)


def test_every_step_of_every_ring_is_as_likely_as_another() -> None:
    """In ring one rows 0 to 3 of two games (the last row has no successor), in ring two 0 to 6 except 4: 14 steps."""
    replay = two()
    assert not replay.ready
    replay.add(rows(0, 5, 2), 0)
    replay.add(rows(0, 8, 1, ignored=(4,)), 1)
    batch = replay.sample(14_000, 0.0)
    where, counts = np.unique(batch.place, return_counts=True)
    assert where.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, *(40 + row for row in (0, 1, 2, 3, 5, 6))]
    assert counts == pytest.approx([1000] * 14, rel=0.15)
    first = batch.place < 40
    row = np.where(first, batch.place // 2, batch.place - 40)
    game = np.where(first, batch.place % 2, 0)
    assert (batch.obs[:, 0] == 10 * row + game).all() and (batch.later[:, 0] == 10 * (row + 1) + game).all()
    assert (batch.reward == row).all() and (batch.discount == 0.5).all()


def test_a_ring_that_has_nothing_to_draw_is_left_out() -> None:
    replay = two()
    replay.add(rows(0, 1, 2), 0)
    replay.add(rows(0, 3, 1), 1)
    assert replay.ready and set(replay.sample(50, 0.0).place) == {40, 41}


def test_priorities_are_compared_across_rings() -> None:
    """Errors 1 and 3 in one ring, 4 in the other: 1/8, 3/8 and 4/8 of all draws; weights 1 : 1/3 : 1/4 (beta 1)."""
    replay = two(exponent=1.0)
    replay.add(rows(0, 2, 2), 0)
    replay.add(rows(0, 3, 1), 1)
    replay.update(np.array([0, 1, 40, 41]), np.array([1.0, -3.0, 4.0, 0.0]))
    batch = replay.sample(8_000, 1.0)
    where, counts = np.unique(batch.place, return_counts=True)
    assert where.tolist() == [0, 1, 40] and counts == pytest.approx([1000, 3000, 4000], rel=0.1)
    weight = {int(place): float(w) for place, w in zip(batch.place, batch.weight, strict=True)}
    assert weight == pytest.approx({0: 1.0, 1: 1 / 3, 40: 1 / 4}, rel=1e-4)


def test_first_errors_come_with_the_rows_that_follow() -> None:
    """n = 2: rows 0 to 2 bring the error of row 0, rows 3 and 4 those of 1 and 2; row 1 was ignored."""
    replay = two(exponent=1.0, n_step=2)
    nan = np.nan  # for rows before the first
    replay.add(rows(0, 3, 2, (1,), error=np.array([[nan, nan], [nan, nan], [5, 6]], np.float32)), 0)
    mass = replay.sampler.state()["priorities"]
    assert mass[:6] == pytest.approx([5, 6, 0, 0, 0, 0], abs=1e-3) and mass.sum() == pytest.approx(11, abs=1e-3)
    replay.add(rows(3, 2, 2, error=np.array([[7, 8], [-9, 10]], np.float32)), 0)
    mass = replay.sampler.state()["priorities"]
    assert mass[:10] == pytest.approx([5, 6, 0, 0, 9, 10, 0, 0, 0, 0], abs=1e-3)
    replay.add(rows(0, 4, 1, error=np.array([[nan], [nan], [1], [2]], np.float32)), 1)
    assert replay.sampler.state()["priorities"][40:44] == pytest.approx([1, 2, 0, 0], abs=1e-3)
    replay.add(rows(5, 18, 2, error=np.full((18, 2), 20, np.float32)), 0)  # rows 21 and 22 replace 1 and 2
    assert replay.sampler.state()["priorities"][:8] == pytest.approx([20, 20, 0, 0, 0, 0, 20, 20], abs=1e-3)


@pytest.mark.parametrize("exponent", [None, 0.6])
def test_rows_that_come_together_are_those_that_come_one_by_one(exponent: float | None) -> None:
    """Also when the ring wraps around, with screen stacks and games that end."""
    random = np.random.default_rng(3)
    screens = random.integers(256, size=(50, 2, 4, 2, 2), dtype=np.uint8)
    ends = random.random((50, 2)) < 0.2
    replays = []
    for _ in range(2):
        memory = FrameRing(32, 2, (4, 2, 2), np.dtype(np.uint8), block=32)
        draws = np.random.default_rng(1)
        sampler: Sampler = Uniform(memory, draws) if exponent is None else Prioritised(memory, draws, exponent, 0.4)
        replays.append(Replay(memory, sampler, 3, gamma=0.9))
    single = []
    for obs, end, before in zip(screens, ends, np.vstack([ends[:1] & False, ends[:-1]]), strict=True):
        one = np.ones(2, np.float32)
        step = Transition(obs, one, one, end, end & False, ~before)
        single.append(one_round(obs, np.array([1, 2]), step, one * len(single), np.where(end, 0, one)))
    for new in single:
        replays[0].add(new)
    for begin in range(0, 50, 10):
        replays[1].add(joined(single[begin : begin + 10]))
    assert differences(replays[0].state(), replays[1].state()) == []
    a, b = (replay.sample(200, 0.5) for replay in replays)
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_a_memory_is_divided() -> None:
    assert isinstance(memory_of(100, 8, 1, (1,), NUMBER), FrameRing)
    parts = memory_of(100_000, 8, 2, (1,), NUMBER).parts
    assert [(ring.num_envs, ring.block_rows, ring.places >= 50_000) for ring in parts] == [(4, 512, True)] * 2
    assert 1_000_000 <= memory_of(1_000_000, 8000, 1000, (1,), NUMBER).places <= 1_300_000


def test_each_ring_has_its_own_files(tmp_path: Path) -> None:
    replay = two(exponent=0.5)
    replay.attach(tmp_path, writing=True)
    replay.add(rows(0, 10, 2), 0)
    replay.add(rows(10, 2, 2), 0)
    replay.add(rows(0, 12, 1), 1)
    replay.add(rows(12, 12, 1), 1)
    replay.update(np.array([3, 44]), np.array([2.0, 5.0]))
    path = write_checkpoint(tmp_path, 1, {"replay": replay.state()})
    folder = tmp_path / "checkpoints" / "replay"
    assert sorted(str(file.relative_to(folder)) for file in folder.glob("*/*")) == [
        "part-0-of-2/segment-00000000.safetensors",
        "part-1-of-2/segment-00000000.safetensors",
        "part-1-of-2/segment-00000001.safetensors",
    ]
    again = two(exponent=0.5)
    again.attach(tmp_path, writing=True)
    again.load(read_checkpoint(path)["replay"])
    assert differences(again.state(), replay.state()) == []
    a, b = replay.sample(50, 0.0), again.sample(50, 0.0)
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))

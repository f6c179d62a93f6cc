"""Replay files: which are written, which are deleted, and none when a training is merely repeated."""

from pathlib import Path

import numpy as np
import pytest

from agents.common.replay.experience import one_round
from agents.common.replay.replay import Replay
from agents.common.replay.ring import FrameRing
from agents.common.replay.sampling import Uniform
from agents.common.replay.segments import DamagedReplay, SegmentStore
from envs.vector import Transition
from tengen.seeding import Seeds


def ring_of(rows: int) -> FrameRing:
    """4,096 games of one number per step, so that a block is one row; the last two rows are held."""
    ring = FrameRing(2 * 4096, 4096, (1,), np.dtype(np.float32))
    for t in range(rows):
        add(ring, t)
    return ring


def add(ring: FrameRing, t: int) -> None:
    zero, no = np.zeros(4096, np.float32), np.zeros(4096, bool)
    ring.add(one_round(np.full((4096, 1), t), zero, Transition(zero, zero, zero, no, no, ~no), zero, zero))


def files(folder: Path) -> list[int]:
    return sorted(int(path.name[8:16]) for path in folder.glob("segment-*"))


def test_files_stay_while_one_of_three_checkpoints_names_them(tmp_path: Path) -> None:
    store, ring = SegmentStore(tmp_path / "replay"), ring_of(2)
    expected = [[0, 1], [0, 1, 2], [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5]]
    for t, found in enumerate(expected):
        named = store.save(ring)
        assert list(named) == [f"segment-{t:08}.safetensors", f"segment-{t + 1:08}.safetensors"]
        assert files(tmp_path / "replay") == found
        add(ring, t + 2)


def test_a_repeated_training_writes_and_deletes_nothing(tmp_path: Path) -> None:
    ring = ring_of(2)
    written = SegmentStore(tmp_path).save(ring)
    repeated = SegmentStore(tmp_path, writing=False)
    repeated.load(ring, written)
    for t in range(2, 6):
        add(ring, t)
        named = repeated.save(ring)
    assert files(tmp_path) == [0, 1] and named == SegmentStore(tmp_path / "other").save(ring)


def test_a_damaged_file_costs_its_own_steps_and_no_others(tmp_path: Path) -> None:
    def made() -> FrameRing:
        return FrameRing(40 * 64, 1, (1,), np.dtype(np.float32), block=64)

    ring, store = made(), SegmentStore(tmp_path)
    zero, no = np.zeros(1, np.float32), np.zeros(1, bool)
    for t in range(1000):
        ring.add(one_round(np.full((1, 1), t), zero, Transition(zero, zero, zero, no, no, ~no), zero, zero))
    named, tail = store.save(ring), ring.state(960)
    whole = sorted(tmp_path.iterdir())
    whole[3].write_bytes(b"")
    whole[7].unlink()
    with pytest.raises(DamagedReplay):
        SegmentStore(tmp_path).load(made(), named)
    again, left, lost = SegmentStore(tmp_path), made(), list[int]()
    again.load(left, named, lost)
    left.load(tail)
    for block in lost:
        left.lose(64 * block, 64 * (block + 1))
    assert lost == [3, 7]
    row = np.arange(1000)
    held = left.drawable(row, np.zeros(1000, int), 3)
    assert (held[:160].all(), held[160:288].any(), held[288:416].all(), held[416:544].any()) == (
        True,
        False,
        True,
        False,
    )
    assert held[544:997].all() and (left.observations(row[held], row[held] * 0)[:, 0] == row[held]).all()
    again.save(left)
    reloaded = made()
    SegmentStore(tmp_path).load(reloaded, again.save(left))  # the damaged block and its neighbours are rewritten
    reloaded.load(left.state(960))
    assert (reloaded.drawable(row, np.zeros(1000, int), 3) == held).all()
    with pytest.raises(ValueError, match="too little"):
        left.lose(0, 1000)


def test_no_return_reaches_over_lost_rows_however_long(tmp_path: Path) -> None:
    """100 steps ahead span more than one block of 64 rows: the blocks before are rewritten too."""

    def made() -> Replay:
        memory = FrameRing(1000, 1, (1,), np.dtype(np.float32), block=64)
        replay = Replay(memory, Uniform(memory, Seeds(1).numpy("replay")), 100, 0.9)
        replay.attach(tmp_path, True)
        return replay

    replay = made()
    zero, no = np.zeros(1, np.float32), np.zeros(1, bool)
    for t in range(1000):
        transition = Transition(zero, zero, zero, no, no, ~no)
        replay.memory.parts[0].add(one_round(np.full((1, 1), t), zero, transition, zero, zero))
    tree = replay.state()
    sorted((tmp_path / "checkpoints" / "replay").iterdir())[7].unlink()  # rows 448 to 511
    row = np.arange(900)
    for _ in range(2):
        again = made()
        again.forgiving = True
        again.load(tree)
        ring = again.memory.parts[0]
        held = ring.drawable(row, np.zeros(900, int), 100)
        assert held[:348].all() and not held[348:612].any() and held[612:900].all()
        tree = again.state()

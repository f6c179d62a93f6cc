"""Resuming a replay with another number of workers: what is kept, what is cut, and when old files are deleted."""

from pathlib import Path

import numpy as np
import pytest

from agents.common.replay.experience import one_round
from agents.common.replay.prioritised import Prioritised
from agents.common.replay.replay import Replay
from agents.common.replay.shards import memory_of
from envs.vector import Transition
from tengen.checkpoint import read_checkpoint, write_checkpoint


def replay_of(parts: int) -> Replay:
    """A replay of four games whose observations are stacks of two one-pixel screens."""
    memory = memory_of(8192, 4, parts, (2, 1, 1), np.dtype(np.int32))
    return Replay(memory, Prioritised(memory, np.random.default_rng(0), 0.5, 0.4), 3, gamma=0.5)


def screens(t: np.ndarray, game: np.ndarray) -> np.ndarray:
    """The observation at step t of a game, [N, 2, 1, 1]: two screens; at every eighth step the first is black."""
    now = 10 * t + game + 1
    return np.stack([np.where(t % 8 == 0, 0, now - 10), now], 1)[..., None, None].astype(np.int32)


def play(replay: Replay, part: int, start: int, count: int) -> None:
    """Steps `start` to `start` + `count` - 1; games end at the step before every eighth, which is ignored."""
    ring = replay.memory.parts[part]
    games = part * ring.num_envs + np.arange(ring.num_envs)
    for t in range(start, start + count):
        over, ignored = (np.full(ring.num_envs, t % 8 == x) for x in (6, 7))
        one = np.ones(ring.num_envs, np.float32)
        step = Transition(screens(games * 0 + t, games), one, one, over, over & False, ~ignored)
        replay.add(
            one_round(screens(games * 0 + t, games), games * 0, step, one * t, np.where(over, 0 * one, one)), part
        )


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2), (2, 4), (4, 2)])
def test_the_newest_steps_are_kept(before: int, after: int, tmp_path: Path) -> None:
    """The last ring has a few rows fewer than the others: when they are merged, that many are kept of each."""
    old = replay_of(before)
    old.attach(tmp_path, writing=True)
    rows = [1500] * (before - 1) + [1460]
    for part in range(before):
        play(old, part, 0, rows[part])
    path = write_checkpoint(tmp_path, 1, {"replay": old.state()})
    new = replay_of(after)
    new.attach(tmp_path, writing=True)
    new.load(read_checkpoint(path)["replay"])

    kept = [ring.count for ring in new.memory.parts]
    length = [rows[game * before // 4] for game in range(4)]  # of each game before the change
    assert kept == [min(length[p * 4 // after : (p + 1) * 4 // after]) for p in range(after)]
    draw = new.sampler.draw(4000, 3, 0.0)
    held = np.array(kept)[draw.game * after // 4]
    t = draw.row + np.array(length)[draw.game] - held
    assert draw.row.min() >= 1 and (draw.row < held - 3).all() and set(t % 8) == set(range(7))
    assert np.array_equal(new.memory.observations(draw.row, draw.game), screens(t, draw.game))

    last = np.array([held.max() - 3])  # in a game of the longest ring: two steps before the cut
    game = np.array([int(np.argmax(kept)) * 4 // after])
    ended = new.memory.steps_from(last, game, 3).ended
    assert ended.ravel().tolist()[1] and not new.memory.drawable(last + 2, game, 0)
    for part in range(after):
        play(new, part, 0, 4)  # new games, unrelated to those before
    first = last + 3
    assert np.array_equal(new.memory.observations(first, game), screens(0 * first, game))


def test_files_of_other_parts_stay_while_a_checkpoint_may_name_them(tmp_path: Path) -> None:
    old = replay_of(2)
    old.attach(tmp_path, writing=True)
    for part in range(2):
        play(old, part, 0, 1100)
    path = write_checkpoint(tmp_path, 1, {"replay": old.state()})
    new = replay_of(1)
    new.attach(tmp_path, writing=True)
    new.load(read_checkpoint(path)["replay"])
    folder = tmp_path / "checkpoints" / "replay"
    for saves in range(3):
        assert len(list(folder.glob("part-*-of-2/*"))) == 2, saves
        new.state()
    assert list(folder.glob("part-*-of-2/*")) == [] and len(list(folder.glob("segment-*"))) == 1

"""The film shows the very game that is played."""

from pathlib import Path

import numpy as np

from envs.atari import AtariVec
from envs.worlds import find_world
from scripts.watch import enlarge, film, write_videos
from supervised.nets.headed import build


def test_two_emulators_stay_in_step() -> None:
    """Whatever is drawn in colour is, in grey and reduced, what the agent was given."""
    agent = AtariVec("pong", 1)
    eye = AtariVec("pong", 1, size=(210, 160), stack=1, colour=True)
    agent.reset(4)
    eye.reset(4)
    plain = AtariVec("pong", 1, size=(210, 160), stack=1)
    plain.reset(4)
    for action in np.random.default_rng(0).integers(0, 6, (120, 1)):
        a, b, c = agent.step(action), eye.step(action), plain.step(action)
        assert np.array_equal(a.reward, b.reward) and np.array_equal(a.ended, b.ended)
    grey = b.obs[0, 0].astype(float) @ [0.299, 0.587, 0.114]
    assert np.abs(grey - c.obs[0, 0]).max() < 2


def test_film_and_files(tmp_path: Path) -> None:
    spec = {"trunk": {"kind": "small", "input_shape": [4, 84, 84]}, "heads": {"policy": 6, "value": 1}}
    frames, _ = film(build(spec, 1), find_world("pong"), seed=2, longest=40)
    assert len(frames) == 40 and frames[0].shape == (210, 160, 3)
    for path in write_videos(frames, tmp_path / "x"):
        assert path.stat().st_size > 1000
    assert enlarge(np.eye(3, dtype=np.float32)[0]).shape == (16, 48, 3)

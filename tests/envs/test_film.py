"""The film shows the very game that is played."""

from pathlib import Path

import numpy as np

from envs.atari import AtariVec
from envs.film import enlarge, film
from envs.worlds import find_world
from tengen.video import write_videos


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
    random = np.random.default_rng(1)
    made = film(lambda obs: random.integers(6, size=len(obs)), find_world("pong"), seed=2, longest=40)
    frames = made.frames
    assert made.caption.startswith("pong: a game with score") and len(frames) == 40 and frames[0].shape == (210, 160, 3)
    for path in write_videos(frames, tmp_path / "x"):
        assert path.stat().st_size > 1000
    assert enlarge(np.eye(3, dtype=np.float32)[0]).shape == (16, 48, 3)

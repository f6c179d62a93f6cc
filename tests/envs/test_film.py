"""The film shows the game that is actually played."""

from pathlib import Path

import gymnasium
import numpy as np

from envs.atari import AtariVec
from envs.film import enlarge, film
from envs.worlds import find_world, make_world
from tengen.video import write_videos


def test_two_emulators_stay_in_step() -> None:
    """The colour frames, converted to greyscale and downscaled, are what the agent was given."""
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


def test_a_gymnasium_world_is_filmed_as_it_is_played() -> None:
    """The player sees the same as from `make_world`, including one-hot states; the world itself renders the frames."""
    gymnasium.register("Steps-v0", entry_point=lambda render_mode=None: Steps(), max_episode_steps=20)
    try:
        seen: list[np.ndarray] = []

        def act(obs: np.ndarray) -> np.ndarray:
            seen.append(obs.copy())
            return np.ones(1, np.int64)

        made = film(act, find_world("Steps-v0"), seed=1)
        first = make_world(find_world("Steps-v0"), 1).reset(1)
    finally:
        del gymnasium.registry["Steps-v0"]
    assert [int(obs.argmax()) for obs in seen] == [0, 1, 2] and seen[0].shape == (1, 4)
    assert np.array_equal(first, seen[0]) and seen[0].dtype == first.dtype
    assert made.score == 3 and len(made.frames) == 4


class Steps(gymnasium.Env):
    """Three steps to the right; states count from 5, actions from 7."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 1}  # noqa: RUF012
    render_mode = "rgb_array"
    observation_space = gymnasium.spaces.Discrete(4, start=5)
    action_space = gymnasium.spaces.Discrete(2, start=7)

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[int, dict]:
        super().reset(seed=seed)
        self.at = 5
        return self.at, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict]:
        self.at += action - 7
        return self.at, 1.0, self.at == 8, False, {}

    def render(self) -> np.ndarray:  # type: ignore[override]
        return np.full((8, 8, 3), self.at, np.uint8)

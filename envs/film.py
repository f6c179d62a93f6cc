"""Records a game as frames: what the player sees or, for Atari, the console's own picture.

ale-py's vector interface cannot render. Emulators are deterministic, so a second one with the same seed and
actions shows in colour what the player sees in greyscale.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from envs.evaluate import PROTOCOLS, Act
from envs.vector import VecEnv
from envs.worlds import World, make_world
from tengen.errors import UserError
from tengen.plural import counted


class Film(NamedTuple):
    frames: list[np.ndarray]  # [H, W, 3] uint8, one per agent step
    score: float
    caption: str


def film(
    act: Act, world: World, seed: int, longest: int = 3000, check: Callable[[VecEnv], None] = lambda env: None
) -> Film:
    """One game of `act`, at most `longest` agent steps. UserError if the world cannot be rendered."""
    if world.kind == "gym":
        frames, score = _film_gym(act, world, seed, longest)
    else:
        frames, score = _film_vector(act, world, seed, longest, check)
    return Film(frames, score, f"{world.name}: a game with score {score:g}, {counted(len(frames), 'steps')}")


def _film_vector(
    act: Act, world: World, seed: int, longest: int, check: Callable[[VecEnv], None]
) -> tuple[list[np.ndarray], float]:
    from envs.atari import AtariVec

    options: dict[str, Any] = PROTOCOLS["sticky"] if world.kind == "atari" else {}
    env = make_world(world, 1, **options)
    check(env)
    eye = AtariVec(world.name, 1, size=(210, 160), stack=1, colour=True, **options) if world.kind == "atari" else None
    frames: list[np.ndarray] = []
    score = 0.0
    obs = env.reset(seed)
    seen = eye.reset(seed) if eye else obs
    for _ in range(longest):
        frames.append(seen[0, 0] if eye else enlarge(obs[0]))
        action = act(obs)
        t = env.step(action)
        if eye:
            u = eye.step(action)
            if not np.array_equal(u.reward, t.reward):
                raise RuntimeError("the emulator being filmed fell out of step with the one being played")
            seen = u.obs
        obs = t.obs
        score += float(t.reward[0])
        if t.ended[0]:
            break
    env.close()
    if eye:
        eye.close()
    return frames, score


def _film_gym(act: Act, world: World, seed: int, longest: int) -> tuple[list[np.ndarray], float]:
    import gymnasium as gym

    from envs.gym import view_of

    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # some worlds render with pygame: no window, sound or greeting
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        env = gym.make(world.name, render_mode="rgb_array")
        obs, _ = env.reset(seed=seed)
        frame: Any = env.render()
    except Exception as error:  # environments fail in different ways without their rendering package
        raise UserError(f"{world.name} cannot be rendered here: {error}".splitlines()[0]) from error
    view = view_of(env.observation_space)
    assert view is not None, "make_world rejects unsupported observation spaces"
    first_action = int(getattr(env.action_space, "start", 0))
    frames, score = [frame], 0.0
    for _ in range(longest):
        result: Any = env.step(int(act(view.see(np.asarray(obs)[None]))[0]) + first_action)
        obs, reward, terminated, truncated, _ = result
        frames.append(env.render())
        score += float(reward)
        if terminated or truncated:
            break
    env.close()
    return [np.asarray(f) for f in frames], score


def enlarge(obs: np.ndarray) -> np.ndarray:
    """A toy's observation as a picture: screens unchanged, vectors as a row of cells."""
    plane = obs[-1] if obs.ndim == 3 else obs[None, :]
    grey = (plane.astype(np.float32) / max(1.0, float(plane.max())) * 255).astype(np.uint8)
    return np.repeat(np.kron(grey, np.ones((16, 16), np.uint8))[..., None], 3, axis=2)

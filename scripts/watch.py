"""`tengen watch`: an agent at play, as mp4 and gif.

The vector interface of ale-py cannot render. Emulators are deterministic, so a second one with the same
seed and actions shows in colour what the first one gives the agent in grey.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agents.evaluate import PROTOCOLS, Player, check_fits
from envs.atari import AtariVec
from envs.worlds import World, make_world
from scripts.players import load_player
from supervised.nets.headed import HeadedNet
from tengen.errors import UserError

_FPS = 15  # agent steps a second at the console's own 60 frames
_GIF_EVERY, _GIF_SECONDS = 2, 20  # the gif has every second picture of the first twenty seconds


def watch_player(name: str, runs: Path, out: str | None, seed: int) -> int:
    player = load_player(name, runs)
    default = player.run / "eval" / "watch" if player.run else Path(f"watch-{player.world.name}")
    stem = Path(out).with_suffix("") if out else default
    frames, score = film(player.net, player.world, seed)
    files = write_videos(frames, stem)
    print(f"{player.world.name}, {player.agent}: a game with score {score:g}, {len(frames)} steps")
    print("wrote " + ", ".join(str(f) for f in files))
    return 0


def watch_run(session: Any, run: Any) -> list[Path]:
    """The videos of a run that has just finished; none where its world has no picture."""
    try:
        frames, _ = film(session.learner.net.cpu(), session.world, seed=1)
    except UserError as error:
        run.log(f"no video: {error}")
        return []
    return write_videos(frames, run.path / "eval" / "watch")


def film(net: HeadedNet, world: World, seed: int, longest: int = 3000) -> tuple[list[np.ndarray], float]:
    """Pictures [H, W, 3] of one game, one an agent step (at most `longest`), and the score so far."""
    if world.kind == "gym":
        return _film_gym(net, world, seed, longest)
    options: dict[str, Any] = PROTOCOLS["sticky"] if world.kind == "atari" else {}
    env = make_world(world, 1, **options)
    check_fits(net, env.obs_shape, env.num_actions, world.name)
    eye = AtariVec(world.name, 1, size=(210, 160), stack=1, colour=True, **options) if world.kind == "atari" else None
    player, frames, score = Player(net, seed), [], 0.0
    obs = env.reset(seed)
    seen = eye.reset(seed) if eye else obs
    for _ in range(longest):
        frames.append(seen[0, 0] if eye else enlarge(obs[0]))
        action = player.act(obs)
        t = env.step(action)
        if eye:
            u = eye.step(action)
            if not np.array_equal(u.reward, t.reward):
                raise RuntimeError("the emulator that is filmed fell out of step with the one that is played")
            seen = u.obs
        obs = t.obs
        score += float(t.reward[0])
        if t.ended[0]:
            break
    env.close()
    if eye:
        eye.close()
    return frames, score


def _film_gym(net: HeadedNet, world: World, seed: int, longest: int) -> tuple[list[np.ndarray], float]:
    import gymnasium as gym

    try:
        env = gym.make(world.name, render_mode="rgb_array")
        obs, _ = env.reset(seed=seed)
        frame: Any = env.render()
    except Exception as error:  # each environment fails in its own way without its drawing package
        raise UserError(f"{world.name} cannot be drawn here: {error}".splitlines()[0]) from error
    player, frames, score = Player(net, seed), [frame], 0.0
    for _ in range(longest):
        result: Any = env.step(int(player.act(np.asarray(obs, np.float32)[None])[0]))
        obs, reward, terminated, truncated, _ = result
        frames.append(env.render())
        score += float(reward)
        if terminated or truncated:
            break
    env.close()
    return [np.asarray(f) for f in frames], score


def enlarge(obs: np.ndarray) -> np.ndarray:
    """A toy's observation as a picture: screens as they are, vectors as a row of cells."""
    plane = obs[-1] if obs.ndim == 3 else obs[None, :]
    grey = (plane.astype(np.float32) / max(1.0, float(plane.max())) * 255).astype(np.uint8)
    return np.repeat(np.kron(grey, np.ones((16, 16), np.uint8))[..., None], 3, axis=2)


def write_videos(frames: list[np.ndarray], stem: Path) -> list[Path]:
    """`stem`.mp4 and `stem`.gif."""
    import imageio.v2 as imageio

    stem.parent.mkdir(parents=True, exist_ok=True)
    mp4, gif = stem.with_suffix(".mp4"), stem.with_suffix(".gif")
    try:
        with imageio.get_writer(mp4, fps=_FPS, macro_block_size=2, format="FFMPEG") as writer:  # type: ignore[arg-type]
            for frame in frames:
                writer.append_data(even(frame))  # type: ignore[attr-defined]
        short = frames[: _FPS * _GIF_SECONDS : _GIF_EVERY]
        imageio.mimsave(gif, short, duration=1000 * _GIF_EVERY / _FPS, loop=0)  # type: ignore[arg-type]
    except OSError as error:
        raise UserError(f"cannot write {mp4}: {error.strerror or error}; use --out FILE") from error
    return [mp4, gif]


def even(frame: np.ndarray) -> np.ndarray:
    """Twice the size, with even sides as the codec wants them."""
    large = frame.repeat(2, axis=0).repeat(2, axis=1) if max(frame.shape[:2]) < 300 else frame
    return np.ascontiguousarray(large[: large.shape[0] // 2 * 2, : large.shape[1] // 2 * 2])

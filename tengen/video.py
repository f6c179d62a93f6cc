"""Write a sequence of pictures as an mp4 and a gif."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tengen.errors import UserError
from tengen.files import make_folder

_FPS = 15  # agent steps a second at the Atari console's own 60 frames
_SLIDES = 2  # pictures a second of a game of moves
_GIF_EVERY, _GIF_SECONDS = 2, 20  # the gif has every second picture of the first twenty seconds


def write_videos(frames: Sequence[np.ndarray], stem: Path, slides: bool = False) -> list[Path]:
    """`stem`.mp4 and `stem`.gif of pictures [H, W, 3].

    `slides`: each is looked at for a while, and all of them belong into the gif.
    """
    import imageio.v2 as imageio

    make_folder(stem.parent)
    mp4, gif = stem.with_suffix(".mp4"), stem.with_suffix(".gif")
    try:
        fps, every = (_SLIDES, 1) if slides else (_FPS, _GIF_EVERY)
        with imageio.get_writer(mp4, fps=fps, macro_block_size=2, format="FFMPEG") as writer:  # type: ignore[arg-type]
            for frame in frames:
                writer.append_data(_even(frame))  # type: ignore[attr-defined]
        short = list(frames if slides else frames[: fps * _GIF_SECONDS : every])
        imageio.mimsave(gif, short, duration=1000 * every / fps, loop=0)  # type: ignore[arg-type]
    except OSError as error:
        raise UserError(f"cannot write {mp4}: {error.strerror or error}; use --out FILE") from error
    return [mp4, gif]


def _even(frame: np.ndarray) -> np.ndarray:
    """Twice the size where it is small, with even sides as the codec wants them."""
    large = frame.repeat(2, axis=0).repeat(2, axis=1) if max(frame.shape[:2]) < 300 else frame
    return np.ascontiguousarray(large[: large.shape[0] // 2 * 2, : large.shape[1] // 2 * 2])

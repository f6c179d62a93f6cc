"""Weights & Biases as a mirror of the run folder: the only file that imports wandb.

Any failure in it (not installed, not logged in, no network, a full disk, a crashed service) is reported
once and logged, and training continues: the local files are authoritative.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

_SPARE = 10.0  # seconds between rows that are sent: a mirror need not have every tick


class WandbSink:
    """A `Sink` to one W&B run. After its first failure it does nothing more."""

    def __init__(self, mode: str, folder: Path, config: dict[str, Any], say: Callable[[str], None]) -> None:
        """`mode`: online, offline, or auto (online when logged in, else offline inside `folder`)."""
        self._say, self._last = say, -_SPARE
        self._run: Any = None
        self._guard(lambda: self._start(mode, folder, config))

    def row(self, row: dict[str, Any]) -> None:
        if self._run is not None and row["seconds"] - self._last >= _SPARE:
            self._last = row["seconds"]
            self._guard(lambda: self._run.log(row, step=row["step"]))

    def close(self, card: dict[str, Any] | None) -> None:
        """Send the score card, what was drawn and recorded (videos, pictures, games), then end."""
        if self._run is not None:
            self._guard(lambda: self._finish(card))

    def _start(self, mode: str, folder: Path, config: dict[str, Any]) -> None:
        os.environ.setdefault("WANDB_SILENT", "true")
        import wandb

        self._folder = folder
        chosen = ("online" if _logged_in(wandb) else "offline") if mode == "auto" else mode
        settings = wandb.Settings(init_timeout=30, console="off", disable_git=True, x_disable_stats=True)
        identity = folder.name.replace("/", "-")
        self._run = wandb.init(
            project="tengen",
            name=folder.name,
            id=identity,
            resume="allow" if chosen == "online" else None,
            dir=str(folder),
            mode=cast(Any, chosen),
            config=config,
            settings=settings,
        )

    def _finish(self, card: dict[str, Any] | None) -> None:
        import wandb

        run: Any = self._run
        if card:
            run.summary.update({f"card/{k}": v for k, v in card.items()})
        for video in sorted((self._folder / "eval").glob("*.mp4")):
            run.log({f"video/{video.stem}": wandb.Video(str(video), format="mp4")})
        for picture in sorted([*self._folder.glob("*.png"), *(self._folder / "pictures").glob("*.png")]):
            run.log({f"picture/{picture.stem}": wandb.Image(str(picture))})
        if any((self._folder / "sgf").glob("*.sgf")):
            run.save(str(self._folder / "sgf" / "*.sgf"), base_path=str(self._folder), policy="end")
        run.finish()

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # wandb has raised SystemExit and its own kinds
            self._run = None
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            self._say(f"Weights & Biases is off for this run ({reason}); metrics.jsonl has everything")


def _logged_in(wandb: Any) -> bool:
    """Whether there are credentials; nobody is asked for them, and they are not sent anywhere."""
    return bool(os.environ.get("WANDB_API_KEY") or wandb.login(prompt=False, verify=False))

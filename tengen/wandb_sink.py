"""Weights & Biases as a mirror of the run folder: the only file that imports wandb.

Any failure in it (not installed, not logged in, no network, a full disk, a crashed service) is reported
once and logged, and training continues: the local files are authoritative.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from tengen.checkpoint import checkpoints
from tengen.files import write_folder, write_json

_SPARE = 10.0  # seconds between rows that are sent: a mirror need not have every tick


class WandbSink:
    """A `Sink` to one W&B run. After its first failure it does nothing more."""

    def __init__(
        self, mode: str, folder: Path, config: dict[str, Any], say: Callable[[str], None], artifacts: bool = False
    ) -> None:
        """`mode`: online, offline, or auto (online when logged in, else offline inside `folder`).

        Trials of a sweep are one group. `artifacts`: the trained network and its card are kept there too.
        """
        self._say, self._last, self._artifacts = say, -_SPARE, artifacts
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

        self._folder, self._config = folder, config
        sweep = folder.parent.name if (folder.parent / "sweep.json").is_file() else None
        chosen = ("online" if _logged_in(wandb) else "offline") if mode == "auto" else mode
        settings = wandb.Settings(init_timeout=30, console="off", disable_git=True, x_disable_stats=True)
        self._identity = f"{sweep}-{folder.name}" if sweep else folder.name
        self._run = wandb.init(
            project="tengen",
            name=folder.name,
            id=self._identity,
            group=sweep,
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
        if self._artifacts and (model := trained_model(self._folder, card)):
            about = {name: self._config.get(name) for name in ("kind", "task", "agent")}
            artifact = wandb.Artifact(f"{self._identity}-model", type="model", metadata=about | (card or {}))
            for file in sorted(model.iterdir()):
                artifact.add_file(str(file.resolve()), policy="immutable")  # it stays there: no copy in the home folder
            run.log_artifact(artifact)
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


def trained_model(folder: Path, card: dict[str, Any] | None) -> Path | None:
    """RUN/model: the network of a run's newest checkpoint, or its best rated one, laid out as in the zoo.

    `card` is kept beside it. None where there is no checkpoint yet.
    """
    from tengen.zoo import best_rated

    weights, network = None, {}
    if rated := best_rated(folder):
        weights, network = rated / "weights.safetensors", json.loads((rated / "network.json").read_text())
    elif saved := checkpoints(folder / "checkpoints"):
        newest = saved[-1][1]
        weights, network = newest / "weights.safetensors", json.loads((newest / "tree.json").read_text())["network"]
    if weights is None:
        return None
    source = weights

    def fill(model: Path) -> None:
        shutil.copyfile(source, model / "weights.safetensors")
        write_json(model / "network.json", network)
        if card:
            write_json(model / "card.json", card)

    write_folder(folder / "model", fill)
    return folder / "model"


def _logged_in(wandb: Any) -> bool:
    """Whether there are credentials; nobody is asked for them, and they are not sent anywhere."""
    return bool(os.environ.get("WANDB_API_KEY") or wandb.login(prompt=False, verify=False))

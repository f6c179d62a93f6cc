"""Weights & Biases as a mirror of the run folder: the only file that imports wandb.

Any failure in it (not installed, not logged in, no network, a full disk, a crashed service, a server that goes silent)
is reported once and logged, and training continues: the local files are authoritative. All calls to W&B run in their
own thread, and nothing waits for it past a deadline.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from tengen.checkpoint import checkpoints
from tengen.files import write_folder, write_json

_SPARE = 10.0  # seconds between rows that are sent: a mirror need not have every tick
_START, _END = 10.0, 60.0  # seconds that a training waits for it, at its start and at its end
_MOST = 1000  # rows that wait for W&B


class WandbSink:
    """A `Sink` to one W&B run. After its first failure it does nothing more."""

    def __init__(
        self, mode: str, folder: Path, config: dict[str, Any], say: Callable[[str], None], artifacts: bool = False
    ) -> None:
        """`mode`: online, offline, or auto (online when logged in, else offline inside `folder`).

        Trials of a sweep are one group. `artifacts`: the trained network and its card are kept there too.
        """
        self._say, self._last, self._artifacts, self._mode = say, -_SPARE, artifacts, mode
        self._run: Any = None
        self._off = False
        self._messages: queue.Queue[str] = queue.Queue()  # said by the thread that trains
        self._tasks: queue.Queue[tuple[Callable[[], None], threading.Event]] = queue.Queue()
        self._folder = folder
        threading.Thread(target=self._work, name="tengen-wandb", daemon=True).start()
        self._ask(lambda: self._start(mode, folder, config), _START)

    def row(self, row: dict[str, Any]) -> None:
        self._tell()
        if not self._off and row["seconds"] - self._last >= _SPARE and self._tasks.qsize() < _MOST:
            self._last = row["seconds"]
            self._ask(lambda: self._run.log(row, step=row["step"]))

    def close(self, card: dict[str, Any] | None) -> None:
        """Send the score card, what was drawn and recorded (videos, pictures, games), then end."""
        whole = False
        try:
            if not self._off:
                whole = self._ask(lambda: self._finish(card), _END)
                if not whole:
                    self._say(
                        f"Weights & Biases did not take everything within {_END:g} s: the end of the run, its card and"
                        f" its pictures may be missing there; to send them later: wandb sync {self._kept()}"
                    )
            self._tell()
        finally:
            if self._off or not whole:
                end_service()
            self._off = True

    def _ask(self, action: Callable[[], None], seconds: float = 0.0) -> bool:
        """Let the thread do `action`, and wait at most so long; whether it is done."""
        done = threading.Event()
        self._tasks.put((action, done))
        finished = done.wait(seconds)
        self._tell()
        return finished

    def _tell(self) -> None:
        while not self._messages.empty():
            self._say(self._messages.get())

    def _work(self) -> None:
        while True:
            action, done = self._tasks.get()
            if not self._off:
                self._guard(action)
            done.set()

    def _kept(self) -> str:
        """Where W&B has written down what it has not sent."""
        there = sorted((self._folder / "wandb").glob("*run-*"))
        return str(there[-1] if there else self._folder / "wandb")

    def _start(self, mode: str, folder: Path, config: dict[str, Any]) -> None:
        os.environ.setdefault("WANDB_SILENT", "true")
        import wandb

        self._config = config
        sweep = folder.parent.name if (folder.parent / "sweep.json").is_file() else None
        chosen = ("online" if _logged_in(wandb) else "offline") if mode == "auto" else mode
        if (mode, chosen) == ("auto", "online"):
            self._messages.put(
                "uploads to Weights & Biases, as you are logged in there; --wandb offline or --wandb off keeps it here"
            )
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
        except BaseException as error:  # wandb has raised SystemExit and its own kinds
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            self._messages.put(f"Weights & Biases is off for this run ({reason}); metrics.jsonl has everything")
            self._run, self._off = None, True  # only now: whoever sees it finds the message


def end_service() -> None:
    """End the process that W&B has started beside us: at our end it would wait for its server, however long that takes.

    What it has not sent lies in the run's folder.
    """
    if "wandb" not in sys.modules:
        return
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "wandb-core" in child.name():
                child.kill()
    thread = threading.Thread(target=_tear_down, daemon=True)
    thread.start()
    thread.join(5.0)


def _tear_down() -> None:
    """Let W&B know that its process is gone, or it says so when ours ends."""
    with suppress(BaseException):
        sys.modules["wandb"].teardown()


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
    """Whether there are credentials; the user is not asked for them, and they are not sent anywhere."""
    return bool(os.environ.get("WANDB_API_KEY") or wandb.login(prompt=False, verify=False))

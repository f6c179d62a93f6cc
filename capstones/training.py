"""`training("parts.train:Training", config, steps=…)`: a cell starts a training, or finds the one that it started.

The training runs in its own process and outlives the cell, the kernel and the browser tab. Its folder is named after
its configuration, so the cell that started it finds it again: finished (the cell returns at once), running (the cell
follows it), or stopped in the middle (it continues from its last checkpoint). `make` names a class:

    class Training:
        def __init__(self, config): self.step = 0; …    config: from the cell, with "quick" and "seed"
        def advance(self): …; self.step += …            train a little (a second or so); returns {"loss": …, "score": …}
        def state(self): return {"net": self.net.state_dict(), "optimiser": …, "step": self.step}
        def load(self, state): …

`state` is a tree of dicts and lists with tensors, arrays, numbers and text. The global generators of torch, numpy and
`random` are seeded with the configuration's seed and saved in the checkpoints too, so that a resumed training equals
one that never stopped, as long as `state` holds everything else. With TENGEN_TETHERED=1 in the environment a training
saves and stops when the process that started it is gone.
"""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capstones.surroundings import quick
from tengen.errors import UserError
from tengen.plural import counted
from tengen.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBER = "@int "  # stands before keys of a saved state that are whole numbers
NOTE = "tengen: note: "  # stands before what a training's process has to say to people
_LOOKS = 0.2  # seconds between two looks at a training


@dataclass(frozen=True)
class Found:
    """A finished training."""

    path: Path  # its folder
    rows: list[dict[str, Any]]  # a dict an `advance`: step, seconds, and what it returned
    config: dict[str, Any]

    @property
    def state(self) -> dict[str, Any]:
        """What `state()` returned at the end."""
        from tengen.checkpoint import read_newest

        tree: dict[str, Any] = unkeyed(read_newest(self.path / "checkpoints")[1]["training"])
        return tree

    @property
    def seconds(self) -> float:
        """How long it trained, interruptions left out."""
        return float(self.rows[-1]["seconds"]) if self.rows else 0.0

    def column(self, name: str) -> tuple[list[int], list[float]]:
        """(steps, values) of the rows that have `name`. KeyError where none has."""
        rows = [row for row in self.rows if name in row]
        if not rows:
            raise KeyError(f"no row has {name}; there are {', '.join(self.names)}")
        return [row["step"] for row in rows], [row[name] for row in rows]

    @property
    def names(self) -> list[str]:
        """What `advance` returned, by name."""
        ours = ("step", "frames", "seconds", "rate")
        return list(dict.fromkeys(key for row in self.rows for key in row if key not in ours))

    def plot(self, name: str, axes: Axes | None = None, unit: str = "steps") -> Axes:
        """The curve of `name` against steps."""
        import matplotlib.pyplot as plt

        axes = axes if axes is not None else plt.subplots(figsize=(6, 3))[1]
        axes.plot(*self.column(name), label=self.path.name)
        axes.set_xlabel(unit)
        axes.set_ylabel(name)
        return axes

    def __repr__(self) -> str:
        last = self.rows[-1]["step"] if self.rows else 0
        return (
            f"{self.path.name}: {counted(last, 'steps')}, {counted(len(self.rows), 'rows')} of {', '.join(self.names)}"
        )


def training(
    make: str,
    config: Mapping[str, Any] | None = None,
    *,
    steps: int,
    runs: str | Path = "runs",
    name: str = "",
    watch: str = "",
    show: bool = True,
) -> Found:
    """The training of `make` ("module:class") by `config` until its `step` is `steps` or more; made if there is none.

    The folder is `runs/NAME-HASH-sSEED`: HASH is that of `make` and `config`, and of whether `quick()` holds. A larger
    `steps` than before goes on from the end. `watch` is the metric that the progress line shows; `show`
    False leaves that line out (a cell that starts many trainings). Interrupting the cell saves and stops the training;
    the cell goes on with it when it runs again.

    UserError where `config` is not plain JSON, or the training fails: its error is printed, and lies in `output.txt`.
    """
    try:
        given = json.loads(json.dumps(dict(config or {})))
    except (TypeError, ValueError) as error:
        raise UserError(f"config may only hold numbers, text, lists and dicts (saved as JSON): {error}") from error
    given = {"seed": 1, "quick": quick()} | given
    folder = Path(runs)
    run = _prepared(folder, make, given, steps, name or make.partition(":")[0].rpartition(".")[2])
    with _Watcher(run, steps, watch, show) as watcher:
        _finish(run, steps, watcher)
    return Found(run.path, run.rows(), given)


def _prepared(folder: Path, make: str, config: dict[str, Any], steps: int, name: str) -> Run:
    """The run of this configuration, made where there is none."""
    if ":" not in make:
        raise UserError(f"{make}: name a module and a class in it, parts.train:Training")
    told = json.dumps([make, config], sort_keys=True)
    called = f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:8]}-s{config['seed']}"
    path = folder / called
    code = _sources(Path.cwd())
    if (path / "config.yaml").is_file():
        run = Run.open(path)
        before = run.meta().get("sources", {})
        changed = sorted(file for file in code.keys() | before.keys() if code.get(file) != before.get(file))
        if changed:
            print(f"{path} was begun before {', '.join(changed)} changed; delete that folder to train anew")
        return run
    what = {"kind": "capstone", "make": make, "name": name, "steps": steps, "config": config}
    run = Run.create(folder, called, what, {"sources": code})
    run.release()
    return run


def _sources(folder: Path) -> dict[str, str]:
    """file -> hash of the parts that a training is made from."""
    files = sorted((folder / "parts").glob("**/*.py"))
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()[:12] for f in files}


def _finish(run: Run, steps: int, watcher: _Watcher) -> None:
    """Come back when the training has reached `steps`."""
    while (done := _reached(run)) < steps:
        child = None if _under_way(run) else _start(run, steps)
        try:
            while (child.poll() is None) if child else _under_way(run):
                time.sleep(_LOOKS)
                watcher.notes()
                watcher.look()
        except KeyboardInterrupt:
            watcher.say(_stopped(run, child))
            raise
        watcher.notes()
        watcher.look()
        if child is not None and (child.returncode != 0 or _reached(run) <= done) and not _under_way(run):
            raise _failure(run)
    watcher.look()


def unkeyed(tree: Any) -> Any:
    """A state as it was given: keys that were whole numbers are such again."""
    if isinstance(tree, dict):
        return {int(k[len(NUMBER) :]) if k.startswith(NUMBER) else k: unkeyed(v) for k, v in tree.items()}
    return [unkeyed(value) for value in tree] if isinstance(tree, list) else tree


def _reached(run: Run) -> int:
    """The step of the last checkpoint."""
    from tengen.checkpoint import checkpoints

    saved = checkpoints(run.checkpoint_folder)
    return saved[-1][0] if saved else -1


def _under_way(run: Run) -> bool:
    """Whether a process holds the run's lock."""
    try:
        run.lock()
    except UserError:
        return True
    run.release()
    return False


def _start(run: Run, steps: int) -> subprocess.Popen[bytes]:
    """A process that trains `run`, in a session of its own: no Ctrl-C for the kernel reaches it."""
    command = [sys.executable, "-m", "capstones.train_one", str(run.path.resolve()), str(steps)]
    with (run.path / "output.txt").open("wb") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )


def _stopped(run: Run, child: subprocess.Popen[bytes] | None) -> str:
    """Ask the process that this cell started to save and stop."""
    if child is None:
        return "left alone: the training goes on, and this cell finds it again"
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        return f"the training has been asked to stop (process {child.pid}); it saves at the end of its `advance`"
    return f"stopped and saved at step {max(0, _reached(run)):,}: run the cell again to go on"


def _failure(run: Run) -> UserError:
    """The error of a training that failed, after what it printed."""
    output = run.path / "output.txt"
    lines = output.read_text(errors="replace").strip().splitlines() if output.exists() else []
    print("\n".join(lines[-30:]))
    last = lines[-1].removeprefix("tengen: ") if lines else "it ended without a word (out of memory?)"
    return UserError(f"the training failed: {last} (the whole output is in {output})")


class _Watcher:
    """One line of progress, overwritten in a notebook and on a terminal, and not repeated elsewhere."""

    def __init__(self, run: Run, steps: int, watch: str, show: bool) -> None:
        self.run, self.steps, self.watch, self.quiet = run, steps, watch, not show
        self.size = -1
        self.read = 0  # bytes of what the process printed
        self.shown = ""
        self.handle: Any = None

    def __enter__(self) -> _Watcher:
        if self.quiet:
            return self
        if (ipython := sys.modules.get("IPython")) is not None and ipython.get_ipython() is not None:
            from IPython.display import display

            self.handle = display({"text/plain": ""}, raw=True, display_id=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self.handle is None and self.shown:
            print(self.shown if not sys.stdout.isatty() else "")

    def look(self) -> None:
        path = self.run.path / "metrics.jsonl"
        size = path.stat().st_size if path.exists() else 0
        if size == self.size:
            return
        self.size = size
        rows = self.run.rows()
        if rows:
            self.say(self._line(rows[-1], {key: value for row in rows for key, value in row.items()}))

    def notes(self) -> None:
        """What the training's process says is shown on lines of its own, also where there is no progress line."""
        output = self.run.path / "output.txt"
        size = output.stat().st_size if output.exists() else 0
        if size == self.read:
            return
        with output.open("rb") as file:
            file.seek(self.read if size > self.read else 0)  # smaller: a new process began it anew
            new = file.read()
            self.read = file.tell() - (len(new) - new.rfind(b"\n") - 1)  # the last line may not be whole yet
        for line in new.decode(errors="replace").splitlines(keepends=True):
            if line.startswith(NOTE) and line.endswith("\n"):
                print("\r" * sys.stdout.isatty() + f"{self.run.path.name}: {line.removeprefix(NOTE).rstrip()}")

    def say(self, text: str) -> None:
        if self.quiet:
            return
        self.shown = text
        if self.handle is not None:
            self.handle.update({"text/plain": text}, raw=True)
        elif sys.stdout.isatty():
            print(f"\r{text:<100}", end="", flush=True)

    def _line(self, row: dict[str, Any], known: dict[str, Any]) -> str:
        from tengen.display import duration, spoken

        ours = ("step", "frames", "seconds", "rate")
        names = [self.watch] if self.watch in known else [key for key in known if key not in ours][:3]
        told = ", ".join(spoken(key, known[key]) for key in names)
        text = f"{self.run.path.name}: step {row['step']:,} of {self.steps:,}, {told}, {duration(row['seconds'])}"
        rest = row["seconds"] / max(1, row["step"]) * (self.steps - row["step"])
        return text if rest <= 0 else f"{text}, {duration(rest)} left"

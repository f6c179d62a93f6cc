"""`tengen notebook`: execute a percent script in a fresh kernel; write it as a notebook and an HTML page to share."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from capstones.cells import compared, fingerprint, read_notebook
from capstones.check.audit import Guard
from capstones.project import SCRATCH, Project, is_project, read_project
from tengen.errors import UserError
from tengen.files import write_text

MINUTES = 60.0  # that a notebook may take; long trainings live outside of it
QUICK_MINUTES = 5.0
TETHERED = {"TENGEN_TETHERED": "1"}  # a training started in a copy does not outlive it


@dataclass(frozen=True)
class Executed:
    """The result of executing a notebook."""

    notebook: Any  # with its outputs
    problem: str  # in one line; "" where it ran through
    seconds: float
    took: dict[int, float] = field(default_factory=dict)  # a code cell's number -> seconds

    def slowest(self) -> str:
        """The cell that took longest, in words; "" where none took a second."""
        number = max(self.took, key=self.took.__getitem__, default=0)
        if not number or self.took[number] < 1:
            return ""
        line = next(cell.metadata["line"] for cell in self.notebook.cells if cell.metadata["number"] == number)
        return f"slowest: code cell {number} (line {line}) {self.took[number]:.1f} s"


@dataclass(frozen=True)
class Form:
    """How a notebook is executed."""

    quick: bool = False
    data: str = ""  # what `--data` named
    minutes: float = 0.0  # 0: as many as suit the form
    from_scratch: bool = False

    def environment(self) -> dict[str, str]:
        if self.data and not Path(self.data).exists():
            raise UserError(f"no file or folder {self.data} (--data)")
        data = {"TENGEN_DATA": str(Path(self.data).resolve())} if self.data else {}
        return {"QUICK": "1" if self.quick else "", **data}

    def limit(self) -> float:
        """Seconds."""
        return 60 * (self.minutes or (QUICK_MINUTES if self.quick else MINUTES))


def place(named: str) -> tuple[Path, Project | None]:
    """The percent script that a name on the command line means, and the project that it belongs to.

    A project's folder, its notebook.py, or any other script. UserError where there is none.
    """
    path = Path(named).expanduser()
    if path.suffix == ".py" and not path.is_dir():
        if not path.is_file():
            raise UserError(f"no notebook {named}; name a project's folder or a percent script")
        own = path.name == "notebook.py" and is_project(path.resolve().parent)
        return path.resolve(), read_project(path.resolve().parent) if own else None
    project = read_project(path)
    return project.notebook, project


def execute(
    script: Path,
    folder: Path,
    form: Form,
    environment: Mapping[str, str] | None = None,
    started: Callable[[Any], None] = lambda cell: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Executed:
    """Execute `script` with `folder` as the kernel's working folder; nothing is written here but by its cells.

    `started` is called with each code cell when its turn comes. `environment` adds to the kernel's variables.
    Once `stopped()` holds, the kernel is ended.
    """
    notebook = read_notebook(script)
    try:
        from capstones.client import Client
    except ImportError as error:
        raise UserError('notebooks need the extra "notebooks": pip install "tengen[notebooks]"') from error
    with tempfile.TemporaryDirectory(prefix="tengen-notebook-") as scratch:
        client = Client(notebook, Path(scratch), form.limit(), started, stopped)
        begun = time.monotonic()
        problem = client.run(folder, {**form.environment(), **(environment or {})})
        return Executed(client.nb, problem, time.monotonic() - begun, client.took)


def run_notebook(
    named: str, form: Form, started: Callable[[Any], None] = lambda cell: None
) -> tuple[Executed, list[Path]]:
    """Execute a notebook where it is and write NAME.ipynb and NAME.html beside it, also where a cell failed.

    Returns what came out, and the files. A project's cells are guarded: they write inside the project only.
    """
    from capstones.html import page

    script, project = place(named)
    guard = _guard(project, (str(project.folder),), form) if project else {}
    source = fingerprint(script)
    done = execute(script, script.parent, form, guard, started)
    title = project.name if project else script.stem
    files = [script.with_suffix(".ipynb"), script.with_suffix(".html")]
    write_text(files[0], as_json(done.notebook))
    write_text(files[1], page(done.notebook, title, script.parent, form.quick, source))
    return done, files


def rehearse(named: str, form: Form, stopped: Callable[[], bool] = lambda: False) -> Executed:
    """Execute a notebook and keep nothing: a project in a copy of its folder, another script where it is."""
    script, project = place(named)
    if project is None:
        return execute(script, script.parent, form, stopped=stopped)
    with ScratchCopy(project, form.quick) as copy:
        guard = {**_guard(project, copy.roots, form), **TETHERED}
        return execute(copy.folder / script.name, copy.folder, form, guard, stopped=stopped)


def _guard(project: Project, roots: tuple[str, ...], form: Form) -> dict[str, str]:
    """The environment in which a project's notebook is watched."""
    strict = form.from_scratch or project.from_scratch
    return Guard(roots, strict, compared(project.cells())).environment()


@dataclass(frozen=True)
class ScratchCopy:
    """A copy of a project in its own folder (`.check/`), removed afterwards; without `quick` it shares the runs."""

    project: Project
    quick: bool

    def __enter__(self) -> Copy:
        scratch = self.project.folder / SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        folder = scratch / self.project.name
        try:
            folder.mkdir(parents=True)
            (scratch / ".gitignore").write_text("*\n")
            size = 0
            for path in self.project.files():
                size += path.stat().st_size
                if size > 300_000_000:
                    raise UserError(f"{self.project.name} has more than 300 MB besides its runs; keep data elsewhere")
                target = folder / path.relative_to(self.project.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
            for name in ("figures", "parts", "tests"):
                (folder / name).mkdir(exist_ok=True)
            runs = self.project.folder / "runs"
            if self.quick or not runs.is_dir():
                (folder / "runs").mkdir()
            else:
                (folder / "runs").symlink_to(runs.resolve())
        except OSError as error:
            self.__exit__()
            raise UserError(f"cannot copy {self.project.folder} to {scratch}: {error.strerror or error}") from error
        except BaseException:
            self.__exit__()
            raise
        return Copy(folder, scratch, (str(folder),) if self.quick else (str(folder), str(runs.resolve())))

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.project.folder / SCRATCH, ignore_errors=True)


@dataclass(frozen=True)
class Copy:
    folder: Path
    scratch: Path  # around it, for reports
    roots: tuple[str, ...]  # where its cells may write


def as_json(notebook: Any) -> str:
    """The notebook as .ipynb holds it, without what only this program needs."""
    import nbformat

    plain = nbformat.from_dict(notebook)
    for cell in plain.cells:
        for key in ("number", "line"):
            cell.metadata.pop(key, None)
    plain.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return str(nbformat.writes(plain)) + "\n"

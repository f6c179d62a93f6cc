"""`python -m tests.hunt --seconds 300 --seed 1`: fuzz everything, print findings and a table; exit 1 if any."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.hunt import commands, readers, runs
from tests.hunt.forks import Ended, run, run_all

_BATCH = 50  # readers' inputs in one fork
_PATIENCE = 2.0  # seconds a command may run before it is asked to stop
KINDS = ("commands", "damaged folders", *readers.READERS)


class Hunt:
    """The inputs tried in `folder` and their outcomes."""

    def __init__(self, folder: Path, seed: int, only: str, whole: Path | None = None) -> None:
        self.folder, self.seed = folder, seed
        self.verbose, self.whole = False, whole
        self.tried: dict[str, int] = {}
        self.found: list[dict[str, object]] = []
        self.home = folder / "home"
        self.home.mkdir()
        kinds: dict[str, Callable[[], None]] = {"commands": self.command, "damaged folders": self.damaged}
        kinds |= {name: (lambda name=name: self.read(name)) for name in readers.READERS}  # type: ignore[misc]
        self.kinds = {name: kind for name, kind in kinds.items() if only in name}
        self.typed = commands.commands(random.Random(f"{seed} commands"))
        self.there: list[Path] = []

    def go(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        spent = dict.fromkeys(self.kinds, 0.0)
        while time.monotonic() < end:
            name = min(spent, key=lambda kind: spent[kind] / (6 if kind in ("commands", "damaged folders") else 1))
            begun = time.monotonic()
            self.kinds[name]()
            spent[name] += time.monotonic() - begun

    def command(self) -> None:
        from scripts.cli import main

        typed, work = next(self.typed), self._fresh()
        (work / "game.sgf").write_bytes(readers.SGF)
        self._judge("commands", typed, run(lambda: main(typed), work, _PATIENCE), work)

    def damaged(self) -> None:
        from scripts.cli import main

        if not self.there:
            self.there = runs.make(self.whole or self._folder("whole"))
        dice, work = self._dice("damaged folders"), self._fresh()
        typed, what = runs.damaged(dice, self.there, work)
        self._judge("damaged folders", [*typed, "#", what], run(lambda: main(typed), work, 3 * _PATIENCE), work)

    def read(self, name: str) -> None:
        first = self.tried.get(name, 0)
        work = self._fresh()
        made = [readers.READERS[name](random.Random(f"{self.seed} {name} {first + i}"), work) for i in range(_BATCH)]
        for at, ended in run_all(made, work, 10.0):
            self._note(name, [f"input {first + at}"], ended, "" if ended.guilt() else "raised")
        self.tried[name] = first + _BATCH

    def _dice(self, kind: str) -> random.Random:
        return random.Random(f"{self.seed} {kind} {self.tried.get(kind, 0)}")

    def _folder(self, name: str) -> Path:
        (self.folder / name).mkdir(exist_ok=True)
        return self.folder / name

    def _fresh(self) -> Path:
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        return self._folder("work")

    def _judge(self, kind: str, typed: list[str], ended: Ended, work: Path) -> None:
        self.tried[kind] = self.tried.get(kind, 0) + 1
        if self.verbose:
            print(f"{ended.status:4} {ended.seconds:5.1f} s  {' '.join(typed)[:150]!r}", flush=True)
        allowed = {"other"} if kind == "commands" and any("../other" in word for word in typed) else set()
        new = {p.name for p in self.folder.iterdir()} - {"work", "home", "whole", "tmp"}
        beside = new - allowed
        if guilt := ended.guilt() or (f"wrote {sorted(beside)}" if beside else ""):
            self._note(kind, typed, ended, guilt)
        for name in new:
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _note(self, kind: str, typed: list[str], ended: Ended, guilt: str) -> None:
        """Record the outcome, and print it the first time something ends this way."""
        lines = [line[:300] for line in ended.said.strip().splitlines() if line.strip()]
        found = {"kind": kind, "input": [w[:200] for w in typed], "guilt": guilt or ended.guilt(), "said": lines[-14:]}
        known = {(one["guilt"], str(one["said"][-1:])) for one in self.found}  # type: ignore[index]
        self.found.append(found)
        if (found["guilt"], str(lines[-1:])) not in known:
            print(json.dumps(found, indent=1), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds of input whose name has this in it")
    parser.add_argument("--verbose", action="store_true", help="a line for each command")
    parser.add_argument("--whole", type=Path, default=None, help="where the whole runs are, or are made once")
    parser.add_argument("--out", type=Path, default=None, help="a file for the report, JSON")
    o = parser.parse_args()
    if not any(o.only in kind for kind in KINDS):
        print(f"--only {o.only}: there is no such kind of input; there are {', '.join(KINDS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="tengen-hunt-") as name:
        folder = Path(name)
        kept = {k: v for k, v in os.environ.items() if k in ("XDG_CACHE_HOME", "HOME", "NUMBA_CACHE_DIR")}
        os.environ.setdefault("XDG_CACHE_HOME", str(Path(kept.get("HOME", "~")).expanduser() / ".cache"))
        (folder / "tmp").mkdir()
        nowhere = "http://127.0.0.1:9"
        os.environ |= {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "TENGEN_HUNT": "1"}
        os.environ |= {"http_proxy": nowhere, "https_proxy": nowhere, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
        tempfile.tempdir = str(folder / "tmp")
        import torch

        torch.set_num_threads(1)
        hunt = Hunt(folder, o.seed, o.only, o.whole.absolute() if o.whole else None)
        hunt.verbose = o.verbose
        runs.warm_up(folder / "tmp")
        hunt.go(o.seconds)
        tempfile.tempdir = None
    print(f"\nseed {o.seed}, {o.seconds:g} s")
    for kind in hunt.kinds:
        guilty = sum(found["kind"] == kind for found in hunt.found)
        print(f"  {kind:24} {hunt.tried.get(kind, 0):8,} inputs   {guilty} found")
    if o.out:
        o.out.write_text(json.dumps({"seed": o.seed, "tried": hunt.tried, "found": hunt.found}, indent=1) + "\n")
    return 1 if hunt.found else 0


if __name__ == "__main__":
    sys.exit(main())

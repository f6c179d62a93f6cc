"""kill -9 at random moments in every kind of training: resumed until it has finished, each ends bit for bit the same.

    python -m tests.faults.kills --kills 100 --seed 1 --out docs/results/kills.json        (make kills)
    python -m tests.faults.kills --kills 4 --only paper-vgg,text
    python -m tests.faults.kills --kills 0            train each once and say how long it takes

Each kind (tests/faults/trainings.py) is trained once without a kill, then again, killed and resumed. Half of the
moments are uniform over the process's whole duration: while it still imports, before the first checkpoint, while the
score card is measured. The others come soon after a checkpoint: in the middle of training, while the next one is
written. Afterwards

    the rows of metrics (but for times), the last checkpoint and the score card equal those of the training without a
    kill, bit for bit; no temporary file is left; and no kill cost more than the work of the time between two
    checkpoints (half the trainings save after every tick, the others every half second).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from tengen.run import read_rows
from tests.faults import stand_ins
from tests.faults.resumed import (
    Failed,
    Kill,
    Process,
    Wait,
    after_a_checkpoint,
    only_run,
    runs_in,
    train_killed,
    train_whole,
    unlike,
)
from tests.faults.trainings import Named, trainings

INTERVALS = (0.0, 0.5)  # seconds between checkpoints; 0: one after every tick
_SOON = 0.6  # seconds after a checkpoint
_ROUNDS = 20  # of one kind: a training may finish before its moment comes


@dataclass
class Row:
    """The result of one kind."""

    kind: str
    seconds: float = 0.0  # of the training without a kill
    interval: float = 0.0
    kills: int = 0
    without_checkpoint: int = 0  # kills before the first checkpoint: the training began anew
    without_run: int = 0  # of these, before there was a run's folder: the command was typed again
    steps_lost: int = 0  # most of one kill
    seconds_lost: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def count(self, kills: Sequence[Kill]) -> None:
        self.kills += len(kills)
        self.without_checkpoint += sum(kill.saved < 0 for kill in kills)
        self.without_run += sum(not kill.had_run for kill in kills)
        self.steps_lost = max([self.steps_lost, *(kill.steps_lost for kill in kills)])
        self.seconds_lost = round(max([self.seconds_lost, *(kill.seconds_lost for kill in kills)]), 2)
        self.wrong += [complaint for kill in kills for complaint in kill.complaints()]

    def __str__(self) -> str:
        cells = f"{self.kind:26} {self.seconds:7.1f} {self.interval:8.1f} {self.kills:5} {self.without_checkpoint:6}"
        cells += f" {self.steps_lost:10,} {self.seconds_lost:9.2f}"
        return f"{cells}   {'; '.join(self.wrong) or 'equal'}"


HEADER = f"{'kind':26} {'seconds':>7} {'interval':>8} {'kills':>5} {'before':>6} {'steps lost':>10} {'s of work':>9}"


def share(kills: int, names: Sequence[str], draw: random.Random) -> dict[str, int]:
    """How often each of `names` is killed: as equally as `kills` can be shared out."""
    more = set(draw.sample(list(names), kills % len(names)))
    return {name: kills // len(names) + (name in more) for name in names}


def prove(training: Named, kills: int, seed: int, folder: Path) -> Row:
    """Kill `training` `kills` times, in as many trainings as that takes, and compare each with one without a kill."""
    draw = random.Random(f"{seed} {training.name}")
    row = Row(training.name, interval=draw.choice(INTERVALS))
    words = [*training.words, "--checkpoint-seconds", str(row.interval)]
    try:
        whole, row.seconds = train_whole(words, folder / "whole")
        for number in range(_ROUNDS):
            if row.kills >= kills:
                break
            runs = folder / f"killed-{number}"
            row.count(train_killed(words, runs, moments(draw, row.seconds, kills - row.kills), row.interval))
            row.wrong += unlike(whole, only_run(runs))
    except Failed as failure:
        row.wrong.append(str(failure))
    row.seconds = round(row.seconds, 1)
    return row


def moments(draw: random.Random, seconds: float, count: int) -> Iterator[Wait]:
    """`count` moments: half of them uniform over what is left of a training of `seconds`, the others after a save."""
    for _ in range(count):
        if draw.random() < 0.5:
            yield partial(_wait, draw.random(), seconds)
        else:
            yield partial(after_a_checkpoint, draw.uniform(0.0, _SOON))


def _wait(part: float, seconds: float, process: Process, runs: Path) -> None:
    trained = 0.0
    for run in runs_in(runs):
        if (run / "metrics.jsonl").exists() and (rows := read_rows(run / "metrics.jsonl")):
            trained = rows[-1]["seconds"]
    with suppress(subprocess.TimeoutExpired):
        process.wait(part * max(seconds - trained, 1.0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds, or beginnings of their names, separated by commas")
    parser.add_argument("--out", type=Path, help="the table as JSON")
    parser.add_argument("--keep", type=Path, help="folder for the runs; those that are not equal stay there")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp())
    stand_ins.make(folder / "data")
    chosen = [one for one in trainings(folder / "data") if one.name.startswith(tuple(options.only.split(",")))]
    if not chosen:
        parser.error(f"no kind of training is called {options.only}")
    kills = share(options.kills, [one.name for one in chosen], random.Random(options.seed))
    rows = []
    print(HEADER, flush=True)
    for one in chosen:
        rows.append(prove(one, kills[one.name], options.seed, folder / one.name))
        print(rows[-1], flush=True)
        if not rows[-1].wrong:
            shutil.rmtree(folder / one.name)
        if options.out:
            summary = {"command": " ".join(["python -m tests.faults.kills", *sys.argv[1:]]), "seed": options.seed}
            summary["kills"] = sum(row.kills for row in rows)
            options.out.write_text(json.dumps(summary | {"kinds": [asdict(row) for row in rows]}, indent=1) + "\n")
    return finish(rows, options.kills, folder, bool(options.keep))


def finish(rows: Sequence[Row], wanted: int, folder: Path, keep: bool) -> int:
    wrong = [row.kind for row in rows if row.wrong]
    done = sum(row.kills for row in rows)
    before = sum(row.without_checkpoint for row in rows)
    print(f"{done} kills of {len(rows)} kinds of training, {before} of them before the first checkpoint;")
    print(f"not equal: {', '.join(wrong)}; see {folder}" if wrong else "all ended equal, bit for bit")
    if not wrong and not keep:
        shutil.rmtree(folder)
    return int(bool(wrong) or done < wanted)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())

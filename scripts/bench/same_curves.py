"""Do workers learn what one process learns? Three seeds each way, and where their curves lie.

    python -m scripts.bench.same_curves --out docs/results/workers        (make curves)

For each task the same training in this process (`--workers 0`) and with two workers, seeds 1 to 3, one after the
other. Written: the curves as JSON and a picture. Curves are said to overlap where, at four fifths of the way and at
the end, the ranges of the three seeds meet, or their means differ by less than the wider range.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tengen.display import interpolate
from tengen.files import write_json
from tengen.run import Run, find_run

TASKS = {  # what is trained, and the column that tells how well
    "cartpole": ("CartPole-v1 --steps 60000 --final-games 0", "score"),
    "tictactoe": ("tictactoe --steps 40960 --rate-every 4", "rating"),
    "pong": ("pong --steps 204800 --final-games 0", "score"),
}
WAYS = {"in process": "", "2 workers": "--workers 2"}
SEEDS = (1, 2, 3)
_FIXED = "--wandb off --threads 1"


def train(words: str, folder: Path) -> Run:
    """The run of `tengen train …` in `folder`; kept where it is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    if find_run(folder, "last") is None:
        command = [sys.executable, "-m", "scripts.cli", "train", *words.split(), "--runs", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    path = find_run(folder, "last")
    assert path is not None
    return Run.open(path)


def curves(task: str, runs: Path) -> dict[str, list[list[tuple[float, float]]]]:
    """way -> for each seed its curve of (step, value)."""
    words, column = TASKS[task]
    found: dict[str, list[list[tuple[float, float]]]] = {}
    for seed in SEEDS:
        for way, options in WAYS.items():
            print(f"{task}, {way}, seed {seed}", flush=True)
            folder = runs / f"{task}-{way.replace(' ', '-')}-{seed}"
            run = train(f"{words} {_FIXED} {options} --seed {seed}", folder)
            curve = [(row["step"], row[column]) for row in run.rows() if column in row]
            found.setdefault(way, []).append(curve)
    return found


def overlap(found: dict[str, list[list[tuple[float, float]]]]) -> bool:
    """As said above."""
    end = min(curve[-1][0] for each in found.values() for curve in each)
    for step in (0.8 * end, end):
        ranges = []
        for each in found.values():
            values = [interpolate(curve, step) for curve in each]
            ranges.append((min(values), max(values), float(np.mean(values))))
        (low, high, mean), (other_low, other_high, other_mean) = ranges
        apart = max(low, other_low) > min(high, other_high)
        if apart and abs(mean - other_mean) > max(high - low, other_high - other_low):
            return False
    return True


def draw(tasks: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(tasks), figsize=(4.2 * len(tasks), 3.2), squeeze=False)
    for axis, (task, one) in zip(axes[0], tasks.items(), strict=True):
        for colour, (way, each) in zip(("C0", "C1"), one["curves"].items(), strict=True):
            for number, curve in enumerate(each):
                axis.plot(*zip(*curve, strict=True), colour, lw=1, alpha=0.8, label=way if number == 0 else None)
        axis.set(title=task, xlabel="steps", ylabel=TASKS[task][1])
        axis.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def thinned(curve: list[tuple[float, float]], most: int = 60) -> list[tuple[float, float]]:
    keep = np.unique(np.linspace(0, len(curve) - 1, min(most, len(curve))).round().astype(int))
    return [(int(curve[i][0]), round(float(curve[i][1]), 3)) for i in keep]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--runs", default="runs/same-curves", help="the trainings; those there are kept")
    parser.add_argument("--out", default="docs/results/workers")
    options = parser.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    tasks: dict[str, Any] = {}
    for task in options.tasks.split(","):
        found = curves(task, Path(options.runs))
        same = overlap(found)
        thin = {way: [thinned(curve) for curve in each] for way, each in found.items()}
        tasks[task] = {"command": f"tengen train {TASKS[task][0]}", "overlap": same, "curves": thin}
        ends = {way: [round(curve[-1][1], 2) for curve in each] for way, each in found.items()}
        print(f"{task}: {'the curves overlap' if same else 'THE CURVES DIFFER'}; at the end {ends}", flush=True)
        write_json(out / "curves.json", tasks)
        draw(tasks, out / "curves.png")
    return int(not all(one["overlap"] for one in tasks.values()))


if __name__ == "__main__":
    sys.exit(main())

"""What each part of AlphaZero's training is worth: the same minutes with and without it, then matches.

    python -m scripts.bench.ablations --task go7 --minutes 8 --seeds 1,2        (make ablations)

Every variant trains for the same time on one thread, one after the other; its network then meets the baseline's of
the same seed, with the same search. A variant that scores less than half was better off with what it lacks. The
seeds' games are counted together; the interval is that of the games, so it says nothing of how much trainings
differ from each other: for that the seeds are listed too.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tengen.files import write_json
from tengen.run import Run, find_run
from tengen.statistics import wilson

BASELINE = "baseline"
_NO_AUXILIARY = "--ownership-weight 0 --score-weight 0 --reply-weight 0"
# With playout caps a third of the moves get 32 simulations and the others 8: about the baseline's 16 in the mean.
_CAPS = "--full-search-fraction 0.35 --simulations 32"
VARIANTS = {
    BASELINE: "",
    "playout caps": _CAPS,
    "playout caps, positions learned from three times as often": f"{_CAPS} --reuse 18",
    "PUCT 64": "--simulations 64 --search puct",
    "no auxiliary targets": _NO_AUXILIARY,
    "two sizes of board": "--sizes 5",
    "no symmetries": "--no-symmetry",
    "with proven values": "--proofs",
    "newest weights play, not averaged ones": "--ema 0",
    "positions learned from half as often": "--reuse 3",
}
_LOOK = 2.0  # seconds between two looks at a training's metrics


def train(task: str, options: str, minutes: float, seed: int, runs: Path) -> Path:
    """A run of `minutes` of training, stopped as Ctrl-C does; kept where it has been made before."""
    runs.mkdir(parents=True, exist_ok=True)
    if not (path := find_run(runs, "last")):
        fixed = "--threads 1 --wandb off --rate-every 1000000 --layout channels-last --convolutions winograd"
        words = f"train {task} --seed {seed} --runs {runs} {fixed} {options}".split()
        process = subprocess.Popen([sys.executable, "-m", "scripts.cli", *words], stdout=subprocess.DEVNULL)
        while process.poll() is None and _seconds(runs) < 60 * minutes:
            time.sleep(_LOOK)
        process.send_signal(signal.SIGINT)
        process.wait()
        path = find_run(runs, "last")
    assert path is not None
    return path


def _seconds(runs: Path) -> float:
    path = find_run(runs, "last")
    rows = Run.open(path).rows() if path else []
    return float(rows[-1]["seconds"]) if rows else 0.0


def compare(task: str, variants: Sequence[str], seeds: Sequence[int], args: Any) -> list[dict[str, Any]]:
    """A row a variant: what it scored against the baseline."""
    from selfplay.match_card import Match
    from selfplay.match_session import played_match

    made: dict[tuple[str, int], Path] = {}
    for seed in seeds:  # seed by seed, so that an early end leaves whole comparisons
        for name in dict.fromkeys([BASELINE, *variants]):
            print(f"training {name}, seed {seed}, {args.minutes:g} minutes", flush=True)
            folder = Path(args.out) / f"{list(VARIANTS).index(name)}-s{seed}"
            made[name, seed] = train(task, VARIANTS[name], args.minutes, seed, folder)
    rows = []
    for name in variants:
        cards = [
            played_match(
                Match(
                    f"{made[name, seed]}:{args.simulations}",
                    f"{made[BASELINE, seed]}:{args.simulations}",
                    task,
                    games=args.games,
                    rules="cgos",
                    simulations=args.simulations,
                    seed=seed,
                ),
                boards=64,
                runs=Path(args.out),
            )
            for seed in seeds
        ]
        games = sum(card.games for card in cards)
        rate = sum(card.rate * card.games for card in cards) / max(1, games)
        rows.append(
            {
                "variant": name,
                "options": VARIANTS[name],
                "rate": rate,
                "ci95": list(wilson(rate, games)),
                "games": games,
                "by_seed": [card.rate for card in cards],
                "moves": [Run.open(made[name, seed]).rows()[-1]["step"] for seed in seeds],
            }
        )
        print(describe(rows[-1]), flush=True)
    return rows


def describe(row: dict[str, Any]) -> str:
    low, high = row["ci95"]
    seeds = ", ".join(f"{rate:.0%}" for rate in row["by_seed"])
    moves = ", ".join(f"{n:,}" for n in row["moves"])
    return (
        f"{row['variant']}: {row['rate']:.1%} [{low:.1%}, {high:.1%}] of {row['games']} games against the baseline"
        f" (by seed {seeds}; moves of self-play {moves})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="go7")
    parser.add_argument("--minutes", type=float, default=8.0, help="of training, each variant and seed")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--games", type=int, default=100, help="a match, each seed")
    parser.add_argument("--simulations", type=int, default=64, help="a move in the matches")
    parser.add_argument("--variants", default="", help="names, separated by semicolons; all if not given")
    parser.add_argument("--out", default="runs/ablations", help="folder of the trainings, found again there")
    args = parser.parse_args()
    names = [name.strip() for name in args.variants.split(";")] if args.variants else list(VARIANTS)[1:]
    for name in names:
        if name not in VARIANTS:
            parser.error(f"no variant named '{name}'; there are: {'; '.join(VARIANTS)}")
    seeds = [int(seed) for seed in args.seeds.split(",")]
    rows = compare(args.task, names, seeds, args)
    about = {"task": args.task, "minutes": args.minutes, "seeds": seeds, "simulations": args.simulations}
    write_json(Path(args.out) / "ablations.json", about | {"rows": rows})
    print(f"wrote {Path(args.out) / 'ablations.json'}")


if __name__ == "__main__":
    main()

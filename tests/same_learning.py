"""Checks that another version of the code learns the same, bit for bit.

    python -m tests.same_learning OTHER [--only ppo,dqn] [--keep FOLDER]

Trains every kind of learner for a few thousand steps from the command line, once with the code in the folder OTHER (a
second checkout) and once with this code, with the same seeds. Metrics (except times) and final weights must be equal.
With `--keep`, the runs of OTHER are made once and reused.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from safetensors.numpy import load_file

from tengen.metrics import same_metrics

HERE = Path(__file__).resolve().parent.parent
FIXED = "--threads 1 --wandb off --precision float32 --layout channels-last --seed 3"
DIRECT = f"{FIXED} --convolutions direct"
PONG = "train pong --final-games 0 --reseed-every 3000"
TRAININGS = {
    "ppo-catch": f"train catch --steps 6000 --final-games 0 {DIRECT}",
    "ppo-pong": f"{PONG} --steps 4096 {DIRECT}",
    "ppo-pong-foreground": f"{PONG} --steps 4096 {FIXED} --convolutions winograd",
    "ppo-pong-bfloat16": f"{PONG} --steps 4096 {FIXED.replace('float32', 'bfloat16')} --convolutions direct",
    "ppo-pong-foreground-bfloat16": f"{PONG} --steps 4096 {FIXED.replace('float32', 'bfloat16')} "
    "--convolutions winograd",
    "ppo-pong-nature": f"{PONG} --steps 2048 --net nature {DIRECT}",
    "ppo-pong-impala": f"{PONG} --steps 2048 --net impala {DIRECT}",
    "pqn-catch": f"train catch --agent pqn --steps 6000 --final-games 0 {DIRECT}",
    "pqn-pong": f"{PONG} --agent pqn --steps 4096 {DIRECT}",
    "dqn-catch": f"train catch --agent dqn --steps 6000 --final-games 0 {DIRECT}",
    "dqn-pong": f"{PONG} --agent dqn --steps 6000 --replay 8192 {DIRECT}",
    "dqn-pong-rainbow": f"{PONG} --agent dqn --steps 6000 --replay 8192 --dueling --prioritised --n-step 2 {DIRECT}",
    "dqn-breakout-plain": "train breakout --agent dqn --steps 4000 --replay 8192 --learning-starts 1000 "
    f"--final-games 0 {DIRECT}",
    "reinforce-corridor": f"train corridor --agent reinforce --steps 6000 --final-games 0 {DIRECT}",
    "reinforce-baseline": f"train catch --agent reinforce --baseline --steps 6000 --final-games 0 {DIRECT}",
    "reinforce-pong": f"{PONG} --agent reinforce --games 2 --longest 1000 --steps 2500 {DIRECT}",
    "cartpole": f"train CartPole-v1 --steps 4000 --final-games 0 {DIRECT}",
    "tictactoe": f"train tictactoe --steps 12288 --rate-every 4 {DIRECT}",
    "connect4": f"train connect4 --steps 8192 --rate-every 2 --rate-games 8 --window 1000 {FIXED} "
    "--convolutions winograd",
    "go5": f"train go5 --steps 6144 --sizes 3 --boards 32 --rate-every 3 --rate-games 8 --batch 64 {DIRECT}",
    "go5-puct": f"train go5 --steps 6144 --search puct --boards 32 --rate-every 3 --rate-games 8 --batch 64 "
    f"{FIXED} --convolutions winograd",
    "digits": f"train digits --epochs 4 {DIRECT}",
    "digits-scratch": f"train digits --epochs 2 --impl scratch {DIRECT}",
    "digits-resnet": f"train digits --net resnet8 --epochs 1 --mixup 0.2 --ema 0.99 {DIRECT}",
    "go9-policy": f"train go9 --games RECORDS --epochs 0.5 --net tower16x3 {DIRECT}",
}
RENAMED = {
    "kl": "approx_kl",
    "clipped": "clip_fraction",
    "remembered": "cache_hits",
    "outcome_right": "outcome_accuracy",
}  # metric column: old name -> new name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="a checkout of the version to compare with")
    parser.add_argument("--only", default="", help="names, or beginnings of names, separated by commas")
    parser.add_argument("--keep", type=Path, help="where the runs of the other version are kept")
    args = parser.parse_args()
    chosen = [name for name in TRAININGS if name.startswith(tuple(args.only.split(",")))]
    kept = args.keep or Path(tempfile.mkdtemp())
    new = Path(tempfile.mkdtemp())
    different = 0
    for name in chosen:
        before = run_of(args.other, kept, name, kept)
        after = run_of(HERE, new, name, kept)
        found = differences(before, after)
        different += bool(found)
        print(f"{name:30} {'; '.join(found) or 'the same'}", flush=True)
    print(f"{len(chosen) - different} of {len(chosen)} trainings are the same, bit for bit")
    return different != 0


def run_of(code: Path, root: Path, name: str, records: Path) -> Path:
    """The folder of the run `name` by the version in `code`; trained if not yet in `root`."""
    if not any((root / name).glob("*/checkpoints/*/sums.json")):
        games = records / "records"
        if "RECORDS" in TRAININGS[name] and not (games / "card.json").exists():
            tengen(code, f"match random random --board go9 --games 300 --boards 64 --out {games}".split())
        tengen(code, [*TRAININGS[name].replace("RECORDS", str(games)).split(), "--runs", str(root / name)])
    (run,) = (root / name).iterdir()
    return run


def tengen(code: Path, words: list[str]) -> None:
    environment = os.environ | {"PYTHONPATH": str(code)}
    command = [sys.executable, "-m", "scripts.cli", *words]
    done = subprocess.run(command, cwd=code, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stderr}")


def differences(before: Path, after: Path) -> list[str]:
    """The differences between two runs, in words."""
    old, new = rows(before), rows(after)
    found = [] if len(old) == len(new) else [f"{len(old)} rows became {len(new)}"]
    names = {key for a, b in zip(old, new, strict=False) for key in a.keys() | b.keys() if a.get(key) != b.get(key)}
    if names:
        first = next(a["step"] for a, b in zip(old, new, strict=False) if a != b)
        found.append(f"columns {', '.join(sorted(names))} differ from step {first} on")
    one, two = weights(before), weights(after)
    if one.keys() != two.keys():
        found.append(f"weights are named differently: {sorted(one.keys() ^ two.keys())[:4]}")
    changed = [key for key in one.keys() & two.keys() if one[key].tobytes() != two[key].tobytes()]
    if changed:
        largest = max(float(abs(one[key].astype(float) - two[key]).max()) for key in changed)
        found.append(f"{len(changed)} of {len(one)} weights differ, at most by {largest:.3g}")
    return found


def rows(run: Path) -> list[dict[str, str]]:
    """The metrics as JSON text, so that NaN equals NaN, with current column names."""
    read = [same_metrics(json.loads(line)) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{RENAMED.get(key, key): json.dumps(value) for key, value in row.items()} for row in read]


def weights(run: Path):  # type: ignore[no-untyped-def]
    newest = sorted((run / "checkpoints").glob("step-*/weights.safetensors"))[-1]
    return load_file(newest)


if __name__ == "__main__":
    sys.exit(main())

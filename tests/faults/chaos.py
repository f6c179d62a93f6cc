"""Fault injection: short trainings on a Ray cluster of several nodes, each with one fault at a random moment.

    units      a learner that only counts its workers' units of work (tests/faults/units.py): seconds per round
    selfplay   tic-tac-toe         ppo   CartPole: a minute or more per round, mostly process start-up

    python -m tests.faults.chaos --rounds 30 --seed 1 --out docs/results/faults.json        (make chaos)

A round is a whole training by `tengen train … --workers 3 --ray ADDRESS` with one of these faults:

    worker    kill -9 a worker process
    stopped   SIGSTOP a worker: it neither works nor dies
    node      kill -9 a node with everything on it; another joins a little later
    learner   kill -9 the training, then `tengen resume`
    store     another program fills the object stores of all nodes

After each round: the training has reached its last step, every self-play game is there exactly once, and no actor,
process or shared memory is left behind.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from selfplay.audit import check_games
from tengen.cluster import Cluster
from tengen.run import Run, find_run
from tests.faults.units import VERSIONS, wrong_with

TASKS = {
    "units": "",  # tests/faults/units.py: the worker pool alone, no training
    "selfplay": "tictactoe --steps 6144 --rate-every 1000",
    "ppo": "CartPole-v1 --steps 20000 --num-envs 9 --final-games 0",
}
FAULTS = ("worker", "stopped", "node", "learner", "store")
_FIXED = [
    "--workers",
    "3",
    "--worker-cpus",
    "1",
    "--worker-patience",
    "8",
    "--threads",
    "1",
    "--wandb",
    "off",
    "--checkpoint-seconds",
    "1",
]
_LONGEST = 300.0  # seconds per round; more is a failure


class Site:
    """A cluster of two nodes with two CPUs each, and a head node with none."""

    def __init__(self) -> None:
        Cluster().prepare()  # the token used by everything here
        from ray.cluster_utils import Cluster as Nodes

        head = {"num_cpus": 0, "include_dashboard": False, "node_ip_address": "127.0.0.1"}
        self.nodes = Nodes(initialize_head=True, head_node_args=head)
        self.working = [self._node(), self._node()]
        self.address: str = self.nodes.address

    def _node(self) -> Any:
        return self.nodes.add_node(num_cpus=2, node_ip_address="127.0.0.1", object_store_memory=80_000_000)

    def lose_node(self, which: int) -> None:
        self.nodes.remove_node(self.working.pop(which), allow_graceful=False)

    def new_node(self) -> None:
        self.working.append(self._node())

    def close(self) -> None:
        self.nodes.shutdown()


def workers() -> list[psutil.Process]:
    """Live worker processes that belong to a cluster started here."""
    mine = psutil.Process().children(recursive=True)
    found = []
    for process in mine:
        with suppress(psutil.Error):
            if process.name().startswith("ray::Host") or "ray::Host" in " ".join(process.cmdline()):
                found.append(process)
    return found


def shared_memory() -> set[str]:
    return {path.name for path in Path("/dev/shm").iterdir()}


def start(task: str, site: Site, runs: Path) -> subprocess.Popen[str]:
    """Start the training from scratch."""
    if task == "units":
        return python("tests.faults.units", site.address, str(runs / "units.json"))
    return python("scripts.cli", "train", *TASKS[task].split(), *_FIXED, "--ray", site.address, "--runs", str(runs))


def again(task: str, site: Site, runs: Path) -> subprocess.Popen[str]:
    """Resume the training from its last checkpoint."""
    if task == "units":
        return start(task, site, runs)
    path = find_run(runs, "last")
    return python("scripts.cli", "resume", str(path), "--ray", site.address, "--runs", str(runs))


def python(module: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def length(task: str) -> int:
    """Total steps of the training."""
    words = TASKS[task].split()
    return VERSIONS if task == "units" else int(words[words.index("--steps") + 1])


def progress(runs: Path) -> int:
    if (runs / "units.json").exists():
        return int(json.loads((runs / "units.json").read_text())["step"])
    path = find_run(runs, "last")
    rows = Run.open(path).rows() if path else []
    return int(rows[-1]["step"]) if rows else 0


def play_round(site: Site, task: str, fault: str, at: float, runs: Path, draw: random.Random) -> dict[str, Any]:
    """One training with one fault after a fraction `at` of its steps; reports what is wrong afterwards."""
    total = length(task)
    training = start(task, site, runs)
    begun = time.monotonic()
    while progress(runs) < at * total and training.poll() is None and time.monotonic() - begun < _LONGEST:
        time.sleep(0.05)
    step = progress(runs)
    after = breaking(site, fault, training, draw)
    output = ""
    with suppress(subprocess.TimeoutExpired):
        output = training.communicate(timeout=_LONGEST)[0]
    if fault == "learner":
        training = again(task, site, runs)
        with suppress(subprocess.TimeoutExpired):
            output = training.communicate(timeout=_LONGEST)[0]
    after()
    wrong = complaints(training, runs, task, total)
    if wrong and training.poll() is None:
        training.kill()
    seconds = round(time.monotonic() - begun, 1)
    record = {"task": task, "fault": fault, "at_step": step, "seconds": seconds, "wrong": wrong}
    return record | ({"output": output[-2000:]} if wrong else {})


def breaking(site: Site, fault: str, training: subprocess.Popen[str], draw: random.Random) -> Callable[[], None]:
    """Inject the fault now; returns a function that cleans up after the round."""
    alive = workers()
    if fault in ("worker", "stopped") and alive:
        draw.choice(alive).send_signal(signal.SIGKILL if fault == "worker" else signal.SIGSTOP)
    elif fault == "node":
        site.lose_node(draw.randrange(2))
        time.sleep(draw.random() * 4)
        site.new_node()
    elif fault == "learner":
        training.kill()
    elif fault == "store":
        greedy = subprocess.Popen([sys.executable, "-m", "tests.faults.greedy", site.address])
        return lambda: (greedy.kill(), greedy.wait(), None)[-1]
    return lambda: None


def complaints(training: subprocess.Popen[str], runs: Path, task: str, total: int) -> list[str]:
    """Problems found after a training has ended."""
    wrong = []
    if training.poll() != 0:
        wrong.append(f"exit status {training.poll()}")
    wrong += wrong_with(runs / "units.json") if task == "units" else wrong_with_run(runs, task, total)
    deadline = time.monotonic() + 20
    while workers() and time.monotonic() < deadline:
        time.sleep(0.2)
    wrong += [f"process {process.pid} is left" for process in workers()]
    return wrong


def wrong_with_run(runs: Path, task: str, total: int) -> list[str]:
    path = find_run(runs, "last")
    if path is None:
        return ["no run"]
    steps = [row["step"] for row in Run.open(path).rows()]
    wrong = list(check_games(Run.open(path)).wrong) if task == "selfplay" else []
    if not steps or steps[-1] < total or steps != sorted(set(steps)):
        wrong.append(f"ended at step {steps[-1:]} of {total}")
    return wrong


def rounds(count: int, seed: int, tasks: list[str], faults: list[str]) -> Iterator[dict[str, Any]]:
    draw = random.Random(seed)
    before = shared_memory()
    site = Site()
    try:
        for number in range(count):
            with tempfile.TemporaryDirectory() as folder:
                task, fault = tasks[number % len(tasks)], faults[number // len(tasks) % len(faults)]
                yield {"round": number} | play_round(site, task, fault, draw.random() * 0.8, Path(folder), draw)
    finally:
        site.close()
    left = shared_memory() - before
    if left:
        yield {"round": count, "task": "", "fault": "none", "wrong": [f"shared memory is left: {sorted(left)}"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    done = []
    for record in rounds(options.rounds, options.seed, options.tasks.split(","), options.faults.split(",")):
        done.append(record)
        print(json.dumps(record), flush=True)
        if options.out:
            summary = {"command": " ".join(["python -m tests.faults.chaos", *sys.argv[1:]]), "rounds": done}
            Path(options.out).write_text(json.dumps(summary, indent=1) + "\n")
    failed = [record for record in done if record["wrong"]]
    print(f"{len(done)} rounds, {len(failed)} of them wrong")
    return int(bool(failed))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())

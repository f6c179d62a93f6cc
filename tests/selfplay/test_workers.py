"""Self-play with Ray workers: the same as without, and every game exactly once whatever happens."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from agents.alphazero.config import PRESETS, Config
from agents.alphazero.network import network_spec
from envs.boards.catalogue import make_game
from selfplay.actors import Actors, actors_for
from selfplay.alphazero import AlphaZero
from selfplay.audit import audit
from selfplay.record import GameRecord
from selfplay.settings import SelfPlaySettings
from selfplay.workers import Workers, worker_compute
from supervised.nets.headed import build
from tengen.checkpoint import differences
from tengen.description import Description
from tengen.device import Compute
from tengen.errors import UserError
from tengen.metrics import same_metrics
from tengen.seeding import Seeds
from tengen.work import nbytes
from tests.long import takes_long
from tests.ray import needs_ray
from tests.selfplay.test_selfplay import SMALL

QUICK = replace(SMALL, boards=9, batch=32, window=400)


@contextmanager
def training(
    folder: Path, workers: int, steps: int, config: Config = QUICK, actors: int = 1, **options: object
) -> Iterator[AlphaZero]:
    """A tic-tac-toe training; without workers, with `actors` threads in this process."""
    game, compute, seeds = make_game("tictactoe"), Compute(threads=1), Seeds(1)
    compute.start()
    settings = SelfPlaySettings(steps=steps, seed=1, workers=workers, worker_cpus=0.5, **options)  # type: ignore[arg-type]
    spec = network_spec(game, config)
    net = build(spec, 1)
    what = Description("selfplay", "tictactoe", "alphazero", asdict(settings), asdict(config), compute.to_dict(), spec)
    group = (
        Workers(what, [game], config, settings)
        if workers
        else Actors([game], config, net, compute, seeds, count=actors)
    )
    made = AlphaZero(config, [game], net, compute, seeds, steps, group)
    made.folder = folder / "games"
    folder.mkdir(exist_ok=True)
    try:
        yield made
    finally:
        group.close()


@needs_ray
@pytest.mark.slow
@pytest.mark.usefixtures("ray")
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=takes_long)])
def test_in_turns_they_repeat_what_as_many_threads_do(workers: int, tmp_path: Path) -> None:
    """One of them is resumed midway."""
    steps = 128 * 6
    with training(tmp_path / "here", 0, steps, actors=workers) as whole:
        expected = [same_metrics(tick.metrics) for tick in whole.ticks()]
        assert expected[-1]["gradient_steps"] > 20
    seen: list[dict[str, object]] = []
    tree = None
    for first in (3, 6) if workers == 1 else (6,):
        with training(tmp_path / "there", workers, steps, sync=True) as made:
            if tree:
                made.load(tree)
            for tick in made.ticks():
                seen.append(same_metrics(tick.metrics))
                if len(seen) == first:
                    break
            tree = made.state()
            assert tick.metrics["worker/alive"] == workers and {"waiting", "learning"} <= tick.seconds.keys()
            assert made.actors.picture()
    assert seen == expected and made.actors.picture() == whole.actors.picture()
    assert differences(tree, whole.state()) == []


@takes_long
@needs_ray
@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_free_ones_learn_and_no_game_is_lost_or_counted_twice(tmp_path: Path) -> None:
    """A worker is killed midway; the training resumes with another number of workers, and then with none."""
    import ray

    config = replace(PRESETS["tictactoe"], moves_per_iteration=512, simulations=12, lr_warmup=100)
    lines: list[str] = []
    with training(tmp_path, 2, 12 * 512, config, max_staleness=1) as first:
        pool = first.actors.pool  # type: ignore[attr-defined]
        pool.say = lines.append
        rows = []
        for tick in first.ticks():
            rows.append(tick.metrics)
            assert tick.metrics["worker/staleness"] <= 1
            if len(rows) == 4:
                victim = ray.get(pool.slots[1].actor.ping.options(concurrency_group="health").remote())
                os.kill(victim, signal.SIGKILL)
        assert sum("was lost" in line for line in lines) == 1
        assert rows[-1]["kl"] < 0.8 * rows[2]["kl"]
        tree, window = first.state(), len(first.replay)
        found = audit(tmp_path / "games", tree, config)
        assert found.wrong == () and found.games > 500 and found.in_progress == 64
    later = tmp_path / "games" / "iteration-000099.npz"
    later.write_bytes(b"made after the checkpoint")
    for workers in (1, 0):
        with training(tmp_path, workers, tree["step"] + 2 * 512, config) as again:
            again.load(tree)
            assert len(again.replay) == window and not later.exists(), "its games are played again"
            for _ in again.ticks():
                pass
            tree, window = again.state(), len(again.replay)
            found = audit(tmp_path / "games", tree, config)
            assert found.wrong == () and found.in_progress == 64


def test_where_workers_compute_and_how_many_actors_that_makes() -> None:
    here, settings = Compute(threads=3, winograd=True), SelfPlaySettings(workers=2, worker_cpus=2.5)
    assert worker_compute(here, replace(settings, workers=1)) == here
    assert worker_compute(here, settings) == replace(here, threads=2)
    on_gpu = worker_compute(here, replace(settings, worker_gpus=0.5))
    assert (on_gpu.device, on_gpu.winograd) == ("cuda", False)
    assert worker_compute(replace(here, device="cuda"), settings).device == "cpu"
    assert [actors_for(compute) for compute in (here, on_gpu)] == [3, 2]


@needs_ray
def test_more_workers_than_games_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--workers 10: each needs at least one game, and --boards is 9"):
        with training(tmp_path, 10, 128):
            pass


def test_the_arrays_of_game_records_are_counted() -> None:
    """Otherwise the bytes per second of self-play would count the weights alone."""
    no = np.zeros
    record = GameRecord(1, 1, 0.0, no(5, np.int16), no(5, bool), no((5, 9), np.float16), no(5, np.float32), 1.0, 1.0,
                        no(9, np.int8), "points")  # fmt: skip
    assert nbytes([record]) == 10 + 5 + 90 + 20 + 9

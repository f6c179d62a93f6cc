"""Self-play on Ray: each worker plays a share of the games; one learner learns from all of them.

    learner                                             worker w of N: Actors with boards/N boards
    weights of the playing network, once per version ─▶ plays moves_per_iteration/N moves: a unit of work
    games into the window                           ◀── finished games, and the state of the others

A worker's moves depend only on its games, their numbers and the weights, so a lost unit can be replayed
(tengen/workers.py). Actor a of the K actors over all workers plays games a, a + K, …, as K threads of one process
would, and checkpoints are the same: with `--sync`, N workers of T threads match N T threads of one process bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from agents.alphazero.config import Config
from envs.boards.game import Game
from selfplay.actors import Actors, SelfPlayResult, actors_for, nothing_played, shared_out
from selfplay.checked import games_in_progress
from selfplay.games import games_of
from selfplay.inference.workers import Client, Served, end_servers, start_servers, wait_for
from selfplay.settings import SelfPlaySettings
from supervised.nets.headed import HeadedNet, build, load_weights
from tengen.checkpoint import Tree
from tengen.cluster import Cluster
from tengen.config import from_dict
from tengen.connection import connect
from tengen.description import Description
from tengen.device import Compute, has_bfloat16
from tengen.errors import UserError
from tengen.seeding import Seeds
from tengen.work import Arrays
from tengen.workers import Pool


class Workers:
    """A `Group` whose actors are in workers on Ray."""

    elsewhere = True

    def __init__(
        self, description: Description, games: Sequence[Game], config: Config, settings: SelfPlaySettings
    ) -> None:
        """`description` of the run. UserError if there are more workers than boards, or no cluster."""
        self.games, self.count = list(games), settings.workers
        learning = from_dict(Compute, description.compute)
        self.at = worker_compute(learning, settings)
        self.each = _actors(self.at, settings)  # actors per worker and game
        least, boards = self.count * len(self.games), min(config.boards, config.moves_per_iteration)
        if least > boards:
            sizes = f" with {len(self.games)} sizes" if len(self.games) > 1 else ""
            raise UserError(f"--workers {self.count}{sizes}: each needs at least one game, and --boards is {boards}")
        processes = settings.workers + settings.inference_actors
        self.connection = connect(Cluster(settings.ray, settings.ray_no_token), processes * settings.worker_cpus)
        self.servers: list[Any] = []
        if settings.inference_actors:
            clients = -(-self.count // settings.inference_actors) * self.each
            compute = _device(learning, settings, settings.inference_gpus)
            self.servers = start_servers(description.network or {}, compute, settings, clients)
        self.pool = Pool("selfplay.workers:Worker", self._arguments(description), settings)
        self.published: int | None = None  # gradient steps of the weights published to the workers
        self.served = Served()  # in the last iteration

    def describe(self) -> str:
        """One line for the user."""
        lines = [f"self-play by {self.count} workers on Ray, each computing on {self.at}"]
        lines += [f"evaluations by {len(self.servers)} inference actors"] if self.servers else []
        return "; ".join(lines)

    def _arguments(self, description: Description) -> list[dict[str, Any]]:
        """The arguments of each worker; workers share the inference servers evenly."""
        server = [self.servers[n % len(self.servers)] if self.servers else None for n in range(self.count)]
        return [{"description": description.to_dict(), "number": n, "server": server[n]} for n in range(self.count)]

    def play(self, moves: int, net: HeadedNet, gradient_steps: int) -> SelfPlayResult:
        """Collect at least one unit per worker, about `moves` moves. `net` is used by units that start from now on."""
        if self.published is None and self.servers:
            wait_for(self.servers, self.pool.say)
        if gradient_steps != self.published:
            weights = {name: value.detach().cpu().numpy() for name, value in net.state_dict().items()}
            task = {"moves": moves // self.count, "gradient_steps": gradient_steps}
            self.pool.publish(self.pool.version + 1, weights, task)
            self.published = gradient_steps
        results = self.pool.collect(self.count)
        units: list[SelfPlayResult] = [result.value[0] for result in results]
        self.served = Served(*(sum(column) for column in zip(*(result.value[1] for result in results), strict=True)))
        boards = [slice(i * self.each, (i + 1) * self.each) for i in range(len(self.games))]
        return SelfPlayResult(
            by_actor=[records for board in boards for unit in units for records in unit.by_actor[board]],
            moves=moves * len(units) // self.count,
            rounds=sum(unit.rounds for unit in units),
            evaluations=sum(unit.evaluations for unit in units),
            cache_hits=sum(unit.cache_hits for unit in units),
            network_seconds=sum(unit.network_seconds for unit in units) / self.count,
        )

    @property
    def ended(self) -> int:
        """Number of finished games, among those that have arrived here."""
        return sum(state["ended"] for state in self.state())

    def picture(self) -> str:
        """The first game of the first worker, as it stood after the last unit."""
        states = np.frombuffer(np.asarray(self.state()[0]["states"]).tobytes(), self.games[0].dtype)
        return self.games[0].draw(states[0] if len(states) else self.games[0].new(1)[0])

    def metrics(self) -> dict[str, float]:
        """Columns `worker/…` of a tick."""
        row = self.pool.metrics()
        if self.servers:
            row["worker/inference/batch"] = self.served.rows / max(1, self.served.requests)
            row["worker/inference/clients"] = self.served.clients / max(1, self.served.requests)
        return row

    def state(self) -> list[dict[str, Any]]:
        """The state of each game and actor, as in `Actors`."""
        found: list[dict[str, Any]] = []
        for i in range(len(self.games)):
            for number, state in enumerate(self.pool.states()):
                for actor in range(self.each):
                    whole = number * self.each + actor
                    found.append(state["actors"][i * self.each + actor] if state else nothing_played(whole))
        return found

    def load(self, saved: Sequence[dict[str, Any]]) -> None:
        """Continue the games of `state`, also from a different number of workers or threads.

        ValueError if they are not valid games; in that case nothing is sent to the workers.
        """
        total = self.count * self.each
        states = shared_out(saved, len(self.games), total)
        for i, game in enumerate(self.games):
            for state in states[i * total : (i + 1) * total]:
                games_in_progress(game, state)
        parts: list[Tree | None] = []
        for first in range(0, total, self.each):
            of = [states[i * total + first + actor] for i in range(len(self.games)) for actor in range(self.each)]
            parts.append({"actors": of})
        self.pool.load(parts)

    def close(self) -> None:
        self.pool.close()
        end_servers(self.servers)
        self.connection.close()


def worker_compute(compute: Compute, settings: SelfPlaySettings) -> Compute:
    """The compute settings of a worker, given the learner's `compute`. A single worker gets the learner's threads."""
    made = _device(compute, settings, settings.worker_gpus)
    return replace(made, threads=compute.threads) if settings.workers == 1 else made


def _device(compute: Compute, settings: SelfPlaySettings, gpus: float) -> Compute:
    """The compute settings of a process with `gpus` GPUs."""
    threads = max(1, int(settings.worker_cpus))
    if gpus:
        return replace(compute, device="cuda", threads=threads, winograd=False)
    precision = compute.precision if compute.device == "cpu" or has_bfloat16() else "float32"
    return replace(compute, device="cpu", threads=threads, precision=precision)


def _actors(compute: Compute, settings: SelfPlaySettings) -> int:
    """Actors per worker and game: twice as many if the network is evaluated in another process."""
    return actors_for(compute) * (2 if settings.inference_actors else 1)


class Worker:
    """Plays the nth share of the games. Knows nothing of Ray; tengen/work.py defines who calls it."""

    def __init__(self, description: dict[str, Any], number: int, server: Any = None) -> None:
        """`server`: the handle of the inference actor that evaluates its positions."""
        what = Description.from_dict(description, "a worker's arguments")
        settings, config = from_dict(SelfPlaySettings, what.settings), from_dict(Config, what.config)
        compute = worker_compute(from_dict(Compute, what.compute), settings)
        compute.start()
        games = games_of(what.task, settings, config, compute.threads)
        self.net = build(what.network or {})
        self.client = Client(server, settings.worker_patience) if server is not None else None
        self.actors = Actors(
            games,
            config,
            self.net,
            compute,
            Seeds(settings.seed),
            count=_actors(compute, settings),
            share=(number, settings.workers),
            infer=self.client,
        )

    def use(self, version: int, weights: Arrays) -> None:
        """Play with `weights` from now on (those of the playing network)."""
        if self.client:
            self.client.use(version, weights)
        else:
            load_weights(self.net, {name: torch.tensor(value) for name, value in weights.items()}, "the learner")

    def work(self, task: Any) -> tuple[tuple[SelfPlayResult, Served], float]:
        """Play task["moves"] moves; returns the result and the inference actor's statistics."""
        played = self.actors.play(task["moves"], self.net, task["gradient_steps"])
        return (played, self.client.take() if self.client else Served()), task["moves"]

    def state(self) -> Tree:
        return {"actors": self.actors.state()}

    def load(self, state: Tree) -> None:
        self.actors.load(state["actors"])

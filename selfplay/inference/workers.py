"""The inference server as an actor on Ray, and the client in a worker that asks it.

It is for workers without a GPU beside a process that has one. If all compute on CPUs, the network takes as long as
before, and sending the positions costs extra.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from agents.search.evaluators import Evaluation
from selfplay.inference.server import Answer, Server
from selfplay.settings import SelfPlaySettings
from supervised.nets.headed import Spec
from tengen.device import Compute
from tengen.work import Arrays


def start_servers(spec: Spec, compute: Compute, settings: SelfPlaySettings, clients: int) -> list[Any]:
    """Handles of `--inference-actors` servers for the network `spec`, each with `clients`.

    Ray makes a server that died anew, anywhere in the cluster, and repeats the requests that it had.
    """
    import ray

    remote: Any = ray.remote
    server = remote(
        num_cpus=settings.worker_cpus,
        num_gpus=settings.inference_gpus,
        max_restarts=-1,
        max_task_retries=-1,
        max_concurrency=clients + 8,
    )(Server)
    deadline = settings.inference_deadline_ms / 1000
    made = range(settings.inference_actors)
    return [server.remote(spec, compute.to_dict(), clients, deadline) for _ in made]


def wait_for(servers: list[Any], say: Callable[[str], None]) -> None:
    """Until all are there."""
    import ray

    missing = [server.process.remote() for server in servers]
    told = False
    while missing:
        _, missing = ray.wait(missing, num_returns=len(missing), timeout=20)
        if missing and not told:
            told = True
            say(f"{len(missing)} of {len(servers)} inference actors wait for resources in the cluster")


def end_servers(servers: list[Any]) -> None:
    if servers:
        import ray

        for server in servers:
            with suppress(Exception):  # whatever is gone already
                ray.kill(server, no_restart=True)


class Served(NamedTuple):
    """A server's answer."""

    requests: int = 0
    rows: int = 0  # positions in the batches that the requests were part of
    clients: int = 0  # requests in those batches


class Client:
    """An `Infer` (agents/search/evaluators.py) that asks a server; the threads of a worker share it."""

    def __init__(self, server: Any, patience: float) -> None:
        """A server that does not answer for `patience` seconds is ended, so that Ray makes another one."""
        self._server, self._patience = server, patience
        self._version = -1
        self._weights: Arrays = {}
        self._served, self._lock = Served(), threading.Lock()

    def use(self, version: int, weights: Arrays) -> None:
        self._version, self._weights = version, weights

    def __call__(self, planes: np.ndarray) -> Evaluation:
        channels_last = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
        while True:
            answer: Answer | None = self._ask(self._server.infer.remote(self._version, channels_last))
            if answer is not None:
                break
            self._ask(self._server.use.remote(self._version, dict(self._weights)))
        with self._lock:
            before = self._served
            self._served = Served(before.requests + 1, before.rows + answer.batch, before.clients + answer.clients)
        return Evaluation(answer.logits, answer.values)

    def _ask(self, reference: Any) -> Any:
        """What the server answers, however many servers it takes."""
        import ray

        while True:
            try:
                return ray.get(reference, timeout=self._patience)
            except ray.exceptions.GetTimeoutError:  # stopped, perhaps: end it, and Ray repeats the call on a new one
                ray.kill(self._server, no_restart=False)

    def take(self) -> Served:
        """What was served since the last call."""
        with self._lock:
            served, self._served = self._served, Served()
        return served

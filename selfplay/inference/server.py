"""Evaluate the positions of many workers in one batch: workers without a GPU send them to a process that has one.

    worker  ─ planes, version ─▶  waits for others, at most `deadline` seconds  ─ one batch ─▶  network
            ◀─ logits, values ─                                                 ◀────────────

The batch is evaluated when every client has a request in it, or when the oldest request has waited for `deadline`. The
network is the newest that any client has sent; a request for a newer one is answered with `None`: send me yours (that
is also how a restarted server gets its first weights). So clients need not know whether a server died.

At the level of bits a result depends on the rest of the batch: trainings with a server do not repeat exactly. No Ray
in here (selfplay/inference/workers.py).
"""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from agents.search.evaluators import Forward
from supervised.kernels.playing import for_playing
from supervised.nets.headed import Spec, build, load_weights
from tengen.config import from_dict
from tengen.device import Compute
from tengen.work import Arrays

_ASKED = 5.0  # seconds after which another client is asked for weights that one has promised


class Answer(NamedTuple):
    """The network's evaluation of a request's positions."""

    logits: np.ndarray  # [B, A] float32
    values: np.ndarray  # [B] float32
    batch: int  # positions in the batch that they were part of
    clients: int  # requests in that batch


@dataclass
class _Request:
    planes: np.ndarray  # [B, H, W, C] int8
    answer: asyncio.Future[Answer]
    since: float


class Server:
    """Lives in one event loop; the network computes in a thread beside it."""

    def __init__(self, spec: Spec, compute: dict[str, Any], clients: int, deadline: float) -> None:
        """`clients` that may have a request here at the same time; `deadline` in seconds."""
        self.net, self.compute = build(spec), from_dict(Compute, compute)
        self.clients, self.deadline = clients, deadline
        self.version = -1
        self._forward: Forward | None = None
        self._waiting: list[_Request] = []
        self._news, self._brought = asyncio.Event(), asyncio.Event()
        self._asked = float("-inf")  # when a client was last asked for its weights
        self._thread = ThreadPoolExecutor(1, "tengen-inference", self.compute.start)
        self._serving: asyncio.Task[None] | None = None

    async def process(self) -> int:
        """The process's number."""
        return os.getpid()

    async def use(self, version: int, weights: Arrays) -> None:
        """Evaluate with `weights` from now on, if they are newer than those here."""
        if version > self.version:
            self.version = version
            load_weights(self.net, {name: torch.tensor(value) for name, value in weights.items()}, "a client's message")
            self._forward = Forward(for_playing(self.net, self.compute), self.compute)
        self._asked = float("-inf")
        self._brought.set()

    async def infer(self, version: int, planes: np.ndarray) -> Answer | None:
        """Evaluate `planes` [B, H, W, C] int8 with weights of `version` or newer; None: these have to be sent first."""
        while version > self.version:
            if (now := time.monotonic()) - self._asked >= _ASKED:
                self._asked = now
                self._brought.clear()
                return None
            await _within(self._brought, _ASKED)
        request = _Request(planes, asyncio.get_running_loop().create_future(), time.monotonic())
        self._waiting.append(request)
        self._news.set()
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return await request.answer

    async def _serve(self) -> None:
        while self._waiting:
            while len(self._waiting) < self.clients:
                left = self._waiting[0].since + self.deadline - time.monotonic()
                if left <= 0:
                    break
                self._news.clear()
                await _within(self._news, left)
            batch, self._waiting = self._waiting, []
            try:
                answers = await asyncio.get_running_loop().run_in_executor(self._thread, self._evaluate, batch)
            except Exception as error:
                for request in batch:
                    request.answer.set_exception(error)
            else:
                for request, answer in zip(batch, answers, strict=True):
                    request.answer.set_result(answer)

    def _evaluate(self, batch: list[_Request]) -> list[Answer]:
        forward = self._forward
        assert forward is not None
        answers: dict[int, Answer] = {}
        for shape in {request.planes.shape[1:] for request in batch}:  # boards of one size at a time
            of = [i for i, request in enumerate(batch) if request.planes.shape[1:] == shape]
            planes = np.concatenate([batch[i].planes for i in of]).transpose(0, 3, 1, 2)
            logits, values, *_ = forward(planes)
            first = 0
            for i in of:
                rows = slice(first, first := first + len(batch[i].planes))
                answers[i] = Answer(logits[rows], values[rows], len(planes), len(of))
        return [answers[i] for i in range(len(batch))]


async def _within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)

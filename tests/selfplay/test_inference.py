"""The inference server: the same evaluations, batched across clients, whatever happens to it."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.alphazero.network import network_spec
from agents.search.evaluators import Forward
from envs.boards.catalogue import make_game
from envs.laws import random_actions
from selfplay.audit import audit
from selfplay.inference.server import Answer, Server
from supervised.kernels.playing import for_playing
from supervised.nets.headed import build
from tengen.device import Compute
from tests.long import takes_long
from tests.ray import needs_ray
from tests.selfplay.test_selfplay import SMALL
from tests.selfplay.test_workers import QUICK, training

GAME = make_game("tictactoe")
SPEC = network_spec(GAME, SMALL)


def weights(seed: int) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in build(SPEC, seed).state_dict().items()}


def positions(count: int, seed: int) -> np.ndarray:
    """Planes [count, H, W, C] after two random moves."""
    states, random = GAME.new(count), np.random.default_rng(seed)
    for _ in range(2):
        GAME.play(states, random_actions(GAME.legal(states), random))
    return np.ascontiguousarray(GAME.encode(states).transpose(0, 2, 3, 1))


def test_answers_are_those_of_the_network_and_two_clients_share_a_batch() -> None:
    async def ask() -> list[Answer | None]:
        server = Server(SPEC, Compute().to_dict(), clients=2, deadline=30.0)
        assert await server.infer(4, positions(3, 0)) is None, "its weights have to be sent first"
        late = asyncio.create_task(server.infer(4, positions(3, 0)))  # waits for the promised weights
        await server.use(4, weights(1))
        await server.use(3, weights(2))  # older ones: too late
        return [await server.infer(3, positions(5, 1)), await late]

    large, small = asyncio.run(asyncio.wait_for(ask(), 60))
    assert large is not None and small is not None and large[2:] == small[2:] == (8, 2)
    direct = Forward(for_playing(build(SPEC, 1), Compute()), Compute())
    for answer, planes in ((large, positions(5, 1)), (small, positions(3, 0))):
        logits, values, *_ = direct(planes.transpose(0, 3, 1, 2))
        assert np.allclose(answer.logits, logits, atol=1e-5) and np.allclose(answer.values, values, atol=1e-5)


def test_a_lonely_client_waits_for_the_deadline_only() -> None:
    async def ask() -> list[Answer | None]:
        server = Server(SPEC, Compute().to_dict(), clients=8, deadline=0.02)
        await server.use(0, weights(1))
        return await asyncio.gather(*(server.infer(0, positions(n, n)) for n in (2, 4)))

    two, four = asyncio.run(asyncio.wait_for(ask(), 60))
    assert two is not None and four is not None and (two.batch, two.clients) == (6, 2) and len(four.values) == 4


@takes_long
@needs_ray
@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_workers_share_a_server_and_survive_its_death(tmp_path: Path) -> None:
    import ray

    config = replace(QUICK, boards=16)
    options = {"inference_actors": 1, "inference_deadline_ms": 20.0, "worker_patience": 20.0}
    with training(tmp_path, 2, 128 * 6, config, **options) as made:
        rows = []
        for tick in made.ticks():
            rows.append(tick.metrics)
            if len(rows) == 2:
                (server,) = made.actors.servers  # type: ignore[attr-defined]
                os.kill(ray.get(server.process.remote()), signal.SIGKILL)
        assert rows[-1]["gradient_steps"] > 20 and rows[-1]["worker/restarts"] == 0
        assert max(row["worker/inference/clients"] for row in rows) > 1.5
        assert audit(tmp_path / "games", made.state(), config).wrong == ()

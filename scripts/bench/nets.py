"""`tengen bench nets`: how Tengen trains and runs two networks beside the plain PyTorch loop.

Rows {what, unit, value, baseline, ratio}, samples a second:

    nature-train, nature-infer   the Nature CNN on [256, 4, 84, 84] bytes, screens of Pong
    tower-train, tower-infer     a tower of 6 blocks of 64 channels on [256, 18, 9, 9] planes

Baseline: the same network in float32 and the default layout. Ours: the precision and layout that this machine
was measured to be fastest with, freed memory kept, screens computed where they move, Winograd's algorithm for the
tower where it is faster; for inference norms folded into convolutions. Each way has a process of its own (the
allocator is a property of a process); they measure in turns.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from scripts.bench.turns import in_turns

_BATCH = 256
NAMES = ("nature-train", "nature-infer", "tower-train", "tower-infer")


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` ends within 40 seconds."""
    rounds, seconds = (2, 0.7) if quick else (7, 2.5)
    yield from in_turns("scripts.bench.nets", NAMES, "samples/s", rounds, seconds)


def serve(way: str) -> None:
    """A worker: for each line `NAME SECONDS` on stdin one rate on stdout."""
    made: dict[str, Callable[[], None]] = {}
    for line in sys.stdin:
        name, seconds = line.split()
        if name not in made:
            made[name] = _work(name, way)
            made[name]()
        begun, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - begun) < float(seconds):
            made[name]()
            count += 1
        print(count * _BATCH / passed, flush=True)


def _work(name: str, way: str) -> Callable[[], None]:
    """One training step, or one pass, over a batch."""
    import torch

    from supervised.kernels.learning import choose_learning, for_learning
    from supervised.kernels.playing import choose_playing, for_playing
    from supervised.nets.catalogue import trunk_spec
    from supervised.nets.headed import build
    from tengen.device import Compute, cores

    network, job = name.split("-")
    if network == "nature":
        spec = {"trunk": trunk_spec("nature", (4, 84, 84)), "heads": {"policy": 6, "value": 1}}
        batch = _screens()
    else:
        spec = {"trunk": trunk_spec("tower64x6", (18, 9, 9)), "heads": {"policy": 82, "outcome": 3}}
        batch = torch.randint(0, 2, (_BATCH, 18, 9, 9), dtype=torch.int8)
    compute = Compute(threads=cores(), channels_last=False)
    torch.set_num_threads(cores())
    if way == "tengen":
        compute, _ = choose_learning(spec, batch)
        compute.start()
    net = build(spec, 0)
    if way == "tengen":
        for_learning(net, compute)
    if way == "tengen" and compute.channels_last:
        batch = batch.contiguous(memory_format=torch.channels_last)
    batch = batch.to(compute.device)
    if job == "infer":
        if way == "tengen":
            compute, _ = choose_playing(net, compute, batch)
        playing = for_playing(net, compute) if way == "tengen" else net.eval()

        def infer() -> None:
            with torch.inference_mode(), compute.autocast():
                playing(batch)

        return infer
    optimiser = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)

    def train() -> None:
        with compute.autocast():
            out = net(batch)
            loss = torch.stack([o.float().square().mean() for o in out.values()]).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return train


def _screens() -> Any:
    """What the Nature CNN sees: a tensor of screens of Pong [B, 4, 84, 84], of random play."""
    import torch

    from envs.vector import random_observations
    from envs.worlds import find_world, make_world

    env = make_world(find_world("pong"), 16)
    seen = random_observations(env, 1, _BATCH)
    env.close()
    return torch.from_numpy(seen)


if __name__ == "__main__":
    serve(sys.argv[1])

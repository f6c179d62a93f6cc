"""`tengen bench sequence`: character models beside a plain PyTorch loop, and without a cache.

Rows {what, unit, value, baseline, ratio}, characters a second:

    lstm, gpt                  gradient steps of the presets of `tengen train text`
    lstm-write, gpt-write      writing a text of 256 and of 512 characters, the GPT with as large a context

Baseline of training: the same network, batch and loss in a loop of plain PyTorch, in float32 with its default AdamW.
Ours: the training loop as it is, in the precision that this machine was measured to be faster with. Both do not pad:
every character that is read counts. Baseline of writing: the same network reads the whole text anew for each character.
Each way has a process of its own (the allocator is a property of a process); they measure in turns.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from scripts.bench.turns import in_turns

NAMES = ("lstm", "gpt", "lstm-write", "gpt-write")
_WRITTEN = {"lstm": 256, "gpt": 512}  # characters of a text


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` ends within 40 seconds."""
    rounds, seconds = (2, 1.0) if quick else (7, 3.0)
    yield from in_turns("scripts.bench.sequence", NAMES, "characters/s", rounds, seconds)


def serve(way: str) -> None:
    """A worker: for each line `NAME SECONDS` on stdin one rate on stdout."""
    made: dict[str, tuple[Callable[[], object], int]] = {}
    for line in sys.stdin:
        name, seconds = line.split()
        if name not in made:
            made[name] = _work(name, way)
            if not name.endswith("write"):
                made[name][0]()  # warm up
        (work, characters), begun, count = made[name], time.perf_counter(), 0
        while (passed := time.perf_counter() - begun) < float(seconds) or not count:
            work()
            count += 1
        print(count * characters / passed, flush=True)


def _work(name: str, way: str) -> tuple[Callable[[], object], int]:
    """What is measured, and the characters that it reads or writes."""
    import torch

    from supervised.data.sums import sums
    from supervised.data.text import corpus
    from supervised.sequence.text import config, networks
    from supervised.sequence.text.generate import write

    net_name, _, job = name.partition("-")
    c: config.Config = getattr(config, net_name.upper())
    text = corpus("sums", _bytes(sums(2000)))
    if job == "write":
        length = _WRITTEN[net_name]
        net = networks.build(networks.describe(replace(c, length=length), text.alphabet)).eval()
        prompt, cache = text.held_out(1), way == "tengen"
        return lambda: write(net, prompt, length - 1, torch.Generator().manual_seed(1), cache=cache), length - 1
    characters = c.batch * c.length
    return (_tengen(c, text) if way == "tengen" else _plain(c, text)), characters


def _bytes(text: str) -> Any:
    import numpy as np

    return np.frombuffer(text.encode(), np.uint8)


def _tengen(c: Any, text: Any) -> Callable[[], object]:
    """A gradient step of `tengen train text`."""
    from supervised.sequence.text.study import study_of
    from supervised.systems.settings import SystemSettings
    from supervised.systems.study import Setup
    from tengen.seeding import Seeds

    study = study_of(text, Setup("text", SystemSettings(steps=10**6), c, Seeds(1), None))
    study.compute.start()
    study.model.train()
    return study.learn


def _plain(c: Any, text: Any) -> Callable[[], object]:
    """The same with plain PyTorch."""
    import numpy as np
    import torch
    from torch.nn import functional

    from supervised.sequence.text import networks
    from supervised.sequence.text.recurrent import RecurrentText

    net = networks.build(networks.describe(c, text.alphabet), c.dropout)
    optimiser = torch.optim.AdamW(net.parameters(), lr=c.lr, betas=(0.9, c.beta2), weight_decay=c.weight_decay)
    rng = np.random.default_rng(1)

    def forward(tokens: torch.Tensor) -> torch.Tensor:
        if isinstance(net, RecurrentText):  # nn.Embedding, nn.LSTM, nn.Linear as they are
            h, _ = net.layers(net.embedding(tokens))
            return net.head(net.dropout(h))  # type: ignore[no-any-return]
        return net(tokens, net.start(c.batch))[0]  # type: ignore[no-any-return]

    def step() -> None:
        starts = rng.integers(text.learned - c.length - 1, size=c.batch)
        tokens = torch.from_numpy(text.windows(starts, c.length + 1))
        logits = forward(tokens[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), c.max_grad_norm)
        optimiser.step()

    return step


if __name__ == "__main__":
    serve(sys.argv[1])

"""The self-play part of `tengen doctor`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from agents.alphazero.network import network_spec
from envs.boards.catalogue import make_game
from selfplay.catalogue import recipe
from supervised.kernels.learning import fastest, for_learning
from supervised.kernels.measure import training_rates
from supervised.kernels.playing import choose_playing, for_playing
from supervised.nets.headed import build
from tengen.device import calls_per_second, cores


def diagnose(say: Callable[[str], None]) -> None:
    """Measure how fast the 9x9 Go preset plays and learns."""
    preset = recipe("go9")
    settings, config = preset.settings, preset.config
    game = make_game("go9", settings.rules, threads=cores())
    spec = network_spec(game, config)
    planes = torch.from_numpy(np.ascontiguousarray(game.encode(game.new(config.batch))))
    backend, _ = fastest(settings, spec, planes)
    learned = training_rates([backend], lambda: build(spec, 0), planes, ready=for_learning)[backend]
    seen = planes[: config.boards].to(backend.device)
    backend, _ = choose_playing(build(spec, 0), backend, seen)
    net = for_playing(build(spec, 0), backend)

    def judge() -> None:
        net(seen)
        backend.wait()

    with torch.inference_mode():
        judged = calls_per_second(judge) * len(seen)
    full = config.full_search_fraction
    searched = full * config.simulations + (1 - full) * config.fast_simulations
    moves = 1 / (searched / judged + full * config.reuse / learned)
    say(f"go9        {config.net} evaluates {judged:,.0f} and learns from {learned:,.0f} positions/s on {backend}")
    say(f"           `tengen train go9` makes at most {moves:,.0f} self-play moves/s here, including learning")

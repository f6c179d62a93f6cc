"""`tengen doctor`: what this machine is, what Tengen will use, how fast each stage is here."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import numpy as np
import psutil
import torch

from envs.vector import random_observations
from envs.worlds import find_world
from scripts.agent_session import AgentSession
from scripts.match import make_game
from scripts.recipes import PONG_STEPS, label_recipe, recipe, selfplay_recipe
from scripts.sessions import fastest
from selfplay.alphazero import network_spec
from supervised.kernels.learning import for_learning
from supervised.kernels.measure import training_rates
from supervised.kernels.playing import choose_playing, for_playing
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import build
from tengen.device import cores, cpu_name

_SECONDS = 2.0  # of each measurement


def doctor(say: Callable[[str], None]) -> None:
    """Report through `say`, a line at a time."""
    memory = psutil.virtual_memory()
    say(f"machine    {cpu_name()}, {cores()} cores")
    say(f"memory     {memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free")
    say(f"software   Python {platform.python_version()}, PyTorch {torch.__version__}, {platform.system()}")
    say(f"gpu        {torch.cuda.get_device_name() if torch.cuda.is_available() else 'none that PyTorch can use'}")
    _pong(say)
    _labels(say)
    _selfplay(say)
    say("type next:\n  tengen train pong")


def _pong(say: Callable[[str], None]) -> None:
    world = find_world("pong")
    chosen = recipe(world, None)
    session = AgentSession(world, chosen)
    c = session.compute
    say(f"will use   {c}")
    for way, rate in session.measured.items():
        say(f"           learning with {way}: {rate:,.0f} samples/s")
    env, config = session.env, chosen.config
    env.reset()
    actions = np.zeros(env.num_envs, np.int64)
    stepping = _rate(lambda: env.step(actions)) * env.num_envs
    net, screens = session.learner.net, torch.from_numpy(env.step(actions).obs)
    with torch.inference_mode(), c.autocast():
        acting = _rate(lambda: net(screens)) * env.num_envs
    minibatch = torch.from_numpy(random_observations(env.env, 1, config.minibatch))
    learning = training_rates([c], lambda: net, minibatch, _SECONDS, ready=for_learning)[c]
    session.close()
    say(f"pong       environment {stepping:,.0f} and acting {acting:,.0f} steps/s, learning {learning:,.0f} samples/s")
    seconds = PONG_STEPS * (1 / stepping + 1 / acting + config.epochs / learning)
    say(
        f"           `tengen train pong` takes {PONG_STEPS / 1e6:.2f} million steps, here about "
        f"{seconds / 60:.0f} minutes; what it reached is in docs/ppo.md"
    )


def _labels(say: Callable[[str], None]) -> None:
    settings, config = label_recipe("cifar10")
    spec = {"trunk": trunk_spec(config.net, (3, 32, 32)), "heads": {"classes": 10}}
    batch = torch.zeros((config.batch, 3, 32, 32), dtype=torch.uint8)
    way, _ = fastest(settings, spec, batch)
    rate = training_rates([way], lambda: build(spec, 0), batch, ready=for_learning)[way]
    minutes = config.epochs * 50_000 / rate / 60
    say(f"labels     {config.net} learns {rate:,.0f} pictures of CIFAR-10/s on {way}")
    say(f"           `tengen train cifar10` takes {config.epochs:g} epochs, here about {minutes:.0f} minutes")


def _selfplay(say: Callable[[str], None]) -> None:
    settings, config = selfplay_recipe("go9")
    game = make_game("go9", settings.rules)
    spec = network_spec(game, config)
    planes = torch.from_numpy(np.ascontiguousarray(game.encode(game.new(config.batch))))
    way, _ = fastest(settings, spec, planes)
    learned = training_rates([way], lambda: build(spec, 0), planes, ready=for_learning)[way]
    seen = planes[: config.boards].to(way.device)
    way, _ = choose_playing(build(spec, 0), way, seen)
    net = for_playing(build(spec, 0), way)
    with torch.inference_mode():
        judged = _rate(lambda: net(seen)) * len(seen)
    searched = config.full_share * config.simulations + (1 - config.full_share) * config.fast_simulations
    moves = 1 / (searched / judged + config.full_share * config.reuse / learned)
    say(f"go9        {config.net} judges {judged:,.0f} and learns {learned:,.0f} positions/s on {way}")
    say(f"           `tengen train go9` makes at most {moves:,.0f} moves of self-play/s here, learning included")


def _rate(action: Callable[[], object]) -> float:
    """Calls a second, after one that warms up."""
    action()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < _SECONDS:
        action()
        count += 1
    return count / (time.perf_counter() - begun)

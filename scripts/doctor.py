"""`tengen doctor`: what this machine is, what Tengen will use, how fast each stage is here."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import numpy as np
import psutil
import torch

from envs.worlds import find_world
from scripts.agent_session import AgentSession
from scripts.recipes import PONG_STEPS, recipe
from tengen.device import cores, cpu_name, training_rates

_SECONDS = 2.0  # of each measurement


def doctor(say: Callable[[str], None]) -> None:
    """Report through `say`, a line at a time."""
    memory = psutil.virtual_memory()
    say(f"machine    {cpu_name()}, {cores()} cores")
    say(f"memory     {memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free")
    say(f"software   Python {platform.python_version()}, PyTorch {torch.__version__}, {platform.system()}")
    say(f"gpu        {torch.cuda.get_device_name() if torch.cuda.is_available() else 'none that PyTorch can use'}")
    world = find_world("pong")
    chosen = recipe(world, None)
    session = AgentSession(world, chosen)
    c = session.compute
    say(f"will use   {c}")
    for way, rate in session.measured.items():
        say(f"           learning with {way}: {rate:,.0f} samples/s")
    env, config = session.env, chosen.config
    obs = env.reset()
    actions = np.zeros(env.num_envs, np.int64)
    stepping = _rate(lambda: env.step(actions)) * env.num_envs
    net, screens = session.learner.net, torch.from_numpy(obs)
    with torch.inference_mode():
        acting = _rate(lambda: net(screens)) * env.num_envs
    minibatch = torch.zeros((config.minibatch, *env.obs_shape), dtype=torch.uint8)
    learning = training_rates([c], lambda: net, minibatch, _SECONDS)[c]
    session.close()
    say(f"pong       environment {stepping:,.0f} and acting {acting:,.0f} steps/s, learning {learning:,.0f} samples/s")
    seconds = PONG_STEPS * (1 / stepping + 1 / acting + config.epochs / learning)
    say(
        f"           `tengen train pong` takes {PONG_STEPS / 1e6:.2f} million steps, here about "
        f"{seconds / 60:.0f} minutes, and has reached 15.4; a score of 18 is still open (docs/ppo.md)"
    )
    say("type next:\n  tengen train pong")


def _rate(action: Callable[[], object]) -> float:
    """Calls a second, after one that warms up."""
    action()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < _SECONDS:
        action()
        count += 1
    return count / (time.perf_counter() - begun)

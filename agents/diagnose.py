"""The agents part of `tengen doctor`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from agents.catalogue import recipe
from agents.session import AgentSession
from envs.vector import random_observations
from envs.worlds import find_world
from supervised.kernels.learning import for_learning
from supervised.kernels.measure import training_rates
from tengen.device import SECONDS, calls_per_second


def diagnose(say: Callable[[str], None]) -> None:
    """Measure the speed of each stage of training Pong, and estimate its duration."""
    chosen = recipe(find_world("pong"))
    session = AgentSession(chosen)
    c = session.compute
    say(f"will use   {c}")
    for backend, rate in session.measured.items():
        say(f"           learning with {backend}: {rate:,.0f} samples/s")
    env, config = session.env, chosen.config
    env.reset()
    actions = np.zeros(env.num_envs, np.int64)
    stepping = calls_per_second(lambda: env.step(actions)) * env.num_envs
    net, screens = session.learner.net, torch.from_numpy(env.step(actions).obs)
    with torch.inference_mode(), c.autocast():
        acting = calls_per_second(lambda: net(screens.to(c.device))["policy"].cpu()) * env.num_envs
    minibatch = torch.from_numpy(random_observations(env.env, 1, config.minibatch))
    learning = training_rates([c], lambda: net, minibatch, SECONDS, ready=for_learning)[c]
    session.close()
    say(f"pong       environment {stepping:,.0f} and acting {acting:,.0f} steps/s, learning {learning:,.0f} samples/s")
    total = chosen.settings.steps
    seconds = total * (1 / stepping + 1 / acting + config.epochs / learning)
    say(
        f"           `tengen train pong` takes {total / 1e6:.2f} million steps, here about "
        f"{seconds / 60:.0f} minutes; its scores are in docs/results/pong.md"
    )

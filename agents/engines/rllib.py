"""RLlib as an engine: its algorithms with our network and our games, in its new API stack (Ray 2.60).

    ours:    games (env.py), network (modules/), settings, run folder, rows, checkpoints, card
    RLlib's: the loop, its runners, its learner with its loss

RLlib itself writes nothing: no results folder, no checkpoints, no usage reports. The learner runs in this process, so
that the network and the optimiser are accessible between two iterations.
"""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from ray.rllib.algorithms.algorithm import Algorithm
from ray.rllib.callbacks.callbacks import RLlibCallback
from ray.rllib.core import COMPONENT_RL_MODULE, DEFAULT_MODULE_ID
from ray.tune.registry import register_env
from ray.tune.trainable import trainable

from agents.engines.algorithms.rllib import Job, Ours, algorithm_config
from agents.engines.env import GymnasiumVector, Played
from envs.vector import Episode
from envs.worlds import find_world, make_world
from supervised.nets.headed import HeadedNet

_PLAYED = "tengen_played"
_GAMES = "tengen"


class Reporting(RLlibCallback):
    """Collects raw scores from the runners, wherever they are."""

    def on_sample_end(self, *, env_runner: Any, metrics_logger: Any, **kwargs: Any) -> None:  # type: ignore[override]
        played: Played = env_runner.env.unwrapped.take()
        metrics_logger.log_value(_PLAYED, json.dumps(played), reduce="item_series")  # it takes lists apart


class Iteration(NamedTuple):
    """The result of one iteration of an algorithm."""

    played: list[Played]
    metrics: dict[str, float]
    learning: float  # seconds


class Engine:
    """A running RLlib algorithm."""

    def __init__(self, job: Job) -> None:
        """Ray has to be running (tengen/connection.py)."""
        quieten()
        register_env(_GAMES, make_games)
        self.config = algorithm_config(job, _GAMES).callbacks(Reporting)
        with nowhere():
            self.algorithm: Algorithm = self.config.build_algo()
        group = self.algorithm.learner_group
        assert group is not None and isinstance(group._learner, Ours)
        self.learner: Ours = group._learner
        self._seconds = 0.0

    @property
    def module(self) -> Any:
        return self.learner.module[DEFAULT_MODULE_ID]

    @property
    def net(self) -> HeadedNet:
        """The network that learns."""
        net: HeadedNet = self.module.net
        return net

    @property
    def target(self) -> torch.nn.Module | None:
        return getattr(self.module, "target", None)

    @property
    def optimiser(self) -> torch.optim.Optimizer:
        (optimiser,) = self.learner._named_optimizers.values()
        return optimiser

    def publish(self) -> None:
        """Give the learner's weights to the runners: after they were set from outside."""
        group: Any = self.algorithm.env_runner_group
        state = {COMPONENT_RL_MODULE: self.module.get_state(inference_only=True)}  # without a number: taken at once
        group.foreach_env_runner(lambda runner: runner.set_state(state))

    def iterate(self) -> Iteration:
        """One iteration of the algorithm."""
        result = self.algorithm.train()
        series = result.get("env_runners", {}).get(_PLAYED, [])
        series = [series] if isinstance(series, str) else series if isinstance(series, list) else []
        played = [Played(s, t, [Episode(*e) for e in games]) for s, t, games in map(json.loads, series)]
        learned = result.get("learners", {}).get(DEFAULT_MODULE_ID, {})
        metrics = {ours: float(learned[theirs]) for theirs, ours in _NAMES.items() if theirs in learned}
        metrics["gradient_steps"] = float(self.learner.gradient_steps)
        if self.config.num_env_runners:
            group = self.algorithm.env_runner_group
            assert group is not None
            metrics["worker/alive"] = float(group.num_healthy_remote_workers())
            metrics["worker/restarts"] = float(group.num_remote_worker_restarts())
        seconds, self._seconds = self.learner.seconds - self._seconds, self.learner.seconds
        return Iteration(played, metrics, seconds)

    def close(self) -> None:
        self.algorithm.stop()


_NAMES = {  # RLlib's metrics that have a column in a run's rows
    "policy_loss": "loss/policy",
    "mean_pi_loss": "loss/policy",
    "vf_loss": "loss/value",
    "mean_vf_loss": "loss/value",
    "qf_loss": "loss/q",
    "qf_mean": "q",
    "entropy": "entropy",
    "default_optimizer_learning_rate": "lr",
}


def quieten() -> None:
    """RLlib warns of itself at length; what matters to a user is in our lines."""
    for name in ("ray.rllib", "ray.tune", "ray"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="ray.*")


@contextmanager
def nowhere() -> Iterator[None]:
    """Algorithms that are built here leave no folder of results in ~/ray_results, which would stay empty."""
    with tempfile.TemporaryDirectory(prefix="tengen-rllib-", ignore_cleanup_errors=True) as folder:
        before, trainable.DEFAULT_STORAGE_PATH = trainable.DEFAULT_STORAGE_PATH, folder  # type: ignore[attr-defined]
        try:
            yield
        finally:
            trainable.DEFAULT_STORAGE_PATH = before  # type: ignore[attr-defined]


def make_games(context: Any) -> GymnasiumVector:
    """The games of a runner, from what `algorithm_config` put into `env_config`."""
    world = find_world(context["task"])
    # The spaces are asked for with a single game
    env = make_world(world, context.get("num_envs", 1), **context["options"])
    return GymnasiumVector(env, context["seed"], clip=context["clip"], point_ends=context["point_ends"])

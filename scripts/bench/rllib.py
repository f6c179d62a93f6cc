"""PPO on Pong by RLlib, two ways; each returns steps a second, learning included.

    rllib_ours     RLlib's loop with Tengen's network and games: `--engine rllib`
    rllib_own      RLlib's loop with its own: its Atari wrappers, its convolutional network for 84x84

The settings are those of `tengen train pong` (agents/ppo/config.py: 32 games, 64 steps, 2 epochs, minibatches of 256)
with some `changes`.
RLlib plays in this process (no runners), as Tengen does. Ray is started for the call unless it runs already.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from agents.catalogue import recipe
from agents.session import AgentSession
from envs.worlds import find_world
from tengen.cluster import Cluster
from tengen.connection import connect
from tengen.errors import UserError

_MANY = 10**9  # steps: the time ends first


def rllib_ours(seconds: float, changes: Mapping[str, int]) -> float:
    """Environment steps a second of RLlib's PPO with Tengen's network and games."""
    training = recipe(find_world("pong"), "rllib-ppo")
    settings, config = replace(training.settings, steps=_MANY), replace(training.config, **changes)
    with closing(AgentSession(replace(training, settings=settings, config=config))) as session:
        with closing(session.learner.ticks()) as ticks:  # type: ignore[type-var]
            return _rate(lambda: next(ticks).step, seconds)


def rllib_own(seconds: float, changes: Mapping[str, int]) -> float:
    """Environment steps a second of RLlib's PPO as RLlib would do it. UserError where its wrappers lack OpenCV."""
    if importlib.util.find_spec("cv2") is None:
        raise UserError("RLlib's Atari wrappers need OpenCV: pip install opencv-python-headless")
    connection = connect(Cluster(), 2)
    try:
        return _own(seconds, changes)
    finally:
        connection.close()


def _rate(advance: Callable[[], int], seconds: float) -> float:
    """Steps a second over `seconds`, after one iteration that warms up; `advance` returns all steps so far."""
    first = step = advance()
    begun = time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        step = advance()
    return (step - first) / passed


def _own(seconds: float, changes: Mapping[str, int]) -> float:
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.tune.registry import register_env

    from agents.engines.rllib import nowhere, quieten

    quieten()
    register_env("rllib-pong", _pong)
    c: Any = replace(recipe(find_world("pong"), "rllib-ppo").config, **changes)
    config: Any = PPOConfig().environment("rllib-pong", clip_rewards=True)
    config.env_runners(num_env_runners=0, num_envs_per_env_runner=c.num_envs, rollout_fragment_length=c.num_steps)
    config.learners(num_learners=0)
    config.training(
        train_batch_size_per_learner=c.num_envs * c.num_steps,
        minibatch_size=c.minibatch,
        num_epochs=c.epochs,
        lr=c.lr,
        gamma=c.gamma,
        lambda_=c.gae_lambda,
        clip_param=c.clip,
        use_kl_loss=False,
        grad_clip=c.max_grad_norm,
        vf_loss_coeff=c.value_coef / 2,
        entropy_coeff=c.entropy_coef,
    )
    config.rl_module(model_config={"vf_share_layers": True})  # one network for both heads, as ours
    with nowhere(), _built(config) as algorithm:
        return _rate(lambda: int(algorithm.train()["num_env_steps_sampled_lifetime"]), seconds)


@contextmanager
def _built(config: Any) -> Iterator[Any]:
    algorithm = config.build_algo()
    try:
        yield algorithm
    finally:
        algorithm.stop()


def _pong(context: Any) -> Any:
    """Pong with RLlib's wrappers, the screens as large as Tengen's."""
    import ale_py
    import gymnasium
    from ray.rllib.env.wrappers.atari_wrappers import wrap_atari_for_new_api_stack

    gymnasium.register_envs(ale_py)
    bare = gymnasium.make("ale_py:ALE/Pong-v5", frameskip=1, repeat_action_probability=0.25)
    return wrap_atari_for_new_api_stack(bare, dim=84, framestack=4)

"""Our settings as configurations of RLlib's algorithms; their learners, with our Adam and a lock between steps."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict
from typing import Any, NamedTuple

import torch
from ray.rllib.algorithms.algorithm_config import AlgorithmConfig
from ray.rllib.algorithms.appo import APPOConfig
from ray.rllib.algorithms.appo.torch.appo_torch_learner import APPOTorchLearner
from ray.rllib.algorithms.dqn import DQNConfig
from ray.rllib.algorithms.dqn.torch.dqn_torch_learner import DQNTorchLearner
from ray.rllib.algorithms.impala import IMPALAConfig
from ray.rllib.algorithms.impala.torch.impala_torch_learner import IMPALATorchLearner
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.algorithms.ppo.torch.ppo_torch_learner import PPOTorchLearner
from ray.rllib.core.learner.torch.torch_learner import TorchLearner
from ray.rllib.core.rl_module.rl_module import RLModuleSpec

from agents.engines.config import Common
from agents.engines.modules.rllib import PolicyNet, ValueNet
from agents.engines.schedules import entropy_schedule, epsilon_schedule, lr_schedule
from tengen.device import Compute
from tengen.settings import Distributed


class Job(NamedTuple):
    """What to train, and where."""

    task: str
    config: Common
    settings: Any  # agents.settings.Settings
    compute: Compute
    spec: dict[str, Any]  # the network
    begun: int  # environment steps that have been trained already
    seed: int


class Ours(TorchLearner):
    """Our changes to every algorithm's learner: Adam, frozen parameters, and a lock between gradient steps."""

    lock: threading.Lock
    gradient_steps = 0
    seconds = 0.0

    def configure_optimizers_for_module(self, module_id: str, config: AlgorithmConfig | None = None) -> None:
        assert config is not None
        assert self._module is not None
        params = self.get_parameters(self._module[module_id])
        self.register_optimizer(
            module_id=module_id,
            optimizer=torch.optim.Adam(params, eps=1e-5, fused=True),
            params=params,
            lr_or_lr_schedule=config.lr,
        )

    def get_parameters(self, module: Any) -> list[torch.nn.Parameter]:
        return [p for p in module.parameters() if p.requires_grad]

    def build(self) -> None:
        self.lock = threading.Lock()  # IMPALA and APPO learn in a thread of their own
        super().build()

    def _update(self, *args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        with self.lock:
            self.gradient_steps += 1
            result = super()._update(*args, **kwargs)
        self.seconds += time.perf_counter() - begun
        return result


class PPOLearner(Ours, PPOTorchLearner):
    pass


class IMPALALearner(Ours, IMPALATorchLearner):  # type: ignore[misc]
    pass


class APPOLearner(Ours, APPOTorchLearner):  # type: ignore[misc]
    pass


class DQNLearner(Ours, DQNTorchLearner):
    pass


def algorithm_config(job: Job, games: str) -> AlgorithmConfig:
    """RLlib's configuration of what our settings say; `games` is what the games are registered as."""
    c: Any = job.config
    s: Distributed = job.settings
    each = c.num_envs // max(1, s.workers)
    config: Any
    make = {"ppo": _ppo, "impala": _impala, "appo": _appo, "dqn": _dqn}[c.ALGORITHM]
    config, model = make(job)
    options = {
        "repeat_action_probability": job.settings.sticky,
        "life_loss_ends": job.settings.life_loss_ends,
        "threads": max(1, round(s.worker_cpus)) if s.workers else s.threads,
    }
    config.environment(
        env=games,
        env_config={
            "task": job.task,
            "options": options,
            "seed": job.seed,
            "clip": c.clip_reward,
            "point_ends": c.point_ends,
        },
        clip_rewards=False,
        normalize_actions=False,
        disable_env_checking=True,
    )
    config.env_runners(
        num_env_runners=s.workers,
        num_envs_per_env_runner=each,
        gym_env_vectorize_mode="vector_entry_point",
        num_cpus_per_env_runner=s.worker_cpus,
        num_gpus_per_env_runner=s.worker_gpus,
        sample_timeout_s=max(600.0, s.worker_patience),  # a slow machine is no failure
    )
    config.learners(num_learners=0, num_gpus_per_learner=1 if job.compute.device.startswith("cuda") else 0)
    config.training(
        lr=lr_schedule(c, job.begun, job.settings.steps),
        gamma=c.gamma,
        grad_clip=c.max_grad_norm,
        grad_clip_by="global_norm",
    )
    config.rl_module(
        rl_module_spec=RLModuleSpec(
            module_class=ValueNet if c.ALGORITHM == "dqn" else PolicyNet,
            model_config={
                "spec": job.spec,
                "compute": asdict(job.compute),
                "freeze_trunk": job.settings.freeze_trunk,
                **model,
            },
        )
    )
    config.debugging(seed=job.seed, log_level="ERROR", log_sys_usage=False)
    config.reporting(metrics_num_episodes_for_smoothing=100)
    config.fault_tolerance(
        restart_failed_env_runners=True,
        env_runner_health_probe_timeout_s=s.worker_patience,
    )
    return config


def _ppo(job: Job) -> tuple[Any, dict[str, Any]]:
    c: Any = job.config
    config: Any = PPOConfig()
    config.env_runners(rollout_fragment_length=c.num_steps)
    config.training(
        train_batch_size_per_learner=c.num_steps * c.num_envs,
        minibatch_size=c.minibatch,
        num_epochs=c.epochs,
        shuffle_batch_per_epoch=True,
        lambda_=c.gae_lambda,
        clip_param=c.clip,
        use_kl_loss=False,
        vf_loss_coeff=c.value_coef / 2,  # RLlib's is the whole squared error
        vf_clip_param=float("inf"),
        entropy_coeff=entropy_schedule(c, job.begun, job.settings.steps),
    )
    config.learners(learner_class=PPOLearner)
    return config, {}


def _impala(job: Job) -> tuple[Any, dict[str, Any]]:
    return _vtrace(job, IMPALAConfig(), IMPALALearner), {}


def _appo(job: Job) -> tuple[Any, dict[str, Any]]:
    c: Any = job.config
    config = _vtrace(job, APPOConfig(), APPOLearner)
    config.training(
        clip_param=c.clip,
        use_kl_loss=False,
        circular_buffer_num_batches=c.kept,
        circular_buffer_iterations_per_batch=c.reuse,
        target_network_update_freq=c.target_every,
    )
    return config, {}


def _vtrace(job: Job, config: Any, learner: type[Ours]) -> Any:
    c: Any = job.config
    config.env_runners(rollout_fragment_length=c.num_steps)
    config.training(
        train_batch_size_per_learner=c.batch,
        vf_loss_coeff=c.value_coef,
        entropy_coeff=entropy_schedule(c, job.begun, job.settings.steps),
        vtrace_clip_rho_threshold=c.rho_clip,
        vtrace_clip_pg_rho_threshold=c.rho_clip,
        broadcast_interval=1,
    )
    config.learners(learner_class=learner)
    config.reporting(min_time_s_per_iteration=0, min_sample_timesteps_per_iteration=2 * c.batch)
    return config


def _dqn(job: Job) -> tuple[Any, dict[str, Any]]:
    c: Any = job.config
    config: Any = DQNConfig()
    kept = {"type": "EpisodeReplayBuffer", "capacity": c.replay}
    if c.prioritised:
        kept |= {"type": "PrioritizedEpisodeReplayBuffer"}
        kept |= {"alpha": c.priority_exponent, "beta": c.priority_correction}
    config.env_runners(rollout_fragment_length=max(c.n_step, 4))
    config.training(
        train_batch_size=c.minibatch,
        replay_buffer_config=kept,
        num_steps_sampled_before_learning_starts=c.learning_starts,
        training_intensity=c.minibatch / c.train_every,
        target_network_update_freq=c.target_every * c.train_every,
        n_step=c.n_step,
        double_q=c.double,
        dueling=c.dueling,
        num_atoms=1,
    )
    config.learners(learner_class=DQNLearner)
    config.reporting(min_time_s_per_iteration=0, min_sample_timesteps_per_iteration=c.tick_steps)
    epsilon = epsilon_schedule(c.epsilon_end, c.learning_starts, c.epsilon_steps, job.begun)
    return config, {"epsilon": epsilon, "double": c.double}

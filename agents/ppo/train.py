"""Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347), its Algorithm 1:

    for each iteration:
        run the policy pi_old in B environments for T steps                               Actor.play (act.py)
        compute the advantages A_1 … A_T                                                  gae, Eq. 11
        for each of K epochs and each minibatch: a gradient step on L^CLIP+VF+S           ppo_loss, Eq. 9
        pi_old = pi

The clipped objective keeps the policy near the one that played, so that a rollout can be used several
times.

Deviations from the paper:
1. Advantages are normalised per minibatch (as in the authors' code, not in the paper).
2. Gradients are clipped by norm, Adam's epsilon is 1e-5 (likewise).
3. Rows whose action the environment ignored (NEXT_STEP autoreset) carry no loss.
4. The Atari clip range is not annealed, only the learning rate and, optionally, the entropy bonus.
5. The squared error of the value is halved, and its weight is 0.5 (Table 5: 1, and Eq. 9 does not halve it).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from agents.common.acting import Actors
from agents.common.learner import Learner
from agents.common.losses import clipped_surrogate, entropy, log_prob, masked_mean, squared_error
from agents.common.returns import gae, standardised
from agents.common.rollout import Rollout
from agents.common.schedules import falling
from agents.ppo.act import Actor
from agents.ppo.config import Config
from envs.vector import Journal
from supervised.nets.headed import HeadedNet
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Tick
from tengen.seeding import Seeds


def network_heads(num_actions: int, config: Config) -> dict[str, int]:
    """The heads that PPO needs on top of a trunk."""
    return {"policy": num_actions, "value": 1}


def learning_rate(config: Config, done: float) -> float:
    """The learning rate after the fraction `done` of the training."""
    return falling(config.lr, done, config.anneal_from) if config.anneal else config.lr


def entropy_weight(config: Config, done: float) -> float:
    """The weight of the entropy bonus after the fraction `done` of the training."""
    return config.entropy_coef * (1 - config.entropy_fall * min(1.0, max(0.0, 3 * done - 1)))


class Played(NamedTuple):
    """What the loss needs from a rollout besides its observations, each [N]."""

    action: torch.Tensor  # int64
    log_pi_old: torch.Tensor
    advantage: torch.Tensor
    target: torch.Tensor  # of the value
    valid: torch.Tensor  # bool, False where the action was ignored


def ppo_loss(
    logits: torch.Tensor,  # [b, A] of the policy that learns
    value: torch.Tensor,  # [b]
    played: Played,  # [b] each
    config: Config,
    entropy_coef: float,
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Eq. 9 with its sign turned: the loss, and its parts by name."""
    log_ratio = log_prob(logits, played.action) - played.log_pi_old
    ratio = log_ratio.exp()  # pi / pi_old
    advantage = standardised(played.advantage) if config.normalise_advantage else played.advantage
    policy_loss = clipped_surrogate(ratio, advantage, config.clip, played.valid)  # Eq. 7
    value_loss = squared_error(value, played.target, played.valid)
    bonus = masked_mean(entropy(logits), played.valid)
    with torch.no_grad():
        approx_kl = masked_mean(ratio - 1 - log_ratio, played.valid)  # the low-variance estimate of KL(old, new)
        clip_fraction = masked_mean(((ratio - 1).abs() > config.clip).float(), played.valid)
    parts = {
        "loss/policy": policy_loss,
        "loss/value": value_loss,
        "entropy": bonus,
        "approx_kl": approx_kl,
        "clip_fraction": clip_fraction,
    }
    return policy_loss + config.value_coef * value_loss - entropy_coef * bonus, parts  # Eq. 9


class PPO(Learner):
    """`for tick in PPO(...).ticks(): ...` trains; `state` and `load` hold everything in between."""

    def __init__(
        self,
        config: Config,
        env: Journal,
        net: HeadedNet,
        compute: Compute,
        seeds: Seeds,
        total_steps: int,
        actors: Actors | None = None,
    ) -> None:
        """`total_steps` are environment steps over all games: the end of the learning-rate schedule.

        `actors` play elsewhere; without them the games of `env` are played here.
        """
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.total_steps = total_steps
        self.optimiser = torch.optim.Adam(net.parameters(), lr=config.lr, eps=1e-5, fused=True)
        self.actors: Actors = actors or Actor(config, env, net, compute, seeds)
        self.shuffling = seeds.torch("minibatches")
        self.step = 0
        self.gradient_steps = 0

    def ticks(self) -> Iterator[Tick]:
        watch = self.actors.watch
        while self.step < self.total_steps:
            rollout, (log_pi, value) = self.actors.play()
            self.step += rollout.played
            with watch("learning"):
                learned = self.learn(rollout, log_pi, value)
            yield Tick(self.step, self.actors.metrics() | learned, watch.take())

    def learn(self, rollout: Rollout, log_pi_old: torch.Tensor, value: torch.Tensor) -> dict[str, float]:
        """`epochs` passes over the rollout, played by the policy with `log_pi_old` [T, B] and `value` [T + 1, B]."""
        c = self.config
        advantage = gae(rollout.reward, c.gamma * rollout.discount, value, rollout.valid, c.gae_lambda)
        target = advantage + value[:-1]  # [T, B] of the value
        played = Played(*(x.flatten() for x in (rollout.action, log_pi_old, advantage, target, rollout.valid)))
        done = (self.step - rollout.steps * rollout.num_envs) / self.total_steps  # fraction of the training
        lr, entropy_coef = learning_rate(c, done), entropy_weight(c, done)
        for group in self.optimiser.param_groups:
            group["lr"] = lr
        learned = [
            self.gradient_step(rollout.obs.take(i), Played(*(x[i] for x in played)), entropy_coef)
            for _ in range(c.epochs)
            for i in rollout.minibatches(c.minibatch, self.shuffling)
        ]
        means = {name: float(np.mean([step[name] for step in learned])) for name in learned[0]}
        if c.point_ends and (points := rollout.reward[rollout.reward != 0]).numel():
            means["points_won"] = (points > 0).float().mean().item()  # known long before the games are finished
        return means | {"lr": lr, "gradient_steps": self.gradient_steps}

    def gradient_step(self, obs: torch.Tensor, played: Played, entropy_coef: float) -> dict[str, float]:
        """One step on a minibatch with the observations [b, *obs_shape]; what the loss was made of."""
        device = self.compute.device
        with self.compute.autocast():
            out = self.net(obs.to(device))
        here = Played(*(x.to(device) for x in played))
        loss, parts = ppo_loss(out["policy"].float(), out["value"].float(), here, self.config, entropy_coef)
        self.optimiser.zero_grad()
        loss.backward()
        clip_grad_norm_(self.net.parameters(), self.config.max_grad_norm)
        self.optimiser.step()
        self.gradient_steps += 1
        return {name: part.item() for name, part in parts.items()}

    def own_state(self) -> Tree:
        return {"shuffling": self.shuffling.get_state()}

    def load_own_state(self, tree: Tree) -> None:
        self.shuffling.set_state(tree["shuffling"])

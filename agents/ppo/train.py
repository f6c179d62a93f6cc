"""Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347).

Collect a rollout with the current policy, then improve the policy on it for a few epochs while the
clipped objective keeps it near the one that played.

Deviations from the paper:
1. Advantages are normalised a minibatch (as in the authors' code, not in the paper).
2. Gradients are clipped by norm, Adam's epsilon is 1e-5 (likewise).
3. Rows whose action the environment ignored (NEXT_STEP autoreset) carry no loss.
4. The Atari clip range is not annealed, only the learning rate is, and where asked for the entropy bonus.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from agents.common.learner import Learner
from agents.common.losses import clipped_surrogate, entropy, log_prob, masked_mean, squared_error
from agents.common.returns import gae, standardised
from agents.common.rollout import Rollout
from agents.ppo.config import Config
from envs.vector import Journal
from supervised.nets.headed import HeadedNet
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Stopwatch, Tick
from tengen.seeding import Seeds


def network_heads(num_actions: int, config: Config) -> dict[str, int]:
    """The heads that PPO needs on top of a trunk."""
    return {"policy": num_actions, "value": 1}


def learning_rate(config: Config, done: float) -> float:
    """The learning rate after the share `done` of the training."""
    left, fall = max(0.0, 1 - done), 1 - config.anneal_from
    return config.lr if not config.anneal or left >= fall else config.lr * left / fall


def entropy_weight(config: Config, done: float) -> float:
    """The weight of the entropy bonus after the share `done` of the training."""
    return config.entropy_coef * (1 - config.entropy_fall * min(1.0, max(0.0, 3 * done - 1)))


class PPO(Learner):
    """`for tick in PPO(...).ticks(): ...` trains; `state` and `load` hold everything in between."""

    def __init__(
        self, config: Config, env: Journal, net: HeadedNet, compute: Compute, seeds: Seeds, total_steps: int
    ) -> None:
        """`total_steps` are environment steps over all games: the end of the learning-rate schedule."""
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.total_steps = total_steps
        self.optimiser = torch.optim.Adam(net.parameters(), lr=config.lr, eps=1e-5, fused=True)
        self.sampling = seeds.torch("actions")
        self.shuffling = seeds.torch("minibatches")
        self.step = 0
        self.gradient_steps = 0
        self.watch = Stopwatch()

    def ticks(self) -> Iterator[Tick]:
        c, env = self.config, self.env
        rollout = Rollout(c.num_steps, env.num_envs, env.obs_shape, env.obs_dtype)
        log_pi = torch.zeros(c.num_steps, env.num_envs)  # [T, B] of the policy that played
        value = torch.zeros(c.num_steps + 1, env.num_envs)  # [T + 1, B]
        if self.step == 0:
            self.obs = env.reset()
        while self.step < self.total_steps:
            for t in range(c.num_steps):
                action, log_pi[t], value[t] = self.act(rollout.observe(t, self.obs))
                with self.watch("environment"):
                    transition = env.step(action.numpy())
                rollout.record(t, action, transition, c.clip_reward, c.point_ends)
                self.obs = transition.obs
            value[c.num_steps] = self.act(torch.from_numpy(self.obs), sample=False)[2]
            self.step += c.num_steps * env.num_envs
            with self.watch("learning"):
                learned = self.learn(rollout, log_pi, value)
            yield Tick(self.step, env.metrics() | learned, self.watch.take())

    @torch.inference_mode()
    def act(self, obs: torch.Tensor, sample: bool = True) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions [B] int64, their log-probabilities [B] and the values [B], all on the CPU."""
        with self.watch("acting"), self.compute.autocast():
            out = self.net(obs.to(self.compute.device))
            logits, value = out["policy"].float().cpu(), out["value"].float().cpu()
            if not sample:
                return torch.empty(0), torch.empty(0), value
            action = torch.multinomial(logits.softmax(1), 1, generator=self.sampling).squeeze(1)
            return action, log_prob(logits, action), value

    def learn(self, rollout: Rollout, log_pi_old: torch.Tensor, value: torch.Tensor) -> dict[str, float]:
        """One pass of `epochs` over the rollout. `log_pi_old` [T, B], `value` [T + 1, B]."""
        c, device = self.config, self.compute.device
        advantage = gae(rollout.reward, c.gamma * rollout.discount, value, rollout.valid, c.gae_lambda)
        target = advantage + value[:-1]  # [T, B]
        action, valid = rollout.action.flatten(), rollout.valid.flatten()  # [T * B]
        log_pi_old, advantage, target = log_pi_old.flatten(), advantage.flatten(), target.flatten()
        done = (self.step - rollout.steps * rollout.num_envs) / self.total_steps  # share of the training
        lr, entropy_coef = learning_rate(c, done), entropy_weight(c, done)
        for group in self.optimiser.param_groups:
            group["lr"] = lr
        sums: dict[str, list[float]] = {
            "loss/policy": [],
            "loss/value": [],
            "entropy": [],
            "approx_kl": [],
            "clip_fraction": [],
        }
        for _ in range(c.epochs):
            for i in rollout.minibatches(c.minibatch, self.shuffling):
                obs, ok = rollout.obs.take(i).to(device), valid[i].to(device)
                with self.compute.autocast():
                    out = self.net(obs)
                logits = out["policy"].float()
                log_ratio = log_prob(logits, action[i].to(device)) - log_pi_old[i].to(device)
                ratio = log_ratio.exp()
                a = advantage[i].to(device)
                if c.normalise_advantage:
                    a = standardised(a)
                policy_loss = clipped_surrogate(ratio, a, c.clip, ok)  # Eq. 7
                value_loss = squared_error(out["value"].float(), target[i].to(device), ok)
                bonus = masked_mean(entropy(logits), ok)
                loss = policy_loss + c.value_coef * value_loss - entropy_coef * bonus  # Eq. 9
                self.optimiser.zero_grad()
                loss.backward()
                clip_grad_norm_(self.net.parameters(), c.max_grad_norm)
                self.optimiser.step()
                self.gradient_steps += 1
                with torch.no_grad():
                    kl = masked_mean(ratio - 1 - log_ratio, ok)  # the low-variance estimate of KL(old, new)
                    clipped = masked_mean(((ratio - 1).abs() > c.clip).float(), ok)
                for name, x in zip(sums, (policy_loss, value_loss, bonus, kl, clipped), strict=True):
                    sums[name].append(x.item())
        means = {name: float(np.mean(values)) for name, values in sums.items()}
        if c.point_ends and (points := rollout.reward[rollout.reward != 0]).numel():
            means["points_won"] = (points > 0).float().mean().item()  # known long before the games are finished
        return means | {"lr": lr, "gradient_steps": self.gradient_steps}

    def own_state(self) -> Tree:
        return {"sampling": self.sampling.get_state(), "shuffling": self.shuffling.get_state()}

    def load_own_state(self, tree: Tree) -> None:
        self.sampling.set_state(tree["sampling"])
        self.shuffling.set_state(tree["shuffling"])

"""Parallelised Q-network (Gallici et al. 2024, arXiv:2407.04811), its Algorithm 1:

    for each iteration:
        play epsilon-greedily in B environments for T steps                               Actor.play (act.py)
        compute the lambda-returns G_1 … G_T of max_a Q(s, a)                             lambda_returns
        for each epoch and each minibatch: a gradient step on (G - Q(s, a))^2             learn

Q-learning without a replay memory or a target network: many parallel games give fresh and varied
samples, layer normalisation keeps the bootstrapped values from diverging, lambda-returns propagate rewards
quickly.

Deviations from the paper:
1. Rows whose action the environment ignored (NEXT_STEP autoreset) carry no loss.
2. Weights start orthogonal, as in all of Tengen's networks.
3. The normalisation of a convolution has one gain and bias per channel (blocks.ChannelNorm).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from agents.common.acting import Actors
from agents.common.learner import Learner
from agents.common.losses import squared_error
from agents.common.returns import lambda_returns
from agents.common.rollout import Rollout
from agents.common.schedules import falling
from agents.pqn.act import Actor
from agents.pqn.config import Config
from envs.vector import Journal
from supervised.nets.headed import HeadedNet
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Tick
from tengen.seeding import Seeds


def network_heads(num_actions: int, config: Config) -> dict[str, int]:
    """The heads that PQN needs on top of a trunk."""
    return {"q": num_actions}


class PQN(Learner):
    """`for tick in PQN(...).ticks(): ...` trains; `state` and `load` hold everything in between."""

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
        """`total_steps` are environment steps over all games: the end of the schedules.

        `actors` play elsewhere; without them the games of `env` are played here.
        """
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.total_steps = total_steps
        self.optimiser = torch.optim.RAdam(net.parameters(), lr=config.lr)
        self.actors: Actors = actors or Actor(config, env, net, compute, seeds)
        self.shuffling = seeds.torch("minibatches")
        self.step = 0
        self.gradient_steps = 0

    def ticks(self) -> Iterator[Tick]:
        watch = self.actors.watch
        while self.step < self.total_steps:
            rollout, (best,) = self.actors.play(self.epsilon())
            with watch("learning"):
                learned = self.learn(rollout, best)
            self.step += rollout.played
            yield Tick(self.step, self.actors.metrics() | learned, watch.take())

    def epsilon(self) -> float:
        """Fraction of random actions at the current step."""
        c = self.config
        done = min(1.0, self.step / max(1.0, c.exploration_fraction * self.total_steps))
        return c.epsilon_start + done * (c.epsilon_end - c.epsilon_start)

    def learn(self, rollout: Rollout, best: torch.Tensor) -> dict[str, float]:
        """`epochs` passes that move Q(s, a) towards the lambda-returns; `best` [T + 1, B] is max_a Q(s, a)."""
        c, device = self.config, self.compute.device
        target = lambda_returns(rollout.reward, c.gamma * rollout.discount, best[1:], rollout.valid, c.q_lambda)
        action, valid, target = rollout.action.flatten(), rollout.valid.flatten(), target.flatten()  # [T * B]
        lr = falling(c.lr, self.step / self.total_steps) if c.anneal else c.lr
        for group in self.optimiser.param_groups:
            group["lr"] = lr
        losses, predictions = [], []
        for _ in range(c.epochs):
            for i in rollout.minibatches(c.minibatch, self.shuffling):  # indices into [T * B]
                with self.compute.autocast():
                    q = self.net(rollout.obs.take(i).to(device))["q"].float()  # [b, A]
                chosen = q.gather(1, action[i].to(device)[:, None]).squeeze(1)  # [b]
                loss = squared_error(chosen, target[i].to(device), valid[i].to(device))
                self.optimiser.zero_grad()
                loss.backward()
                clip_grad_norm_(self.net.parameters(), c.max_grad_norm)
                self.optimiser.step()
                self.gradient_steps += 1
                losses.append(loss.item())
                predictions.append(chosen.mean().item())
        return {
            "loss/q": float(np.mean(losses)),
            "q": float(np.mean(predictions)),
            "epsilon": self.epsilon(),
            "lr": lr,
            "gradient_steps": self.gradient_steps,
        }

    def own_state(self) -> Tree:
        return {"shuffling": self.shuffling.get_state()}

    def load_own_state(self, tree: Tree) -> None:
        self.shuffling.set_state(tree["shuffling"])

"""REINFORCE (Williams 1992), as in "Pong from Pixels" (Karpathy 2016): the readable beginning.

    for each iteration:
        play whole games with the policy pi                                               Actor.play (act.py)
        compute the return G_t that followed each action                                  discounted_sum
        take a gradient step on -mean of log pi(a_t|s_t) G_t                              learn

Every action becomes more likely in proportion to the return that followed it.

Deviations from the post:
1. Several games are played in parallel; an update takes all of them, each to its end.
2. A convolutional network on four stacked screens instead of a dense one on the difference of two.
3. `baseline` may subtract a learned value from the return (off for Pong, as in the post).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn.utils import clip_grad_norm_

from agents.common.acting import Actors
from agents.common.learner import Learner
from agents.common.losses import log_prob, policy_gradient
from agents.common.returns import discounted_sum, standardised
from agents.common.rollout import Rollout
from agents.reinforce.act import Actor
from agents.reinforce.config import Config
from envs.vector import Journal
from supervised.nets.headed import HeadedNet
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Tick
from tengen.seeding import Seeds


def network_heads(num_actions: int, config: Config) -> dict[str, int]:
    """The heads that REINFORCE needs on top of a trunk; the value is used with `baseline` only."""
    return {"policy": num_actions, "value": 1}


class Reinforce(Learner):
    """`for tick in Reinforce(...).ticks(): ...` trains; a tick is one update."""

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
        """`total_steps` are environment steps over all games.

        `actors` play elsewhere; without them the games of `env` are played here.
        """
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.total_steps = total_steps
        self.optimiser = torch.optim.RMSprop(net.parameters(), lr=config.lr, alpha=config.decay)
        self.actors: Actors = actors or Actor(config, env, net, compute, seeds)
        self.step = 0
        self.gradient_steps = 0

    def ticks(self) -> Iterator[Tick]:
        watch = self.actors.watch
        while self.step < self.total_steps:
            rollout, (counts,) = self.actors.play()
            self.step += rollout.played
            with watch("learning"):
                learned = self.learn(rollout, len(counts), counts)
            yield Tick(self.step, self.actors.metrics() | learned, watch.take())

    def learn(self, rollout: Rollout, steps: int, counts: torch.Tensor) -> dict[str, float]:
        """One update from the rows [T, B] that `counts` marks."""
        c, device = self.config, self.compute.device
        carry = c.gamma * rollout.discount[:steps] * ~rollout.ended[:steps]  # nothing crosses a game's end
        returns = discounted_sum(rollout.reward[:steps], carry)  # [T, B]
        rows = counts.flatten().nonzero().squeeze(1)  # indices into [T * B]
        target, action = returns.flatten()[rows], rollout.action.flatten()[rows]
        value = torch.zeros_like(target)
        if c.baseline:
            with torch.inference_mode():
                value = torch.cat(
                    [self.net(rollout.obs.take(i).to(device))["value"].cpu() for i in rows.split(c.chunk)]
                )
        advantage = target - value
        if c.standardise:
            advantage = standardised(advantage)
        self.optimiser.zero_grad()
        total = 0.0
        for i in torch.arange(len(rows)).split(c.chunk):
            with self.compute.autocast():
                out = self.net(rollout.obs.take(rows[i]).to(device))
            log_pi = log_prob(out["policy"].float(), action[i].to(device))  # [b]
            loss = policy_gradient(log_pi, advantage[i].to(device)).sum()
            if c.baseline:
                loss = loss + 0.5 * (out["value"].float() - target[i].to(device)).square().sum()
            loss = loss / len(rows)  # chunks add up to the mean over all rows
            loss.backward()
            total += loss.item()
        if c.max_grad_norm > 0:
            clip_grad_norm_(self.net.parameters(), c.max_grad_norm)
        self.optimiser.step()
        self.gradient_steps += 1
        return {"loss": total, "return": target.mean().item(), "gradient_steps": self.gradient_steps}

    def own_state(self) -> Tree:
        return {}

    def load_own_state(self, tree: Tree) -> None:
        del tree

"""Deep Q-network (Mnih et al. 2015, Nature 518), its Algorithm 1:

    initialise the replay D, the network Q, and the target network Q_target as a copy of Q
    for each step:
        with probability epsilon take a random action a, else argmax_a Q(s, a)        act.py: Actor
        observe the reward r and the next state s'; store (s, a, r, s') in D          Replay.add
        sample a minibatch of D                                                       learn
        y = r + gamma max_a' Q_target(s', a'), or r where the game ended
        take a gradient step on (y - Q(s, a))^2
        every C gradient steps: Q_target = Q

Ideas from later papers each replace one of its lines. `DQN.__init__` selects them:

    double        y                       targets.py: dqn_target or double_q_target
    n-step        r and s'                agents/common/replay/n_step.py
    prioritised   "sample a minibatch"    agents/common/replay: sampling.py or prioritised.py
    dueling       Q                       `network_heads`; supervised/nets/heads.py: Q or Dueling
    Ape-X         who acts                workers.py, with act.py and priorities.py (Horgan 2018): `--workers`

Deviations from the paper:
1. Several games are played in parallel; the ratio of steps to gradient steps is the paper's.
2. Adam instead of RMSProp (as in Rainbow and Dopamine's later figures), gradient norm clipped.
3. The later ideas are options, turned off in the preset `atari`.
4. Training games may use sticky actions (`--sticky`), as Machado 2018 recommends; the paper had none.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from agents.common.learner import Learner
from agents.common.losses import huber
from agents.common.replay.prioritised import Prioritised
from agents.common.replay.replay import Replay
from agents.common.replay.sampling import Sampler, Uniform
from agents.common.replay.shards import Memory, memory_of
from agents.common.replay.size import check_memory
from agents.dqn.act import Actor, ReplayActors, Turn, annealed_epsilon
from agents.dqn.config import Config
from agents.dqn.targets import Target, double_q_target, dqn_target
from envs.vector import Journal
from supervised.nets.headed import HeadedNet, load_weights
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Tick
from tengen.seeding import Seeds, generator_state, restore_generator

_MOST_ROUNDS = 16  # played at a time while no gradient steps are due


def network_heads(num_actions: int, config: Config) -> dict[str, int]:
    """The head that DQN needs on top of a trunk: action values, from two streams with `dueling`."""
    return {"dueling" if config.dueling else "q": num_actions}


class DQN(Learner):
    """`for tick in DQN(...).ticks(): ...` trains; `state` and `load` cover everything in between."""

    def __init__(
        self,
        config: Config,
        env: Journal,
        net: HeadedNet,
        compute: Compute,
        seeds: Seeds,
        total_steps: int,
        actors: ReplayActors | None = None,
    ) -> None:
        """`total_steps` are environment steps over all games.

        `actors` play elsewhere; without them, the games of `env` are played in this process.
        """
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.total_steps = total_steps
        self.memory_needed = check_memory(config.replay, env.obs_shape, env.obs_dtype)
        (self.head,) = network_heads(env.num_actions, config)
        self.target_net = copy.deepcopy(net).requires_grad_(False)
        self.optimiser = torch.optim.Adam(net.parameters(), lr=config.lr, eps=1.5e-4, fused=True)
        self.actors: ReplayActors = actors or Actor(config, env, net, compute, seeds)
        self.drawing = seeds.numpy("replay")
        self.target: Target = double_q_target if config.double else dqn_target
        memory: Memory = memory_of(config.replay, env.num_envs, self.actors.workers, env.obs_shape, env.obs_dtype)
        sampler: Sampler = Uniform(memory, self.drawing)
        if config.prioritised:
            sampler = Prioritised(memory, self.drawing, config.priority_exponent, config.priority_correction)
        self.replay = Replay(memory, sampler, config.n_step, config.gamma)
        self.step = 0
        self.gradient_steps = 0

    def ticks(self) -> Iterator[Tick]:
        c, watch = self.config, self.actors.watch
        while self.step < self.total_steps:
            learned: list[tuple[float, float]] = []
            end = min(self.total_steps, (self.step // c.tick_steps + 1) * c.tick_steps)
            while self.step < end:
                before = self.step
                for worker, experience in self.actors.play(Turn(before, self.rounds(end), self.gradient_steps)):
                    self.replay.add(experience, worker)
                    self.step += experience.action.size
                for _ in range(self.gradient_steps_due(before)):
                    with watch("learning"):
                        learned.append(self.learn())
            loss, q = np.mean(learned, axis=0) if learned else (0.0, 0.0)
            metrics = {"loss/q": float(loss), "q": float(q), "epsilon": annealed_epsilon(c, self.step)}
            played = self.actors.metrics()
            yield Tick(self.step, played | metrics | {"gradient_steps": self.gradient_steps}, watch.take())

    @property
    def learning_from(self) -> int:
        """The environment step from which gradient steps are due: the start of the last round of random play."""
        return self.config.learning_starts // self.config.num_envs * self.config.num_envs

    def rounds(self, end: int) -> int:
        """Number of steps per game before the next gradient step, or before step `end`."""
        c = self.config
        due = (max(self.step, self.learning_from) // c.train_every + 1) * c.train_every
        return max(1, min(_MOST_ROUNDS, -(-(min(due, end) - self.step) // c.num_envs)))

    def gradient_steps_due(self, before: int) -> int:
        """Gradient steps due for the steps since `before`: one per `train_every`, once learning has started."""
        if self.step <= self.config.learning_starts or not self.replay.ready:
            return 0
        every = self.config.train_every
        return self.step // every - max(before, self.learning_from) // every

    def q(self, obs: torch.Tensor) -> torch.Tensor:
        """Q(s, .) [N, A] of observations [N, *obs_shape]."""
        values: torch.Tensor = self.net(obs)[self.head].float()
        return values

    def q_target(self, obs: torch.Tensor) -> torch.Tensor:
        """Q_target(s, .) [N, A] of observations [N, *obs_shape]."""
        values: torch.Tensor = self.target_net(obs)[self.head].float()
        return values

    def learn(self) -> tuple[float, float]:
        """Take one gradient step; returns (loss, mean Q of the samples' actions)."""
        c, device = self.config, self.compute.device
        batch = self.replay.sample(c.minibatch, self.step / self.total_steps)
        obs, action, reward, discount, later, weight = (torch.from_numpy(x).to(device) for x in batch[:6])
        with torch.no_grad(), self.compute.autocast():
            y = self.target(reward, discount, later, self.q, self.q_target)  # [N]
        with self.compute.autocast():
            q = self.q(obs)  # [N, A]
        chosen = q.gather(1, action[:, None]).squeeze(1)  # [N]
        error = y - chosen
        loss = (weight * huber(error)).mean()
        self.optimiser.zero_grad()
        loss.backward()
        clip_grad_norm_(self.net.parameters(), c.max_grad_norm)
        self.optimiser.step()
        self.gradient_steps += 1
        self.replay.update(batch.place, error.detach().cpu().numpy())
        if self.gradient_steps % c.target_every == 0:
            self.target_net.load_state_dict(self.net.state_dict())
        return loss.item(), chosen.mean().item()

    def attach(self, run_folder: Path, writing: bool) -> None:
        self.replay.attach(run_folder, writing)

    def remarks(self) -> list[str]:
        return [self.memory_needed]

    def own_state(self) -> Tree:
        return {
            "target": dict(self.target_net.state_dict()),
            "drawing": generator_state(self.drawing),
            "replay": self.replay.state(),
        }

    def salvage(self, tree: Tree) -> None:
        """Like `load`, but skip replay files that are missing or damaged."""
        self.replay.forgiving = True
        try:
            self.load(tree)
        finally:
            self.replay.forgiving = False

    def load_own_state(self, tree: Tree) -> None:
        load_weights(self.target_net, tree["target"], "the checkpoint (target network)")
        restore_generator(self.drawing, tree["drawing"])
        self.replay.load(tree["replay"])

"""Deep Q-network (Mnih et al. 2015, Nature 518), with the options that later papers added.

Play epsilon-greedily, remember everything, and move Q(s, a) towards r + gamma * max Q_target(s', .) on
random memories.

Deviations from the paper:
1. Several games are played side by side; the ratio of steps to gradient steps is the paper's.
2. Adam instead of RMSProp (as in Rainbow and Dopamine's later figures), gradient norm clipped.
3. Double, dueling, n-step and prioritised replay are options, off in the preset `atari`.
4. Training games may use sticky actions (`--sticky`), as Machado 2018 asks; the paper had none.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from agents.common.learner import Learner
from agents.common.losses import huber, q_target
from agents.common.replay import Replay, check_memory, remove_old_segments
from agents.dqn.config import Config
from envs.vector import Journal
from supervised.nets.headed import HeadedNet, load_weights
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Stopwatch, Tick
from tengen.seeding import Seeds, generator_state, restore_generator

_CHECKPOINTS_IN_USE = 3  # whose segments stay on disk: those kept, and the one being written


def network_heads(num_actions: int, config: Config) -> dict[str, int]:
    """The head that DQN needs on top of a trunk."""
    return {"dueling" if config.dueling else "q": num_actions}


class DQN(Learner):
    """`for tick in DQN(...).ticks(): ...` trains; `state` and `load` hold everything in between."""

    def __init__(
        self, config: Config, env: Journal, net: HeadedNet, compute: Compute, seeds: Seeds, total_steps: int
    ) -> None:
        """`total_steps` are environment steps over all games."""
        self.config, self.env, self.net, self.compute = config, env, net, compute
        self.total_steps = total_steps
        self._remark = check_memory(config.replay, env.obs_shape, env.obs_dtype)
        self.target = copy.deepcopy(net).requires_grad_(False)
        self.optimiser = torch.optim.Adam(net.parameters(), lr=config.lr, eps=1.5e-4, fused=True)
        self.exploring = seeds.numpy("exploration")
        self.drawing = seeds.numpy("replay")
        self.replay = Replay(
            config.replay,
            env.num_envs,
            env.obs_shape,
            env.obs_dtype,
            n_step=config.n_step,
            gamma=config.gamma,
            random=self.drawing,
            priority_exponent=config.priority_exponent if config.prioritised else None,
        )
        self.replay_folder: Path | None = None  # where full segments of the replay go
        self.replay_writing = True
        self._named: deque[set[str]] = deque(maxlen=_CHECKPOINTS_IN_USE)
        self._head = next(iter(net.heads))
        self.step = 0
        self.gradient_steps = 0
        self.watch = Stopwatch()

    def attach(self, run_folder: Path, writing: bool) -> None:
        self.replay_folder, self.replay_writing = run_folder / "checkpoints" / "replay", writing

    def remarks(self) -> list[str]:
        """What the user should know before the training starts."""
        return [self._remark]

    def ticks(self) -> Iterator[Tick]:
        c, env = self.config, self.env
        if self.step == 0:
            self.obs = env.reset()
        while self.step < self.total_steps:
            sums: list[tuple[float, float]] = []
            end = min(self.total_steps, (self.step // c.tick_steps + 1) * c.tick_steps)
            while self.step < end:
                action = self.act(self.obs)
                with self.watch("environment"):
                    transition = env.step(action)
                reward = np.clip(transition.reward, -1, 1) if c.clip_reward else transition.reward
                discount = np.where(reward != 0, 0, transition.discount) if c.point_ends else transition.discount
                self.replay.add(self.obs, action, transition, reward, discount)
                self.obs = transition.obs
                before = self.step
                self.step += env.num_envs
                if self.step > c.learning_starts and self.replay.ready:
                    with self.watch("learning"):
                        sums += [self.learn() for _ in range(self.step // c.train_every - before // c.train_every)]
            loss, q = np.mean(sums, axis=0) if sums else (0.0, 0.0)
            learned = {"loss/q": float(loss), "q": float(q), "epsilon": self.epsilon()}
            yield Tick(self.step, env.metrics() | learned | {"gradient_steps": self.gradient_steps}, self.watch.take())

    def epsilon(self) -> float:
        """Fraction of random actions at the current step: 1 until learning starts, then falling."""
        c = self.config
        done = (self.step - c.learning_starts) / max(1, c.epsilon_steps)
        return float(np.interp(done, (0, 1), (1, c.epsilon_end)))

    @torch.inference_mode()
    def act(self, obs: np.ndarray) -> np.ndarray:
        """Epsilon-greedy actions [B] int64 for observations [B, *obs_shape]."""
        with self.watch("acting"), self.compute.autocast():
            random = self.exploring.integers(self.env.num_actions, size=len(obs))
            explore = self.exploring.random(len(obs)) < self.epsilon()
            if explore.all():
                return random
            greedy = self.net(torch.from_numpy(obs).to(self.compute.device))[self._head].argmax(1).cpu().numpy()
            return np.where(explore, random, greedy)

    def learn(self) -> tuple[float, float]:
        """One gradient step: (loss, mean Q of the samples' actions)."""
        c, device = self.config, self.compute.device
        beta = c.priority_correction + (1 - c.priority_correction) * min(1.0, self.step / self.total_steps)
        batch = self.replay.sample(c.minibatch, beta)
        obs, later = torch.from_numpy(batch.obs).to(device), torch.from_numpy(batch.later).to(device)
        reward, discount = torch.from_numpy(batch.reward).to(device), torch.from_numpy(batch.discount).to(device)
        action = torch.from_numpy(batch.action).to(device)
        with torch.no_grad(), self.compute.autocast():
            q_later = self.target(later)[self._head].float()  # [N, A]
            selector = self.net(later)[self._head].float() if c.double else q_later
        target = q_target(reward, discount, q_later, selector)  # [N]
        with self.compute.autocast():
            q = self.net(obs)[self._head].float()  # [N, A]
        chosen = q.gather(1, action[:, None]).squeeze(1)  # [N]
        error = target - chosen
        loss = (torch.from_numpy(batch.weight).to(device) * huber(error)).mean()
        self.optimiser.zero_grad()
        loss.backward()
        clip_grad_norm_(self.net.parameters(), c.max_grad_norm)
        self.optimiser.step()
        self.gradient_steps += 1
        self.replay.update(batch.place, error.detach().cpu().numpy())
        if self.gradient_steps % c.target_every == 0:
            self.target.load_state_dict(self.net.state_dict())
        return loss.item(), chosen.mean().item()

    def own_state(self) -> Tree:
        replay = self.replay.state(self.replay_folder, self.replay_writing)
        self._named.append(set(replay["segments"]))
        if self.replay_folder and self.replay_writing and self.replay_folder.is_dir():
            remove_old_segments(self.replay_folder, set().union(*self._named))
        return {
            "target": dict(self.target.state_dict()),
            "exploring": generator_state(self.exploring),
            "drawing": generator_state(self.drawing),
            "replay": replay,
        }

    def load_own_state(self, tree: Tree) -> None:
        load_weights(self.target, tree["target"], "the checkpoint (target network)")
        restore_generator(self.exploring, tree["exploring"])
        restore_generator(self.drawing, tree["drawing"])
        self.replay.load(tree["replay"], self.replay_folder)
        self._named.append(set(tree["replay"]["segments"]))

"""Who plays for DQN: the games of this process, or the part of them that a worker has.

In Ape-X (Horgan et al. 2018, arXiv:1803.00933) many actors play for one learner, each with its own amount of
exploration, and say at once which of their steps are worth learning from (agents/dqn/priorities.py).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from agents.common.exploration import epsilon_greedy
from agents.common.replay.experience import Experience, joined, one_round
from agents.common.rewards import learned_from
from agents.common.schedules import linear
from agents.dqn.config import Config
from agents.dqn.priorities import FirstErrors
from envs.vector import Journal
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.metrics import Stopwatch
from tengen.seeding import generator_state, restore_generator


def annealed_epsilon(config: Config, step: int) -> float:
    """Fraction of random actions after `step` environment steps: 1 until learning starts, then falling."""
    return linear(1.0, config.epsilon_end, (step - config.learning_starts) / max(1, config.epsilon_steps))


def ladder(epsilon: float, worker: int, workers: int, spread: float) -> float:
    """Worker i's fraction of random actions: epsilon^(1 + alpha i / (N - 1)) (Horgan 2018, section 4.1).

    `spread` is alpha. The paper's epsilon is 0.4 throughout; here it is the annealed one, so that a single worker, and
    the first of several, explores like a training without workers.
    """
    return float(epsilon ** (1 + spread * worker / max(1, workers - 1)))


class Actor:
    """Plays B games epsilon-greedily; `play` is a function of its state, the network and the arguments."""

    obs: np.ndarray  # [B, *obs_shape] what is to be acted on next

    def __init__(
        self,
        config: Config,
        env: Journal,
        q: Callable[[torch.Tensor], torch.Tensor],
        compute: Compute,
        random: np.random.Generator,
        *,
        worker: int = 0,
        workers: int = 1,
        with_errors: bool = False,
        watch: Stopwatch | None = None,
    ) -> None:
        """`q`: observations -> action values [B, A]; `with_errors` adds first errors to what is played."""
        self.config, self.env, self.q, self.compute, self.random = config, env, q, compute, random
        self.worker, self.workers = worker, workers
        self.first_errors = FirstErrors(config.n_step, config.gamma, env.num_envs) if with_errors else None
        self.watch = watch or Stopwatch()

    def begin(self) -> None:
        self.obs = self.env.reset()

    def epsilon(self, step: int) -> float:
        """Of this worker after `step` environment steps over all games of all workers."""
        return ladder(annealed_epsilon(self.config, step), self.worker, self.workers, self.config.epsilon_spread)

    def play(self, step: int, rounds: int = 1) -> Experience:
        """`rounds` steps of each game, from environment step `step` on, counted over all games of all workers."""
        played, values = list[Experience](), list[np.ndarray]()
        for round_ in range(rounds):
            action, q = self.act(self.epsilon(step + round_ * self.config.num_envs))
            with self.watch("environment"):
                transition = self.env.step(action)
            reward, discount = learned_from(transition, self.config.clip_reward, self.config.point_ends)
            played.append(one_round(self.obs, action, transition, reward, discount))
            values.append(q)
            self.obs = transition.obs
        new = joined(played)
        return new._replace(error=self.first_errors.of(new, np.stack(values))) if self.first_errors else new

    @torch.inference_mode()
    def act(self, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
        """Epsilon-greedy actions [B] int64, and the action values [B, A] where first errors need them."""
        q = np.zeros(0, np.float32)

        def greedy() -> torch.Tensor:
            nonlocal q
            values = self.q(torch.from_numpy(self.obs).to(self.compute.device))
            if self.first_errors:
                q = values.cpu().numpy()
            return values.argmax(1)

        with self.watch("acting"), self.compute.autocast():
            action = epsilon_greedy(epsilon, self.env.num_actions, len(self.obs), self.random, greedy)
            if self.first_errors and not len(q):
                greedy()
        return action.numpy(), q

    def state(self) -> Tree:
        errors = self.first_errors.state() if self.first_errors else {}
        return {"env": self.env.state(), "exploring": generator_state(self.random), "errors": errors}

    def load(self, tree: Tree) -> None:
        self.obs = self.env.load(tree["env"])
        restore_generator(self.random, tree["exploring"])
        if self.first_errors and tree["errors"]:
            self.first_errors.load(tree["errors"])

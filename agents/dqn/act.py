"""DQN's actors: they play the games in this process, or a worker's part of them.

In Ape-X (Horgan et al. 2018, arXiv:1803.00933) many actors play for one learner, each with its own amount of
exploration, and report at once which of their steps are worth learning from (priorities.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch

from agents.common.acting import AnyActor, AnyActors
from agents.common.exploration import epsilon_greedy
from agents.common.replay.experience import Experience, joined, one_round
from agents.common.rewards import learned_from
from agents.common.schedules import linear
from agents.dqn.config import Config
from agents.dqn.priorities import FirstErrors
from tengen.checkpoint import Tree
from tengen.seeding import generator_state, restore_generator


class Turn(NamedTuple):
    """A request to an actor."""

    step: int = 0  # environment steps so far, over all games of all workers
    rounds: int = 1  # steps of each game to play
    version: int = 0  # of the weights: gradient steps so far


class Played(NamedTuple):
    """An actor's answer."""

    worker: int
    experience: Experience


class ReplayActors(AnyActors[Sequence[Played]], Protocol):
    """Actors that play for a replay."""

    workers: int  # that have a part of the games each


def annealed_epsilon(config: Config, step: int) -> float:
    """Fraction of random actions after `step` environment steps: 1 until learning starts, then falling."""
    return linear(1.0, config.epsilon_end, (step - config.learning_starts) / max(1, config.epsilon_steps))


def ladder(epsilon: float, worker: int, workers: int, spread: float) -> float:
    """Worker i's fraction of random actions: epsilon^(1 + alpha i / (N - 1)) (Horgan 2018, section 4.1).

    `spread` is alpha. The paper's epsilon is 0.4 throughout; here it is the annealed one, so that a single worker, and
    the first of several, explores like a training without workers.
    """
    return float(epsilon ** (1 + spread * worker / max(1, workers - 1)))


class Actor(AnyActor[Sequence[Played]]):
    """Plays B games epsilon-greedily."""

    generator_name = "exploration"
    workers = 1
    first_errors: FirstErrors | None = None

    def give_first_errors(self) -> None:
        """From now on with what is played come errors of the rows before."""
        self.first_errors = FirstErrors(self.config.n_step, self.config.gamma, self.env.num_envs)

    def epsilon(self, step: int) -> float:
        """Of this worker after `step` environment steps over all games of all workers."""
        worker, workers = self.share
        return ladder(annealed_epsilon(self.config, step), worker, workers, self.config.epsilon_spread)

    def play(self, task: Any = None) -> Sequence[Played]:
        """What `task`, a `Turn`, asks for."""
        turn: Turn = task
        played, values = list[Experience](), list[np.ndarray]()
        for round_ in range(turn.rounds):
            action, q = self.act(self.epsilon(turn.step + round_ * self.config.num_envs))
            with self.watch("environment"):
                transition = self.env.step(action)
            reward, discount = learned_from(transition, self.config.clip_reward, self.config.point_ends)
            played.append(one_round(self.obs, action, transition, reward, discount))
            values.append(q)
            self.obs = transition.obs
        new = joined(played)
        if self.first_errors:
            new = new._replace(error=self.first_errors.of(new, np.stack(values)))
        return [Played(self.share.worker, new)]

    @torch.inference_mode()
    def act(self, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
        """Epsilon-greedy actions [B] int64, and the action values [B, A] where first errors need them."""
        (head,) = self.net.heads
        q = np.zeros(0, np.float32)

        def greedy() -> torch.Tensor:
            nonlocal q
            values: torch.Tensor = self.net(torch.from_numpy(self.obs).to(self.compute.device))[head].float()
            if self.first_errors:
                q = values.cpu().numpy()
            return values.argmax(1)

        with self.watch("acting"), self.compute.autocast():
            action = epsilon_greedy(epsilon, self.env.num_actions, len(self.obs), self.generator, greedy)
            if self.first_errors and not len(q):
                greedy()
        return action.numpy(), q

    def new_generator(self, name: str) -> np.random.Generator:
        return self.seeds.numpy(name)

    def generator_state(self) -> Tree:
        return generator_state(self.generator)

    def restore_generator(self, state: Tree) -> None:
        restore_generator(self.generator, state)

    def state(self) -> Tree:
        return super().state() | ({"errors": self.first_errors.state()} if self.first_errors else {})

    def restore(self, state: Tree) -> None:
        super().restore(state)
        if self.first_errors:
            self.give_first_errors()
            if "errors" in state:
                self.first_errors.load(state["errors"])

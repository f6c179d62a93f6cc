"""DQN whose games are played by workers on Ray: Ape-X (Horgan et al. 2018, arXiv:1803.00933).

    learner                                              worker i of N, on Ray
    Elsewhere.play  ── weights, once a version ────────▶  ReplayWorker.use
                    ◀─ some rounds of B/N games: single
                       frames of bytes, rewards, first
                       errors ──────────────────────────  ReplayWorker.work
    a ring for each worker; samples of all of them

The learner takes the gradient steps due from new experience; workers that are ahead wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.dqn.act import Actor, Played, Turn
from agents.settings import Settings
from agents.workers import ActingWorker, Workers, weights_of
from envs.vector import Episode, Journal
from supervised.nets.headed import HeadedNet

ROUNDS = 16  # steps of each game in a unit: with 8 games on one worker as much as the paper's actors send at a time


class ReplayWorker(ActingWorker):
    """Plays its share of the games; with priorities it computes initial errors, except with `sync`, where nothing may
    differ from a single process."""

    actor: Actor

    def __init__(self, description: dict[str, Any], worker: int, workers: int) -> None:
        super().__init__(description, worker, workers)
        if self.actor.config.prioritised and not self.settings.sync:
            self.actor.give_first_errors()

    def work(self, task: Turn) -> tuple[tuple[Played, list[Episode]], float]:
        (played,) = self.actor.play(task)
        return (played, self.actor.env.take_finished()), played.experience.action.size


class Elsewhere(Workers):
    """`ReplayActors` that are workers on Ray."""

    worker = "agents.dqn.workers:ReplayWorker"

    def __init__(self, description: dict[str, Any], settings: Settings, env: Journal, net: HeadedNet) -> None:
        super().__init__(description, settings, env, net)
        self._sync = settings.sync
        self._version, self._seen = 0, -1  # of the weights as published, and gradient steps by then
        self._turn = self._looked = Turn()

    def play(self, task: Any = None) -> Sequence[Played]:
        """A unit of each worker, or more where otherwise one would become too old."""
        turn: Turn = task
        with self.watch("copying"):
            self._turn, changed = turn, turn.version != self._seen
            self._version, self._seen = self._version + changed, turn.version
            turn = turn if self._sync else turn._replace(rounds=ROUNDS)
            self.pool.publish(self._version, weights_of(self.net) if changed else None, turn)
        with self.watch("waiting"):
            results = [result.value for result in self.pool.collect(self.workers)]
        for _, episodes in results:
            for episode in episodes:
                self.scores.add(episode)
        return [played for played, _ in results]

    def metrics(self) -> dict[str, float]:
        """Also the gradient steps per environment step since the last time."""
        (steps, _, learned), (steps_then, _, learned_then) = self._turn, self._looked
        self._looked = self._turn
        ratio = (learned - learned_then) / max(1, steps - steps_then)
        return super().metrics() | {"worker/replay_ratio": ratio}

"""DQN with workers on Ray that play the games: Ape-X (Horgan et al. 2018, arXiv:1803.00933).

    learner                                              worker i of N, on Ray
    Elsewhere.play  ── weights, once per version ──────▶  ReplayWorker.use
                    ◀─ some rounds of B/N games: single
                       frames of bytes, rewards, first
                       errors ──────────────────────────  ReplayWorker.work
    a ring for each worker; samples of all of them

The learner takes the gradient steps due from the experience that has arrived; workers that are ahead wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.dqn.act import Actor, Played, Turn
from agents.settings import Settings
from agents.workers import ActingWorker, Workers, weights_of
from envs.vector import Episode, Journal
from supervised.nets.headed import HeadedNet

ROUNDS = 16  # steps per game in a unit; 8 games on one worker then send as much at a time as the paper's actors


class ReplayWorker(ActingWorker):
    """Plays its share of the games; with priorities it also computes first errors, except with `sync`, where nothing
    may differ from a single process."""

    actor: Actor

    def __init__(self, description: dict[str, Any], worker: int, workers: int) -> None:
        super().__init__(description, worker, workers)
        if self.actor.config.prioritised and not self.settings.sync:
            self.actor.give_first_errors()

    def work(self, task: Turn) -> tuple[tuple[Played, list[Episode]], float]:
        (played,) = self.actor.play(task)
        return (played, self.actor.env.take_finished()), played.experience.action.size


class Elsewhere(Workers):
    """`ReplayActors` made of workers on Ray."""

    worker = "agents.dqn.workers:ReplayWorker"

    def __init__(self, description: dict[str, Any], settings: Settings, env: Journal, net: HeadedNet) -> None:
        super().__init__(description, settings, env, net)
        self._sync = settings.sync
        self._version, self._seen = 0, -1  # published version of the weights, and its gradient steps
        self._turn = self._looked = Turn()

    def play(self, task: Any = None) -> Sequence[Played]:
        """Collect at least one unit per worker, more if a unit would otherwise become too stale."""
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
        """Also the gradient steps per environment step since the last call."""
        (steps, _, learned), (steps_then, _, learned_then) = self._turn, self._looked
        self._looked = self._turn
        ratio = (learned - learned_then) / max(1, steps - steps_then)
        return super().metrics() | {"worker/replay_ratio": ratio}

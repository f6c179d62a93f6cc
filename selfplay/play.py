"""Self-play: many games at once, each searching independently, so that the network's batch stays full.

A game's moves depend only on its number and the network, not on the other games: all randomness of a move follows from
(seed, game, move). Between two iterations all searches are dropped and restarted, in interrupted and uninterrupted
trainings alike; so the state of self-play is the current positions and trajectories, and no tree has to be saved.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.alphazero.config import Config
from agents.search.evaluators import Evaluator
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig, SearchResult
from envs.boards.game import Game
from selfplay.checked import games_in_progress
from selfplay.ending import settled, why_ended
from selfplay.record import GameRecord
from selfplay.trajectory import Trajectory


class SelfPlay:
    """`play(n)` makes n moves over all games and returns the games that ended."""

    def __init__(
        self, game: Game, config: Config, evaluator: Evaluator, seed: int, first: int = 0, every: int = 1
    ) -> None:
        """Games are numbered `first`, `first + every`, …: actors of the same seed play different games."""
        self.game, self.config, self.seed, self.every = game, config, seed, every
        self.states = game.new(config.boards)
        self.model = GameModel(game, evaluator, self.states)
        self.search = Search(
            self.model, config.boards, config.simulations, search_config(config), np.zeros(config.boards, int).tolist()
        )
        self.rows = np.arange(config.boards)
        self.next, self.ended = first, 0  # the next game's number; games that have ended
        self.spare: list[int] = []  # numbers below it that nobody has played yet: they come first
        self.network = 0  # gradient steps of the network in use
        self.full = np.zeros(config.boards, bool)  # this move is fully searched
        self.trajectories = [self._begin_game(b) for b in range(config.boards)]
        self.rounds = 0

    def play(self, moves: int) -> list[GameRecord]:
        """Go on until `moves` moves have been made; the games that ended on the way."""
        done: list[GameRecord] = []
        self.search.forget(self.rows)
        self._begin_searches(self.rows)
        made = 0
        while made < moves:
            self.search.round(self.rows)
            self.rounds += 1
            ready = self.search.finished(self.rows)
            if len(ready) == 0:
                continue
            done += self._move(ready)
            made += len(ready)
            self._begin_searches(ready)
        return done

    def _begin_game(self, b: int) -> Trajectory:
        number = self._next_number()
        random = np.random.default_rng([self.seed, number])
        c = self.config
        state = self.game.new(1)
        komi = 0.0
        if self.game.can.komi:
            komi = self.game.can.komi.usual
            if c.komi_spread:
                komi += round(float(random.normal(0, c.komi_spread)))
            self.game.can.komi.give(state, komi)
        self.states[b] = state[0]
        opening = int(random.exponential(c.opening_moves) + 0.5) if c.opening_moves else 0
        may_resign = bool(random.random() >= c.resign_played_on)
        return Trajectory(number, self.network, komi, opening, may_resign)

    def _next_number(self) -> int:
        if self.spare:
            return self.spare.pop(0)
        self.next += self.every
        return self.next - self.every

    def _begin_searches(self, rows: np.ndarray) -> None:
        budget = np.zeros(len(rows), np.int64)
        for i, b in enumerate(rows):
            trajectory = self.trajectories[b]
            random = np.random.default_rng([self.seed, trajectory.number, len(trajectory.moves)])
            self.search.random[b] = random
            full = random.random() < self.config.full_search_fraction
            searched = self.config.simulations if full else self.config.fast_simulations
            budget[i] = 0 if trajectory.in_opening else searched
            self.full[b] = full and not trajectory.in_opening
        self.search.begin(rows, budget, noisy=self.full[rows])

    def _move(self, rows: np.ndarray) -> list[GameRecord]:
        """Choose, record and play a move in the games `rows`; the records of those that ended, which begin anew."""
        found = self.search.result(rows)
        to_play = self.game.to_move(self.states[rows])
        actions = np.array([self._choose(int(b), found, i) for i, b in enumerate(rows)])
        ended: dict[int, GameRecord] = {}
        for i, b in enumerate(rows):
            value, trajectory = float(found.value[i]), self.trajectories[b]
            if trajectory.resigns(value, self.config.resign, int(to_play[i])):
                ended[int(b)] = self._finish(int(b), -float(to_play[i]), "resignation")
            trajectory.add(int(actions[i]), bool(self.full[b]), found.policy[i], value)
        moving = self.states[rows]
        self.game.play(moving, actions, check=False)
        self.states[rows] = moving
        over = self.game.ended(moving)
        winner = settled(self.game, moving) if self.config.stop_decided else np.zeros(len(rows), np.int8)
        if self.config.search == "puct":
            self.search.play(rows, actions)
        else:
            self.search.forget(rows)
        for i, b in enumerate(rows):
            if int(b) not in ended and (over[i] or winner[i]):
                ended[int(b)] = self._finish(int(b), float(winner[i]), "decided") if winner[i] else self._count(int(b))
        for b in ended:
            self.ended += 1
            self.trajectories[b] = self._begin_game(b)
            self.search.forget(np.array([b]))
        return list(ended.values())

    def _choose(self, b: int, found: SearchResult, i: int) -> int:
        trajectory, c = self.trajectories[b], self.config
        early = c.search == "puct" and len(trajectory.moves) < c.temperature_moves
        if not (trajectory.in_opening or early):
            return int(found.best[i])
        p = found.policy[i].astype(np.float64)
        return int(self.search.random[b].choice(len(p), p=p / p.sum()))

    def _count(self, b: int) -> GameRecord:
        """The record of a game that was played to its end."""
        state = self.states[b : b + 1]
        result = float(self.game.result(state)[0])
        why = why_ended(self.game, result)
        if np.isnan(result) or self.game.can.count is None:
            return self._finish(b, result, why)
        score, owner = self.game.can.count(state, None)
        return self._finish(b, result, why, float(score[0]), owner[0].ravel())

    def _finish(
        self, b: int, result: float, why: str, score: float = np.nan, ownership: np.ndarray | None = None
    ) -> GameRecord:
        nobody = np.zeros(int(np.prod(self.game.board_shape)), np.int8)
        owner = nobody if ownership is None else ownership
        return self.trajectories[b].finish(result, score, owner, why, self.game.num_actions)

    # --- saving -----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Where the games stand, as a tree that a checkpoint can hold."""
        return {
            "states": np.frombuffer(self.states.tobytes(), np.uint8).copy(),
            "next": self.next,
            "ended": self.ended,
            "trajectories": [trajectory.state(self.game.num_actions) for trajectory in self.trajectories],
        } | ({"spare": list(self.spare)} if self.spare else {})

    def load(self, tree: dict[str, Any]) -> None:
        """Go on with the games of `state`; boards that had none begin new ones, games without a board begin again.

        ValueError where they are no games: nothing that a file holds gets to a kernel unchecked.
        """
        saved, going_on = games_in_progress(self.game, tree, len(self.states))
        trajectories = tree["trajectories"]
        self.states[: len(saved)] = saved
        self.next, self.ended = int(tree["next"]), int(tree["ended"])
        self.spare = sorted([*tree.get("spare", []), *(one["number"] for one in trajectories[len(saved) :])])
        self.trajectories = going_on + [self._begin_game(b) for b in range(len(saved), len(self.states))]


def search_config(config: Config) -> SearchConfig:
    """The search that a configuration of AlphaZero describes."""
    return SearchConfig(
        kind=config.search,
        c_init=config.c_puct,
        noise=config.noise,
        forced=config.forced if config.search == "puct" else 0.0,
        max_considered_actions=config.max_considered_actions,
        c_visit=config.c_visit,
        c_scale=config.c_scale,
        proofs=config.proofs,
    )

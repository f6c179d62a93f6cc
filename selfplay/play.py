"""Self-play: many games at once, each thinking on its own, so that the network's batch stays full.

A game's moves depend on its number and the network alone, not on the games beside it: everything random about a
move follows from (seed, game, move). Between two turns all searches are given up and begun again, in interrupted
and uninterrupted trainings alike; so the state of self-play is where the games stand and what they recorded, and
no tree has to be saved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents.alphazero.config import Config
from agents.search.evaluators import Evaluator
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig, SearchResult
from envs.boards.game import Game
from selfplay.ending import settled, why_ended
from selfplay.record import GameRecord


@dataclass
class _Sheet:
    """What one game in progress has recorded."""

    number: int
    network: int
    komi: float
    opening: int  # moves to be drawn from the bare policy
    may_resign: bool
    moves: list[int] = field(default_factory=list)
    full: list[bool] = field(default_factory=list)
    policy: list[np.ndarray] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    gave_up: int = 0  # the colour that would have given up first, in a game that is played on


class SelfPlay:
    """`play(n)` makes n moves over all games and returns those that ended."""

    def __init__(
        self, game: Game, config: Config, evaluator: Evaluator, seed: int, first: int = 0, every: int = 1
    ) -> None:
        """Games are numbered `first`, `first + every`, …: streams of the same seed play different games."""
        self.game, self.config, self.seed, self.every = game, config, seed, every
        self.states = game.new(config.boards)
        self.model = GameModel(game, evaluator, self.states)
        self.search = Search(
            self.model, config.boards, config.simulations, search_config(config), np.zeros(config.boards, int).tolist()
        )
        self.rows = np.arange(config.boards)
        self.next, self.ended = first, 0  # the next game's number; games that have ended
        self.network = 0  # gradient steps of the network in use
        self.full = np.zeros(config.boards, bool)  # this move is fully searched
        self.sheets = [self._begin_game(b) for b in range(config.boards)]
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

    def _begin_game(self, b: int) -> _Sheet:
        number = self.next
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
        self.next += self.every
        return _Sheet(number, self.network, komi, opening, may_resign)

    def _begin_searches(self, rows: np.ndarray) -> None:
        budget = np.zeros(len(rows), np.int64)
        for i, b in enumerate(rows):
            sheet = self.sheets[b]
            random = np.random.default_rng([self.seed, sheet.number, len(sheet.moves)])
            self.search.random[b] = random
            self.full[b] = random.random() < self.config.full_share
            in_opening = len(sheet.moves) < sheet.opening
            budget[i] = 0 if in_opening else self.config.simulations if self.full[b] else self.config.fast_simulations
            self.full[b] &= not in_opening
        self.search.begin(rows, budget, noisy=self.full[rows])

    def _move(self, rows: np.ndarray) -> list[GameRecord]:
        """Choose, record and play a move in the games `rows`; those that ended begin anew."""
        found = self.search.result(rows)
        movers = self.game.to_move(self.states[rows])
        actions = np.array([self._choose(int(b), found, i) for i, b in enumerate(rows)])
        ended: dict[int, GameRecord] = {}
        for i, b in enumerate(rows):
            if self._gives_up(int(b), float(found.value[i]), int(movers[i])):
                ended[int(b)] = self._resigned(int(b), int(movers[i]))
        for i, b in enumerate(rows):
            sheet = self.sheets[b]
            sheet.moves.append(int(actions[i]))
            sheet.full.append(bool(self.full[b]))
            sheet.value.append(float(found.value[i]))
            if self.full[b]:
                sheet.policy.append(found.policy[i].astype(np.float16))
        moving = self.states[rows]
        self.game.play(moving, actions, check=False)
        self.states[rows] = moving
        over = self.game.ended(moving)
        decided = settled(self.game, moving) if self.config.stop_decided else np.zeros(len(rows), np.int8)
        if self.config.search == "puct":
            self.search.play(rows, actions)
        else:
            self.search.forget(rows)
        for i, b in enumerate(rows):
            if int(b) in ended:
                continue
            if over[i] or decided[i]:
                ended[int(b)] = self._counted(int(b), int(decided[i]))
        records = []
        for b, record in ended.items():
            records.append(record)
            self.ended += 1
            self.sheets[b] = self._begin_game(b)
            self.search.forget(np.array([b]))
        return records

    def _choose(self, b: int, found: SearchResult, i: int) -> int:
        sheet, c = self.sheets[b], self.config
        draw = len(sheet.moves) < sheet.opening or (c.search == "puct" and len(sheet.moves) < c.temperature_moves)
        if not draw:
            return int(found.best[i])
        p = found.policy[i].astype(np.float64)
        return int(self.search.random[b].choice(len(p), p=p / p.sum()))

    def _gives_up(self, b: int, value: float, mover: int) -> bool:
        sheet = self.sheets[b]
        if value >= self.config.resign or len(sheet.moves) < sheet.opening:
            return False
        if not sheet.may_resign:
            sheet.gave_up = sheet.gave_up or mover
            return False
        return True

    def _resigned(self, b: int, loser: int) -> GameRecord:
        points = int(np.prod(self.game.board_shape))
        return self._record(b, float(-loser), np.nan, np.zeros(points, np.int8), "resignation")

    def _counted(self, b: int, decided: int) -> GameRecord:
        state = self.states[b : b + 1]
        points = int(np.prod(self.game.board_shape))
        nobody = np.zeros(points, np.int8)
        if decided:
            return self._record(b, float(decided), np.nan, nobody, "decided")
        result = float(self.game.result(state)[0])
        why = why_ended(self.game, result)
        if np.isnan(result) or self.game.can.count is None:
            return self._record(b, result, np.nan, nobody, why)
        score, owner = self.game.can.count(state, None)
        return self._record(b, result, float(score[0]), owner[0].ravel(), why)

    def _record(self, b: int, result: float, score: float, ownership: np.ndarray, why: str) -> GameRecord:
        s = self.sheets[b]
        wrong = -1 if not s.gave_up or np.isnan(result) else int(result != -s.gave_up)
        policy = np.stack(s.policy) if s.policy else np.empty((0, self.game.num_actions), np.float16)
        return GameRecord(
            s.number,
            s.network,
            s.komi,
            np.array(s.moves, np.int16),
            np.array(s.full, bool),
            policy,
            np.array(s.value, np.float32),
            result,
            score,
            ownership.astype(np.int8),
            why,
            wrong,
        )

    # --- saving -----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Where the games stand, as a tree that a checkpoint can hold."""
        return {
            "states": np.frombuffer(self.states.tobytes(), np.uint8).copy(),
            "next": self.next,
            "ended": self.ended,
            "sheets": [
                {
                    "number": s.number,
                    "network": s.network,
                    "komi": s.komi,
                    "opening": s.opening,
                    "may_resign": s.may_resign,
                    "gave_up": s.gave_up,
                    "moves": np.array(s.moves, np.int64),
                    "full": np.array(s.full, np.int64),
                    "value": np.array(s.value, np.float64),
                    "policy": np.stack(s.policy) if s.policy else np.empty((0, self.game.num_actions), np.float16),
                }
                for s in self.sheets
            ],
        }

    def load(self, tree: dict[str, Any]) -> None:
        """Go on with the games of `state`; boards that had none begin new ones."""
        saved = np.frombuffer(np.asarray(tree["states"]).tobytes(), self.game.dtype)[: len(self.states)]
        self.states[: len(saved)] = saved
        self.next, self.ended = tree["next"], tree["ended"]
        sheets = [
            _Sheet(
                number=s["number"],
                network=s["network"],
                komi=s["komi"],
                opening=s["opening"],
                may_resign=s["may_resign"],
                gave_up=s["gave_up"],
                moves=[int(m) for m in s["moves"]],
                full=[bool(f) for f in s["full"]],
                value=[float(v) for v in s["value"]],
                policy=list(np.asarray(s["policy"])),
            )
            for s in tree["sheets"][: len(saved)]
        ]
        self.sheets = sheets + [self._begin_game(b) for b in range(len(saved), len(self.states))]


def search_config(config: Config) -> SearchConfig:
    """The search that a configuration of AlphaZero describes."""
    return SearchConfig(
        kind=config.search,
        c_init=config.c_puct,
        noise=config.noise,
        forced=config.forced if config.search == "puct" else 0.0,
        considered=config.considered,
        c_visit=config.c_visit,
        c_scale=config.c_scale,
        proofs=config.proofs,
    )

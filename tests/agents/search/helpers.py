"""Helpers for the search tests: an evaluator with fixed answers, a game tree of numbers, positions from moves."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.search.evaluators import Evaluation, Uniform
from agents.search.model import Expansion, FunctionModel, GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game


class Fixed:
    """An evaluator that gives the same answer for the same stones, whatever the batch."""

    def __init__(self, game: Game, scale: float = 1.0) -> None:
        self.game, self.scale = game, scale

    def __call__(self, states: np.ndarray) -> Evaluation:
        keys = self.game.keys(states)
        logits = np.stack([np.random.default_rng(abs(int(k))).normal(size=self.game.num_actions) for k in keys])
        values = np.array([np.random.default_rng(abs(int(k)) + 1).uniform(-1, 1) for k in keys])
        return Evaluation((self.scale * logits).astype(np.float32), (0.5 * values).astype(np.float32))


def search_of(game: Game, states: np.ndarray, config: SearchConfig, most: int, evaluator: Any = None) -> Search:
    model = GameModel(game, evaluator or Uniform(game), states)
    return Search(model, len(states), most, config, seeds=range(len(states)))


def think(game: Game, states: np.ndarray, most: int, evaluator: Any = None, **options: Any) -> tuple[Search, Any]:
    made = search_of(game, states, SearchConfig(**options), most, evaluator)
    rows = np.arange(len(states))
    made.begin(rows, most)
    return made, made.run(rows)


def after(game: Game, *moves: str) -> np.ndarray:
    state = game.new(1)
    for move in moves:
        game.play(state, np.array([game.parse_action(move)]))
    return state


def chain(values: list[float], prior: list[list[float]]) -> FunctionModel:
    """A game tree of numbers: the root is 0, action a in state s leads to 2 s + 1 + a; players alternate."""

    def known(hidden: np.ndarray) -> Expansion:
        s = hidden[:, 0].astype(int)
        depth = np.floor(np.log2(s + 1)).astype(int)
        to_play = np.where(depth % 2 == 0, 1, -1).astype(np.int8)
        return Expansion(
            to_play,
            np.zeros(len(s), bool),
            np.array([values[i] for i in s], np.float32),
            np.array([prior[i] for i in s], np.float32),
        )

    def step(hidden: np.ndarray, action: np.ndarray) -> tuple[np.ndarray, Expansion]:
        below = 2 * hidden + 1 + action[:, None]
        return below, known(below)

    return FunctionModel(2, np.zeros((1, 1)), known, step, nodes=40)

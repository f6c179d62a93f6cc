"""A player that searches: a tree with a network, or with random rollouts."""

from __future__ import annotations

import numpy as np

from agents.search.arrays import OPEN
from agents.search.evaluators import Evaluator
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from selfplay.players.player import RESIGNS
from selfplay.players.remarks import remark

# From so many actions on (Go on 9x9 has 82) exploration follows the deviation of the values; on 5x5 and in Connect 4
# that does harm (docs/algorithms/search.md).
_MANY_ACTIONS = 82


def search_config(game: Game, leaves: int) -> SearchConfig:
    """How a network's search plays `game`, with `leaves` evaluations at once in a tree."""
    return SearchConfig(
        leaves=leaves,
        virtual_loss=0.2,
        proofs=True,
        variance_scaling=0.85 if game.num_actions >= _MANY_ACTIONS else 0.0,
        count_kept=False,
    )


class Searcher:
    """Tree search with `simulations` a move; the tree is kept from move to move."""

    def __init__(
        self,
        name: str,
        game: Game,
        evaluator: Evaluator,
        boards: int,
        simulations: int,
        seed: int,
        config: SearchConfig | None = None,
        resign: float = -2.0,
    ) -> None:
        """`resign`: gives up when the root's value has been below this twice running; -2 never does."""
        self.name, self.game, self.simulations, self.resign = name, game, simulations, resign
        self.model = GameModel(game, evaluator, game.new(boards))
        config = config or SearchConfig()
        self.search = Search(self.model, boards, simulations, config, [seed * 100_003 + i for i in range(boards)])
        self.low = np.zeros(boards, np.int64)  # how often running the value was hopeless
        self.said: dict[int, str] = {}
        self._closed = False

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        self.search.forget(boards)
        self.low[boards] = 0

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        self.model.roots[boards] = states
        self.search.begin(boards, self.simulations, noisy=False)
        going = boards
        while len(going) and not self._closed:
            self.search.round(going)
            going = np.setdiff1d(going, self.search.finished(going))
        found = self.search.result(boards)
        hopeless = found.value < self.resign
        self.low[boards] = np.where(hopeless, self.low[boards] + 1, 0)
        for row, (board, to_play) in enumerate(zip(boards, self.game.to_move(states), strict=True)):
            line = self._line(int(board), int(found.best[row]))
            visits = int(found.visits[row].sum())
            self.said[int(board)] = remark(self.game, int(to_play), float(found.value[row]), visits, line)
        return np.where(self.low[boards] >= 2, RESIGNS, found.best)

    def _line(self, board: int, action: int, longest: int = 12) -> list[int]:
        """`action` and the moves that the search expects after it."""
        t, line = self.search.tree, [action]
        node = int(t.child[board, 0, action])
        while len(line) < longest and node >= 0 and t.status[board, node] == OPEN and t.visits[board, node].any():
            line.append(int(t.visits[board, node].argmax()))
            node = int(t.child[board, node, line[-1]])
        return line

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        self.search.play(boards, actions)

    def close(self) -> None:
        self._closed = True

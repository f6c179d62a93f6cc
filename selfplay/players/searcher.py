"""A player that searches: a network with a tree, or random rollouts with one."""

from __future__ import annotations

import numpy as np

from agents.search.evaluators import Evaluator, Rollouts
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from selfplay.players.network import network
from selfplay.players.player import RESIGNS, Seat
from tengen.errors import UserError

# From so many actions on (Go on 9x9 has 82) exploration follows the deviation of the values; on 5x5 and in Connect 4
# that does harm (docs/algorithms/search.md).
_MANY_ACTIONS = 82


def uct_from_name(name: str, rest: str, seat: Seat) -> Searcher:
    """uct:1000, search with random rollouts."""
    config = SearchConfig(c_init=1.0, fpu=0.0, leaves=1, proofs=True)
    rollouts, simulations = Rollouts(seat.game, seat.seed), _simulations(rest or "1000", name)
    return Searcher(name, seat.game, rollouts, seat.boards, simulations, seat.seed, config)


def network_from_name(name: str, rest: str, seat: Seat) -> Searcher:
    """NAME or NAME:400, a network with search."""
    known, _, count = name.rpartition(":")
    given = bool(known) and count.isdigit()
    net, simulations = (known, _simulations(count, name)) if given else (name, seat.simulations)
    config = search_config(seat.game, leaves=8 if seat.boards == 1 else 1)
    evaluator = network(net, seat.game, seat.runs)
    return Searcher(f"{net}:{simulations}", seat.game, evaluator, seat.boards, simulations, seat.seed, config)


def search_config(game: Game, leaves: int) -> SearchConfig:
    """How a network's search plays `game`, with `leaves` evaluations at once in a tree."""
    return SearchConfig(
        leaves=leaves,
        virtual_loss=0.2,
        proofs=True,
        variance_scaling=0.85 if game.num_actions >= _MANY_ACTIONS else 0.0,
        count_kept=False,
    )


def _simulations(text: str, name: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 10**6:
        raise UserError(f"{name}: simulations are a whole number from 1 to 1,000,000")
    return int(text)


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

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        self.search.forget(boards)
        self.low[boards] = 0

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        self.model.roots[boards] = states
        self.search.begin(boards, self.simulations, noisy=False)
        found = self.search.run(boards)
        hopeless = found.value < self.resign
        self.low[boards] = np.where(hopeless, self.low[boards] + 1, 0)
        return np.where(self.low[boards] >= 2, RESIGNS, found.best)

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        self.search.play(boards, actions)

    def close(self) -> None: ...

"""A player that moves by a policy, without search."""

from __future__ import annotations

import numpy as np

from agents.search.evaluators import Evaluator
from agents.search.model import masked_softmax
from envs.boards.game import Game
from selfplay.players.network import network
from selfplay.players.player import Seat


def from_name(name: str, rest: str, seat: Seat) -> Policy:
    return Policy(name, seat.game, network(rest, seat.game, seat.runs, seat.threads), seat.seed)


class Policy:
    """The evaluator's most likely sensible move, or one sampled from its policy.

    In Go it does not fill its own eyes, like the policies of AlphaGo (Silver 2016, "sensible" moves), and passes when
    nothing else is left: people stop before that, so a policy learned from them has not seen it.
    """

    def __init__(self, name: str, game: Game, evaluator: Evaluator, seed: int, temperature: float = 0.0) -> None:
        self.name, self.game, self.evaluator, self.temperature = name, game, evaluator, temperature
        self.random = np.random.default_rng(seed)

    def start(self, boards: np.ndarray, states: np.ndarray) -> None: ...

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        logits = self.evaluator(states).logits
        allowed = (self.game.can.sensible or self.game.legal)(states)
        p = masked_softmax(logits / (self.temperature or 1.0), allowed)
        if self.temperature == 0:
            return p.argmax(1)
        edges = p.cumsum(1)
        drawn = (edges < self.random.random((len(p), 1)) * edges[:, -1:]).sum(1)
        return np.minimum(drawn, p.shape[1] - 1)

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None: ...

    def close(self) -> None: ...

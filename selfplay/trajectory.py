"""A self-play game in progress: its moves, the results of its searches, and what was drawn for it at the start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from selfplay.record import GameRecord


@dataclass
class Trajectory:
    number: int  # of the game in its run
    network: int  # gradient steps of the network that began it
    komi: float
    opening: int  # first moves that are drawn from the policy without search
    may_resign: bool
    moves: list[int] = field(default_factory=list)
    full: list[bool] = field(default_factory=list)  # whether a move was fully searched
    policy: list[np.ndarray] = field(default_factory=list)  # [A] float16, of each full search
    value: list[float] = field(default_factory=list)  # of the root, as the player to move sees it
    gave_up: int = 0  # the colour that would have resigned first, in a game where nobody may

    @property
    def in_opening(self) -> bool:
        return len(self.moves) < self.opening

    def add(self, action: int, full: bool, policy: np.ndarray, value: float) -> None:
        """A move is made; `policy` [A] is kept where it was fully searched."""
        self.moves.append(action)
        self.full.append(full)
        self.value.append(value)
        if full:
            self.policy.append(policy.astype(np.float16))

    def resigns(self, value: float, threshold: float, to_play: int) -> bool:
        """Whether the side `to_play` resigns, at a root worth `value` to it."""
        if value >= threshold or self.in_opening:
            return False
        if not self.may_resign:
            self.gave_up = self.gave_up or to_play
        return self.may_resign

    def finish(self, result: float, score: float, ownership: np.ndarray, why: str, num_actions: int) -> GameRecord:
        """The record of the game, which has ended."""
        wrong = -1 if not self.gave_up or np.isnan(result) else int(result != -self.gave_up)
        return GameRecord(
            self.number,
            self.network,
            self.komi,
            np.array(self.moves, np.int16),
            np.array(self.full, bool),
            self._policies(num_actions),
            np.array(self.value, np.float32),
            result,
            score,
            ownership.astype(np.int8),
            why,
            wrong,
        )

    def _policies(self, num_actions: int) -> np.ndarray:
        return np.stack(self.policy) if self.policy else np.empty((0, num_actions), np.float16)

    def state(self, num_actions: int) -> dict[str, Any]:
        """As a tree that a checkpoint can hold."""
        return {
            "number": self.number,
            "network": self.network,
            "komi": self.komi,
            "opening": self.opening,
            "may_resign": self.may_resign,
            "gave_up": self.gave_up,
            "moves": np.array(self.moves, np.int64),
            "full": np.array(self.full, np.int64),
            "value": np.array(self.value, np.float64),
            "policy": self._policies(num_actions),
        }

    @staticmethod
    def load(tree: dict[str, Any]) -> Trajectory:
        return Trajectory(
            number=tree["number"],
            network=tree["network"],
            komi=tree["komi"],
            opening=tree["opening"],
            may_resign=tree["may_resign"],
            gave_up=tree["gave_up"],
            moves=[int(m) for m in tree["moves"]],
            full=[bool(f) for f in tree["full"]],
            value=[float(v) for v in tree["value"]],
            policy=list(np.asarray(tree["policy"])),
        )

"""What a position is worth and which moves look good: (policy logits [B, A], value [B]) of states [B].

    Uniform     nothing is known: all moves alike, value 0
    Rollouts    games played to the end at random (Monte Carlo evaluation): plain UCT
    Network     a policy and a value head, on one or all symmetries of the board

Values are in [-1, 1] as the player to move sees them. A search never knows which evaluator it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
import torch

from agents.search.evaluation_cache import EvaluationCache
from envs.boards.game import Game, turn_back_policy, turn_planes
from envs.laws import random_actions
from supervised.nets.headed import HeadedNet
from tengen.device import Compute


class Evaluator(Protocol):
    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(logits [B, A] float32 whatever is legal, values [B] float32)."""
        ...


class Uniform:
    """All moves alike, value 0."""

    def __init__(self, game: Game) -> None:
        self.actions = game.num_actions

    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((len(states), self.actions), np.float32), np.zeros(len(states), np.float32)


class Rollouts:
    """The mean result of `count` random games from each state; all moves alike."""

    def __init__(self, game: Game, seed: int, count: int = 1) -> None:
        self.game, self.count = game, count
        self.random = np.random.default_rng(seed)

    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits = np.zeros((len(states), self.game.num_actions), np.float32)
        mover = self.game.to_move(states)
        if self.game.can.playouts:
            black = self.game.can.playouts(states, self.random, self.count)
            return logits, (black * mover).astype(np.float32)
        value = np.zeros(len(states), np.float32)
        for _ in range(self.count):
            value += self._play_out(states.copy()) * mover
        return logits, value / self.count

    def _play_out(self, states: np.ndarray) -> np.ndarray:
        """[B] results as Black sees them."""
        while len(going := np.flatnonzero(~self.game.ended(states))):
            moving = states[going]
            self.game.play(moving, random_actions(self.game.legal(moving), self.random), check=False)
            states[going] = moving
        return np.nan_to_num(self.game.result(states))


Infer = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # planes [B, C, H, W] int8 -> logits [B, A], values [B]


class Forward:
    """An `Infer` that computes here: a `HeadedNet` with heads `policy` and `outcome` (or `value`)."""

    def __init__(self, net: HeadedNet, compute: Compute) -> None:
        self.net, self.compute = net.eval(), compute
        self.on_gpu = compute.device != "cpu"

    def __call__(self, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inputs = torch.from_numpy(planes)
        if self.on_gpu:  # from pinned memory the copy runs beside what the GPU does
            inputs = inputs.pin_memory().to(self.compute.device, non_blocking=True)
        with torch.inference_mode(), self.compute.autocast():
            out = self.net(inputs)
        logits = out["policy"].float()
        if "outcome" in out:
            p = out["outcome"].float().softmax(1)
            value = p[:, 0] - p[:, 2]
        else:
            value = out["value"].float()
        if self.on_gpu:
            logits, value = logits.to("cpu", non_blocking=True), value.to("cpu", non_blocking=True)
            torch.cuda.current_stream(self.compute.device).synchronize()  # once for both; other threads go on
        return logits.numpy(), value.numpy()


class Network:
    """What a network says of positions, as they stand or turned."""

    def __init__(
        self,
        game: Game,
        infer: Infer,
        symmetry: Literal["none", "random", "average"] = "none",
        salt: int = 0,
        cached: int = 0,
    ) -> None:
        """`random` turns each position by a symmetry chosen by its key and `salt`, `average` takes the mean of all.

        So equal positions get equal evaluations, and there is no generator whose state a resumed run would need.
        `cached` evaluations are kept, 0 for none.
        """
        self.cache = EvaluationCache(cached, game.num_actions) if cached else None
        self.game, self.infer, self.symmetry, self.salt = game, infer, symmetry, salt

    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        planes = self.game.encode(states)
        if self.cache is None:
            return self._evaluate(planes, states)
        return self.cache.evaluate(planes, lambda new: self._evaluate(planes[new], states[new]))

    def _evaluate(self, planes: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        count = len(self.game.point_symmetries)
        if self.symmetry == "none":
            return self.infer(planes)
        if self.symmetry == "random":
            mixed = (self.game.keys(states).astype(np.uint64) + np.uint64(self.salt)) * np.uint64(0x9E3779B97F4A7C15)
            turns = ((mixed >> np.uint64(40)) % np.uint64(count)).astype(np.int64)
            logits, value = self.infer(turn_planes(self.game, planes, turns))
            return turn_back_policy(self.game, logits, turns), value
        turns = np.tile(np.arange(count), len(planes))
        logits, value = self.infer(turn_planes(self.game, np.repeat(planes, count, 0), turns))
        logits = turn_back_policy(self.game, logits, turns).reshape(len(planes), count, -1)
        return logits.mean(1), value.reshape(len(planes), count).mean(1)

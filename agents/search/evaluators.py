"""The value of a position and the prior of its moves: an `Evaluation` of states [B].

    Uniform     no knowledge: all moves alike, value 0
    Rollouts    games played to the end at random (Monte Carlo evaluation): plain UCT
    Network     a policy and a value head, on one or all symmetries of the board

Everything is from the point of view of the player to move. A search does not know which evaluator it has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import torch
from torch import nn

from agents.search.evaluation_cache import EvaluationCache
from envs.boards.game import Game, turn_back_policy, turn_planes
from envs.laws import random_actions
from supervised.kernels.heads import JoinedHeads, can_join
from supervised.nets.headed import HeadedNet
from tengen.device import Compute


class Evaluation(NamedTuple):
    """The evaluation of B positions."""

    logits: np.ndarray  # [B, A] float32 whatever is legal
    value: np.ndarray  # [B] float32 in [-1, 1]
    ownership: np.ndarray | None = None  # [B, P] float32 in [-1, 1] of each point; None where nobody says or asked
    score: np.ndarray | None = None  # [B] float32 points ahead at the end, komi included; None likewise


class Evaluator(Protocol):
    def __call__(self, states: np.ndarray) -> Evaluation: ...


class Uniform:
    """All moves alike, value 0."""

    def __init__(self, game: Game) -> None:
        self.actions = game.num_actions

    def __call__(self, states: np.ndarray) -> Evaluation:
        return Evaluation(np.zeros((len(states), self.actions), np.float32), np.zeros(len(states), np.float32))


class Rollouts:
    """The mean result of `count` random games from each state; all moves alike."""

    def __init__(self, game: Game, seed: int, count: int = 1) -> None:
        self.game, self.count = game, count
        self.random = np.random.default_rng(seed)

    def __call__(self, states: np.ndarray) -> Evaluation:
        logits = np.zeros((len(states), self.game.num_actions), np.float32)
        mover = self.game.to_move(states)
        if self.game.can.playouts:
            black = self.game.can.playouts(states, self.random, self.count)
            return Evaluation(logits, (black * mover).astype(np.float32))
        value = np.zeros(len(states), np.float32)
        for _ in range(self.count):
            value += self._play_out(states.copy()) * mover
        return Evaluation(logits, value / self.count)

    def _play_out(self, states: np.ndarray) -> np.ndarray:
        """[B] results as Black sees them."""
        while len(going := np.flatnonzero(~self.game.ended(states))):
            moving = states[going]
            self.game.play(moving, random_actions(self.game.legal(moving), self.random), check=False)
            states[going] = moving
        return np.nan_to_num(self.game.result(states))


Infer = Callable[[np.ndarray], Evaluation]  # of planes [B, C, H, W] int8


class Forward:
    """An `Infer` that computes here: a `HeadedNet` with heads `policy` and `outcome` (or `value`)."""

    def __init__(self, net: HeadedNet, compute: Compute, details: bool = False) -> None:
        """`details`: ownership and score too, where the network has them. Other heads are not computed.

        With `details` the batches are small, and the heads of `for_playing` are computed together where they can.
        """
        self.net, self.compute = net.eval(), compute
        self.on_gpu = compute.device != "cpu"
        wanted = ["policy", "outcome" if "outcome" in net.heads else "value"]
        wanted += [name for name in ("ownership", "score") if details and name in net.heads]
        heads = {name: net.heads[name] for name in wanted}
        joined = details and not self.on_gpu and compute.precision == "float32" and can_join(heads)
        self.heads = JoinedHeads(heads) if joined else partial(_one_by_one, heads)

    def __call__(self, planes: np.ndarray) -> Evaluation:
        inputs = torch.from_numpy(planes)
        if self.on_gpu:  # from pinned memory the copy runs beside what the GPU does
            inputs = inputs.pin_memory().to(self.compute.device, non_blocking=True)
        with torch.inference_mode(), self.compute.autocast():
            features = self.net.trunk(inputs)
            out = {name: found.float() for name, found in self.heads(features).items()}
            if "outcome" in out:
                p = out.pop("outcome").softmax(1)
                out["value"] = p[:, 0] - p[:, 2]
            if "ownership" in out:
                out["ownership"] = out["ownership"].flatten(1)
        if self.on_gpu:
            out = {name: tensor.to("cpu", non_blocking=True) for name, tensor in out.items()}
            torch.cuda.current_stream(self.compute.device).synchronize()  # once for all; other threads go on
        found = {name: tensor.numpy() for name, tensor in out.items()}
        return Evaluation(found["policy"], found["value"], found.get("ownership"), found.get("score"))


def _one_by_one(heads: dict[str, nn.Module], features: Any) -> dict[str, torch.Tensor]:
    return {name: head(features) for name, head in heads.items()}


class Network:
    """A network's evaluation of positions, as they are or transformed by symmetries."""

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
        `cached` evaluations are kept, 0 for none; without ownership and score.
        """
        self.cache = EvaluationCache(cached, game.num_actions) if cached else None
        self.game, self.infer, self.symmetry, self.salt = game, infer, symmetry, salt

    def __call__(self, states: np.ndarray) -> Evaluation:
        planes = self.game.encode(states)
        if self.cache is None:
            return self._evaluate(planes, states)
        return Evaluation(*self.cache.evaluate(planes, lambda new: self._evaluate(planes[new], states[new])[:2]))

    def _evaluate(self, planes: np.ndarray, states: np.ndarray) -> Evaluation:
        count = len(self.game.point_symmetries)
        if self.symmetry == "none":
            return self.infer(planes)
        if self.symmetry == "random":
            mixed = (self.game.keys(states).astype(np.uint64) + np.uint64(self.salt)) * np.uint64(0x9E3779B97F4A7C15)
            turns = ((mixed >> np.uint64(40)) % np.uint64(count)).astype(np.int64)
            return self._turned_back(self.infer(turn_planes(self.game, planes, turns)), turns)
        turns = np.tile(np.arange(count), len(planes))
        found = self._turned_back(self.infer(turn_planes(self.game, np.repeat(planes, count, 0), turns)), turns)
        return Evaluation(
            *(x if x is None else x.reshape(len(planes), count, *x.shape[1:]).mean(1) for x in found)  # type: ignore[arg-type]
        )

    def _turned_back(self, found: Evaluation, turns: np.ndarray) -> Evaluation:
        logits, owner = turn_back_policy(self.game, found.logits, turns), found.ownership
        if owner is not None:
            owner = np.take_along_axis(owner, self.game.point_symmetries[turns], axis=1)
        return found._replace(logits=logits, ownership=owner)

"""Self-play on several cores: actors, one thread each, that share nothing but the network's weights.

Running one search at a time on all cores leaves them idle while the tree, the rules or the interpreter work; one actor
per core does not. An actor is a `SelfPlay` with its own part of the boards, its own copy of the network and its own
numbers for its games (every n-th), so its games do not depend on the progress of the others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from agents.alphazero.config import Config
from agents.search.evaluators import Evaluation, Forward, Infer, Network
from envs.boards.game import Game
from selfplay.play import SelfPlay
from selfplay.record import GameRecord
from selfplay.threads import Threads
from supervised.kernels.playing import for_playing
from supervised.nets.headed import HeadedNet
from tengen.device import Compute
from tengen.seeding import Seeds


class SelfPlayResult(NamedTuple):
    """The work of all actors in one iteration."""

    by_actor: list[list[GameRecord]]  # the games that ended, board by board and actor by actor
    moves: int  # asked for
    rounds: int  # calls of the network's evaluator
    evaluations: int
    cache_hits: int
    network_seconds: float  # spent evaluating, on average over the actors

    @property
    def records(self) -> list[GameRecord]:
        return [record for records in self.by_actor for record in records]


class Group(Protocol):
    """All actors of a training: `Actors` here, `selfplay.workers.Workers` on Ray."""

    elsewhere: bool  # they play while the learner learns

    def play(self, moves: int, net: HeadedNet, gradient_steps: int) -> SelfPlayResult: ...

    @property
    def ended(self) -> int: ...

    def picture(self) -> str: ...

    def metrics(self) -> dict[str, float]: ...

    def state(self) -> list[dict[str, Any]]: ...

    def load(self, saved: Sequence[dict[str, Any]]) -> None: ...

    def close(self) -> None: ...


def actors_for(compute: Compute) -> int:
    """How many actors a board has: a thread each on a CPU; two on a GPU, so that the trees of one half of the games
    grow while the network computes for the other."""
    return compute.threads if compute.device == "cpu" else 2


class Actors:
    """As many actors for each game (board) as there are threads."""

    elsewhere = False

    def __init__(
        self,
        games: Sequence[Game],
        config: Config,
        net: HeadedNet,
        compute: Compute,
        seeds: Seeds,
        *,
        count: int = 0,
        share: tuple[int, int] = (0, 1),
        infer: Infer | None = None,
    ) -> None:
        """`count` actors for each game, 0 for the usual number; `share`: this is the nth of so many equal groups.

        With `infer` the network computes elsewhere.
        """
        self.games, self.config, self.compute, self.infer = list(games), config, compute, infer
        self.threads = Threads(count or actors_for(compute))
        here = self.threads.count
        self.all = here * share[1]  # actors of a game, in all groups
        boards = max(1, config.boards // (len(self.games) * self.all))
        self.plays = [
            SelfPlay(
                game,
                replace(config, boards=boards),
                self.evaluator(game, net, 0),
                seeds.integer("self-play", i),
                share[0] * here + actor,
                self.all,
            )
            for i, game in enumerate(self.games)
            for actor in range(here)
        ]

    def evaluator(self, game: Game, net: HeadedNet, gradient_steps: int) -> Network:
        """A copy of `net` for one actor; positions are turned by other symmetries after other `gradient_steps`."""
        cached = self.config.evaluation_cache // self.all
        symmetry: Literal["random", "none"] = "random" if self.config.symmetry else "none"
        return Network(game, self.infer or self._forward(net), symmetry, gradient_steps, cached)

    def _forward(self, net: HeadedNet) -> Forward:
        compute = replace(self.compute, threads=1) if self.threads.count > 1 else self.compute
        return Forward(for_playing(net, compute), compute)

    @property
    def ended(self) -> int:
        """Games that have ended so far."""
        return sum(play.ended for play in self.plays)

    def play(self, moves: int, net: HeadedNet, gradient_steps: int) -> SelfPlayResult:
        """Self-play with `net`, about `moves` moves."""
        rounds = sum(play.rounds for play in self.plays)
        evaluations = sum(play.model.evaluations for play in self.plays)
        evaluators = [_Timed(self.evaluator(play.game, net, gradient_steps)) for play in self.plays]
        for play, evaluator in zip(self.plays, evaluators, strict=True):
            play.model.evaluator, play.network = evaluator, gradient_steps
        each = moves // len(self.plays)
        return SelfPlayResult(
            by_actor=self.threads.run([partial(play.play, each) for play in self.plays]),
            moves=moves,
            rounds=sum(play.rounds for play in self.plays) - rounds,
            evaluations=sum(play.model.evaluations for play in self.plays) - evaluations,
            cache_hits=sum(one.evaluator.cache.hits for one in evaluators if one.evaluator.cache),
            network_seconds=sum(one.seconds for one in evaluators) / self.threads.count,
        )

    def picture(self) -> str:
        """The first of the games in progress, as text."""
        return self.games[0].draw(self.plays[0].states[0])

    def metrics(self) -> dict[str, float]:
        return {}

    def state(self) -> list[dict[str, Any]]:
        return [play.state() for play in self.plays]

    def load(self, saved: Sequence[dict[str, Any]]) -> None:
        """Go on with the games of `state`; for another number of threads they are shared out anew."""
        for play, part in zip(self.plays, shared_out(saved, len(self.games), self.threads.count), strict=True):
            play.load(part)

    def close(self) -> None:
        pass


def shared_out(saved: Sequence[dict[str, Any]], games: int, actors: int) -> list[dict[str, Any]]:
    """The states of a training with so many `games` (boards), as they would be for another number of `actors`."""
    states = [_as_now(one) for one in saved]
    then = len(states) // games
    return [part for i in range(games) for part in share_out(states[i * then : (i + 1) * then], actors)]


def share_out(saved: Sequence[dict[str, Any]], actors: int) -> list[dict[str, Any]]:
    """The states of one board's actors, as they would be for other `actors`; no number of a game is lost."""
    then = len(saved)
    if then == actors:
        return list(saved)
    trajectories = [trajectory for one in saved for trajectory in one["trajectories"]]
    states = np.concatenate([np.asarray(one["states"]) for one in saved])
    states = states.reshape(len(trajectories), states.size // max(1, len(trajectories)))
    unused = max(one["next"] for one in saved)  # from here on
    spare = unbegun(saved)
    ended = sum(one["ended"] for one in saved)
    return [
        {
            "trajectories": trajectories[actor::actors],
            "states": states[actor::actors].ravel(),
            "next": unused + (actor - unused) % actors,
            "ended": ended if actor == 0 else 0,
        }
        | ({"spare": spare[actor::actors]} if spare[actor::actors] else {})
        for actor in range(actors)
    ]


def unbegun(saved: Sequence[dict[str, Any]]) -> list[int]:
    """The numbers below the highest that the actors of one board have not given to a game yet."""
    highest = max(one["next"] for one in saved)
    return sorted(n for one in saved for n in [*one.get("spare", []), *range(one["next"], highest, len(saved))])


def nothing_played(actor: int) -> dict[str, Any]:
    """The state of an actor that has not begun any game."""
    return {"trajectories": [], "states": np.empty(0, np.uint8), "next": actor, "ended": 0}


def _as_now(saved: dict[str, Any]) -> dict[str, Any]:
    """An actor's state as it is written now; older versions called trajectories sheets."""
    if "trajectories" in saved:
        return saved
    now = {name: value for name, value in saved.items() if name != "sheets"} | {"trajectories": saved["sheets"]}
    if "started" in saved:  # before there were several actors
        now |= {"next": saved["started"], "ended": saved["started"] - len(saved["sheets"])}
    return now


class _Timed:
    """An evaluator that counts its seconds."""

    def __init__(self, evaluator: Network) -> None:
        self.evaluator, self.seconds = evaluator, 0.0

    def __call__(self, states: np.ndarray) -> Evaluation:
        begun = time.perf_counter()
        found = self.evaluator(states)
        self.seconds += time.perf_counter() - begun
        return found

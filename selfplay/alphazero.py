"""AlphaZero's loop (Silver et al. 2018): play against itself with search, learn from the search, repeat.

    for each iteration:
        games = self-play with the averaged network (EMA), for a fixed number of moves
        for each gradient step due from new positions:
            learn policy, outcome and the auxiliary targets of a batch from the window
        sometimes: match the network against the best one so far

The parts:

    selfplay/actors.py              the games: one thread per core, each with many boards and their searches
    selfplay/workers.py             the same on Ray, if asked for: workers that play while the learner learns
    selfplay/mixed_replay.py        the window of games that batches are drawn from
    agents/alphazero/learner.py     network, EMA, optimiser: one gradient step
    selfplay/arena.py               matches that measure how strong the network has become
    selfplay/record.py              the games on disk, from which a resumed training fills its window

Deviations from the paper: iterations, with workers too; Gumbel search by default;
KataGo's auxiliary targets, growing window, EMA and, optionally, playout-cap randomisation
(docs/results/selfplay.md measures each). Steps are moves of self-play.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from agents.alphazero.config import Config
from agents.alphazero.learner import Learner
from envs.boards.game import Game
from selfplay.actors import Actors, Group
from selfplay.arena import Arena
from selfplay.checked import check_records
from selfplay.mixed_replay import MixedReplay
from selfplay.record import iterations, read_iteration, summary, write_iteration
from supervised.nets.headed import HeadedNet
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.errors import UserError
from tengen.metrics import Stopwatch, Tick
from tengen.seeding import Seeds

_FEWEST = 4  # batches in the window before learning begins
_FORMER = {"turn": "iteration", "owed": "gradient_steps_due", "plays": "actors"}  # keys of older checkpoints


class AlphaZero:
    """`for tick in AlphaZero(...).ticks(): ...` plays and learns; a tick is an iteration."""

    def __init__(
        self,
        config: Config,
        games: Sequence[Game],
        net: HeadedNet,
        compute: Compute,
        seeds: Seeds,
        total_steps: int,
        actors: Group | None = None,
    ) -> None:
        """`games`: the game, after it smaller boards that are learned beside it; `total_steps` moves of self-play.

        Without `actors` they play in this process.
        """
        self.config, self.games, self.seeds, self.total_steps = config, list(games), seeds, total_steps
        self.learner = Learner(config, net, compute, total_steps)
        self.replay = self._empty_replay()
        self.actors: Group = actors or Actors(self.games, config, self.learner.playing_net, compute, seeds)
        self.folder: Path | None = None  # of the records; None keeps them in memory only
        self.writing = True
        self.arena: Arena | None = None
        self.step = 0  # moves of self-play
        self.iteration = 0
        self.gradient_steps_due = 0.0  # from new positions
        self.damaged = 0  # files that cannot be read, or whose games in the window are none
        self.watch = Stopwatch()

    @property
    def net(self) -> HeadedNet:
        """The network that learns."""
        return self.learner.net

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            games = self.actors.ended
            metrics = self.play()
            with self.watch("learning"):
                metrics |= self.learn()
            self.iteration += 1
            metrics |= self.rate()
            metrics |= self.actors.metrics()
            seconds = self.watch.take()
            playing = seconds.pop("self-play")
            if self.actors.elsewhere:
                seconds["waiting"] = playing  # for the workers, who play all the time
                playing = sum(seconds.values())
            else:
                seconds["tree"] = playing - seconds["network"]
            metrics["rate/evaluations"] = metrics["evaluations"] / max(playing, 1e-9)
            metrics["rate/games"] = (metrics["games"] - games) / max(sum(seconds.values()), 1e-9)
            yield Tick(self.step, metrics, seconds)

    def play(self) -> dict[str, float]:
        """Self-play with the present network; the games that ended go to disk and into the window."""
        with self.watch("self-play"):
            played = self.actors.play(
                self.config.moves_per_iteration, self.learner.playing_net, self.learner.gradient_steps
            )
        if not self.actors.elsewhere:
            self.watch.add("network", played.network_seconds)
        self.step += played.moves
        if self.folder is not None and self.writing:
            write_iteration(self.folder, self.iteration, played.records)
        before = self.replay.played
        self.replay.add(played.records)
        self.gradient_steps_due += (self.replay.played - before) * self.config.reuse / self.config.batch
        return {
            "evaluations": played.evaluations,
            "batch": played.evaluations / max(1, played.rounds),
            "cache_hits": played.cache_hits / max(1, played.evaluations),
            **summary(played.records),
            "games": self.actors.ended,
            "window": len(self.replay),
        }

    def learn(self) -> dict[str, float]:
        """The gradient steps due from new positions; none before the window holds a few batches."""
        if not self.replay.holds(_FEWEST * self.config.batch):
            return {"gradient_steps": self.learner.gradient_steps}
        self.net.train()
        sums: dict[str, float] = {}
        count = 0
        while self.gradient_steps_due >= 1:
            random = np.random.default_rng(self.seeds.integer("batch", self.learner.gradient_steps))
            batch = self.replay.batch(self.config.batch, random, self.config.symmetry)
            for name, value in self.learner.learn(batch, self.step).items():
                sums[name] = sums.get(name, 0.0) + value
            self.gradient_steps_due -= 1
            count += 1
        means = {name: value / max(1, count) for name, value in sums.items()}
        return means | {"lr": self.learner.lr(self.step), "gradient_steps": self.learner.gradient_steps}

    def rate(self) -> dict[str, float]:
        """A match against the best network so far, where one is due."""
        due = self.iteration % self.config.rate_every == 0 or self.step >= self.total_steps
        if self.arena is None or not due:
            return {}
        with self.watch("rating"):
            return self.arena.rate(self.learner.playing_net, self.step, self.learner.gradient_steps)

    # --- saving -------------------------------------------------------------------------------------------------

    def state(self) -> Tree:
        tree = self.learner.state()
        tree["step"] = self.step
        tree["own"] |= {
            "iteration": self.iteration,
            "gradient_steps_due": self.gradient_steps_due,
            "actors": self.actors.state(),
            "damaged": self.damaged,
        }
        if self.arena is not None:
            tree["own"]["arena"] = self.arena.state()
        return tree

    def load(self, tree: Tree) -> None:
        """Go on from `tree`; the window is filled again from the records of its iterations."""
        self.learner.load(tree)
        self.step = tree["step"]
        own = {_FORMER.get(name, name): value for name, value in tree["own"].items()}
        self.iteration, self.gradient_steps_due = int(own["iteration"]), float(own["gradient_steps_due"])
        self.actors.load(own["actors"])
        if self.arena is not None and "arena" in own:
            self.arena.load(own["arena"])
        self.replay = self._empty_replay()
        self.damaged = 0
        if self.folder is not None:
            self._refill(self.folder)

    def _refill(self, folder: Path) -> None:
        """Put the games of earlier iterations into the window; later ones are going to be played again."""
        files = iterations(folder)
        for number, path in files:
            if number >= self.iteration and self.writing:
                path.unlink()
        whole = [path for number, path in files if number < self.iteration]
        checked: dict[Path, int] = {}
        again = True
        while again:  # without games that are none the window reaches further back
            unread, unsound = self._fill(whole, checked)
            self.damaged += len(unread | unsound)
            whole = [path for path in whole if path not in unread | unsound]
            again = bool(unsound)

    def _fill(self, files: Sequence[Path], checked: dict[Path, int]) -> tuple[set[Path], set[Path]]:
        """Fill the window from `files`; those that cannot be read, and those whose games in the window are none.

        What has left the window is not replayed: nobody will look at it. `checked` says how many games of a file
        are known to be sound.
        """
        self.replay = self._empty_replay()
        spans: list[tuple[Path, list[int], list[int]]] = []
        unread, unsound = set[Path](), set[Path]()
        for path in files:
            before = self.replay.added
            try:
                self.replay.add(read_iteration(path))
            except UserError:
                (unread if self.replay.added == before else unsound).add(path)
            spans.append((path, before, self.replay.added))
        for path, before, after in spans:
            records = self.replay.between(before, after)
            if len(records) > checked.get(path, 0):
                try:
                    check_records(self.games, records)
                    checked[path] = len(records)
                except ValueError:
                    unsound.add(path)
        return unread, unsound

    def _empty_replay(self) -> MixedReplay:
        return MixedReplay(self.games, self.config.window, self.config.window_growth)

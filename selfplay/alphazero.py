"""AlphaZero's loop (Silver et al. 2018): self-play with search, learn from the search results, repeat.

    for each iteration:
        games = self-play with the averaged network (EMA), for a fixed number of moves
        for each gradient step due from new positions:
            learn policy, outcome and the auxiliary targets on a batch from the window
        at intervals: match the network against the best one so far

The parts:

    selfplay/actors.py              the games: one thread per core, each with many boards and their searches
    selfplay/workers.py             optionally, the same on Ray: workers that play while the learner learns
    selfplay/mixed_replay.py        the replay window that batches are drawn from
    agents/alphazero/learner.py     network, EMA, optimiser; the gradient step
    selfplay/arena.py               matches that measure the network's strength
    selfplay/record.py              games on disk, from which a resumed run refills its window

Deviations from the paper: training proceeds in iterations, with workers too; Gumbel search by default; KataGo's
auxiliary targets, growing window, EMA and, optionally, playout-cap randomisation (docs/results/selfplay.md
measures what each is worth here). Steps are moves of self-play.
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

_FEWEST = 4  # batches' worth of positions in the window before learning begins
_FORMER = {"turn": "iteration", "owed": "gradient_steps_due", "plays": "actors"}  # keys of older checkpoints


class AlphaZero:
    """`for tick in AlphaZero(...).ticks(): ...` trains; a tick is one iteration."""

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
        """`games`: the game, then any smaller boards learned with it; `total_steps`: moves of self-play.

        Without `actors`, games are played in this process.
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
        self.damaged = 0  # files that cannot be read or hold invalid games
        self.watch = Stopwatch()

    @property
    def net(self) -> HeadedNet:
        """The network being trained."""
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
                seconds["waiting"] = playing  # for workers, which play all the time
                playing = sum(seconds.values())
            else:
                seconds["tree"] = playing - seconds["network"]
            metrics["rate/evaluations"] = metrics["evaluations"] / max(playing, 1e-9)
            metrics["rate/games"] = (metrics["games"] - games) / max(sum(seconds.values()), 1e-9)
            yield Tick(self.step, metrics, seconds)

    def play(self) -> dict[str, float]:
        """Self-play with the current network; finished games go to disk and into the window."""
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
        """Take the gradient steps due from new positions; none until the window holds a few batches."""
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
        """Play a match against the best network so far, if one is due."""
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
        """Continue from `tree`; the window is refilled from the game records of its iterations."""
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
        """Refill the window from earlier iterations; the games of later ones will be played again."""
        files = iterations(folder)
        for number, path in files:
            if number >= self.iteration and self.writing:
                path.unlink()
        whole = [path for number, path in files if number < self.iteration]
        checked: dict[Path, int] = {}
        again = True
        while again:  # without the invalid games the window reaches further back
            unread, unsound = self._fill(whole, checked)
            self.damaged += len(unread | unsound)
            whole = [path for path in whole if path not in unread | unsound]
            again = bool(unsound)

    def _fill(self, files: Sequence[Path], checked: dict[Path, int]) -> tuple[set[Path], set[Path]]:
        """Fill the window from `files`; returns the files that cannot be read, and those with invalid games.

        Only games that stay in the window are validated. `checked`: file -> number of its games already known to be
        valid.
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

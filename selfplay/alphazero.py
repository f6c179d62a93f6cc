"""AlphaZero's loop (Silver et al. 2018): play against oneself with search, learn what the search found, repeat.

    for each turn:
        games = self-play with the averaged network, so many moves
        for each gradient step that the new positions pay for:
            learn policy, outcome and the auxiliary targets of a batch from the window

Deviations from the paper: one machine, turns instead of many workers; Gumbel search by default; KataGo's auxiliary
targets, growing window, averaged weights and, where asked for, playout-cap randomisation (docs/results/selfplay.md
says what each is worth here). Steps are moves of self-play.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from agents.alphazero import losses
from agents.alphazero.config import Config
from agents.search.evaluators import Network
from envs.boards.game import Game, plane_factors
from selfplay.actors import Streams, share_out
from selfplay.arena import Arena
from selfplay.play import SelfPlay
from selfplay.record import GameRecord, read_turn, turns, write_turn
from selfplay.replay import Replay, mixed_batch, window_size
from supervised.kernels.playing import for_playing
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import HeadedNet, Spec, load_weights
from supervised.objectives.classification import cross_entropy
from supervised.optim import ema_state, load_ema, load_optimiser, make_ema, optimiser_state, parameter_groups
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.errors import UserError
from tengen.metrics import Stopwatch, Tick
from tengen.seeding import Seeds

_LAST = 0.15  # share of the training in which it falls to a tenth


def network_spec(game: Game, config: Config) -> Spec:
    """The network of `config` for `game` (the largest board): a tower with the heads whose losses have a weight."""
    if not config.net.startswith("tower"):
        raise UserError(f"--net {config.net}: AlphaZero's network is a tower, for example tower48x6")
    trunk = trunk_spec(config.net, [len(game.planes), *game.board_shape]) | {"factors": plane_factors(game)}
    on_points = game.num_actions == game.board_shape[0] * game.board_shape[1] + 1
    if config.sizes:
        trunk["masked"] = True
    heads: dict[str, Any] = {"policy": game.num_actions if on_points else {"kind": "moves", "size": game.num_actions}}
    heads["outcome"] = 3
    if config.reply_weight:
        heads["reply"] = heads["policy"]
    if game.can.count:
        heads |= {"ownership": 1} if config.ownership_weight else {}
        heads |= {"score": 1} if config.score_weight else {}
    return {"trunk": trunk, "heads": heads}


class AlphaZero:
    """`for tick in AlphaZero(...).ticks(): ...` plays and learns; a tick is a turn."""

    def __init__(
        self, config: Config, games: Sequence[Game], net: HeadedNet, compute: Compute, seeds: Seeds, total_steps: int
    ) -> None:
        """`games`: the game, after it smaller boards that are learned beside it; `total_steps` moves of self-play."""
        self.config, self.games, self.net, self.compute, self.seeds = config, list(games), net, compute, seeds
        self.total_steps = total_steps
        groups = parameter_groups(net, config.weight_decay)
        self.optimiser = torch.optim.SGD(groups, lr=config.lr, momentum=0.9, nesterov=True, fused=True)
        self.ema = make_ema(net, config.ema)
        self.gradient_steps = 0
        self.replays = self._empty_replays()
        self.streams = Streams(compute.threads if compute.device == "cpu" else 1)
        shared = replace(config, boards=max(1, config.boards // (len(self.games) * self.streams.count)))
        self.plays = [
            SelfPlay(game, shared, self.evaluator(game), seeds.integer("self-play", i), stream, self.streams.count)
            for i, game in enumerate(self.games)
            for stream in range(self.streams.count)
        ]
        self.folder: Path | None = None  # of the records; None keeps them in memory only
        self.arena: Arena | None = None  # who says how strong the network has become
        self.writing = True
        self.step = 0  # moves of self-play
        self.turn = 0
        self.owed = 0.0  # gradient steps that positions have paid for and that are still to be made
        self.damaged = 0  # files of records that had to be passed over
        self.watch = Stopwatch()

    @property
    def best_net(self) -> HeadedNet:
        """The network that plays: the averaged one where there is one."""
        return self.ema.module if self.ema is not None else self.net  # type: ignore[return-value]

    def evaluator(self, game: Game) -> Network:
        """A copy of the playing network for one stream."""
        compute = replace(self.compute, threads=1) if self.streams.count > 1 else self.compute
        playing = for_playing(self.best_net, compute)
        symmetry = "random" if self.config.symmetry else "none"
        remembered = self.config.remembered // self.streams.count
        return Network(game, playing, compute, symmetry, self.gradient_steps, remembered)  # type: ignore[arg-type]

    def _empty_replays(self) -> list[Replay]:
        first = self.config.window // len(self.games)
        return [Replay(game, first, self.config.window_growth) for game in self.games]

    def _remember(self, record: GameRecord) -> None:
        """Into the window of the board it was played on."""
        for game, memory in zip(self.games, self.replays, strict=True):
            if len(record.ownership) == game.board_shape[0] * game.board_shape[1]:
                memory.add(record)

    def ticks(self) -> Iterator[Tick]:
        while self.step < self.total_steps:
            games = sum(play.ended for play in self.plays)
            metrics = self.play_turn()
            with self.watch("learning"):
                metrics |= self.learn_turn()
            self.turn += 1
            due = self.turn % self.config.rate_every == 0 or self.step >= self.total_steps
            if self.arena is not None and due:
                with self.watch("rating"):
                    metrics |= self.arena.rate(self.best_net, self.step, self.gradient_steps)
            seconds = self.watch.take()
            playing = seconds.pop("self-play")
            seconds["tree"] = playing - seconds.get("network", 0.0)
            metrics["rate/evaluations"] = metrics["evaluations"] / max(playing, 1e-9)
            metrics["rate/games"] = (metrics["games"] - games) / max(sum(seconds.values()), 1e-9)
            yield Tick(self.step, metrics, seconds)

    def play_turn(self) -> dict[str, float]:
        """Self-play with the present network; its games into the records and the window."""
        before = sum(play.rounds for play in self.plays), sum(play.model.evaluations for play in self.plays)
        evaluators = [_Timed(self.evaluator(play.game)) for play in self.plays]
        for play, evaluator in zip(self.plays, evaluators, strict=True):
            play.model.evaluator, play.network = evaluator, self.gradient_steps
        moves = self.config.positions_per_turn // len(self.plays)
        with self.watch("self-play"):
            found = self.streams.run([partial(play.play, moves) for play in self.plays])
        self.watch.add("network", sum(evaluator.seconds for evaluator in evaluators) / self.streams.count)
        done = [record for records in found for record in records]
        rounds = sum(play.rounds for play in self.plays) - before[0]
        evaluated = sum(play.model.evaluations for play in self.plays) - before[1]
        remembered = sum(one.evaluator.cache.hits for one in evaluators if one.evaluator.cache)
        self.step += self.config.positions_per_turn
        if self.folder is not None and self.writing:
            write_turn(self.folder, self.turn, done)
        known = sum(memory.played for memory in self.replays)
        for record in done:
            self._remember(record)
        new = sum(memory.played for memory in self.replays) - known
        self.owed += new * self.config.reuse / self.config.batch
        metrics = {"evaluations": evaluated, "batch": evaluated / max(1, rounds)}
        metrics["remembered"] = remembered / max(1, evaluated)
        metrics |= game_metrics(done)
        metrics["games"] = sum(play.ended for play in self.plays)
        metrics["window"] = sum(len(memory) for memory in self.replays)
        return metrics

    def learn_turn(self) -> dict[str, float]:
        """The gradient steps that have been paid for; none before the window holds a few batches."""
        sums: dict[str, float] = {}
        count = 0
        if min(len(memory) for memory in self.replays) * len(self.games) < 4 * self.config.batch:
            return {"gradient_steps": self.gradient_steps}
        self.net.train()
        while self.owed >= 1:
            for name, value in self.learn().items():
                sums[name] = sums.get(name, 0.0) + value
            self.owed -= 1
            count += 1
        means = {name: value / max(1, count) for name, value in sums.items()}
        return means | {"lr": self.lr(), "gradient_steps": self.gradient_steps}

    def learn(self) -> dict[str, float]:
        """One gradient step."""
        c, device = self.config, self.compute.device
        random = np.random.default_rng(self.seeds.integer("batch", self.gradient_steps))
        planes, arrays = mixed_batch(self.replays, c.batch, random, c.symmetry)
        t = losses.Targets(**{name: torch.from_numpy(array).to(device) for name, array in arrays.items()})
        for group in self.optimiser.param_groups:
            group["lr"] = self.lr()
        with self.compute.autocast():
            out = self.net(torch.from_numpy(planes).to(device))
        out = {name: value.float() for name, value in out.items()}
        parts = {
            "policy": losses.policy_loss(out["policy"], t.policy),
            "outcome": cross_entropy(out["outcome"], t.outcome),
        }
        if "reply" in out:
            parts["reply"] = cross_entropy(out["reply"], t.reply)
        if "ownership" in out:
            mask = torch.from_numpy(planes[:, 0]).to(device) if c.sizes else torch.ones_like(out["ownership"])
            parts["ownership"] = losses.ownership_loss(out["ownership"], t.ownership, t.counted, mask)
        if "score" in out:
            parts["score"] = losses.score_loss(out["score"], t.score, t.counted)
        weights = {"policy": 1.0} | {n: getattr(c, f"{n}_weight") for n in ("outcome", "reply", "ownership", "score")}
        loss = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        self.optimiser.zero_grad()
        loss.backward()
        clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        if self.ema is not None:
            self.ema.update_parameters(self.net)
        self.gradient_steps += 1
        metrics = {f"loss/{name}": part.item() for name, part in parts.items()}
        metrics["kl"] = metrics["loss/policy"] - losses.entropy(t.policy).item()  # of the policy to its target
        metrics["outcome_right"] = (out["outcome"].argmax(1) == t.outcome).float().mean().item()
        return metrics

    def lr(self) -> float:
        """Rises, stays, and falls to a tenth at the end of the training."""
        left = (self.total_steps - self.step) / max(1.0, _LAST * self.total_steps)
        risen = min(1.0, (self.gradient_steps + 1) / max(1, self.config.lr_warmup))
        return self.config.lr * risen * min(1.0, max(0.1, left))

    # --- saving -------------------------------------------------------------------------------------------------

    def state(self) -> Tree:
        own: dict[str, Any] = {
            "turn": self.turn,
            "owed": self.owed,
            "plays": [play.state() for play in self.plays],
            "damaged": self.damaged,
        }
        if self.arena is not None:
            own["arena"] = self.arena.state()
        own |= ema_state(self.net, self.ema)
        return {
            "network": self.net.spec,
            "weights": dict(self.best_net.state_dict()),
            "optimiser": optimiser_state(self.optimiser),
            "step": self.step,
            "gradient_steps": self.gradient_steps,
            "own": own,
        }

    def _load_plays(self, saved: list[Any]) -> None:
        """Streams of games go on; of another number of threads, they are shared out anew."""
        for one in saved:
            if "started" in one:  # a checkpoint of before there were streams
                one |= {"next": one["started"], "ended": one["started"] - len(one["sheets"])}
        then, now = len(saved) // len(self.games), self.streams.count
        for i in range(len(self.games)):
            shares = share_out(saved[i * then : (i + 1) * then], now)
            for play, share in zip(self.plays[i * now : (i + 1) * now], shares, strict=True):
                play.load(share)

    def load(self, tree: Tree) -> None:
        """Go on from `tree`; the window is rebuilt from the records of its turns."""
        load_weights(self.best_net, tree["weights"], "the checkpoint")
        own = tree["own"]
        load_ema(self.net, self.ema, own)
        load_optimiser(self.optimiser, tree["optimiser"])
        self.step, self.gradient_steps = tree["step"], tree["gradient_steps"]
        self.turn, self.owed = own["turn"], own["owed"]
        self._load_plays(own["plays"])
        if self.arena is not None and "arena" in own:
            self.arena.load(own["arena"])
        self.replays = self._empty_replays()
        self.damaged = 0
        if self.folder is not None:
            for number, path in turns(self.folder):
                if number >= self.turn:
                    break
                try:
                    for record in read_turn(path):
                        self._remember(record)
                except UserError:
                    self.damaged += 1


class _Timed:
    """An evaluator and the seconds that it has taken."""

    def __init__(self, evaluator: Network) -> None:
        self.evaluator, self.seconds = evaluator, 0.0

    def __call__(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        begun = time.perf_counter()
        found = self.evaluator(states)
        self.seconds += time.perf_counter() - begun
        return found


def game_metrics(done: list[GameRecord]) -> dict[str, float]:
    """Of the games that ended in a turn; nothing where none did."""
    if not done:
        return {}
    played_on = [g.resign_wrong for g in done if g.resign_wrong >= 0]
    metrics = {
        "length": float(np.mean([len(g.moves) for g in done])),
        "black_wins": float(np.mean([g.result == 1 for g in done])),
        "draws": float(np.mean([g.result == 0 for g in done])),
        "without_result": float(np.mean([np.isnan(g.result) for g in done])),
        "decided": float(np.mean([g.why == "decided" for g in done])),
        "resigned": float(np.mean([g.why == "resignation" for g in done])),
    }
    if played_on:
        metrics["resign_wrong"] = float(np.mean(played_on))
    return metrics


def memory_of_window(config: Config, actions: int) -> int:
    """Bytes that the window takes at most after ten million positions."""
    return window_size(10_000_000, config.window, config.window_growth) * (2 * actions + 16)

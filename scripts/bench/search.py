"""`tengen bench search`: what search and self-play leave of the network's speed, beside two peers. All on 9x9 Go
with a tower of 6 blocks of 64 channels, random weights, all cores.

Rows {what, unit, value, baseline, ratio}:

    selfplay-net   evaluations/s of self-play (tree, rules, planes and all); baseline: the bare network at its best
                   batch size
    mctx           simulations/s, 64 games, 32 simulations of Gumbel search; baseline: Pgx + mctx (JAX) the same
    openspiel      evaluations/s of self-play; baseline: OpenSpiel's Python AlphaZero, a process a core
    openspiel-mcts the same; baseline: OpenSpiel's Python MCTS with our tower, a position at a time
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.alphazero.config import Config
from agents.alphazero.network import network_spec
from agents.search.evaluators import Forward, Network
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.go.game import Go
from scripts.bench.atari import row
from selfplay.alphazero import AlphaZero
from supervised.kernels.learning import for_learning
from supervised.kernels.measure import choose_precision
from supervised.kernels.playing import choose_playing, for_playing
from supervised.nets.headed import HeadedNet, Spec, build
from tengen.device import Compute, cores
from tengen.errors import UserError
from tengen.seeding import Seeds

_ROOT = Path(__file__).resolve().parent.parent.parent
_PEER = _ROOT / ".venv-mctx" / "bin" / "python"
_CONFIG = Config(
    net="tower64x6",
    boards=256,
    moves_per_iteration=1024,
    ownership_weight=0.0,
    score_weight=0.0,
    reply_weight=0.0,
    evaluation_cache=0,  # every evaluation is the network's
)
_BATCH, _SIMULATIONS = 64, 32


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` ends within 40 seconds once the kernels are compiled."""
    game = Go(9, "cgos", threads=cores())
    spec = network_spec(game, _CONFIG)
    planes = torch.from_numpy(np.ascontiguousarray(game.encode(game.new(256))))
    compute, _ = choose_precision(lambda: build(spec, 0), planes, ready=for_learning)
    compute.start()
    compute, _ = choose_playing(build(spec, 0), compute, planes)
    net = for_playing(build(spec, 0), compute)
    seconds, rounds = (1.0, 2) if quick else (4.0, 5)
    play = _self_play(game, spec, compute)
    best = max((_bare(net, compute, game, n)(0.5), n) for n in (64, 128, 256, 512))[1]
    bare = _bare(net, compute, game, best)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(play(seconds))
        theirs.append(bare(seconds))
    yield row("selfplay-net", "evaluations/s", ours, theirs)
    spiel = [_open_spiel(net, compute, 4 if quick else 16) for _ in range(rounds)]
    yield row("openspiel-mcts", "evaluations/s", ours, spiel)
    if not _PEER.exists():
        raise UserError("the rows openspiel and mctx need the peers: make peers")
    yield row("openspiel", "evaluations/s", ours, [_open_spiel_az(seconds) for _ in range(1 if quick else 3)])
    yield _mctx(game, net, compute, 1 if quick else 4)


def _self_play(game: Go, spec: Spec, compute: Compute) -> Callable[[float], float]:
    made = AlphaZero(_CONFIG, [game], build(spec, 0), compute, Seeds(1), 1)
    made.play()  # compiled, and games at different moves

    def rate(seconds: float) -> float:
        begun, done = time.perf_counter(), 0.0
        while time.perf_counter() - begun < seconds:
            done += made.play()["evaluations"]
        return done / (time.perf_counter() - begun)

    return rate


def _bare(net: HeadedNet, compute: Compute, game: Go, batch: int) -> Callable[[float], float]:
    planes = torch.from_numpy(game.encode(game.new(batch)))

    def rate(seconds: float) -> float:
        begun, done = time.perf_counter(), 0
        with torch.inference_mode(), compute.autocast():
            while time.perf_counter() - begun < seconds:
                net(planes)
                done += batch
        return done / (time.perf_counter() - begun)

    rate(0.2)
    return rate


def _mctx(game: Go, net: HeadedNet, compute: Compute, rounds: int) -> dict[str, Any]:
    command = [str(_PEER), "-m", "scripts.bench.peer_mctx", str(_BATCH), str(_SIMULATIONS), "64", "6", "1"]
    model = GameModel(game, Network(game, Forward(net, compute)), game.new(_BATCH))
    search = Search(model, _BATCH, _SIMULATIONS, SearchConfig(kind="gumbel"), range(_BATCH))
    everyone = np.arange(_BATCH)

    def think() -> float:
        begun = time.perf_counter()
        search.forget(everyone)
        search.begin(everyone, _SIMULATIONS)
        found = search.run(everyone)
        rate = _BATCH * _SIMULATIONS / (time.perf_counter() - begun)
        game.play(model.roots, found.best)
        return rate

    think()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(think())
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"the peer failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no word'}")
        theirs += [float(line) for line in done.stdout.split()]
    return row("mctx", "simulations/s", ours, theirs)


def _open_spiel_az(seconds: float) -> float:
    """Inferences a second of OpenSpiel's Python AlphaZero, as many actors as cores."""
    command = [str(_PEER), "-m", "scripts.bench.peer_openspiel", "64", "6", str(_SIMULATIONS), str(seconds)]
    actors = [
        subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(cores())
    ]
    rates = [actor.communicate()[0] for actor in actors]
    if any(actor.returncode for actor in actors):
        raise UserError("OpenSpiel's AlphaZero failed: make its environment again with rm -r .venv-mctx; make peers")
    return sum(map(float, rates))


def _open_spiel(net: HeadedNet, compute: Compute, simulations: int) -> float:
    """Evaluations a second of OpenSpiel's Python search with `net`, on the first move of 9x9."""
    import pyspiel
    from open_spiel.python.algorithms import mcts

    class One(mcts.Evaluator):
        """Its AlphaZero evaluator with our tower: a position at a time."""

        calls = 0

        def _infer(self, state: Any) -> tuple[np.ndarray, float]:
            self.calls += 1
            observation = np.array(state.observation_tensor(), np.float32).reshape(-1, 9, 9)[:18]
            planes = np.zeros((1, 18, 9, 9), np.int8)
            planes[0, : len(observation)] = observation
            with torch.inference_mode(), compute.autocast():
                out = net(torch.from_numpy(planes))
            p = out["outcome"].float().softmax(1)[0]
            return out["policy"][0].float().softmax(0).numpy(), float(p[0] - p[2])

        def evaluate(self, state: Any) -> np.ndarray:
            value = self._infer(state)[1]
            return np.array([value, -value])

        def prior(self, state: Any) -> list[tuple[int, float]]:
            policy, _ = self._infer(state)
            return [(action, float(policy[action])) for action in state.legal_actions()]

    game = pyspiel.load_game("go(board_size=9)")
    evaluator = One()
    bot = mcts.MCTSBot(game, 2.0, simulations, evaluator, solve=False)
    begun = time.perf_counter()
    bot.step(game.new_initial_state())
    return simulations / (time.perf_counter() - begun)

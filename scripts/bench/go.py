"""`tengen bench go`: playouts beside OpenSpiel's, and play + legal mask + planes of a batch. One core each,
but for `encode-9x9`, which uses two.

Rows: {what, unit, value, baseline, ratio}. What is compared runs in turns within one run.

    playouts-9x9, playouts-19x19   random games a second to the end; baseline: OpenSpiel's rollouts
    encode-9x9                     positions a second: play, legal mask and compact planes, 4,096 games at once
                                   on two threads; baseline: the same without planes
    superko-9x9                    moves a second in playouts with positional superko; baseline: with simple ko
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from envs.go.board import points
from envs.go.game import Go
from envs.go.playout import playouts
from envs.go.rules import Rules
from envs.go.states import words
from envs.laws import random_actions
from scripts.bench.atari import row
from tengen.errors import UserError


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` ends within 40 seconds once the kernels are compiled."""
    rounds, seconds = (3, 0.4) if quick else (9, 1.5)
    yield against_open_spiel(9, rounds, seconds)
    yield against_open_spiel(19, rounds, seconds)
    yield superko(rounds, seconds)
    yield encode(rounds, 4 if quick else 20)


def _rate(one: Callable[[int], int], seconds: float) -> float:
    """Units a second of `one(k)`, which does some and returns how many."""
    begun, done, k = time.perf_counter(), 0, 0
    while (passed := time.perf_counter() - begun) < seconds:
        done += one(k)
        k += 1
    return done / passed


def _player(game: Go, at_once: int, moves: bool = False) -> Callable[[int], int]:
    """Plays `at_once` games a call; returns how many, or with `moves` how many moves they had."""
    s16, s64 = words(game.new(1))
    scores, owners = np.empty(at_once, np.float32), np.empty(points(game.size), np.float32)

    def play(k: int) -> int:
        total, _ = playouts(s16, s64, 0, k * at_once, at_once, scores, owners)
        return total if moves else at_once

    play(0)  # compiled
    return play


def against_open_spiel(size: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Random games from the empty board to the end, one core, beside OpenSpiel's C++ rollouts."""
    try:
        import pyspiel
    except ImportError as error:
        raise UserError("for the peer: pip install open_spiel (make setup does)") from error
    game = pyspiel.load_game("go", {"board_size": size, "komi": 7.5})
    start = game.new_initial_state()
    at_once = 64 if size <= 9 else 8
    # Its rollouts are C++ and reached from Python through a search of one simulation with so many rollouts.
    bot = pyspiel.MCTSBot(game, pyspiel.RandomRolloutEvaluator(at_once, 1), 1.0, 1, 10, False, 1, False)

    def peer(_: int) -> int:
        bot.mcts_search(start)
        return at_once

    ours = _player(Go(size), at_once)
    pairs = [(_rate(ours, seconds), _rate(peer, seconds)) for _ in range(rounds)]
    return row(f"playouts-{size}x{size}", "games/s", [a for a, _ in pairs], [b for _, b in pairs])


def superko(rounds: int, seconds: float) -> dict[str, Any]:
    """What positional superko costs a move, beside simple ko (whose games may cycle up to the move limit)."""
    positional, simple = _player(Go(9, Rules()), 64, moves=True), _player(Go(9, Rules(ko="simple")), 64, moves=True)
    pairs = [(_rate(positional, seconds), _rate(simple, seconds)) for _ in range(rounds)]
    return row("superko-9x9", "moves/s", [a for a, _ in pairs], [b for _, b in pairs])


def encode(rounds: int, moves: int, batch: int = 4096) -> dict[str, Any]:
    """Positions a second of a batch in the middle of its games, on two threads."""
    game = Go(9, threads=2)
    random = np.random.default_rng(0)
    start = game.new(batch)
    for k in range(60):  # rows at moves 0 to 60: games of all ages
        going = start[k * batch // 60 :].copy()
        game.play(going, _random_points(game, going, random))
        start[k * batch // 60 :] = going

    def rate(planes: bool) -> float:
        states = start.copy()
        spent = 0.0
        for _ in range(moves):
            actions = _random_points(game, states, random)  # chosen outside of the clock
            begun = time.perf_counter()
            game.play(states, actions)
            game.legal(states)
            if planes:
                game.encode(states)
            spent += time.perf_counter() - begun
            states = states[~game.ended(states)]
        return moves * batch / spent

    rate(True)
    pairs = [(rate(True), rate(False)) for _ in range(rounds)]
    return row("encode-9x9", "positions/s", [a for a, _ in pairs], [b for _, b in pairs])


def _random_points(game: Go, states: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A random legal point for each state, a pass where there is none."""
    legal = game.legal(states)
    legal[:, -1] &= ~legal[:, :-1].any(axis=1)
    return random_actions(legal, random)

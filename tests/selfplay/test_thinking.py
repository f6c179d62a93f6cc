"""One game thought about: limits, stopping, pondering, memory, what an analysis says; and the network of the zoo."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from agents.search.evaluators import Evaluation
from agents.search.search import SearchConfig
from envs.boards.game import BLACK, WHITE
from envs.boards.lines import connect4
from envs.go.game import Go
from selfplay.thinking import Analysis, Limit, Thinker, make_thinker
from tengen.errors import UserError
from tests.agents.search.helpers import Fixed, after

CONFIG = SearchConfig(leaves=8, virtual_loss=0.2, proofs=True, count_kept=False)


class Slow(Fixed):
    """An evaluator that takes its time, as a network does."""

    seconds = 0.004

    def __call__(self, states: np.ndarray) -> Evaluation:
        time.sleep(self.seconds)
        return super().__call__(states)


def thinker(**options: int) -> Thinker:
    game = connect4()
    return Thinker("slow", game, Slow(game), CONFIG, threads=2, **options)


def test_simulations_and_what_an_analysis_says() -> None:
    made = thinker()
    found = made.think(Limit(simulations=300))
    assert found.visits == 300 == sum(move.visits for move in found.moves) and found.to_play == BLACK
    best = found.moves[0]
    assert best.action == found.best == best.line[0] and best.visits == max(move.visits for move in found.moves)
    assert best.lcb < best.value and all(-1 <= m.lcb <= m.value <= 1 for m in found.moves) and len(best.line) > 2
    assert sum(m.prior for m in found.moves) == pytest.approx(1, abs=1e-4)
    mean = (found.raw_value + sum(m.visits * m.value for m in found.moves)) / 301
    assert found.value == pytest.approx(mean, abs=1e-4) and found.ownership is None and found.score is None
    assert made.think(Limit(simulations=50)).visits == 350  # on top of what is there
    made.played(found.best)
    kept = made.analysis().visits
    assert kept > 0
    assert made.analysis().to_play == WHITE and made.think(Limit(simulations=10)).visits == kept + 10
    made.at(after(made.game, *"44"))
    assert made.analysis().visits == 0 and made.think(Limit(simulations=20)).visits == 20
    made.close()


@pytest.mark.parametrize("seconds", [0.05, 0.4])
def test_time_is_kept(seconds: float) -> None:
    made = thinker()
    made.think(Limit(simulations=60))
    over = []
    for _ in range(5):
        begun = time.perf_counter()
        found = made.think(Limit(seconds=seconds))
        over.append(time.perf_counter() - begun - seconds)
        assert found.seconds <= time.perf_counter() - begun
        made.at(made.game.new(1))
    assert -0.05 < min(over) < 0.1, over  # the best of five: other work on the machine may come between
    made.close()


def test_stop_ends_it_at_once_and_watch_sees_it_grow() -> None:
    made, stop, seen = thinker(), threading.Event(), []  # type: ignore[var-annotated]
    ends: list[float] = []

    def end() -> None:
        ends.append(time.perf_counter())
        stop.set()

    timer = threading.Timer(0.5, end)
    timer.start()

    def watch(found: Analysis) -> None:
        seen.append(found.visits)

    found = made.think(Limit(), stop, watch, every=0.05)
    assert time.perf_counter() - ends[0] < 5
    assert len(seen) > 3 and seen == sorted(seen) and seen[-1] <= found.visits and found.visits > 50
    again = made.think(Limit(), stop)  # an event that is set already: one step, and an answer
    assert again.visits - found.visits < 64
    with pytest.raises(ValueError, match="would never end"):
        made.think(Limit())
    made.close()


def test_it_ends_early_where_nothing_can_change() -> None:
    game = connect4()

    def sure(states: np.ndarray) -> Evaluation:
        logits = np.zeros((len(states), 7), np.float32)
        logits[:, 3] = 6.0
        return Evaluation(logits, np.zeros(len(states), np.float32))

    made = Thinker("sure", game, sure, CONFIG)
    early = made.think(Limit(simulations=2000, early=True))
    assert 900 < early.visits < 1400 and early.best == 3
    second = sorted(m.visits for m in early.moves)[-2] if len(early.moves) > 1 else 0
    assert early.moves[0].visits - second > 2000 - early.visits
    made.at(game.new(1))
    assert made.think(Limit(simulations=2000)).best == 3
    made.at(game.new(1))
    begun = time.perf_counter()
    made.think(Limit(seconds=3.0, early=True))
    assert time.perf_counter() - begun < 2.9


def test_a_proven_game_ends_the_search_and_an_ended_one_refuses_it() -> None:
    game = connect4()
    made = Thinker("fixed", game, Fixed(game), CONFIG)
    made.at(after(game, *"112233"))
    found = made.think(Limit(), threading.Event())  # without a limit
    assert found.best == 3 and found.value == 1 and found.moves[0].lcb == 1
    made.played(3)
    with pytest.raises(UserError, match="the game is over"):
        made.think(Limit(simulations=1))


def test_memory_is_bounded_on_the_largest_board() -> None:
    game = Go(25)
    made = Thinker("fixed", game, Fixed(game), CONFIG, memory=20 << 20)
    nodes = made.search.tree.parent.shape[1]
    arrays = [*made.search.tree, made.details.owner, made.details.score, made.details.known]
    assert 1500 < nodes < 2500 and sum(array.nbytes for array in arrays) < 21 << 20
    found = made.think(Limit(simulations=2 * nodes))
    assert found.visits == 2 * nodes and made.search.tree.used[0] <= nodes


def test_the_zoo_s_network_says_who_owns_what(tmp_path: Path) -> None:
    game = Go(9, "tromp-taylor", 7.5)
    made = make_thinker("go9-alphazero", game, tmp_path)
    black = [game.parse_action(f"{c}{r}") for c in "DE" for r in range(1, 10)]  # a wall: the left is Black's
    white = [game.parse_action(f"{c}{r}") for c in "FG" for r in range(1, 10)]
    state = game.with_setup(black, white, WHITE)
    made.at(state)
    raw = made.evaluate()
    assert raw.ownership is not None and raw.score is not None and raw.ownership.shape == (1, 81)
    found = made.think(Limit(simulations=200))
    assert found.ownership is not None and found.score is not None
    board = found.ownership.reshape(9, 9)
    assert board[:, :5].min() > 0.5 and board[:, 5:].max() < -0.5  # 45 points against 36 and komi
    assert found.score == pytest.approx(1.5, abs=3) and raw.score[0] == pytest.approx(-1.5, abs=4)
    made.close()


@pytest.mark.parametrize(("name", "words"), [("random", "does not search"), ("nobody", "nobody")])
def test_players_without_a_search_are_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        make_thinker(name, connect4(), tmp_path)


def test_random_rollouts_think_too(tmp_path: Path) -> None:
    game = connect4()
    made = make_thinker("uct", game, tmp_path)
    made.at(after(game, *"11223"))
    assert made.think(Limit(simulations=300)).best == 3
    made.close()

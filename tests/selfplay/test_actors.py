"""Actors: games with one thread and several, resumed with the same number or another."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from agents.alphazero.network import network_spec
from selfplay.actors import share_out
from selfplay.alphazero import AlphaZero
from selfplay.play import SelfPlay
from selfplay.record import iterations, write_iteration
from selfplay.threads import Threads
from supervised.nets.headed import build
from tengen.checkpoint import differences
from tengen.device import Compute
from tengen.metrics import same_metrics
from tengen.seeding import Seeds
from tests.agents.search.helpers import Fixed
from tests.long import takes_long
from tests.selfplay.test_selfplay import SMALL, by_number, game_of


def learner(threads: int, steps: int = 128 * 5) -> AlphaZero:
    game, compute = game_of("go5"), Compute(threads=threads)
    compute.start()
    return AlphaZero(SMALL, [game], build(network_spec(game, SMALL), 1), compute, Seeds(1), steps)


def test_actors_play_the_games_that_one_would() -> None:
    game = game_of("go5")
    alone = by_number(SelfPlay(game, SMALL, Fixed(game), seed=4).play(600))
    halves = [SelfPlay(game, replace(SMALL, boards=4), Fixed(game), 4, first, 2) for first in (0, 1)]
    threads = Threads(2)
    found = [by_number(records) for records in threads.run([lambda p=p: p.play(300) for p in halves])]  # type: ignore[misc]
    assert {n % 2 for n in found[0]} == {0} and {n % 2 for n in found[1]} == {1}
    same = alone.keys() & (found[0] | found[1]).keys()
    assert len(same) >= 8
    for number in same:
        assert np.array_equal(alone[number].moves, (found[0] | found[1])[number].moves)


def test_each_thread_computes_on_one_core_and_the_rest_of_the_process_as_before() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    threads, meet = Threads(2), threading.Barrier(2, timeout=30)

    def look() -> tuple[int, int]:
        meet.wait()  # both at the same time
        return threading.get_ident(), torch.get_num_threads()

    for _ in range(2):
        seen = threads.run([look, look])
        assert len({who for who, _ in seen}) == 2 and {number for _, number in seen} == {1}
        assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_a_thread_that_fails_says_so() -> None:
    def broken() -> None:
        raise ValueError("no")

    before = torch.get_num_threads()
    with pytest.raises(ValueError, match="no"):
        Threads(2).run([broken, lambda: None])
    assert torch.get_num_threads() == before


def test_games_are_shared_out_anew() -> None:
    game = game_of("go5")
    play = SelfPlay(game, SMALL, Fixed(game), seed=4)
    play.play(300)
    saved = [play.state()]
    for actors in (2, 3, 1):
        saved = share_out(saved, actors)
        assert [one["next"] % actors for one in saved] == list(range(actors))
        assert sum(one["ended"] for one in saved) == play.ended
    assert saved[0]["next"] >= play.next
    again = SelfPlay(game, replace(SMALL, boards=10), Fixed(game), seed=4)
    again.load(saved[0])
    numbers = [trajectory.number for trajectory in again.trajectories]
    assert sorted(numbers[:8]) == sorted(trajectory.number for trajectory in play.trajectories)
    assert len(set(numbers)) == 10 and min(numbers[8:]) >= play.next  # two new games
    for trajectory, state in zip(again.trajectories[:8], again.states, strict=False):
        (other,) = (i for i, one in enumerate(play.trajectories) if one.number == trajectory.number)
        assert play.states[other] == state and play.trajectories[other].moves == trajectory.moves


def test_checkpoints_and_games_of_the_version_before_are_read(tmp_path: Path) -> None:
    """Turns, sheets and plays are now called iterations, trajectories and actors; games were in turn-….npz."""
    first, again = learner(1), learner(1)
    first.folder = again.folder = tmp_path
    for tick in first.ticks():
        if tick.step == 256:
            break
    tree = first.state()
    own = tree["own"]
    former = {"iteration": "turn", "gradient_steps_due": "owed", "actors": "plays"}
    own = {former.get(name, name): value for name, value in own.items()}
    own["plays"] = [{"sheets" if k == "trajectories" else k: v for k, v in one.items()} for one in own["plays"]]
    for path in list(tmp_path.glob("iteration-*.npz")):
        path.rename(path.with_name(path.name.replace("iteration", "turn")))
    again.load(tree | {"own": own})
    assert differences(again.state(), first.state()) == []
    assert len(again.replay) == len(first.replay) > 0 and again.damaged == 0
    turns = [path.name for _, path in iterations(tmp_path)]
    assert turns == ["turn-000000.npz", "turn-000001.npz"]
    write_iteration(tmp_path, 1, [])  # rewritten after a resume: this one counts
    assert [path.name for _, path in iterations(tmp_path)] == ["turn-000000.npz", "iteration-000001.npz"]


@takes_long
def test_two_actors_resume_bit_for_bit() -> None:
    whole, first, again = learner(2), learner(2), learner(2)
    expected = [same_metrics(tick.metrics) for tick in whole.ticks()]
    assert expected[-1]["gradient_steps"] > 5
    seen = []
    for tick in first.ticks():
        seen.append(same_metrics(tick.metrics))
        if len(seen) == 2:
            break
    again.load(first.state())
    again.replay = first.replay  # it would be rebuilt from the records, which do not exist
    seen += [same_metrics(tick.metrics) for tick in again.ticks()]
    assert seen == expected
    assert differences(whole.state(), again.state()) == []


@pytest.mark.slow
def test_a_run_of_one_thread_goes_on_with_two() -> None:
    one, two = learner(1), learner(2)
    for _ in one.ticks():
        break
    two.load(one.state())
    assert two.step == one.step and [len(play.trajectories) for play in two.actors.plays] == [4, 4]
    *_, last = two.ticks()
    assert last.step == 128 * 5 and last.metrics["games"] > one.actors.plays[0].ended

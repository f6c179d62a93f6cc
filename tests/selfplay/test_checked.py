"""Deliberately malformed games from files: none reaches a compiled kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selfplay.checked import check_records
from selfplay.play import SelfPlay
from selfplay.record import GameRecord, iterations, read_iteration, write_iteration
from selfplay.workers import Workers
from tengen.errors import UserError
from tests.agents.search.helpers import Fixed
from tests.selfplay.test_alphazero import learner
from tests.selfplay.test_selfplay import SMALL, game_of


def playing(name: str) -> SelfPlay:
    game = game_of(name)
    made = SelfPlay(game, SMALL, Fixed(game), 1)
    made.play(40)
    return made


def moves(*new: int) -> Callable[[dict[str, Any]], None]:
    return lambda tree: tree["trajectories"][0].update(
        moves=np.array(new), full=np.zeros(len(new)), value=np.zeros(len(new)), policy=np.zeros((0, 26))
    )


def flip(tree: dict[str, Any]) -> None:
    tree["states"] = tree["states"].copy()
    tree["states"][: len(tree["states"]) // 8] ^= 0x7F


DAMAGE = {
    "bits": flip,
    "outside": moves(30_000),
    "before the first": moves(-7),
    "on a stone": moves(3, 3),
    "too many": moves(*range(25), *range(25), *range(25), *[25] * 2000),
    "komi": lambda tree: tree["trajectories"][0].update(komi=float("nan")),
    "lengths": lambda tree: tree["trajectories"][0].update(full=np.ones(3)),
}


@pytest.mark.parametrize("name", ["tictactoe", "go5"])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_positions_that_no_game_leads_to_are_refused(damage: Callable[[dict[str, Any]], None], name: str) -> None:
    made = playing(name)
    tree = made.state()
    SelfPlay(made.game, SMALL, Fixed(made.game), 1).load(tree)  # unmodified, it is accepted
    damage(tree)
    with pytest.raises(ValueError, match=r".+"):
        SelfPlay(made.game, SMALL, Fixed(made.game), 1).load(tree)


def test_workers_are_handed_no_positions_that_no_game_leads_to() -> None:
    class Pool:
        loaded: list[Any] | None = None

        def load(self, states: list[Any]) -> None:
            self.loaded = states

    made = playing("tictactoe")
    workers, pool = object.__new__(Workers), Pool()  # without a cluster
    workers.games, workers.count, workers.each, workers.pool = [made.game], 1, 2, pool  # type: ignore[assignment]
    damaged = made.state()
    flip(damaged)
    with pytest.raises(ValueError, match="a position that its moves do not lead to"):
        workers.load([damaged])
    assert pool.loaded is None
    workers.load([made.state()])
    assert pool.loaded is not None and len(pool.loaded[0]["actors"]) == 2


RECORDS: dict[str, dict[str, Any]] = {
    "outside": {"moves": np.full(2, 20_000, np.int16)},
    "negative": {"moves": np.full(2, -3, np.int16)},
    "on a stone": {"moves": np.zeros(2, np.int16)},
    "other actions": {"policy": np.ones((0, 9), np.float16), "full": np.zeros(2, bool)},
    "policy": {"policy": np.full((2, 26), np.nan, np.float16)},
    "komi": {"komi": 1e30},
    "result": {"result": 7.0},
}


def record(number: int = 1) -> GameRecord:
    return GameRecord(
        number=number,
        network=0,
        komi=0.5,
        moves=np.array([3, 4], np.int16),
        full=np.ones(2, bool),
        policy=np.ones((2, 26), np.float16) / 26,
        value=np.zeros(2, np.float32),
        result=1.0,
        score=3.5,
        ownership=np.zeros(25, np.int8),
        why="points",
    )


@pytest.mark.parametrize("change", RECORDS.values(), ids=RECORDS)
def test_a_record_that_is_no_game_is_a_damaged_file(change: dict[str, Any], tmp_path: Path) -> None:
    good = record()
    check_records([game_of("go5")], [good])
    made = learner(tmp_path)
    assert made.folder is not None
    write_iteration(made.folder, 0, [good])
    write_iteration(made.folder, 1, [replace(good, **change)])
    tree = made.state()
    tree["own"]["iteration"] = 2
    made.load(tree)
    assert made.damaged == 1 and len(made.replay) == 2


def test_only_what_is_in_the_window_is_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = learner(tmp_path)
    assert made.folder is not None
    monkeypatch.setattr(made, "config", replace(made.config, window=4, window_growth=0.0))
    written = []
    for number in range(6):
        good = record(number=number)
        written.append(good if number not in (0, 4) else replace(good, moves=np.zeros(2, np.int16)))
        write_iteration(made.folder, number, [written[-1]])
    seen: list[int] = []

    def watched(games: Any, records: Any) -> None:
        seen.extend(one.number for one in records)
        check_records(games, records)

    monkeypatch.setattr("selfplay.alphazero.check_records", watched)
    tree = made.state()
    tree["own"]["iteration"] = 6
    made.load(tree)
    assert made.damaged == 1 and seen == [4, 5, 3], "a damaged one makes room for an older one"
    assert [one.number for one in made.replay.replays[0].games] == [3, 5]


def test_arrays_of_other_types_are_cast_or_refused(tmp_path: Path) -> None:
    (tmp_path / "iteration-000000.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match="damaged"):
        read_iteration(iterations(tmp_path)[0][1])
    np.savez(tmp_path / "iteration-000001.npz", number=np.array(["a"]))
    with pytest.raises(UserError, match="damaged"):
        read_iteration(iterations(tmp_path)[1][1])

"""Records as training data: positions equal replayed ones, split by game, transformed like the rules."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE, transform_planes
from envs.go import board
from envs.go.collection import Collection, Positions, collect
from envs.go.game import Go
from envs.go.records import LENIENT, replay
from envs.go.sgf import GoRecord, Move, read_sgf, write_sgf
from envs.laws import random_actions
from tengen.errors import UserError

SIZE = 5


def random_record(seed: int, handicap: int = 0) -> GoRecord:
    game = Go(SIZE, LENIENT)
    rng = np.random.default_rng(seed)
    setup = (6, 8, 16)[:handicap]
    state = game.with_setup(list(setup), [], WHITE if handicap else BLACK, handicap) if handicap else game.new(1)
    moves = []
    for _ in range(int(rng.integers(12, 40))):
        if game.ended(state)[0]:
            break
        action = int(random_actions(game.legal(state), rng)[0])
        moves.append(Move(int(game.to_move(state)[0]), action))
        game.play(state, np.array([action]))
    while len(moves) < 12:  # players who resume after two early passes
        moves.append(Move(-moves[-1].colour, SIZE * SIZE))
    winner = (BLACK, WHITE, 0, None)[seed % 4]
    return GoRecord(
        SIZE,
        tuple(moves),
        komi=(0.5, 7.0, -3.5)[seed % 3],
        handicap=handicap,
        black_setup=setup,
        winner=winner,
        by="points",
    )


@pytest.fixture(scope="module")
def records() -> list[GoRecord]:
    return [random_record(seed, handicap=3 if seed % 7 == 0 else 0) for seed in range(400)]


@pytest.fixture(scope="module")
def collection(records: list[GoRecord], tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("games")
    archive = folder / "games.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for number, record in enumerate(records):
            file = folder / f"{number:03}.sgf"
            file.write_bytes(write_sgf(record))
            tar.add(file, file.name)
        for name, data in (("rubbish.sgf", b"(;GM[1]SZ[5];B[zz"), ("readme.txt", b"hello"), ("000-again.sgf", None)):
            (folder / name).write_bytes(data if data is not None else write_sgf(records[0]))
            tar.add(folder / name, name)
        nine = replace(records[1], size=9)
        (folder / "nine.sgf").write_bytes(write_sgf(nine))
        tar.add(folder / "nine.sgf", "nine.sgf")
        taken = replace(records[2], moves=(*records[2].moves[:11], Move(BLACK, 3), Move(WHITE, 3), Move(BLACK, 3)))
        (folder / "illegal.sgf").write_bytes(write_sgf(taken))
        tar.add(folder / "illegal.sgf", "illegal.sgf")
    return collect(archive, SIZE, folder / "cache")


def test_what_is_left_out_is_counted(collection: Collection, records: list[GoRecord]) -> None:
    left_out = collection.about["left_out"]
    assert left_out["the same moves as another game"] >= 1
    assert left_out["another board (9x9)"] == 1 and left_out["an illegal move"] == 1
    assert any("SGF" in reason or "move" in reason for reason in left_out)
    assert len(collection.games) + left_out["the same moves as another game"] == len(records) + 1
    assert "held out" in str(collection)


def test_every_position_is_the_replayed_one(collection: Collection, records: list[GoRecord]) -> None:
    checked = 0
    for held_out in (False, True):
        positions = Positions(collection, held_out)
        assert len(positions) == int(positions.games["moves"].sum())
        for row in range(0, len(positions.games), 9):
            game = positions.games[row]
            entries = collection.entries[game["first"] : game["first"] + game["setup"] + game["moves"]]
            record = next(
                r for r in records if [m.action for m in r.moves] == [int(e) & 1023 for e in entries[game["setup"] :]]
            )
            start = int(positions.ends[row] - game["moves"])
            numbers = np.arange(start, start + game["moves"])
            states, rows, ply = positions.states(numbers)
            assert (rows == row).all() and np.array_equal(ply, np.arange(len(numbers)))
            planes, targets = positions.batch(numbers)
            lenient = Go(SIZE, LENIENT, features="compact", max_moves=positions.game.max_moves)
            for t, state in enumerate(replay(record, lenient)):
                if t == len(record.moves):
                    break
                mine, expected = states[t : t + 1], state
                assert np.array_equal(positions.game.stones(mine), lenient.stones(expected))
                assert np.array_equal(positions.game.to_move(mine), lenient.to_move(expected))
                assert np.array_equal(
                    mine["meta"][:, board.LAST : board.LAST + 5], expected["meta"][:, board.LAST : board.LAST + 5]
                )
                expected["meta"][:, board.HANDICAP] = mine["meta"][:, board.HANDICAP]
                assert np.array_equal(planes[t : t + 1], lenient.encode(expected)), (row, t)
                assert targets["policy"][t] == record.moves[t].action
                reply = record.moves[t + 1].action if t + 1 < len(record.moves) else Positions.IGNORED
                assert targets["reply"][t] == reply
                outcome = {1: 0, 0: 1, -1: 2}.get((record.winner or 0) * record.moves[t].colour, 1)
                assert targets["outcome"][t] == (Positions.IGNORED if record.winner is None else outcome)
                checked += 1
    assert checked > 500


def test_games_are_split_whole_and_by_their_moves(collection: Collection) -> None:
    sides = [Positions(collection, side) for side in (False, True)]
    keys = [
        {collection.entries[g["first"] : g["first"] + g["setup"] + g["moves"]].tobytes() for g in side.games}
        for side in sides
    ]
    assert not keys[0] & keys[1] and len(keys[0]) + len(keys[1]) == len(collection.games)
    assert 1 <= len(keys[1]) <= 0.06 * len(collection.games)


def test_symmetries_turn_planes_and_moves_together(collection: Collection) -> None:
    positions = Positions(collection, False)
    numbers = np.arange(0, 300, 3)
    planes, targets = positions.batch(numbers)
    turned, moved = positions.batch(numbers, np.random.default_rng(8))
    turn = np.random.default_rng(8).integers(0, 8, len(numbers))
    assert len(set(turn)) == 8
    for i, s in enumerate(turn):
        assert np.array_equal(turned[i], transform_planes(positions.game, planes[i : i + 1], s)[0])
        assert moved["policy"][i] == positions.game.action_symmetries[s, targets["policy"][i]]
    assert np.array_equal(moved["outcome"], targets["outcome"])


def test_threads_change_nothing(collection: Collection) -> None:
    one, two = (Positions(collection, False, threads=t).batch(np.arange(500)) for t in (1, 3))
    assert np.array_equal(one[0], two[0]) and all(np.array_equal(one[1][k], two[1][k]) for k in one[1])


def test_a_collection_is_made_once_and_a_damaged_one_is_said(collection: Collection, tmp_path: Path) -> None:
    source = collection.folder.parent.parent / "games.tar.gz"
    again = collect(source, SIZE, collection.folder.parent, lambda text: pytest.fail(text))
    assert again.folder == collection.folder
    made = collect(source, SIZE, tmp_path)
    entries = (made.folder / "entries.npy").read_bytes()
    flipped = entries[:-200] + bytes([entries[-200] ^ 0x7F]) + entries[-199:]  # a move that was never checked
    for name, data in (
        ("entries.npy", entries[:-300]),
        ("entries.npy", flipped),
        ("games.npy", b""),
        ("about.json", b"{"),
        ("about.json", (made.folder / "about.json").read_bytes().replace(b'"size"', b'"side"')),
    ):
        whole = (made.folder / name).read_bytes()
        (made.folder / name).write_bytes(data)
        with pytest.raises(UserError, match="damaged"):
            Collection(made.folder)
        (made.folder / name).write_bytes(whole)
    with pytest.raises(UserError, match="no file or folder"):
        collect(tmp_path / "nothing", SIZE, tmp_path)
    with pytest.raises(UserError, match="too few games of 7x7"):
        collect(source, 7, tmp_path)


def test_a_set_up_game_keeps_its_stones(collection: Collection) -> None:
    positions = Positions(collection, False)
    row = int(np.flatnonzero(positions.games["setup"])[0])
    state, _, _ = positions.states(np.array([positions.ends[row] - positions.games["moves"][row]]))
    assert positions.game.stones(state).sum() == 3 and positions.game.to_move(state)[0] == WHITE
    assert read_sgf(write_sgf(random_record(0, 3))).black_setup == (6, 8, 16)

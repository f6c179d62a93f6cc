"""Self-play: games independent of each other, records, the window, targets, resume, and a game learned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.alphazero.config import Config
from envs.boards.game import Game
from envs.boards.lines import tictactoe
from envs.go.game import Go
from selfplay.play import SelfPlay
from selfplay.record import GameRecord, iterations, read_iteration, write_iteration
from selfplay.replay import Replay, window_size
from supervised.data.source import IGNORED
from tengen.errors import UserError
from tests.agents.search.helpers import Fixed

SMALL = Config(
    net="tower8x2",
    boards=8,
    simulations=8,
    fast_simulations=3,
    full_search_fraction=0.5,
    moves_per_iteration=128,
    window=200,
    batch=16,
    max_considered_actions=4,
    rate_games=4,
    rate_every=2,
    rate_simulations=4,
)


def game_of(name: str) -> Game:
    return tictactoe() if name == "tictactoe" else Go(5, "cgos", komi=0.5)


def by_number(records: list[GameRecord]) -> dict[int, GameRecord]:
    return {r.number: r for r in records}


@pytest.mark.parametrize("search", ["gumbel", "puct"])
@pytest.mark.parametrize("name", ["tictactoe", "go5"])
def test_a_game_depends_on_its_number_alone(search: str, name: str) -> None:
    game = game_of(name)
    config = replace(SMALL, search=search)
    found = []
    for boards in (3, 8):
        play = SelfPlay(game, replace(config, boards=boards), Fixed(game), seed=4)
        found.append(by_number(play.play(400)))
    same = found[0].keys() & found[1].keys()
    assert len(same) >= 5
    for number in same:
        one, two = found[0][number], found[1][number]
        assert np.array_equal(one.moves, two.moves) and np.array_equal(one.policy, two.policy)
        assert one.result == two.result and one.komi == two.komi and one.why == two.why
    other = by_number(SelfPlay(game, config, Fixed(game), seed=5).play(400))
    assert any(not np.array_equal(other[n].moves, found[1][n].moves) for n in other.keys() & found[1].keys())


def test_records_say_what_happened() -> None:
    game = Go(5, "cgos", komi=0.5)
    config = replace(SMALL, komi_spread=3.0, stop_decided=False)
    records = SelfPlay(game, config, Fixed(game), seed=1).play(900)
    assert len(records) >= 5 and len({r.komi for r in records}) > 2
    for record in records:
        state = game.new(1)
        state["meta"][:, 8] = round(2 * record.komi)  # KOMI2
        for action in record.moves:
            assert game.legal(state)[0, action]
            game.play(state, np.array([action]))
        assert game.ended(state)[0]
        assert len(record.policy) == record.full.sum() and len(record.value) == len(record.moves)
        assert np.allclose(record.policy.astype(np.float32).sum(1), 1, atol=5e-3)
        if record.why == "points":
            score, owner = game.count(state)
            assert record.score == score[0] and record.result == np.sign(score[0])
            assert np.array_equal(record.ownership, owner[0].ravel())
    share = np.concatenate([r.full for r in records]).mean()
    assert 0.35 < share < 0.6  # half of the moves, minus the openings


def test_decided_games_stop_and_hopeless_ones_may_be_given_up() -> None:
    game = Go(5, "cgos", komi=0.5)
    records = SelfPlay(game, replace(SMALL, stop_decided=True, komi_spread=0.0), Fixed(game), seed=1).play(1500)
    decided = [r for r in records if r.why == "decided"]
    assert decided and all(r.result in (1, -1) and np.isnan(r.score) for r in decided)
    config = replace(SMALL, resign=-0.2, resign_played_on=0.5, stop_decided=False)
    records = SelfPlay(game, config, Fixed(game), seed=1).play(1500)
    gave_up = [r for r in records if r.why == "resignation"]
    assert gave_up and all(r.resign_wrong == -1 for r in gave_up)
    for record in gave_up:
        mover = 1 if len(record.moves) % 2 == 0 else -1
        assert record.result == -mover
    assert {0, 1} & {r.resign_wrong for r in records if r.why != "resignation"}


def test_records_survive_the_disk_and_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    game = Go(5, "cgos")
    records = SelfPlay(game, SMALL, Fixed(game), seed=2).play(500)
    path = write_iteration(tmp_path, 3, records)
    again = read_iteration(path)
    assert len(again) == len(records)
    for one, two in zip(records, again, strict=True):
        for name in GameRecord.__dataclass_fields__:
            a, b = getattr(one, name), getattr(two, name)
            assert np.array_equal(a, b, equal_nan=name in ("result", "score")), name
    assert write_iteration(tmp_path, 4, []) and read_iteration(tmp_path / "iteration-000004.npz") == []
    assert iterations(tmp_path) == [(3, path), (4, tmp_path / "iteration-000004.npz")]
    whole = path.read_bytes()
    for data in (
        whole[:-40],
        b"",
        whole[: len(whole) // 2] + b"\0" * 50 + whole[len(whole) // 2 + 50 :],
        b"\x80\x04K\x01.",
    ):
        path.write_bytes(data)
        with pytest.raises(UserError, match="damaged"):
            read_iteration(path)


def test_the_window_grows_as_said() -> None:
    assert window_size(500, 1000, 0.65) == 1000
    assert window_size(8000, 1000, 1.0) == int(1000 * (1 + 0.4 * 7))
    assert window_size(4000, 1000, 0.5) == int(1000 * (1 + 0.4 * (2 - 1) / 0.5))
    assert window_size(10**6, 1000, 0.0) == 1000
    replay = Replay(tictactoe(), 10, 0.0)
    for number in range(8):
        policy = np.full((3, 9), 1 / 9, np.float16)
        moves = np.arange(3, dtype=np.int16)
        replay.add(
            GameRecord(
                number,
                0,
                0.0,
                moves,
                np.ones(3, bool),
                policy,
                np.zeros(3, np.float32),
                1.0,
                np.nan,
                np.zeros(9, np.int8),
                "",
            )
        )
    assert len(replay) == 12 and replay.oldest() == 4 and replay.played == 24


def test_targets_are_as_the_mover_sees_them_and_turn_with_the_board() -> None:
    game = Go(3, "cgos", komi=0.5)
    policy = np.zeros((2, 10), np.float16)
    policy[0, 0], policy[1, 4] = 1, 1
    record = GameRecord(
        0,
        0,
        0.5,
        np.array([4, 0, 8], np.int16),
        np.array([False, True, True]),
        policy,
        np.zeros(3, np.float32),
        1.0,
        8.5,
        np.array([1] * 8 + [-1], np.int8),
        "points",
    )
    replay = Replay(game, 100, 0.0)
    replay.add(record)
    batch = replay.batch(64, np.random.default_rng(0), symmetry=False)
    white = batch.policy[:, 0] == 1  # after one move White is to move
    assert white.any() and (~white).any()
    assert (batch.outcome[white] == 2).all() and (batch.outcome[~white] == 0).all()
    assert (batch.score[white] == -8.5).all() and (batch.score[~white] == 8.5).all()
    assert (batch.ownership[white][:, 2, 2] == 1).all() and (batch.ownership[~white][:, 0, 0] == 1).all()
    assert (batch.reply[white] == 8).all() and (batch.reply[~white] == IGNORED).all()
    assert (batch.planes[white][:, 2, 1, 1] == 1).all()  # the opponent's stone in the centre
    batch = replay.batch(200, np.random.default_rng(1), symmetry=True)
    white = batch.score < 0
    corners = {int(a) for a in batch.policy[white].argmax(1)}
    assert corners == {0, 2, 6, 8}  # all four corners by symmetry
    for policy_row, owner in zip(batch.policy[white], batch.ownership[white], strict=True):
        row, column = divmod(int(policy_row.argmax()), 3)
        assert owner[2 - row, 2 - column] == 1  # White's point is opposite

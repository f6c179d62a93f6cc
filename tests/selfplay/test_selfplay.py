"""Self-play: games that depend on nothing beside them, records, window, targets, resume, a game learned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.alphazero.config import PRESETS, Config
from agents.alphazero.network import network_spec
from agents.search.evaluators import Network
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from envs.boards.lines import tictactoe
from envs.go.game import Go
from envs.go.sgf import read_sgf
from selfplay.alphazero import AlphaZero
from selfplay.arena import Arena, Rated, elo
from selfplay.play import SelfPlay
from selfplay.record import GameRecord, iterations, read_iteration, write_iteration
from selfplay.replay import Replay, window_size
from supervised.data.source import IGNORED
from supervised.nets.headed import build
from tengen.checkpoint import differences
from tengen.device import Compute
from tengen.errors import UserError
from tengen.metrics import same_metrics
from tengen.seeding import Seeds
from tests.agents.search.test_search import Fixed

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
    assert 0.35 < share < 0.6  # half of the moves, less the openings


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
    white = batch.policy[:, 0] == 1  # after one move it is White's turn
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
        assert owner[2 - row, 2 - column] == 1  # White's point lies opposite


def learner(tmp_path: Path | None = None, seed: int = 1, name: str = "go5") -> AlphaZero:
    game = game_of(name)
    Compute(threads=1).start()
    net = build(network_spec(game, SMALL), seed)
    made = AlphaZero(SMALL, [game], net, Compute(threads=1), Seeds(seed), 128 * 6)
    if tmp_path is not None:
        tmp_path.mkdir(exist_ok=True)
        made.folder = tmp_path / "games"
        made.arena = Arena(game, Compute(threads=1), tmp_path, 4, 4, 7)
    return made


def test_learning_rate_rises_stays_and_falls() -> None:
    made = learner().learner
    made.config = replace(SMALL, lr=1.0, lr_warmup=4)
    rates = []
    for gradient_steps, step in [(0, 0), (3, 0), (9, 0), (9, made.total_steps)]:
        made.gradient_steps = gradient_steps
        rates.append(made.lr(step))
    assert rates == [0.25, 1, 1, pytest.approx(0.1)]
    made.config, made.gradient_steps = replace(SMALL, lr=1.0, lr_warmup=0), 0
    assert made.lr(0) == 1  # no rise at all


@pytest.mark.slow
def test_resumed_is_uninterrupted_bit_for_bit_and_damage_is_counted(tmp_path: Path) -> None:
    whole, first = learner(tmp_path / "a"), learner(tmp_path / "b")
    expected = [same_metrics(t.metrics) for t in whole.ticks()]
    seen = []
    for tick in first.ticks():
        seen.append(same_metrics(tick.metrics))
        if len(seen) == 3:
            break
    second = learner(tmp_path / "b")
    second.load(first.state())
    seen += [same_metrics(t.metrics) for t in second.ticks()]
    assert seen == expected and differences(second.state(), whole.state()) == []
    files = iterations(tmp_path / "a" / "games")
    assert len(files) == 6
    games = sorted(path.name for path in (tmp_path / "a" / "sgf").iterdir())
    assert games == ["step-000000000512-best.sgf", "step-000000000768-best.sgf"]
    assert read_sgf((tmp_path / "a" / "sgf" / games[0]).read_bytes()).black in ("step 512", "best")
    files[1][1].write_bytes(b"rubbish")
    third = learner(tmp_path / "a")
    third.load(whole.state())
    assert third.damaged == 1 and 0 < len(third.replay) <= len(whole.replay)


@pytest.mark.slow
def test_one_network_learns_several_boards(tmp_path: Path) -> None:
    games = [Go(7, "cgos", komi=9.0), Go(5, "cgos", komi=25.0)]
    config = replace(SMALL, sizes="5", net="tower16x2", window=400)
    Compute(threads=1).start()
    results = []
    for _ in range(2):
        net = build(network_spec(games[0], config), 1)
        made = AlphaZero(config, games, net, Compute(threads=1), Seeds(1), 256 * 8)
        made.folder = tmp_path / "games"
        results.append([same_metrics(t.metrics) for t in made.ticks()])
    assert results[0] == results[1] and results[0][-1]["gradient_steps"] > 10
    assert all(len(replay) > 50 for replay in made.replay.replays)
    batch = made.replay.batch(64, np.random.default_rng(3), True)
    assert (
        batch.planes.shape == (64, 18, 7, 7)
        and batch.planes[:32, 0].all()
        and (batch.planes[32:, 0].sum((1, 2)) == 25).all()
    )
    assert np.allclose(batch.policy.sum(1), 1, atol=1e-3)
    off = np.append(~batch.planes[40, 0].astype(bool).ravel(), False)
    assert not batch.policy[40][off].any() and not batch.ownership[40].ravel()[off[:-1]].any()
    known = batch.reply != IGNORED
    assert not np.append(batch.planes[:, 0].reshape(64, -1) == 0, np.zeros((64, 1), bool), 1)[
        known, batch.reply[known]
    ].any()
    again = AlphaZero(config, games, build(network_spec(games[0], config), 2), Compute(threads=1), Seeds(1), 256 * 8)
    again.folder = tmp_path / "games"
    again.load(made.state())
    assert [len(r) for r in again.replay.replays] == [len(r) for r in made.replay.replays]
    assert differences(again.state(), made.state()) == []


def test_networks_for_another_game_are_refused() -> None:
    with pytest.raises(UserError, match="is a tower"):
        network_spec(tictactoe(), replace(SMALL, net="resnet20"))
    spec = network_spec(Go(5), SMALL)
    assert list(spec["heads"]) == ["policy", "outcome", "reply", "ownership", "score"]
    spec = network_spec(Go(5), replace(SMALL, ownership_weight=0.0, score_weight=0.0, reply_weight=0.0))
    assert list(spec["heads"]) == ["policy", "outcome"]


def test_elo_by_hand() -> None:
    assert elo(0.5, 100) == 0
    assert elo(10 / 11, 10**9) == pytest.approx(400, abs=0.1)
    assert elo(1.0, 40) < 800
    arena = Arena(tictactoe(), Compute(), Path("nowhere"), 4, 4, 1)
    arena.ladder = [
        Rated(1, 1, 0, 0, 0, -1, 0, 0, 0),
        Rated(2, 2, 50, 0, 0, 1, 3, 0, 1),
        Rated(3, 3, 20, 0, 0, 2, 1, 0, 3),
    ]
    assert arena.best is not None and arena.best.step == 2  # not the last


def never_loses(game: Game, net: Network, colour: int, simulations: int) -> bool:
    """Whether search with `net` as `colour` draws or wins against every possible play of the other side."""
    frontier = game.new(1)
    while len(frontier):
        over = game.ended(frontier)
        if (game.result(frontier[over]) * colour == -1).any():
            return False
        frontier = frontier[~over]
        if len(frontier) == 0:
            break
        ours = game.to_move(frontier) == colour
        mine, theirs = frontier[ours], frontier[~ours]
        children = []
        if len(mine):
            search = Search(GameModel(game, net, mine.copy()), len(mine), simulations, SearchConfig(), range(len(mine)))
            rows = np.arange(len(mine))
            search.begin(rows, simulations, noisy=False)
            game.play(mine, search.run(rows).best)
            children.append(mine)
        if len(theirs):
            row, action = np.nonzero(game.legal(theirs))
            replies = theirs[row]
            game.play(replies, action)
            children.append(replies)
        frontier = np.unique(np.concatenate(children))
    return True


@pytest.mark.slow
def test_tictactoe_is_learned_to_the_end() -> None:
    """From random weights, within two minutes on one core: never loses, from either side, whatever the other plays."""
    game = tictactoe()
    config = PRESETS["tictactoe"]
    Compute(threads=1).start()
    made = AlphaZero(config, [game], build(network_spec(game, config), 1), Compute(threads=1), Seeds(1), 40_000)
    metrics = [t.metrics for t in made.ticks()]
    assert metrics[-1]["kl"] < 0.1 < metrics[2]["kl"]
    net = made.actors.evaluator(game, made.learner.playing_net, 0)
    for colour in (1, -1):
        assert never_loses(game, net, colour, simulations=50)
    _, value = net(game.new(1))
    assert abs(value[0]) < 0.25  # a draw

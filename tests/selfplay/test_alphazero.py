"""The AlphaZero loop: exact resume, several board sizes, and tic-tac-toe learned to perfection."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.alphazero.config import PRESETS
from agents.alphazero.network import network_spec
from agents.search.evaluators import Network
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.game import Game
from envs.boards.lines import tictactoe
from envs.go.game import Go
from envs.go.sgf import read_sgf
from selfplay import alphazero
from selfplay.alphazero import AlphaZero
from selfplay.arena import Arena, Rated, elo
from selfplay.catalogue import recipe
from selfplay.record import iterations, read_iteration
from selfplay.session import SelfPlaySession
from supervised.data.source import IGNORED
from supervised.nets.headed import build
from tengen.checkpoint import differences
from tengen.device import Compute
from tengen.errors import UserError
from tengen.metrics import same_metrics
from tengen.run import Run
from tengen.seeding import Seeds
from tests.long import takes_long
from tests.selfplay.test_selfplay import SMALL, game_of


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
    assert made.lr(0) == 1  # no warm-up


@pytest.mark.slow
def test_resumed_is_uninterrupted_bit_for_bit_and_damage_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    read = list[Path]()
    monkeypatch.setattr(alphazero, "read_iteration", lambda path: (read.append(path), read_iteration(path))[1])
    third.load(whole.state())
    assert len(read) == len(set(read)), "what cannot be read changes nothing for the others"
    assert third.damaged == 1 and 0 < len(third.replay) <= len(whole.replay)


@takes_long
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
    assert arena.best is not None and arena.best.step == 2  # not the latest


def never_loses(game: Game, net: Network, colour: int, simulations: int) -> bool:
    """Whether search with `net` as `colour` draws or wins against every possible play of the opponent."""
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
    """From random weights, within two minutes on one core: never loses as either side, whatever the opponent plays."""
    game = tictactoe()
    config = PRESETS["tictactoe"]
    Compute(threads=1).start()
    made = AlphaZero(config, [game], build(network_spec(game, config), 1), Compute(threads=1), Seeds(1), 40_000)
    metrics = [t.metrics for t in made.ticks()]
    assert metrics[-1]["kl"] < 0.1 < metrics[2]["kl"]
    net = made.actors.evaluator(game, made.learner.playing_net, 0)
    for colour in (1, -1):
        assert never_loses(game, net, colour, simulations=50)
    value = net(game.new(1)).value
    assert abs(value[0]) < 0.25  # a draw


def test_the_ladder_begins_anew_with_its_training(tmp_path: Path) -> None:
    """Killed after its first network was rated, before its first checkpoint; a resumed one keeps its ladder."""
    session = SelfPlaySession(recipe("tictactoe"), Compute(threads=1))
    run = Run.create(tmp_path, "tictactoe", session.description().to_dict(), {})
    ladder = run.path / "arena.jsonl"
    for writing, there in ((False, True), (True, False)):
        ladder.write_text('{"step": 0}\n')
        session.attach(run, print, writing)
        assert ladder.exists() == there
    run.save(5, {"step": 5})
    ladder.write_text('{"step": 0}\n')
    session.attach(run, print)
    assert ladder.exists()
    session.close()

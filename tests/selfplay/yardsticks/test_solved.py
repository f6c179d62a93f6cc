"""Moves compared with solved positions: a perfect player loses no value, a bad one does; files are validated."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from envs.boards.connect4_solver import Connect4Solver
from envs.boards.game import Game, Position
from envs.boards.lines import connect4, tictactoe
from selfplay.players.random import Random
from selfplay.yardsticks.solved import (
    KEPT,
    LOST,
    UNSETTLED,
    Figures,
    SolvedCard,
    judge,
    random_positions,
    read_positions,
    solver_of,
)
from tengen.errors import UserError
from tengen.metrics import same_metrics
from tengen.run import read_rows


class ByValue(Random):
    """Plays the best move, or the worst."""

    def __init__(self, game: Game, sign: int) -> None:
        super().__init__(game, 0)
        self.sign, self.outcome = sign, solver_of(game).outcome

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        return np.array([self._best(states[i : i + 1]) for i in range(len(states))])

    def _best(self, state: np.ndarray) -> int:
        def worth(action: int) -> int:
            child = state.copy()
            self.game.play(child, np.array([action]))
            if self.game.ended(child)[0]:
                return int(self.game.result(child)[0] * self.game.to_move(state)[0])
            value = self.outcome(child)
            assert value is not None
            return -value

        return max(np.flatnonzero(self.game.legal(state)[0]), key=lambda a: self.sign * worth(int(a)))


class Fixed(Random):
    """Plays given moves."""

    def __init__(self, game: Game, moves: list[int]) -> None:
        super().__init__(game, 0)
        self.moves = moves

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        return np.array(self.moves)


@pytest.mark.parametrize("name", ["tictactoe", "connect4"])
def test_a_perfect_player_keeps_every_value_and_a_bad_one_does_not(name: str) -> None:
    game = {"tictactoe": tictactoe, "connect4": connect4}[name]()
    solver = solver_of(game)
    if name == "connect4":  # late positions, which are solved quickly
        lines = [
            "2252576253462244111563365343671351441",
            "7422341735647741166133573473242566",
            "23163416124767223154467471272416755633",
            "5554224333234511764415115",
        ]
        states = np.concatenate([Position.start(game).play_all(list(line)).state for line in lines])
        tests = random_positions(tictactoe(), 1, 0, solver_of(tictactoe()))._replace(
            states=states, values=np.array([-1, 1, 0, 1])
        )
    else:
        tests = random_positions(game, 60, 3, solver)
        assert len({int(k) for k in game.keys(tests.states)}) == 60 and set(tests.values) == {-1, 0, 1}
    best = judge(game, ByValue(game, 1), tests, solver, lambda done: None)
    worst = judge(game, ByValue(game, -1), tests, solver, lambda done: None)
    assert (best == KEPT).all()
    assert (worst[tests.values == -1] == KEPT).all() and (worst[tests.values > -1] == LOST).mean() > 0.2
    good, bad = Figures.of(best, tests.values), Figures.of(worst, tests.values)
    assert good.kept == good.kept_where_not_lost == 1 and good.unsettled_moves == 0
    assert bad.kept == (worst == KEPT).mean() < 0.8
    card = SolvedCard(name, "here", len(best), int((tests.values > -1).sum()), 0, good, bad, 7, 1, "tengen eval")
    assert "100.00%" in card.describe() and "with 7 simulations" in card.describe()
    assert "not settled" not in card.describe()
    assert card.to_dict()["kept"] == 1 and card.to_dict()["policy_kept"] == bad.kept


def test_who_wins_is_told_by_the_sign_of_the_score_and_within_a_limit() -> None:
    game, solver = connect4(), Connect4Solver()
    won = Position.start(game).play_all(["1", "2", "1", "2", "1", "2", "1"])
    ahead = Position.start(game).play_all(["1", "2", "1", "2", "1", "2"])
    assert solver.outcome(won.state) == -1 and solver.outcome(ahead.state) == 1
    assert Connect4Solver().outcome(game.new(1), most_nodes=1000) is None
    late = Position.start(game).play_all(list("5554224333234511764415115"))
    assert solver.outcome(late.state, 10) is None  # an abandoned search leaves nothing wrong in the table
    assert solver.score(late.state) == 4 and solver.outcome(late.state) == 1


def test_what_is_not_settled_is_counted_and_left_out(tmp_path: Path) -> None:
    game, hasty = connect4(), solver_of(connect4(), most_nodes=3)
    (tmp_path / "Test_a").write_text("\n7422341735647741166133573473242566 1\n4444\n121212\n44444 1\n")
    found = read_positions(game, tmp_path / "Test_a", hasty)
    assert found.values.tolist() == [1, 1, 1] and found.unsettled == 1 and found.source == "Test_a"
    verdicts = judge(game, Fixed(game, [5, 0, 3]), found, hasty, lambda done: None)
    assert verdicts.tolist()[1:] == [KEPT, UNSETTLED]
    figures = Figures.of(np.array([KEPT, LOST, UNSETTLED, KEPT]), np.array([1, 0, 1, -1]))
    assert figures.kept == pytest.approx(2 / 3) and figures.kept_where_not_lost == 0.5 and figures.unsettled_moves == 1
    card = SolvedCard("connect4", "here", 4, 3, 2, figures, figures, 7, 1, "tengen eval")
    assert "left out: 2 positions, 1 move with search, 1 of the bare policy" in card.describe()
    (tmp_path / "Test_b").write_text("4444\n")
    with pytest.raises(UserError, match="settle none of the 1 positions"):
        read_positions(game, tmp_path / "Test_b", hasty)


def test_files_of_positions(tmp_path: Path) -> None:
    game = connect4()
    solver = solver_of(game)
    (tmp_path / "Test_a").write_text("2252576253462244111563365343671351441 -1\n\n5554224333234511764415115\n")
    found = read_positions(game, tmp_path, solver)
    assert found.values.tolist() == [-1, 1] and game.moves(found.states).tolist() == [37, 25]
    for text in ("12x 3\n", "11111111 0\n", "123 many\n"):
        (tmp_path / "Test_b").write_text(text)
        with pytest.raises(UserError, match="Test_b, line 1"):
            read_positions(game, tmp_path / "Test_b", solver)
    (tmp_path / "Test_b").write_text("")
    with pytest.raises(UserError, match="holds no positions"):
        read_positions(game, tmp_path / "Test_b", solver)
    with pytest.raises(UserError, match="is not a file of positions"):
        read_positions(game, tmp_path / "none", solver)


def test_a_run_of_self_play_is_held_against_solved_positions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from scripts.cli import main

    monkeypatch.chdir(tmp_path)
    way = ["--threads", "1", "--precision", "float32", "--layout", "channels-last", "--convolutions", "direct"]
    small = ["--net", "tower8x1", "--boards", "16", "--simulations", "4", "--moves-per-iteration", "256"]
    rated = ["--rate-every", "1", "--rate-games", "4", "--rate-simulations", "4", "--batch", "64"]
    command = [
        "train",
        "tictactoe",
        "--steps",
        "768",
        "--wandb",
        "off",
        *way,
        *small,
        *rated,
        "--checkpoint-seconds",
        "0",
    ]
    assert main([*command, "--outside", "nobody"]) == 2 and "named 'nobody'" in capsys.readouterr().err
    assert main([*command, "--outside", "random, uct:20"]) == 0
    row = read_rows(next(tmp_path.glob("runs/*/metrics.jsonl")))[-1]
    for other in ("random", "uct:20"):
        assert 0 <= row[f"outside_low/{other}"] <= row[f"outside/{other}"] <= row[f"outside_high/{other}"] <= 1
    assert not any("outside" in column for column in same_metrics(row))
    assert main(["plot", "last"]) == 0 and next(tmp_path.glob("runs/*/curve.png")).stat().st_size > 10_000
    assert main(["resume", "last", "--verify"]) == 0
    capsys.readouterr()
    assert main(["eval", "last", "--episodes", "40", "--simulations", "200"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tictactoe, 40 positions (from random") and "with 200 simulations" in lines[1]
    (card,) = tmp_path.glob("runs/*/eval/solved-200.json")
    kept_share = json.loads(card.read_text())["kept"]
    assert kept_share > 0.75, "search alone finds nearly everything in so small a game"
    against = ["eval", "last", "--against", "random", "--episodes", "4", "--simulations", "4", "--networks"]
    assert main([*against, "2"]) == 0
    (file,) = tmp_path.glob("runs/*/eval/against.jsonl")
    first = read_rows(file)
    assert [row["step"] for row in first] == [256, 768] and all(0 <= r["low"] <= r["rate"] <= r["high"] for r in first)
    assert main([*against, "3"]) == 0
    later = read_rows(file)
    assert later[:2] == first and [row["step"] for row in later] == [256, 768, 512], "what is known is not played again"
    assert main(["plot", "last"]) == 0
    monkeypatch.setattr("tengen.zoo.ZOO", tmp_path / "zoo")
    monkeypatch.setattr("selfplay.evaluate._POSITIONS", 60)
    assert main(["zoo", "--add", "last", "--name", "tiny"]) == 0 and "tiny" in capsys.readouterr().out
    shipped = json.loads((tmp_path / "zoo" / "tiny" / "card.json").read_text())
    assert shipped["steps"] in (256, 512, 768) and shipped["agent"] == "alphazero" and 0 < shipped["kept"] <= 1
    assert main(["zoo", "--add", "last", "--name", "tiny"]) == 2 and "already has a tiny" in capsys.readouterr().err
    assert main(["runs"]) == 0 and f"{kept_share:.2%}" in capsys.readouterr().out
    assert main(["train", "go7", "--steps", "256", "--wandb", "off", *way, *small]) == 0
    capsys.readouterr()
    assert main(["eval", "last"]) == 2 and "go7 is not solved" in capsys.readouterr().err
    shutil.rmtree(next(tmp_path.glob("runs/go7*/models")))
    assert main(["eval", "last", "--against", "random"]) == 2 and "no rated network" in capsys.readouterr().err

"""Matches: pairs of games with the same opening, correct winners, real programs, and programs that misbehave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.search.evaluators import Evaluation, Rollouts, Uniform
from envs.boards.game import BLACK
from envs.boards.lines import connect4, tictactoe
from envs.go.game import Go
from envs.go.sgf import read_sgf
from selfplay.match import play_match
from selfplay.match_card import told
from selfplay.openings import openings
from selfplay.played import Played, tally
from selfplay.players.gtp import Gtp
from selfplay.players.policy import Policy
from selfplay.players.random import Random
from selfplay.players.searcher import Searcher
from tengen.errors import UserError

GNUGO = next((p for p in ("/usr/games/gnugo", "/usr/bin/gnugo", "/usr/local/bin/gnugo") if Path(p).exists()), None)
needs_gnugo = pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed (apt install gnugo)")


class First(Random):
    """Plays its first legal action, and records its boards and colours."""

    def __init__(self, game, name: str) -> None:  # type: ignore[no-untyped-def]
        super().__init__(game, 0)
        self.name, self.seen = name, []

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        self.seen += [int(c) for c in self.game.to_move(states)]
        return self.game.legal(states).argmax(1)


def test_games_come_in_pairs_with_colours_changed_and_results_are_as_the_first_sees_them() -> None:
    game = tictactoe()
    one, other = First(game, "one"), First(game, "other")
    games = play_match(game, one, other, 12, boards=5, opening=2, seed=3)
    assert [g.number for g in games] == list(range(12))
    assert [g.first_is_black for g in games] == [True, False] * 6
    for a, b in zip(games[::2], games[1::2], strict=True):
        assert a.actions == b.actions and a.result == b.result  # both play the same, so only the names change
        assert a.for_first == -b.for_first
    assert len({g.actions[:2] for g in games}) > 3
    for g in games:
        state = game.new(1)
        for action in g.actions:
            game.play(state, np.array([action]))
        assert game.ended(state)[0] and game.result(state)[0] == g.result
    found = tally(games)
    assert found.rate == 0.5 and found.games == 12 and found.as_black[1] == 6
    assert BLACK in one.seen and -BLACK in one.seen


@pytest.mark.parametrize(
    ("result", "verdict"), [(1.0, "two loses"), (-1.0, "one loses"), (0.0, "a draw"), (float("nan"), "no result")]
)
def test_who_lost_a_game_in_which_something_went_wrong(result: float, verdict: str) -> None:
    played = Played(0, True, (), result, None, "points", "a lie was seen through")
    assert told(played, ("one", "two")) == f"game 1: {verdict} (points): a lie was seen through"


def test_tally_by_hand() -> None:
    games = [Played(i, i % 2 == 0, (), r, None, "") for i, r in enumerate((1.0, 1.0, 0.0, -1.0, float("nan")))]
    found = tally(games)  # won as Black, lost as White, drew, won as White, void
    assert (found.wins, found.draws, found.losses, found.void) == (2, 1, 1, 1)
    assert found.rate == 0.625 and found.as_black == (1, 2)
    low, high = tally([Played(i, True, (), 1.0, None, "") for i in range(100)]).interval
    assert high == pytest.approx(1.0) and low == pytest.approx(0.963, abs=1e-3)


def pictures(game: Go, opening: list[int]) -> set[bytes]:
    """The board after `opening` under every symmetry."""
    state = game.new(1)
    for action in opening:
        game.play(state, np.array([action]))
    board = game.stones(state)[0]
    return {np.rot90(side, turns).tobytes() for side in (board, board.T) for turns in range(4)}


def test_openings_are_legal_off_the_edge_and_all_different() -> None:
    game = Go(9)
    drawn = openings(game, 2, 1, 110)
    assert all(2 <= a // 9 <= 6 and 2 <= a % 9 <= 6 for o in drawn for a in o)
    seen: set[bytes] = set()
    for opening in drawn:
        assert not pictures(game, opening) & seen
        seen |= pictures(game, opening)
    lengths = [len(o) for o in drawn]
    assert lengths == sorted(lengths) and lengths.count(2) > 70 and max(lengths) == 3  # there are 85 of two moves
    assert openings(game, 2, 1, 20) == drawn[:20] and openings(game, 2, 2, 20) != drawn[:20]


def test_an_opening_is_never_cut_by_the_end_of_a_game() -> None:
    assert {len(opening) for opening in openings(tictactoe(), 7, 1, 40)} <= {7, 8}
    with pytest.raises(UserError, match=r"--opening 12: random games of tictactoe rarely last that long"):
        openings(tictactoe(), 12, 1, 2)


def test_games_with_few_openings_repeat_them_rather_than_fail() -> None:
    assert openings(tictactoe(), 0, 1, 3) == [[], [], []]
    drawn = openings(tictactoe(), 1, 1, 700)  # more than there are positions after four moves
    assert len(drawn) == 700 and max(map(len, drawn)) == 4 and sum(len(o) == 1 for o in drawn) == 3


def test_search_beats_chance_and_keeps_its_tree() -> None:
    game = connect4()
    player = Searcher("uct", game, Rollouts(game, 1), 4, 60, 1)
    found = tally(play_match(game, player, Random(game, 2), 8, boards=4, opening=1))
    assert found.wins >= 7


def test_an_unfinished_game_has_no_winner() -> None:
    game = Go(5, max_moves=6)
    games = play_match(game, Random(game, 1), Random(game, 2), 4, opening=0)
    assert tally(games).void == 4 and games[0].why == "move limit"


@needs_gnugo
@pytest.mark.slow
def test_gnu_go_plays_under_our_rules_and_its_dead_stones_come_off(tmp_path: Path) -> None:
    game = Go(9, "cgos", komi=7.0)
    command = f"{GNUGO} --mode gtp --level 1 --chinese-rules --positional-superko --seed 1"
    gnugo = Gtp(command, game)
    try:
        games = play_match(game, gnugo, Random(game, 1), 4, boards=2)
    finally:
        gnugo.close()
    found = tally(games)
    assert found.wins == 4 and found.void == 0 and "GNU Go" in gnugo.name
    assert len(gnugo.programs) == 2 and not any(p.child.running for p in gnugo.programs.values())


@needs_gnugo
@pytest.mark.slow
def test_the_match_command_writes_games_and_a_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from scripts.cli import main

    args = ["match", "uct:20", f"gtp:{GNUGO} --mode gtp --level 1 --chinese-rules --positional-superko"]
    options = ["--board", "go5", "--rules", "cgos", "--games", "2", "--out", str(tmp_path / "m"), "--json"]
    assert main([*args, *options]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["games"] + card["void"] == 2 and card["suicide"] is False and "GNU Go" in card["second_name"]
    record = read_sgf((tmp_path / "m" / "0001.sgf").read_bytes())
    assert record.black == "uct:20" and "GNU Go" in record.white and record.komi == card["komi"]


def test_a_bare_policy_fills_no_eye_of_its_own_and_ends_its_games() -> None:
    game = Go(5, "cgos", komi=0.5)
    stones = [game.parse_action(v) for v in ("A2", "B1", "B2", "A4", "B4", "B5", "D3")]
    state = game.with_setup(stones, [game.parse_action("E5")])
    eyes = [game.parse_action("A1"), game.parse_action("A5")]

    def loves_eyes(states: np.ndarray) -> Evaluation:
        logits = np.zeros((len(states), game.num_actions), np.float32)
        logits[:, eyes] = 9.0
        return Evaluation(logits, np.zeros(len(states), np.float32))

    player = Policy("eyes", game, loves_eyes, seed=1, temperature=1.0)
    chosen = player.choose(np.arange(200), np.repeat(state, 200))
    assert game.legal(state)[0, eyes].all() and not set(chosen) & set(eyes) and len(set(chosen)) > 5
    games = play_match(game, player, Random(game, 2), 10)
    assert tally(games).void == 0


def test_a_settled_game_ends_with_its_winner() -> None:
    game = Go(5, "cgos", komi=0.5)
    player = Policy("even", game, Uniform(game), seed=1, temperature=1.0)
    games = play_match(game, player, Random(game, 1), 20)
    settled = [g for g in games if g.why == "decided"]
    assert settled
    for played in settled:
        state = game.new(1)
        for action in played.actions:
            game.play(state, np.array([action]))
        assert not game.ended(state)[0] and game.decided(state)[0] == played.result

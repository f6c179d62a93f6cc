"""Match options: handicap, openings from files, time; only one process at a time may write its games."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from agents.alphazero.network import network_spec
from envs.boards.catalogue import check_rules, make_game
from envs.go.game import Go
from envs.go.sgf import read_sgf
from scripts.cli import main
from selfplay.arena import Arena
from selfplay.match import Referee, Terms, play_match
from selfplay.match_card import Match
from selfplay.match_session import Hall, played_match
from selfplay.openings import openings, read_openings
from selfplay.played import Played
from selfplay.players.catalogue import make_player
from selfplay.players.gtp import Gtp
from selfplay.players.timed import ByTheClock
from supervised.nets.headed import build
from tengen.device import Compute
from tengen.errors import UserError
from tengen.lock import Lock
from tests.selfplay.odd_programs import odd
from tests.selfplay.test_match import GNUGO, needs_gnugo
from tests.selfplay.test_selfplay import SMALL

GO9 = Go(9, "cgos", komi=7.0)


def test_the_second_player_has_black_and_the_stones(tmp_path: Path) -> None:
    card = played_match(Match("random", "uct:2", "go9", games=3, handicap=4, rules="cgos"), boards=2, out=tmp_path)
    assert card.terms["handicap"] == 4 and card.agreed["komi"] == 0.5 and card.wins_as_black == (0, 0)
    records = [read_sgf(path.read_bytes()) for path in sorted(tmp_path.glob("*.sgf"))]
    assert len(records) == 3 and len({record.moves[:2] for record in records}) == 3
    for record in records:
        assert record.handicap == 4 and len(record.black_setup) == 4 and record.first_to_move == -1
        assert (record.black, record.white, record.komi, record.rules) == ("uct:2", "random", 0.5, "cgos")
    text = (tmp_path / "0001.sgf").read_text()
    assert "%, 2 visits" in text.replace("\n", " ")
    again = played_match(Match("random", "uct:2", "go9", games=3, handicap=4, rules="cgos"), out=tmp_path)
    assert again.games + again.void == 3  # saved with their handicap stones
    with pytest.raises(UserError, match=r"another match \(komi None, handicap 4\)"):
        played_match(Match("random", "uct:2", "go9", games=3, komi=0.5, rules="cgos"), out=tmp_path)
    for settings in (("tromp-taylor", 3.5), ("japanese", None)):
        with pytest.raises(UserError, match="--rules and --komi are for Go; connect4 has neither"):
            check_rules("connect4", *settings)
    with pytest.raises(UserError, match="--handicap is for Go"):
        played_match(Match("random", "random", "connect4", handicap=2))


def test_openings_from_files(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("# two openings\nD4 E5, C3\n\n E5 pass  # rare\n")
    assert read_openings(GO9, lines) == [[48, 40, 56], [40, 81]]
    assert read_openings(GO9, lines, 2) == [[48, 40], [40, 81]]
    card = played_match(Match("random", "random", "go9", games=4, rules="cgos", opening=0, openings=str(lines)))
    assert card.games == 4 and card.terms["openings"] == str(lines)
    records = tmp_path / "records"
    played_match(Match("random", "random", "go9", games=2, rules="cgos"), out=records)
    assert [len(opening) for opening in read_openings(GO9, records, 5)] == [5, 5]
    for text, said in [
        ("D4 D4\n", "line 1: move 2, White D4: the point is occupied"),
        ("D4\nZ3", "line 2: 'Z3' is no point"),
        ("pass pass", "the game is over after 2 moves"),
        ("# nothing\n", "holds no opening"),
        ("\x00\xff", "is no point"),
    ]:
        lines.write_text(text)
        with pytest.raises(UserError, match=said):
            read_openings(GO9, lines)
    for path, why in ((tmp_path / "nowhere", "no such file"), (Path("/dev/zero"), "not a file")):
        with pytest.raises(UserError, match=why):
            read_openings(GO9, path)


def test_random_openings_after_handicap_differ() -> None:
    stones = (20, 60)
    drawn = openings(GO9, 2, 1, 30, stones)
    assert len({tuple(opening) for opening in drawn}) == 30 and not any(set(o) & set(stones) for o in drawn)


def test_games_go_to_the_rooms_and_each_is_played_once() -> None:
    hall = Hall(Match("random", "random", "go5", games=40), 8, Path("runs"), 60.0)
    hall.rooms, hall.boards = 3, [2, 2, 4]
    hall.open()
    done: list[Played] = []
    hall.play({3, 4}, done.append)
    hall.close()
    assert sorted(g.number for g in done) == [n for n in range(40) if n not in (3, 4)]
    assert all(g.first_is_black == (g.number % 2 == 0) for g in done)


def test_a_match_is_kept_by_one_process_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = Lock(tmp_path)
    arguments = ["match", "random", "random", "--board", "go5", "--games", "2", "--out", str(tmp_path)]
    assert main(arguments) == 2 and "in use by another process" in capsys.readouterr().err
    lock.release()
    assert main(arguments) == 0
    (tmp_path / "lock").unlink()
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    (tmp_path / "lock").symlink_to(precious)
    assert main(arguments) == 2 and precious.read_text() == "as it was"


def test_a_game_that_stands_twice_counts_once(tmp_path: Path) -> None:
    match = Match("random", "random", "go5", games=4)
    first = played_match(match, out=tmp_path)
    rows = (tmp_path / "games.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "games.jsonl").write_text("".join([*rows, rows[1], rows[2]]))
    again = played_match(match, out=tmp_path)
    assert (again.games, again.wins) == (first.games, first.wins)


def test_no_more_programs_run_than_there_are_games(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    match = Match("random", f"gtp:{odd(tmp_path, 'resigns', note)}", "go5", games=2, opening=0)
    card = played_match(match, boards=8)
    assert card.wins == 2 and len(note.read_text().split()) == 2


@pytest.mark.parametrize(("name", "seconds"), [("uct:0.5s", 0.5), ("uct:3s", 3.0), ("uct", 7.0)])
def test_players_by_time(name: str, seconds: float) -> None:
    player = make_player(name, make_game("tictactoe"), 1, 4, 1, Path("runs"), seconds=7.0)
    assert isinstance(player, ByTheClock) and player.seconds == seconds
    assert not isinstance(make_player("uct:30", make_game("tictactoe"), 1, 4, 1, Path("runs"), seconds=7.0), ByTheClock)
    for wrong in ("uct:0s", "uct:s", "uct:1e3s", "uct:²", "uct:" + "9" * 5000):
        with pytest.raises(UserError):
            make_player(wrong, make_game("tictactoe"), 1, 4, 1, Path("runs"))


class Scored(Gtp):
    """Records how the program scores the games."""

    counted: list[str]

    def dead(self, board: int) -> list[int]:
        self.counted.append(self.programs[board].ask("final_score"))
        return super().dead(board)


@needs_gnugo
@pytest.mark.slow
@pytest.mark.parametrize("stones", [0, 3])
def test_the_referee_counts_as_gnu_go_does(stones: int) -> None:
    command = f"{GNUGO} --mode gtp --level 1 --chinese-rules --positional-superko"
    game = Go(9, "chinese", komi=0.5) if stones else GO9  # GNU Go gives White a point per handicap stone
    one, other = Scored(command, game), Scored(command, game)
    one.counted, other.counted = [], []
    numbers = iter(range(3))
    done: list[Played] = []
    try:
        if stones:
            assert game.can.fixed_handicap is not None
            terms = Terms(openings(game, 2, 1, 3), tuple(game.can.fixed_handicap(stones)))
            Referee(game, (one, other), terms, 1).play(lambda: next(numbers, None), done.append)
        else:
            done = play_match(game, one, other, 3, boards=1)
    finally:
        one.close()
        other.close()
    counted = [g for g in done if g.why == "points"]
    assert all(g.why in ("points", "decided", "resignation") for g in done), [g.note for g in done]
    for played, first, second in zip(counted, one.counted, other.counted, strict=True):
        assert played.score is not None
        said = f"{'B' if played.score > 0 else 'W'}+{abs(played.score):.1f}" if played.score else "0"
        assert first == second == said


def test_an_outsider_that_fails_in_a_training_is_a_missing_score(tmp_path: Path) -> None:
    game = Go(5)
    said: list[str] = []
    net = build(network_spec(game, SMALL), 1)
    outside = {
        f"gtp:{odd(tmp_path, mode)}": partial(make_player, f"gtp:{odd(tmp_path, mode)}", game, runs=tmp_path)
        for mode in ("dies", "resigns")
    } | {"gtp:no-such-program": partial(make_player, "gtp:no-such-program", game, runs=tmp_path)}
    made = {name: partial(make, simulations=2, seed=1) for name, make in outside.items()}
    arena = Arena(game, Compute(threads=1), tmp_path, 2, 2, 1, made, said.append)
    metrics = arena.rate(net, 100, 1)
    assert [name for name in metrics if name.startswith("outside/")] == [f"outside/gtp:{odd(tmp_path, 'resigns')}"]
    assert len(said) == 2 and "games failed" in said[0] and "no program named no-such-program" in said[1]
    assert np.isfinite(list(metrics.values())).all()


def test_games_without_a_result_give_no_score(tmp_path: Path) -> None:
    card = played_match(Match("random", f"gtp:{odd(tmp_path, 'refuses')}", "go5", games=2))
    assert card.games == 0 and card.void == 2
    assert "2 without result" in card.describe() and "%" not in card.describe() and "Elo" not in card.describe()

"""The engine's answers: protocol, board, rules, analysis, and refusals."""

from __future__ import annotations

import io
import os
import re
import threading
import time
from pathlib import Path

import pytest

from envs.boards.game import BLACK
from selfplay.gtp.analyze import kata_line, lz_line, read_request
from selfplay.gtp.arguments import Arguments
from selfplay.gtp.desk import Desk, Settings
from selfplay.gtp.engine import serve
from selfplay.gtp.inbox import Inbox
from selfplay.gtp.protocol import LONGEST, parse
from selfplay.gtp.rules import NAMED
from selfplay.gtp.session import agreement_of, first_size
from selfplay.gtp.table import Table
from selfplay.thinking import Analysis, MoveAnalysis
from tengen.errors import UserError
from tests.selfplay.gtp.talking import talk
from tests.selfplay.odd_programs import odd


def test_lines_are_parsed_as_the_specification_says() -> None:
    assert parse(b"12 play\tB  d4 # a move\r\n") == ("12", "play", ("B", "d4"))
    assert parse(b"na\x01me\x7f\n") == ("", "name", ())
    assert parse(b"# 12 name\n") is None and parse(b" \t\r\n") is None
    assert parse(b"12\n") == ("12", "", ())
    assert parse("²3 name".encode()) == ("", "²3", ("name",)), "a digit, but not an ASCII one"


def test_answers_come_in_order_with_their_ids() -> None:
    asked = (
        "1 protocol_version",
        "",
        "# nothing",
        "2 known_command genmove",
        "3 nonsense",
        "name",
        "12",
        "4 quit",
        "5 name",
    )
    assert talk(*asked) == ["=1 2", "=2 true", "?3 unknown command", "= Tengen random", "?12 unknown command", "=4"]


def test_a_version_that_a_client_wants() -> None:
    assert talk("name", "version", name="Leela Zero", version="0.17") == ["= Leela Zero", "= 0.17"]


def test_commands_are_the_same_for_every_player() -> None:
    (random,), (uct,) = talk("list_commands"), talk("list_commands", player="uct:10", size=5)
    assert random == uct
    refused = talk("lz-analyze b 10", "kata-genmove_analyze b 10", "kata-raw-nn 0")
    assert refused[0].startswith("? random does not search") and refused[2].startswith("? random has no network")
    assert refused[1].startswith("= play "), "a move can be chosen without a search"


def test_moves_ko_undo_and_both_colours() -> None:
    assert talk("play b A2", "play b B1", "play w A1")[2].startswith("? illegal move: move 3, White A1")
    assert talk("play w A1", "play b A2", "play b B1", "undo", "play b A1")[4].startswith("? illegal")
    assert talk("undo", "play b C3", "undo", "undo")[0::3] == ["? cannot undo", "? cannot undo"]
    after_two_passes = talk("play b pass", "play w pass", "play w D4", "play b E5", "last_move")
    assert after_two_passes[2:] == ["=", "=", "= black E5"]
    assert talk("play b C3", "play w C3", "play w C4", "move_history")[3] == "= white C4\nblack C3"


def test_handicap() -> None:
    assert talk("fixed_handicap 3", "fixed_handicap 2")[:] == ["= C3 G7 C7", "? board not empty"]
    assert talk("fixed_handicap 4", "boardsize 5", "fixed_handicap 2")[2].startswith("? invalid number of stones")
    (many,) = talk("place_free_handicap 12")
    assert len(set(many[2:].split())) == 12
    assert talk("set_free_handicap C3 C3", "set_free_handicap C3 pass", "set_free_handicap C3 G7", "get_handicap") == [
        "? repeated vertex",
        "? bad vertex list: pass is not a point",
        "=",
        "= 2",
    ]
    scored = talk("set_free_handicap C3 G7", "play w E5", "komi 0.5", "final_score", rules="chinese")
    assert re.match(r"= [BW]\+\d+\.5", scored[3])


def test_komi_and_rules_reach_the_count() -> None:
    empty = talk("play b E5", "play w pass", "play b pass", "komi 6.5", "final_score", "komi -3", "final_score")
    assert empty[4::2] == ["= B+74.5", "= B+84"]
    assert talk("komi nan", "komi 1e300", "komi 6.3", "komi x", "komi", "get_komi")[5] == "= 7.5"
    japanese = talk("play b E5", "komi 0.5", "kata-set-rules japanese", "kata-get-rules", "final_score")
    assert '"scoring":"TERRITORY"' in japanese[3] and japanese[4] == "= B+79.5"
    json = '{"ko":"SIMPLE","scoring":"AREA","suicide":false,"tax":"NONE","whiteHandicapBonus":"N-1"}'
    assert talk(f"kata-set-rules {json}", "kata-get-rule ko")[1] == "= SIMPLE"
    refused = talk("kata-set-rules ing", 'kata-set-rules {"ko":"NONE"}', "kata-set-rules {", "kgs-rules chinese")
    assert [answer[0] for answer in refused] == ["?", "?", "?", "="]
    suicide = talk("play b A2", "play b B1", "play b C2", "play b B3", "play b D1", "play w A1")
    assert suicide[-1][0] == "?"


def test_a_search_follows_a_game_beyond_two_passes() -> None:
    passes = ("genmove b", "play w pass", "play b pass", "play w pass", "genmove b", "undo", "genmove b", "play b E5")
    assert [answer[0] for answer in talk(*passes, player="uct:30", size=5)[:7]] == ["="] * 7


def test_rules_that_a_move_of_the_game_breaks_are_refused() -> None:
    """Suicide of two white stones: legal under Tromp-Taylor rules, not under Chinese rules."""
    moves = ("play b A2", "play b B2", "play b C1", "play w A1", "play b J9", "play w B1")
    answers = talk(*moves, "kgs-rules chinese", "kata-get-rule suicide")
    assert answers[5] == "=" and answers[6].startswith("? a move of this game breaks these rules")
    assert answers[7] == "= true"


def test_records_are_loaded_and_printed(tmp_path: Path) -> None:
    good, bad = tmp_path / "a game.sgf", tmp_path / "bad.sgf"
    good.write_text("(;GM[1]SZ[13]KM[0.5]RU[Japanese]AB[cc]HA[2];W[gg];B[ee])")
    bad.write_bytes(b"(;GM[1]SZ[9];B[ee];W[ee])")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    answers = talk(f"loadsgf {good} 2", "query_boardsize", "get_komi", "move_history", "play b E9", f"loadsgf {bad}")
    assert answers[:5] == ["=", "= 13", "= 0.5", "= white G7", "="]
    assert answers[5].startswith("? cannot load file: move 2")
    assert '"scoring":"TERRITORY"' in talk(f"loadsgf {good}", "kata-get-rules")[1]
    good.write_text("(;GM[1]SZ[9]KM[375]RU[odd];B[ee])")
    assert talk(f"loadsgf {good}", "get_komi", rules="cgos")[1] == "= 7", "no komi of this world"
    good.write_text("(;GM[1]SZ[9]KM[6.3]RU[odd];B[ee])")
    assert talk(f"loadsgf {good}", "get_komi", rules="cgos")[1] == "= 6.5", "half points are counted"
    more = talk(
        "play b C3", f"loadsgf {fifo}", "loadsgf /dev/zero", "loadsgf /nowhere", "loadsgf", "printsgf", "printsgf x"
    )
    assert [answer[0] for answer in more] == ["=", "?", "?", "?", "?", "=", "?"]
    assert "B[cg]" in more[5] and "RU[tromp-taylor]" in more[5]


def test_a_program_behind_the_engine_plays_handicap_games(tmp_path: Path) -> None:
    note = tmp_path / "heard"
    player = f"gtp:{odd(tmp_path, 'listens', note)}"
    answers = talk("set_free_handicap c3 g7", "genmove w", "undo", "play w e5", "genmove b", "play b a1", player=player)
    assert answers[:5] == ["=", "= pass", "=", "=", "= pass"]
    heard = [line for line in note.read_text().splitlines() if line.startswith(("play", "genmove", "clear"))]
    placed = ["clear_board", "play black C3", "play black G7"]
    assert heard == [*placed, "genmove white", *placed, "play white E5", "genmove black"]
    refused = talk("play b e5", "genmove b", player=player)[1]
    assert refused.startswith("? ") and "with moves in turn only" in refused


def test_a_folder_as_a_record_leaves_no_file_open(tmp_path: Path) -> None:
    assert talk(f"loadsgf {tmp_path}")[0].startswith("? cannot load file")
    before = len(os.listdir("/dev/fd"))
    talk(*[f"loadsgf {tmp_path}"] * 20)
    assert len(os.listdir("/dev/fd")) == before


def test_sizes_that_a_player_does_not_know_are_refused() -> None:
    answers = talk(
        "boardsize 9", "query_boardsize", "boardsize 26", "boardsize 1", "boardsize -9", "boardsize 1e3", size=19
    )
    assert [answer[:20] for answer in answers] == ["=", "= 9", *["? unacceptable size:"] * 4]
    with pytest.raises(UserError, match="no run"):
        talk("name", player="nobody-knows-this")
    with pytest.raises(UserError, match="connect4-alphazero plays connect4: GTP plays Go only"):
        first_size(None, "connect4-alphazero", Path("runs"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("uct", (None, 3.0)), ("uct:40", (40, 3.0)), ("UCT:0.5s", (None, 0.5)), ("go9-alphazero:0.5s", (None, 0.5))],
)
def test_a_limit_in_the_name_is_the_limit_of_a_move(name: str, expected: tuple[int | None, float | None]) -> None:
    desk = Desk(Settings(name, 9, agreement_of("cgos", None), seconds=3.0), Inbox(io.BytesIO(), io.BytesIO()))
    try:
        assert desk.searching
        desk.began = time.perf_counter()
        limit = desk.limit(BLACK)
        assert limit.simulations == expected[0] and limit.seconds == pytest.approx(expected[1], abs=0.1)
    finally:
        desk.close()
    assert first_size(None, name, Path("runs")) == (9 if "go9" in name else 19)


def test_moves_with_analysis() -> None:
    lz, kata, raw = talk(
        "lz-genmove_analyze b 1",
        "kata-genmove_analyze w 1 rootInfo true ownership true",
        "kata-raw-nn 0",
        player="uct:60",
        size=5,
    )
    assert re.search(r"info move [A-E]\d visits \d+ winrate \d+ prior \d+ lcb \d+ order 0 pv [A-E]\d", lz)
    assert re.search(r"\nplay [A-E]\d$", lz) and lz.startswith("=\n")
    assert re.search(r"info move \w+ visits \d+ utility \S+ winrate [01]\S* prior", kata) and "rootInfo visits" in kata
    assert raw == "? uct:60 has no network"


def test_moves_are_hidden_in_an_analysis_only() -> None:
    """A search cannot be kept from a point, so a command that ends with a move refuses `avoid` and `allow`."""
    game = Table(5, NAMED["tromp-taylor"]).game
    moves = tuple(MoveAnalysis(action, 5, 0.1, 0.2, 0.0, (action,)) for action in (12, 6, 25, 0))  # C3 B4 pass A5
    found = Analysis(BLACK, 20, 0.1, 0.1, moves, 12, 1.0)
    for words, shown in (
        ("b 1 avoid b C3,pass 5", ["B4", "A5"]),
        ("allow w E5 1 allow b A5,C3 1 minmoves 4", ["C3", "A5"]),
        ("1 avoid w C3 5 maxmoves 2", ["C3", "B4"]),
    ):
        request = read_request(Arguments(words.split()), game, BLACK)
        for form in (lz_line, kata_line):
            assert re.findall(r"info move (\w+)", form(found, game, request)) == shown
    names = ("lz-genmove_analyze", "kata-genmove_analyze", "kata-search_analyze")
    refused = talk(*(f"{name} b 1 {key} w C3 5" for name in names for key in ("avoid", "allow")), "move_history")
    assert refused == [*["? avoid and allow choose what an analysis shows; a move is searched on all points"] * 6, "="]
    assert talk("kata-analyze b avoid b Z3 1", player="uct:60", size=5)[0].startswith("? invalid vertex")


def test_a_line_ends_analysis_and_pondering_at_once() -> None:
    ask, source = os.pipe()
    answers, out = os.pipe()
    settings = Settings("uct:20", 9, NAMED["tromp-taylor"], ponder=True)
    with os.fdopen(ask, "rb") as lines, os.fdopen(out, "wb") as written, os.fdopen(answers, "rb") as read:
        thread = threading.Thread(target=serve, args=(settings, lines, written))
        thread.start()

        def line(text: bytes) -> float:
            os.write(source, text)
            return time.perf_counter()

        line(b"1 genmove b\n")
        assert read.readline().startswith(b"=1 ") and read.readline() == b"\n"
        time.sleep(0.3)  # time to ponder
        sent = line(b"2 lz-analyze w 5\n")
        assert read.readline() == b"=2\n" and time.perf_counter() - sent < 20
        assert read.readline().startswith(b"info move")
        line(b"\n")
        while read.readline() != b"\n":
            pass
        sent = line(b"3 name\n")
        assert read.readline() == b"=3 Tengen uct:20\n" and time.perf_counter() - sent < 20
        os.close(source)
        thread.join(20)
        assert not thread.is_alive(), "the end of the input ends the engine"


def test_a_client_that_goes_away_ends_a_long_search() -> None:
    """If nobody reads the answers any more, even an hour's search ends."""
    ask, source = os.pipe()
    answers, out = os.pipe()
    settings = Settings("uct", 9, NAMED["tromp-taylor"], seconds=3600.0)
    with os.fdopen(ask, "rb") as lines, os.fdopen(out, "wb", buffering=0) as written:
        thread = threading.Thread(target=serve, args=(settings, lines, written))
        thread.start()
        os.write(source, b"genmove b\n")
        time.sleep(0.5)
        os.close(source)
        os.close(answers)
        thread.join(20)
        assert not thread.is_alive()


def test_a_line_that_is_too_long_is_one_line() -> None:
    long = b"1 known_command " + b"x" * (3 * LONGEST) + b"\n"
    assert talk(long, "2 protocol_version") == ["=1 false", "=2 2"]

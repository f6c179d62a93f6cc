"""Records on the board: opening and saving, and damaged files (which change nothing)."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from envs.boards.catalogue import make_game
from envs.boards.game import BLACK, WHITE
from selfplay.board import panels
from selfplay.board.house import House
from selfplay.board.options import BoardOptions
from selfplay.board.records import MOST_BYTES, open_record, save_record
from selfplay.board.tree import GameTree, Node, stones_of
from selfplay.thinking import Analysis
from tengen.errors import UserError

RECORD = (Path(__file__).parent / "record.sgf").read_bytes()
MUTATIONS = 1000 if os.environ.get("TENGEN_LONG") else 150


def shape(node: Node) -> tuple[object, ...]:
    """A tree as nested tuples: its moves and comments."""
    return node.colour, node.action, node.comment, tuple(shape(child) for child in node.children)


def test_opened_with_variations_and_comments() -> None:
    opened = open_record(RECORD)
    tree = opened.tree
    assert (tree.game.name, tree.komi, opened.about.black, opened.left_out) == ("go9", 7.0, "First", 0)
    assert tree.root.line()[-1].moves == 44
    assert [c.comment for c in tree.root.children[0].children] == ["", "the other answer"]


def test_saved_and_opened_again_is_the_same_game() -> None:
    opened = open_record(RECORD)
    again = open_record(save_record(opened.tree, "First", "Second", "Chinese", opened.about))
    assert shape(again.tree.root) == shape(opened.tree.root)
    assert again.about.white_rank == "2k" and again.tree.komi == 7.0


def test_what_the_analysis_found_is_in_the_comments() -> None:
    tree = GameTree(make_game("go9"))
    node = tree.add(tree.root, 40)
    node.found = Analysis(WHITE, 100, -0.2, 0.0, (), 41, 1.0)
    data = save_record(tree, "You", "someone")
    assert b"Black wins 60 %" in data and b"100 simulations" in data
    node.comment = open_record(data).tree.root.children[0].comment
    assert save_record(tree, "You", "someone").count(b"Black wins") == 1  # not duplicated when saved again


def test_handicap_stones_set_up_stones_and_turns() -> None:
    tree = open_record(b"(;SZ[9]HA[2]KM[0.5]AB[cg][gc];W[ee];B[cc])").tree
    assert tree.handicap == 2 and tree.to_move(tree.state(tree.root)) == WHITE
    assert [n.colour for n in tree.root.line()] == [None, WHITE, BLACK]
    tree = open_record(b"(;SZ[9];B[ee];AW[aa]AE[ee];B[cc];B[dd])").tree  # set-up stones change colour in mid-game
    end = tree.root.line()[-1]
    board = stones_of(tree.game, tree.state(end))
    assert board[0, 0] == -1 and board[4, 4] == 0 and board[2, 2] == board[3, 3] == 1
    again = open_record(save_record(tree, "a", "b")).tree
    assert np.array_equal(stones_of(again.game, again.state(again.root.line()[-1])), board)


def test_moves_that_the_rules_forbid_are_left_out_and_counted() -> None:
    opened = open_record(b"(;SZ[9];B[ee](;W[ee];B[aa])(;W[cc]))")
    assert opened.left_out == 1 and [n.action for n in opened.tree.root.line()] == [None, 40, 20]


TAKES = b"(;SZ[9]RU[Japanese]KM[0];B[ba];W[aa];B[ab]"  # Black has taken a stone
IN_TURN = TAKES + b";W[];B[cc];W[];B[dd];W[])"


@pytest.mark.parametrize(
    "rest",
    [b";B[cc];B[dd])", b";B[cc];PL[B];B[dd])", b";AB[cc][dd])", b";AB[cc]AW[ee];B[dd];AE[ee])"],
    ids=["out of turn", "the turn given", "set up", "set up and cleared"],
)
def test_prisoners_are_counted_whoever_moves_next(rest: bytes) -> None:
    usual, tree = open_record(IN_TURN).tree, open_record(TAKES + rest).tree
    assert tree.game.can.count is not None
    ends = usual.root.line()[-1], tree.root.line()[-1]
    assert tree.captured(ends[1]) == (0, 1)
    scores = [t.game.can.count(t.state(end), None) for t, end in zip((usual, tree), ends, strict=True)]  # type: ignore[misc]
    assert scores[1].score == scores[0].score and (scores[1].owner == scores[0].owner).all()


def test_a_ko_is_remembered_across_a_change_of_turn() -> None:
    ko = b"(;SZ[5]RU[%s];B[bc];W[db];B[cb];W[dd];B[cd];W[ec];B[ae];W[cc];B[dc]%s)"
    assert open_record(ko % (b"Chinese", b";PL[B];PL[W];W[cc]")).left_out == 1
    assert open_record(ko % (b"Chinese", b";AW[ea];AE[ea];PL[W];W[cc]")).left_out == 1
    assert open_record(ko % (b"Japanese", b";B[cc]")).left_out == 0  # Black connects the ko, out of turn


def test_passes_of_one_side_alone_do_not_end_the_game() -> None:
    opened = open_record(b"(;SZ[9];B[ee];W[];W[];B[cc];W[];B[];B[dd])")  # resumed by Black after two passes
    assert opened.left_out == 0 and not opened.tree.over(opened.tree.root.line()[-1])


def test_handicap_counts_for_white_however_the_stones_are_placed() -> None:
    placed = open_record(b"(;SZ[9]RU[Chinese]HA[2]KM[0]AB[cg][gc];W[ee];B[cc])").tree
    played = open_record(b"(;SZ[9]RU[Chinese]HA[2]KM[0];B[cg];B[gc];W[ee];B[cc])").tree
    both = [t.game.can.count(t.state(t.root.line()[-1]), None).score for t in (placed, played)]  # type: ignore[misc]
    assert both[0] == both[1] == 0  # three stones against one, less two points


def test_what_the_page_says_of_a_record(tmp_path: Path) -> None:
    house = House(BoardOptions("random", "go9", you="both", runs=tmp_path))
    sitting = house.begin()
    for record, said in (
        (b"(;SZ[9];B[ee])", "opened a game of 1 move"),
        (b"(;SZ[9];B[ee](;W[ee];B[aa])(;W[cc]))", "opened a game of 2 moves; left out 1 illegal node and what follows"),
        (b"(;SZ[9](;B[ee];W[ee])(;B[aa];W[aa]))", "opened a game of 1 move; left out 2 illegal nodes and what follows"),
        (b"(;SZ[9]KM[6.3];B[ee])", "opened a game of 1 move; its komi of 6.3 is taken for 6.5"),
        (b"(;SZ[9]KM[650];B[ee])", "opened a game of 1 move; its komi of 650 is taken for 6.5"),
        (b"(;SZ[9]AB[aa])", "opened a game of 0 moves"),
    ):
        assert house.open(sitting, record) == said
    assert "Stones set up." in panels.status(sitting) and "Move 0" not in panels.status(sitting)
    with pytest.raises(UserError, match="^set-up: a point is used twice, or a chain has no liberty$"):
        house.open(sitting, b"(;SZ[9]AB[aa]AW[ab][ba])")
    house.close()


def test_a_record_replaces_games_of_go_only(tmp_path: Path) -> None:
    house = House(BoardOptions("random", "tictactoe", you="both", runs=tmp_path))
    sitting = house.begin()
    with pytest.raises(UserError, match="on a Go board only"):
        house.open(sitting, b"(;SZ[9];B[ee])")
    assert sitting.tree.game.name == "tictactoe"
    house.close()


def test_too_large_and_not_a_record() -> None:
    with pytest.raises(UserError, match="MB"):
        open_record(b" " * (MOST_BYTES + 1))
    for data in (b"", b"\x89PNG\r\n\x1a\n" * 30, b"(;SZ[9]" + b";B[aa]" * 6000 + b")"):
        with pytest.raises(UserError):
            open_record(data)


def test_damaged_records_are_refused_or_shown() -> None:
    rng = random.Random(7)
    shown, refusals = 0, []
    for _ in range(MUTATIONS):
        data = bytearray(RECORD)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(data))
            change = rng.random()
            if change < 0.4:
                data[at] = rng.randrange(256)
            elif change < 0.6:
                del data[at : at + rng.randint(1, 40)]
            elif change < 0.8:
                data[at:at] = rng.choice(
                    [b"(;", b")", b"[", b"\\", b";B[zz]", b";AB[aa:zz]", b"SZ[25]", b"\x00", b"HA[99999]"]
                )
            else:
                data[at:at] = data[at : at + 60]
        try:
            opened = open_record(bytes(data))
        except UserError as error:
            refusals.append(str(error))
            continue
        shown += 1
        assert save_record(opened.tree, "a", "b", "", opened.about).startswith(b"(;")
    assert shown > MUTATIONS / 5 and max(map(len, refusals)) < 300

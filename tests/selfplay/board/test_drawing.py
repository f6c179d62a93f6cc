"""Board drawings: everything is where it should be, and text from records stays text."""

from __future__ import annotations

import xml.etree.ElementTree as Xml
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from envs.boards.catalogue import make_game
from selfplay.board import panels
from selfplay.board.drawing import board as drawn
from selfplay.board.drawing.geometry import geometry
from selfplay.board.drawing.graph import Point, graph
from selfplay.board.drawing.looks import look_of
from selfplay.board.mind import Minds
from selfplay.board.players import default_player
from selfplay.board.records import open_record
from selfplay.board.sitting import Sitting
from selfplay.board.tree import GameTree
from selfplay.thinking import Analysis, MoveAnalysis


def parsed(svg: str) -> Xml.Element:
    return Xml.fromstring(svg)


def classes(svg: str) -> list[str]:
    return [element.get("class", "") for element in parsed(svg).iter()]


@pytest.mark.parametrize("task", ["go2", "go5", "go9", "go13", "go19", "go25", "connect4", "tictactoe"])
def test_each_board_is_well_formed_and_every_point_can_be_clicked(task: str) -> None:
    game = make_game(task)
    g, look = geometry(game), look_of(game)
    parsed(drawn.ground(g, look))
    hits = [e for e in parsed(drawn.clickable(g, look, game.action_name)).iter() if e.get("class") == "hit"]
    assert len(hits) == game.board_shape[0] * game.board_shape[1]
    actions = {int(e.get("data-action", "")) for e in hits}
    assert actions == set(range(game.num_actions)) - {game.can.passing}


def test_star_points() -> None:
    counts = {}
    for size in (9, 13, 19):
        game = make_game(f"go{size}")
        counts[size] = classes(drawn.ground(geometry(game), look_of(game))).count("hoshi")
    assert counts == {9: 5, 13: 5, 19: 9}


def test_stones_the_last_move_and_dead_ones() -> None:
    game = make_game("go5")
    colours = np.zeros((5, 5), np.int8)
    colours[0, 0], colours[2, 2] = 1, -1
    found = classes(drawn.stones(geometry(game), look_of(game), colours, 12, [0]))
    assert found.count("stone black") == found.count("stone white") == found.count("dead") == 1
    assert found.count("last on-white") == 1


def test_discs_fall() -> None:
    g = geometry(make_game("connect4"))
    stones = np.zeros((6, 7), np.int8)
    assert g.where(3, stones) == 5 * 7 + 3
    stones[5, 3] = 1
    assert g.where(3, stones) == 4 * 7 + 3
    stones[:, 3] = 1
    assert g.where(3, stones) is None


def test_hints_show_the_number_that_was_asked_for() -> None:
    game = make_game("go5")
    moves = (MoveAnalysis(12, 1500, 0.2, 0.31, 0.1, (12, 7)), MoveAnalysis(7, 500, -0.2, 0.5, -0.4, (7,)))
    found = Analysis(1, 2000, 0.1, 0.0, moves, 12, 1.0)
    g, look, empty = geometry(game), look_of(game), np.zeros((5, 5), np.int8)

    def numbers(what: str) -> list[Any]:
        svg = g.svg(drawn.hints(g, look, game, found, what, empty, lambda i: 1 - 2 * (i % 2)), "marks")
        return [e.text for e in parsed(svg).iter() if e.get("class") == "number"]

    assert numbers("win rate") == ["60", "40"]
    assert numbers("visits") == ["1.5k", "500"]
    assert numbers("policy") == ["50", "31"]


def test_the_graph_has_a_column_a_position() -> None:
    points = [Point(i, i, None if i == 1 else 0.5 + i / 20, i == 2) for i in range(5)]
    found = classes(graph(points, 3))
    assert found.count("column") == 5 and found.count("turn") == 1 and found.count("dot") == 1


def test_names_and_comments_of_a_record_are_texts() -> None:
    evil = b"(;SZ[9]PB[<script>alert(1)</script>]C[<img src=x onerror=alert(1)>];B[ee])"
    opened = open_record(evil)
    s = Sitting("1", GameTree(make_game("go9")), "<b>me</b>")
    s.seat(opened.tree, "both", opened.about)
    page = panels.players(s) + panels.review(s) + panels.status(s)
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page and "&lt;img" in page
    s.seat(GameTree(make_game("go9")), "white")
    assert "<b>me</b>" not in panels.players(s) + panels.status(s)


def test_the_graph_says_whose_chance_it_shows_and_who_judges() -> None:
    s = Sitting("1", GameTree(make_game("go9")), "GNU Go")
    said = panels.chart(s, "<go9-alphazero>")
    assert "Black's chance to win" in said and "by &lt;go9-alphazero&gt;" in said and "50 %" in said
    assert "Red's chance to win" in panels.chart(Sitting("1", GameTree(make_game("connect4")), "uct"), "uct")


def test_the_player_that_judges(tmp_path: Path) -> None:
    assert Minds("random", "go13", tmp_path).judge(make_game("go13")) == default_player("go13")
    assert Minds("go9-alphazero", "go9", tmp_path).judge(make_game("go9")) == "go9-alphazero"
    assert Minds("go9-alphazero", "go9", tmp_path).judge(make_game("go19")) == default_player("go19")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("W+R", "In the record, White wins by resignation."),
        ("B+3.5", "In the record, Black wins by 3.5 points."),
        ("B+T", "In the record, Black wins on time."),
        ("W+", "In the record, White wins."),
        ("0", "In the record, the game is a draw."),
        ("?", ""),
    ],
)
def test_the_result_in_a_record_is_told(result: str, said: str) -> None:
    opened = open_record(f"(;SZ[9]RE[{result}];B[ee])".encode())
    s = Sitting("1", GameTree(make_game("go9")), "me")
    s.seat(opened.tree, "both", opened.about)
    assert said in panels.review(s) and ("In the record" in panels.review(s)) == bool(said)


def test_stones_can_be_marked_once_both_have_passed() -> None:
    s = Sitting("1", GameTree(make_game("go9")), "me")
    s.seat(s.tree, "both")
    assert "Dead stones?" not in panels.thinking(s)
    s.play(81)
    s.play(81)
    assert "White wins by 7.5 points" in panels.status(s) and "Dead stones?" in panels.thinking(s)
    s.take_back()
    s.resign()
    assert "Dead stones?" not in panels.thinking(s)

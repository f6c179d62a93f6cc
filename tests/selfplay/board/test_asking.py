"""Requests from pages are checked and answered in one line, and have no other effect."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import Any

import pytest

from selfplay.board import panels
from selfplay.board.asking import ask
from selfplay.board.house import House
from selfplay.board.options import BoardOptions
from selfplay.board.players import analyst, credit, default_player, known_sizes, without_limit
from selfplay.board.sitting import Sitting
from tengen.errors import UserError


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(BoardOptions("random", "go5", you="both", runs=tmp_path_factory.mktemp("runs")))


@pytest.fixture
def s(house: House) -> Sitting:
    return Sitting("1", house.new_tree({}), "random")


RUBBISH: list[Any] = [None, 5, "pass", [], {}, {"ask": "rm"}, {"ask": "point"}, {"ask": "point", "value": 1e9}]
RUBBISH += [{"ask": "point", "value": v} for v in (-1, 25, 10**30, "x", None, True, [1], {}, "９", "1" * 99)]
RUBBISH += [{"ask": "step", "value": v} for v in ("sideways", 3, None)]
RUBBISH += [{"ask": "strength", "value": v} for v in ("", "1000000", 400)]
RUBBISH += [{"ask": "new", "value": v} for v in (None, {"size": 99}, {"size": "x"}, {"komi": "nan"}, {"komi": "1e9"})]
RUBBISH += [{"ask": "new", "value": {"handicap": h}} for h in (9, -1, "many", 1e300, [2])]
RUBBISH += [{"ask": "ownership", "value": "yes"}, {"ask": "you", "value": "me"}, {"ask": "go", "value": 77}]


@pytest.mark.parametrize("wish", RUBBISH, ids=str)
def test_rubbish_is_refused_in_a_line(house: House, s: Sitting, wish: Any) -> None:
    with pytest.raises(UserError) as told:
        ask(house, s, wish)
    assert "\n" not in str(told.value) and len(str(told.value)) < 200
    assert s.node is s.tree.root and len(s.tree.nodes) == 1


def test_a_thousand_random_wishes(house: House, s: Sitting) -> None:
    rng = random.Random(5)
    asks = ["point", "pass", "back", "resign", "now", "go", "step", "forget", "you", "hints", "ownership", "new", "?"]
    steps = ["first", "back", "next", "last", "up", "down", "back10"]
    values = [*range(-2, 28), *steps, "black", "both", True, None, {}, "".join(rng.choices(string.printable, k=9))]
    done = 0
    for _ in range(1000):
        try:
            ask(house, s, {"ask": rng.choice(asks), "value": rng.choice(values)})
            done += 1
        except UserError:
            pass
        assert s.node.number in s.tree.nodes
    assert done > 200


def test_a_point_plays_and_at_the_end_marks(house: House, s: Sitting) -> None:
    s.you = "both"
    for wish in ({"ask": "point", "value": 12}, {"ask": "pass"}, {"ask": "pass"}):
        ask(house, s, wish)
    assert s.over
    ask(house, s, {"ask": "point", "value": 12})
    assert s.node.dead == {12}


def test_a_new_game_with_handicap_and_komi(house: House, s: Sitting) -> None:
    assert ask(house, s, {"ask": "new", "value": {"size": "9", "komi": "0.5", "handicap": "4", "you": "white"}})
    assert s.tree.game.name == "go9" and s.to_move == -1 and s.tree.komi == 0.5 and s.tree.handicap == 4
    assert len(s.tree.root.setup.black) == 4  # type: ignore[union-attr]


def test_who_plays_where_nobody_is_named() -> None:
    tasks = ("go9", "go5", "go19", "go13", "connect4", "tictactoe")
    shipped = ("go9-alphazero", "go5-alphazero", "go19-policy", "go9-alphazero", "connect4-alphazero", "uct")
    assert tuple(default_player(task) for task in tasks) == shipped


def test_a_players_name_says_how_long_it_thinks(tmp_path: Path) -> None:
    assert without_limit("go9-alphazero:50") == ("go9-alphazero", "50")
    assert without_limit("uct:2.5s") == ("uct", "2.5s")
    assert without_limit("policy:go9-policy") == ("policy:go9-policy", "")
    assert without_limit("gtp:program --level:10")[1] == ""
    assert without_limit("uct") == ("uct", "") and without_limit("random")[1] == ""
    for name in ("uct:0", "uct:0s", "uct:99999999", "uct:1.2.3s", "uct:1e9", "uct:100:200", "uct:-1", "UCT:1e9"):
        with pytest.raises(UserError, match="simulations|seconds"):
            without_limit(name)
    house = House(BoardOptions("uct:77", "tictactoe", runs=tmp_path))
    sitting = house.begin()
    assert sitting.strength == "77" and sitting.strengths["77"][1].simulations == 77 and sitting.opponent == "uct"
    house.close()


def test_a_strength_is_offered_where_it_has_an_effect(tmp_path: Path) -> None:
    for player, there in (("random", False), ("uct", True)):
        one = House(BoardOptions(player, "tictactoe", runs=tmp_path))
        sitting = one.begin()
        assert ('id="strength"' in panels.settings(one, sitting)) == there
        if not there:
            with pytest.raises(UserError, match="does not search"):
                ask(one, sitting, {"ask": "strength", "value": "25"})
        one.close()


def test_the_sizes_that_a_player_knows(tmp_path: Path) -> None:
    assert known_sizes("go9-alphazero:400", "go9", tmp_path) == (9,)
    assert known_sizes("go5-alphazero", "go5", tmp_path) == (2, 3, 4, 5)
    assert known_sizes("random", "go7", tmp_path) == (5, 7, 9, 13, 19)
    assert known_sizes("uct", "connect4", tmp_path) == ()
    assert analyst("random", "go9", tmp_path) == "go9-alphazero"
    assert analyst("go9-alphazero", "go19", tmp_path) == "go19-policy"  # when a record of another size is opened
    assert analyst("go9-alphazero:50", "go9", tmp_path) == "go9-alphazero:50"
    assert credit("go9-alphazero:50", "go9", tmp_path) == "go9-alphazero:50"
    assert credit("go9-alphazero", "go13", tmp_path) == "go9-alphazero, not trained on 13×13"
    assert credit("uct", "go13", tmp_path) == "uct" and credit("connect4-alphazero", "connect4", tmp_path)[-1] == "o"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (BoardOptions("nobody", "go5"), "nobody"),
        (BoardOptions("random", "go5", you="me"), "side"),
        (BoardOptions("random", "go99"), "size"),
        (BoardOptions("random", "chess"), "chess"),
        (BoardOptions("random", "go5", rules="nope"), "nope"),
        (BoardOptions("connect4-alphazero", "go5"), "connect4"),
    ],
)
def test_what_cannot_be_served_is_said_at_once(options: BoardOptions, why: str) -> None:
    with pytest.raises(UserError, match=why):
        House(BoardOptions(options.player, options.task, options.rules, None, options.you, Path("no-runs")))

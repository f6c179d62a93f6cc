"""Checks of moves, scores and clocks: moves are legal and in time, and games are counted correctly."""

from __future__ import annotations

import re
import time

import numpy as np

from envs.go.game import Go
from envs.go.records import LENIENT
from envs.go.sitting import give_turn, resume
from selfplay.gtp.check.boards import begin
from selfplay.gtp.check.probe import Broken, NotOffered, Probe
from selfplay.gtp.check.report import Group
from tengen.errors import UserError

GAMES, CLOCKS = Group("games"), Group("clocks")
_SIZE = 9
_LATE = 0.05  # seconds allowed for the pipes


def generate(engine: Probe, colour: str) -> str:
    """The engine's move, lower case; Broken if the answer to genmove is not a move."""
    word = engine.tell(f"genmove {colour}").strip().lower()
    if not re.fullmatch(r"pass|resign|[a-hj-z]\d{1,2}", word):
        raise Broken(f"genmove {colour} was answered {word[:60]!r}")
    return word


@GAMES.must("its moves are legal, in a game with random moves")
def legal_moves(engine: Probe) -> None:
    begin(engine)
    game, random = Go(_SIZE, LENIENT), np.random.default_rng(1)
    state = game.new(1)
    for number in range(30):
        colour = "black" if number % 2 == 0 else "white"
        if number % 2 == 0:
            word = generate(engine, colour)
            if word == "resign":
                return
        else:
            assert game.can.sensible is not None
            word = game.action_name(int(random.choice(np.flatnonzero(game.can.sensible(state)[0]))))
            if not engine.ask(f"play {colour} {word}").ok:  # superko, perhaps
                word = "pass"
                engine.tell(f"play {colour} pass")
        try:
            resume(state)
            give_turn(state, 1 if number % 2 == 0 else -1)
            game.play(state, np.array([game.parse_action(word)]))
        except UserError as error:
            raise Broken(f"genmove {colour} gave {word}: {error}") from error


@GAMES.must("the move it answers is on its board")
def own_move(engine: Probe) -> None:
    begin(engine)
    word = generate(engine, "black")
    if word in ("pass", "resign"):
        raise Broken(f"genmove on the empty board was answered {word}")
    engine.refuses(f"play white {word}")


@GAMES.must("moves can be generated for either colour, also twice in a row")
def either_colour(engine: Probe) -> None:
    begin(engine)
    for colour in ("white", "white", "black", "b", "w"):
        generate(engine, colour)


@GAMES.should("reg_genmove leaves the board alone")
def regression(engine: Probe) -> None:
    engine.need("reg_genmove")
    begin(engine)
    word = engine.tell("reg_genmove black").strip()
    if word.lower() not in ("pass", "resign"):
        engine.tell(f"play white {word}")


@GAMES.should("it plays after handicap stones")
def after_handicap(engine: Probe) -> None:
    engine.need("fixed_handicap")
    begin(engine)
    engine.tell("fixed_handicap 4")
    generate(engine, "white")


def divide(engine: Probe) -> None:
    """Play a finished game: Black has the four columns on the left, White the five on the right."""
    begin(engine)
    engine.tell("komi 0.5")
    for row in range(1, 10):
        engine.tell(f"play black D{row}", f"play white E{row}")
    engine.tell("play black pass", "play white pass")


@GAMES.should("final_score counts a divided board: W+9.5 by area and by territory")
def final_score(engine: Probe) -> None:
    engine.need("final_score")
    divide(engine)
    score = engine.tell("final_score").split()[0]
    if score != "W+9.5":
        raise Broken(f"final_score was answered {score}, expected W+9.5")


@GAMES.should("final_status_list names every stone once: alive, dead or in seki")
def final_status(engine: Probe) -> None:
    engine.need("final_status_list")
    divide(engine)
    lists = {what: engine.tell(f"final_status_list {what}").upper().split() for what in ("alive", "dead", "seki")}
    stones = sorted(word for words in lists.values() for word in words)
    if stones != sorted(f"{column}{row}" for column in "DE" for row in range(1, 10)):
        raise Broken("the lists do not hold each of the 18 stones once")
    if lists["dead"]:
        raise Broken(f"living stones are said to be dead: {' '.join(lists['dead'])}")
    engine.refuses("final_status_list undecided")


@GAMES.should("lz-analyze ends when a line comes")
def analysis(engine: Probe) -> None:
    engine.need("lz-analyze")
    begin(engine)
    engine.send(b"1 lz-analyze black 10\n")
    time.sleep(1.0)
    engine.send(b"2 protocol_version\n")
    first, second = engine.reply("1 lz-analyze black 10", 2.0), engine.reply("2 protocol_version", 2.0)
    if (first.id, second.id, second.body) != ("1", "2", "2"):
        raise Broken(f"after lz-analyze came {first} and {second}")
    if not first.ok:
        raise NotOffered(first.body)
    if "info move" not in first.body:
        raise Broken(f"lz-analyze was answered {first}")


@CLOCKS.should("time settings and the time left are accepted")
def accepts(engine: Probe) -> None:
    engine.need("time_settings", "time_left")
    begin(engine)
    engine.tell("time_settings 300 0 0", "time_left black 299 0", "time_settings 60 30 25", "time_left white 20 7")
    engine.tell("time_settings 0 30 1", "time_settings 0 1 0")


@CLOCKS.should("wrong time settings are refused")
def refuses(engine: Probe) -> None:
    engine.need("time_settings", "time_left")
    engine.refuses("time_settings", "time_settings a b c", "time_settings 1 2", "time_left black", "time_left")


@CLOCKS.should("with a second left, a move comes within the second")
def a_second_left(engine: Probe) -> None:
    engine.need("time_settings", "time_left")
    begin(engine)
    engine.tell("time_settings 60 0 0")
    generate(engine, "black")  # load everything before the clock matters
    engine.tell("play white pass", "time_left black 1 0")
    timed(engine, "black", 1.0)


@CLOCKS.should("Canadian overtime is kept: five moves in five seconds")
def canadian(engine: Probe) -> None:
    engine.need("time_settings", "time_left")
    begin(engine)
    engine.tell("time_settings 0 5 5")
    _stones(engine, 5.0, 5)


@CLOCKS.should("byo-yomi is kept: moves within two seconds each")
def byo_yomi(engine: Probe) -> None:
    engine.need("kgs-time_settings", "time_left")
    begin(engine)
    engine.tell("kgs-time_settings byoyomi 0 2 5")
    for _ in range(4):
        engine.tell("time_left black 2 5")
        timed(engine, "black", 2.0)


@CLOCKS.should("sudden death is kept: a game of 30 moves a side in ten seconds")
def sudden_death(engine: Probe) -> None:
    engine.need("time_settings", "time_left")
    begin(engine)
    engine.tell("time_settings 10 0 0")
    left = {"black": 10.0, "white": 10.0}
    for number in range(60):
        colour = "black" if number % 2 == 0 else "white"
        engine.tell(f"time_left {colour} {int(left[colour])} 0")
        seconds, word = timed(engine, colour, left[colour])
        left[colour] -= seconds
        if word == "resign":
            return


def _stones(engine: Probe, seconds: float, stones: int) -> None:
    for number in range(stones):
        engine.tell(f"time_left black {int(seconds)} {stones - number}")
        seconds -= timed(engine, "black", seconds)[0]


def timed(engine: Probe, colour: str, seconds: float) -> tuple[float, str]:
    """(seconds, move) of a genmove. Broken if it takes longer than `seconds`."""
    begun = time.perf_counter()
    word = generate(engine, colour)
    taken = time.perf_counter() - begun
    if taken > seconds + _LATE:
        raise Broken(f"genmove {colour} took {taken:.2f} s with {seconds:.2f} s on the clock")
    return taken, word

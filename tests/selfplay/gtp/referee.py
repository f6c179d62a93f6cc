"""A game between two programs under a careful referee: legal moves, both clocks, and the scores of all three.

played = play_game((ours, gnugo), Terms(size=9, handicap=2, clock=TimeSystem("canadian", 5.0, 5.0, 10)))
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from envs.boards.game import BLACK, WHITE
from envs.go.game import Go
from envs.go.rules import Rules
from selfplay.gtp.arguments import colour_name
from selfplay.gtp.check.probe import Probe
from selfplay.gtp.clock import TimeSystem
from selfplay.gtp.scoring import result_text

# Rules known to both sides: simple ko is not enough for either, and not everybody has China's handicap bonus.
RULES = Rules(ko="simple", suicide=False, komi=6.5)
NO_CLOCK = TimeSystem()


@dataclass(frozen=True)
class Terms:
    """The terms of one game."""

    size: int = 9
    handicap: int = 0
    free: bool = False  # Black's program places the handicap stones
    clock: TimeSystem = NO_CLOCK


@dataclass
class Game:
    """The outcome of a game."""

    result: str = ""  # B+3.5, W+R, B+T …
    wrong: str = ""  # protocol error or illegal move; should be empty
    counts: dict[str, str] = field(default_factory=dict)  # scorer -> score
    moves: int = 0
    line: list[str] = field(default_factory=list)  # the moves, so that the game can be reviewed
    board: str = ""  # the final board, and who calls what dead
    longest: dict[str, float] = field(default_factory=dict)  # seconds of the slowest move


def play_game(commands: tuple[str, str], terms: Terms, most: int = 700) -> Game:
    """A game between the programs in `commands`, Black's first. Area scoring; dead stones as the programs agree."""
    sides = {BLACK: Probe(commands[0], 120.0), WHITE: Probe(commands[1], 120.0)}
    try:
        return _play(sides, terms, most)
    finally:
        for engine in sides.values():
            engine.close()


def _play(sides: dict[int, Probe], terms: Terms, most: int) -> Game:
    played, game = Game(), Go(terms.size, RULES)
    for engine in sides.values():
        engine.tell(f"boardsize {terms.size}", "clear_board", f"komi {RULES.komi}")
        if _knows(engine, "kata-set-rules"):
            engine.tell('kata-set-rules {"ko":"POSITIONAL","scoring":"AREA","suicide":false,"whiteHandicapBonus":"0"}')
            engine.tell("kata-set-rule friendlyPassOk true")
    state = _handicap(sides, terms, game)
    clocks = {colour: _Clock(terms.clock, sides[colour]) for colour in sides}
    passes = 0
    while passes < 2 and played.moves < most:
        colour = int(game.to_move(state)[0])
        seconds, word = clocks[colour].genmove(colour)
        played.longest[colour_name(colour)] = max(seconds, played.longest.get(colour_name(colour), 0.0))
        if clocks[colour].lost or word == "resign":
            played.result = f"{'W' if colour == BLACK else 'B'}+{'T' if clocks[colour].lost else 'R'}"
            return played
        action = game.parse_action(word)
        if not game.legal(state)[0, action]:
            played.wrong = f"{colour_name(colour)} played {word} at move {played.moves + 1}"
            return played
        game.play(state, np.array([action]))
        sides[-colour].tell(f"play {colour_name(colour)} {word}")
        passes = passes + 1 if word == "pass" else 0
        played.moves += 1
        played.line.append(word)
    _count(sides, game, state, played)
    return played


def _handicap(sides: dict[int, Probe], terms: Terms, game: Go) -> np.ndarray:
    if not terms.handicap:
        return game.new(1)
    if terms.free:
        points = sides[BLACK].tell(f"place_free_handicap {terms.handicap}")
        sides[WHITE].tell(f"set_free_handicap {points}")
    else:
        points, _ = (engine.tell(f"fixed_handicap {terms.handicap}") for engine in sides.values())
    return game.handicap([game.parse_action(word) for word in points.split()])


def _count(sides: dict[int, Probe], game: Go, state: np.ndarray, played: Game) -> None:
    played.board = game.draw(state[0])
    for colour, engine in sides.items():
        name = colour_name(colour)
        if _knows(engine, "final_score"):
            played.counts[name] = engine.tell("final_score").split()[0]
        if _knows(engine, "final_status_list"):
            dead = np.zeros((1, game.size**2), bool)
            words = engine.tell("final_status_list dead").split()
            played.board += f"\n{name}: dead are {' '.join(words) or 'none'}"
            dead[0, [game.parse_action(word) for word in words]] = True
            played.counts[f"referee with {name}'s dead"] = result_text(float(game.score(state, dead)[0]))
    played.result = next((text for who, text in played.counts.items() if who.startswith("referee")), "?")


def _knows(engine: Probe, command: str) -> bool:
    return engine.ask(f"known_command {command}").body == "true"


class _Clock:
    """The referee's clock for one side; a program that does not support the time system plays without a clock."""

    def __init__(self, system: TimeSystem, engine: Probe) -> None:
        kgs = system.kind in ("byoyomi", "fischer")
        known = _knows(
            engine, {"byoyomi": "kgs-time_settings", "fischer": "kata-time_settings"}.get(system.kind, "time_left")
        )
        self.engine, self.lost, self.left, self.stones = engine, False, system.main, 0
        self.system = system = system if known else TimeSystem()
        if system.main == 0 and system.stones:
            self.left, self.stones = system.period, system.stones
        if kgs and known:
            command = "kgs-time_settings byoyomi" if system.kind == "byoyomi" else "kata-time_settings fischer"
            last = f" {system.stones}" if system.kind == "byoyomi" else ""
            engine.tell(f"{command} {system.main:g} {system.period:g}{last}")
        elif system.kind != "none":
            engine.tell(f"time_settings {system.main:.0f} {system.period:.0f} {system.stones}")

    def genmove(self, colour: int) -> tuple[float, str]:
        name, s = colour_name(colour), self.system
        if s.kind != "none":
            self.engine.tell(f"time_left {name} {int(self.left)} {self.stones}")
        begun = time.perf_counter()
        word = self.engine.tell(f"genmove {name}").lower()
        seconds = time.perf_counter() - begun
        if s.kind != "none":
            self._take(seconds)
        return seconds, word

    def _take(self, seconds: float) -> None:
        s = self.system
        self.left -= seconds
        if self.left < 0 and self.stones == 0 and s.stones:
            self.left, self.stones = self.left + s.period, s.stones
        while self.left < 0 and self.stones > 1 and s.kind == "byoyomi":
            self.left, self.stones = self.left + s.period, self.stones - 1
        self.lost = self.left < 0
        if s.kind == "fischer":
            self.left += s.period
        elif self.stones and s.kind == "byoyomi":
            self.left = s.period
        elif self.stones:
            self.stones -= 1
            if self.stones == 0:
                self.left, self.stones = s.period, s.stones

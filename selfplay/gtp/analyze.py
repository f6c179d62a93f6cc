"""Search results in the formats of Leela Zero and KataGo, which Lizzie, Sabaki and other clients display.

    lz      info move D4 visits 5 winrate 4523 prior 1200 lcb 4412 order 0 pv D4 E5 info move …
    kata    info move D4 visits 5 winrate 0.4523 scoreMean 1.5 … order 0 pv D4 E5 … ownership 0.1 -0.3 …

Values are for the player to move. Fields that the network cannot provide are omitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from envs.boards.game import BLACK, WHITE
from envs.go.game import Go
from selfplay.gtp.arguments import Arguments
from selfplay.gtp.protocol import Refused
from selfplay.thinking import Analysis, MoveAnalysis

_LONGEST_LINE = 20  # moves of a variation
_WITHOUT_EFFECT = (
    "minmoves",
    "ownershipstdev",
    "movesownership",
    "movesownershipstdev",
    "pvedgevisits",
    "nomovesuntilvisits",
)


@dataclass
class AnalysisRequest:
    """What a client has requested."""

    colour: int
    every: float = 0.5  # seconds between output lines
    most_moves: int = 10_000
    ownership: bool = False
    root: bool = False
    pv_visits: bool = False
    avoid: dict[int, set[int]] = field(default_factory=lambda: {BLACK: set(), WHITE: set()})
    allow: dict[int, set[int]] = field(default_factory=lambda: {BLACK: set(), WHITE: set()})

    @property
    def restricted(self) -> bool:
        """Whether `avoid` or `allow` was given."""
        return any(any(points.values()) for points in (self.avoid, self.allow))

    def shows(self, action: int) -> bool:
        allowed = self.allow[self.colour]
        return action not in self.avoid[self.colour] and (not allowed or action in allowed)


def read_request(arguments: Arguments, game: Go, to_move: int) -> AnalysisRequest:
    """Parse `[color] [centiseconds] [key value …]`, as in both programs; `to_move` is the default colour."""
    request = AnalysisRequest(arguments.colour_if_given(to_move))
    if len(arguments) and arguments.words[0][:1].isdigit():
        request.every = arguments.number("the interval in centiseconds", 0, 1e9) / 100
    while len(arguments):
        key = arguments.word("a key").lower()
        if key == "interval":
            request.every = arguments.number("the interval in centiseconds", 0, 1e9) / 100
        elif key == "maxmoves":
            request.most_moves = arguments.whole("maxmoves", 0, 10_000)
        elif key in ("ownership", "rootinfo", "pvvisits"):
            name = {"ownership": "ownership", "rootinfo": "root", "pvvisits": "pv_visits"}[key]
            setattr(request, name, arguments.word("true or false").lower() == "true")
        elif key in ("avoid", "allow"):
            colour = arguments.colour()
            points = Arguments(arguments.word("vertices").split(","))
            where: dict[int, set[int]] = getattr(request, key)
            while len(points):
                where[colour].add(points.action(game))
            arguments.whole("a number of moves", 0, 10_000)
        elif key in _WITHOUT_EFFECT:
            arguments.word("a value")
        else:
            raise Refused(f"syntax error: unknown analysis key {key[:40]}")
    request.every = max(0.01, request.every)
    return request


def lz_line(found: Analysis, game: Go, request: AnalysisRequest) -> str:
    """Leela Zero's format: integers from 0 to 10000."""
    words = []
    for order, move in enumerate(_shown(found, request)):
        numbers = (_share(move.value), _plain(move.prior), _share(move.lcb))
        rate, prior, lcb = (str(round(10_000 * number)) for number in numbers)
        words += ["info move", game.action_name(move.action), "visits", str(move.visits), "winrate", rate]
        words += ["prior", prior, "lcb", lcb, "order", str(order), "pv", *_line(move, game)]
    return " ".join(words)


def kata_line(found: Analysis, game: Go, request: AnalysisRequest) -> str:
    """KataGo's format: numbers from 0 to 1, scores in points."""
    score = [] if found.score is None else _score(found.to_play * found.score)  # of the best move
    words = []
    for order, move in enumerate(_shown(found, request)):
        words += ["info move", game.action_name(move.action), "visits", str(move.visits), "utility"]
        words += [f"{move.value:.6g}", "winrate", f"{_share(move.value):.6g}"]
        words += score if move.action == found.best else []
        words += ["prior", f"{move.prior:.6g}", "lcb", f"{_share(move.lcb):.6g}", "utilityLcb", f"{move.lcb:.6g}"]
        words += ["weight", str(move.visits), "order", str(order), "pv", *_line(move, game)]
    if request.root:
        words += ["rootInfo visits", str(found.visits), "utility", f"{found.value:.6g}"]
        words += ["winrate", f"{_share(found.value):.6g}", *score, "rawWinrate", f"{_share(found.raw_value):.6g}"]
    if request.ownership and found.ownership is not None:
        words += ["ownership", *(f"{found.to_play * float(x):.3f}" for x in found.ownership.ravel())]
    return " ".join(words)


def _shown(found: Analysis, request: AnalysisRequest) -> list[MoveAnalysis]:
    return [move for move in found.moves if request.shows(move.action)][: request.most_moves]


def _score(points: float) -> list[str]:
    return ["scoreMean", f"{points:.4g}", "scoreLead", f"{points:.4g}"]


def _line(move: MoveAnalysis, game: Go) -> list[str]:
    return [game.action_name(action) for action in move.line[:_LONGEST_LINE]]


def _share(value: float) -> float:
    """The win rate for a value in [-1, 1]."""
    return min(1.0, max(0.0, (value + 1) / 2))


def _plain(number: float) -> float:
    return min(1.0, max(0.0, number))

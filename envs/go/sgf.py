"""Go game records, read from and written to SGF.

sgfmill parses the format; this module decides which nodes make up the game. It keeps handicap and set-up stones and
reads only the main line; for variations and comments see sgf_tree.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from envs.boards.capabilities import FinishedGame
from envs.boards.game import BLACK, WHITE
from envs.go import board, coords
from envs.go.rules import Rules, name_of
from tengen.errors import UserError

LARGEST = 4 << 20  # bytes in one SGF file; anything larger is not a game


class Move(NamedTuple):
    colour: int  # BLACK or WHITE
    action: int


@dataclass(frozen=True)
class GoRecord:
    """One game. Scores are taken from the record, not recounted."""

    size: int
    moves: tuple[Move, ...]
    komi: float | None = None
    handicap: int = 0
    black_setup: tuple[int, ...] = ()
    white_setup: tuple[int, ...] = ()
    winner: int | None = None  # BLACK, WHITE, 0 for a draw, None if unknown or void
    margin: float | None = None  # points, if the game was counted
    by: str = ""  # how it ended: points, resignation, time, forfeit
    rules: str = ""
    black: str = ""
    white: str = ""
    black_rank: str = ""
    white_rank: str = ""
    date: str = ""
    source: str = ""
    note: str = ""  # about the whole game; written, not read
    comments: tuple[str, ...] = ()  # one per move, empty for none, or (); written, not read
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def first_to_move(self) -> int:
        if self.moves:
            return self.moves[0].colour
        return WHITE if self.handicap >= 2 else BLACK

    @property
    def playable_komi(self) -> float | None:
        """The komi to the nearest half point; None if there is none or the board has not so many points."""
        if self.komi is None or not abs(self.komi) <= self.size**2:
            return None
        return round(2 * self.komi) / 2


class BadRecord(UserError):
    """A record that cannot be used; the message is a short reason that can be tallied."""


def read_sgf(data: bytes, source: str = "") -> GoRecord:
    """The main line of the first game in an SGF file. BadRecord if there is no usable game."""
    from sgfmill import sgf

    try:
        game = sgf.Sgf_game.from_bytes(data)
        nodes = game.get_main_sequence()
        size = game.get_size()
    except (ValueError, RecursionError) as error:
        raise BadRecord(unreadable(error)) from error
    if not 2 <= size <= board.MAX_SIZE:
        raise BadRecord(f"board of {size}x{size}")
    root = nodes[0]
    if text_of(root, "GM") not in ("", "1"):
        raise BadRecord("not a game of Go")
    black: list[int] = []
    white: list[int] = []
    moves: list[Move] = []
    for number, node in enumerate(nodes):
        if node.has_setup_stones():
            if moves:
                raise BadRecord("stones are set up in the middle of the game")
            try:
                one, two, empty = node.get_setup_stones()
            except ValueError as error:
                raise BadRecord(f"a set-up stone is not on the board (node {number})") from error
            if empty:
                raise BadRecord("set-up removes stones")
            black += [from_sgfmill(point, size) for point in one]
            white += [from_sgfmill(point, size) for point in two]
        try:
            colour, point = node.get_move()
        except ValueError as error:
            raise BadRecord(f"a move is no point of the board (node {number})") from error
        if colour is not None:
            action = size * size if point is None else from_sgfmill(point, size)
            moves.append(Move(BLACK if colour == "b" else WHITE, action))
    return replace(
        record_about(root, size),
        moves=tuple(moves),
        black_setup=tuple(sorted(black)),
        white_setup=tuple(sorted(white)),
        source=source,
    )


def record_about(root: Any, size: int) -> GoRecord:
    """A record without moves, with the game information in sgfmill's node `root`: players, rules, komi, result."""
    winner, margin, by = parse_result(text_of(root, "RE"))
    handicap = number_in(text_of(root, "HA")) or 0
    if not 0 <= handicap <= size * size:
        raise BadRecord(f"handicap {text_of(root, 'HA')[:25]} on {size}x{size}")
    return GoRecord(
        size=size,
        moves=(),
        komi=number_in(text_of(root, "KM")),
        handicap=int(handicap),
        winner=winner,
        margin=margin,
        by=by,
        rules=text_of(root, "RU"),
        black=text_of(root, "PB"),
        white=text_of(root, "PW"),
        black_rank=text_of(root, "BR"),
        white_rank=text_of(root, "WR"),
        date=text_of(root, "DT"),
    )


def write_sgf(record: GoRecord) -> bytes:
    """An SGF file with the main line and the game information."""
    from sgfmill import sgf

    game = sgf.Sgf_game(size=record.size)
    root = game.get_root()
    texts = {"PB": record.black, "PW": record.white, "BR": record.black_rank, "WR": record.white_rank}
    for name, text in (texts | {"DT": record.date, "RU": record.rules}).items():
        if text:
            root.set(name, text)
    if record.komi is not None:
        root.set("KM", record.komi)
    if record.handicap >= 2:
        root.set("HA", record.handicap)
    if record.black_setup or record.white_setup:
        stones = [[to_sgfmill(a, record.size) for a in s] for s in (record.black_setup, record.white_setup)]
        root.set_setup_stones(*stones)
    if result := format_result(record.winner, record.margin, record.by):
        root.set("RE", result)
    if record.note:
        root.set("C", record.note)
    comments = record.comments or ("",) * len(record.moves)
    for (colour, action), comment in zip(record.moves, comments, strict=True):
        point = None if action == record.size**2 else to_sgfmill(action, record.size)
        node = game.extend_main_sequence()
        node.set_move("b" if colour == BLACK else "w", point)
        if comment:
            node.set("C", comment)
    data: bytes = game.serialise()
    return data


def sgf_of(game: FinishedGame, size: int, rules: Rules) -> bytes:
    """A finished game as an SGF file; the komi of `rules` applies if the game has none of its own."""
    counted = game.score is not None and not np.isnan(game.score)
    colours = (WHITE, BLACK) if game.stones else (BLACK, WHITE)
    record = GoRecord(
        size=size,
        moves=tuple(Move(colours[i % 2], int(a)) for i, a in enumerate(game.actions)),
        komi=rules.komi if game.komi is None else game.komi,
        rules=name_of(rules),
        handicap=len(game.stones),
        black_setup=game.stones,
        winner=None if np.isnan(game.result) else int(game.result),
        margin=abs(game.score) if game.score is not None and counted else None,
        by="points" if counted else _ENDINGS.get(game.why, "forfeit"),
        black=game.black,
        white=game.white,
        source=f"game {game.number}",
        note=game.note,
        comments=game.comments,
    )
    return write_sgf(record)


_ENDINGS = {"resignation": "resignation", "time": "time", "decided": "", "the end": "", "move limit": ""}


def read_line(text: str, source: str = "", **known: object) -> GoRecord:
    """A game stored as one line of 19x19 moves, `;B[pd];W[dd]…`, as in some collections."""
    moves = re.findall(r";([BW])\[([a-z]{0,2})\]", text)
    left_over = re.sub(r";[BW]\[[a-z]{0,2}\]", "", text).strip()
    if left_over:
        raise BadRecord("something between the moves")
    try:
        played = tuple(Move(BLACK if c == "B" else WHITE, coords.from_sgf(p, 19)) for c, p in moves)
    except UserError as error:
        raise BadRecord("a move is no point of the board") from error
    return GoRecord(size=19, moves=played, source=source, **known)  # type: ignore[arg-type]


_RESULT = re.compile(r"^([BW])\+(.*)$", re.IGNORECASE)


def parse_result(text: str) -> tuple[int | None, float | None, str]:
    """Parse SGF's RE into winner, margin in points and how it was won. Unknown or void results have no winner."""
    word = text.strip()
    if word.lower() in ("0", "draw", "jigo"):
        return 0, 0.0, "points"
    found = _RESULT.match(word)
    if not found:
        return None, None, ""
    winner = BLACK if found[1].upper() == "B" else WHITE
    how = found[2].strip().lower()
    by = {"r": "resignation", "t": "time", "f": "forfeit"}.get(how[:1], "")
    margin = number_in(how.replace(",", "."))
    return winner, margin, "points" if margin is not None else by


def format_result(winner: int | None, margin: float | None, by: str) -> str:
    """The inverse of `parse_result`; empty if the result is unknown."""
    if winner is None:
        return ""
    if winner == 0:
        return "0"
    how = {"resignation": "R", "time": "T", "forfeit": "F"}.get(by, "")
    return ("B+" if winner == BLACK else "W+") + (how or (f"{margin:g}" if margin is not None else ""))


def text_of(node: object, name: str) -> str:
    """A property's text on one line; empty if the node lacks it."""
    from sgfmill import sgf_grammar

    try:
        text: bytes = node.get_raw(name)  # type: ignore[attr-defined]
    except KeyError:
        return ""
    plain: bytes = sgf_grammar.simpletext_value(text)
    return plain.decode("utf-8", "replace").strip()


def number_in(text: str) -> float | None:
    """`text` as a finite number, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def from_sgfmill(point: tuple[int, int], size: int) -> int:
    """The action for an sgfmill point, whose rows count from the bottom."""
    row, column = point
    return (size - 1 - row) * size + column


def to_sgfmill(action: int, size: int) -> tuple[int, int]:
    """The inverse of `from_sgfmill`."""
    row, column = divmod(action, size)
    return size - 1 - row, column


def unreadable(error: BaseException) -> str:
    """Why sgfmill refused a file."""
    if found := re.fullmatch(r"bad SZ property: b(['\"])(.{1,20})\1", str(error)):
        return f"board size {found[2]} (only square boards are supported)"
    return f"not SGF: {reason(error)}"


def reason(error: BaseException) -> str:
    """The first line of a parser's error, shortened."""
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__

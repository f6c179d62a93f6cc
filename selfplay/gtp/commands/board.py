"""The board: its size, moves, handicap, records."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np

from envs.boards.game import BLACK, IllegalMove
from envs.go.sgf import read_sgf
from selfplay.gtp.arguments import Arguments, colour_name
from selfplay.gtp.desk import Desk
from selfplay.gtp.protocol import Refused
from selfplay.gtp.table import Table, free_handicap
from tengen.errors import UserError, first_line

_LARGEST_RECORD = 4_000_000  # bytes


def _boardsize(desk: Desk, arguments: Arguments) -> str:
    try:
        size = arguments.whole("the size", 2, 25)
        before, desk.table = desk.table, Table(size, desk.table.agreement)
    except Refused as error:
        raise Refused(f"unacceptable size: {error}") from None
    try:
        if size != before.size:
            desk.mind  # noqa: B018 - create it now, while no clock is running
    except Refused as error:
        desk.table = before
        raise Refused(f"unacceptable size: {error}") from None
    _new_game(desk)
    return ""


def _clear_board(desk: Desk, arguments: Arguments) -> str:
    desk.table.clear()
    _new_game(desk)
    return ""


def _new_game(desk: Desk) -> None:
    desk.clocks.reset()
    desk.resigning.clear()
    desk.plays = False


def _query_boardsize(desk: Desk, arguments: Arguments) -> str:
    return str(desk.table.size)


def _play(desk: Desk, arguments: Arguments) -> str:
    colour = arguments.colour()
    if len(arguments) and arguments.words[0].lower() == "resign":
        return ""
    action = arguments.action(desk.table.game)
    try:
        desk.table.play(colour, action)
    except IllegalMove as error:
        raise Refused(f"illegal move: {error}") from None
    return ""


def _undo(desk: Desk, arguments: Arguments) -> str:
    desk.table.undo()
    return ""


def _gg_undo(desk: Desk, arguments: Arguments) -> str:
    desk.table.undo(arguments.whole("a number of moves", 0, 10_000) if len(arguments) else 1)
    return ""


def _is_legal(desk: Desk, arguments: Arguments) -> str:
    colour = arguments.colour()
    action = arguments.action(desk.table.game)
    return str(int(desk.table.game.legal(desk.table.turn(colour))[0, action]))


def _all_legal(desk: Desk, arguments: Arguments) -> str:
    game = desk.table.game
    legal = game.legal(desk.table.turn(arguments.colour()))[0]
    return " ".join(game.action_name(int(a)) for a in np.flatnonzero(legal[:-1]))


def _fixed_handicap(desk: Desk, arguments: Arguments) -> str:
    fixed = desk.table.game.can.fixed_handicap
    assert fixed is not None
    try:
        return _place(desk, fixed(arguments.whole("a number of stones", 0, 1000)))
    except UserError as error:
        raise Refused(f"invalid number of stones: {error}") from None


def _place_free_handicap(desk: Desk, arguments: Arguments) -> str:
    stones = arguments.whole("a number of stones", 2, max(2, desk.table.size**2 - 1))
    return _place(desk, free_handicap(desk.table.game, stones))


def _set_free_handicap(desk: Desk, arguments: Arguments) -> str:
    points = []
    while len(arguments):
        points.append(arguments.action(desk.table.game))
    if len(points) < 2:
        raise Refused("syntax error: two vertices or more are expected")
    if len(set(points)) < len(points):
        raise Refused("repeated vertex")
    if desk.table.game.can.passing in points:
        raise Refused("bad vertex list: pass is not a point")
    _place(desk, points)
    return ""


def _place(desk: Desk, points: list[int]) -> str:
    try:
        desk.table.handicap(points)
    except UserError as error:
        raise Refused(f"bad vertex list: {error}") from None
    return " ".join(desk.table.game.action_name(a) for a in points)


def _loadsgf(desk: Desk, arguments: Arguments) -> str:
    number = None
    if len(arguments) > 1 and arguments.words[-1].isdigit():
        number = Arguments([arguments.words.pop()]).whole("a move number", 0, 10**6)
    path = " ".join(arguments.words).strip('"')
    if not path:
        raise Refused("syntax error: a file is missing")
    try:
        record = read_sgf(_bytes_of(Path(path)))
        before, desk.table = desk.table, Table(desk.table.size, desk.table.agreement)
        try:
            desk.table.load(record, None if number is None else max(0, number - 1))
            desk.mind  # noqa: B018
        except Exception:
            desk.table = before
            raise
    except OSError as error:
        raise Refused(f"cannot load file: {error.strerror}") from None
    except (UserError, ValueError) as error:
        raise Refused(f"cannot load file: {first_line(error)}") from None
    _new_game(desk)
    return ""


def _bytes_of(path: Path) -> bytes:
    """Read a regular file of limited size, never a device or a pipe that might not end."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise UserError("not a file")
        if about.st_size > _LARGEST_RECORD:
            raise UserError(f"larger than {_LARGEST_RECORD:,} bytes")
        return file.read(_LARGEST_RECORD + 1)


def _printsgf(desk: Desk, arguments: Arguments) -> str:
    if len(arguments):
        raise Refused("the record is printed; no file is written")
    return desk.table.record("", "").decode("utf-8", "replace").strip()


def _showboard(desk: Desk, arguments: Arguments) -> str:
    table = desk.table
    rules = table.agreement.rules
    about = f"komi {table.komi:g}, {rules.scoring} scoring, {rules.ko} ko, {colour_name(table.to_move)} to move"
    return f"\n{table.game.draw(table.state[0])}\n{about}"


def _list_handicap(desk: Desk, arguments: Arguments) -> str:
    return str(desk.table.stones_given)


def _last_move(desk: Desk, arguments: Arguments) -> str:
    if not desk.table.moves:
        raise Refused("no previous move known")
    colour, action = desk.table.moves[-1]
    return f"{colour_name(colour)} {desk.table.game.action_name(action)}"


def _move_history(desk: Desk, arguments: Arguments) -> str:
    name = desk.table.game.action_name
    return "\n".join(f"{'black' if c == BLACK else 'white'} {name(a)}" for c, a in reversed(desk.table.moves))


COMMANDS = {
    "boardsize": _boardsize,
    "query_boardsize": _query_boardsize,
    "clear_board": _clear_board,
    "play": _play,
    "undo": _undo,
    "gg-undo": _gg_undo,
    "is_legal": _is_legal,
    "all_legal": _all_legal,
    "fixed_handicap": _fixed_handicap,
    "place_free_handicap": _place_free_handicap,
    "set_free_handicap": _set_free_handicap,
    "get_handicap": _list_handicap,
    "last_move": _last_move,
    "move_history": _move_history,
    "loadsgf": _loadsgf,
    "printsgf": _printsgf,
    "showboard": _showboard,
}

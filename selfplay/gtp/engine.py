"""The engine: reads commands, answers them in order, and ponders in between.

client ──▶ Inbox (a thread) ──▶ serve ──▶ a command on the Desk ──▶ Answer ──▶ client
              │ arrived, interrupt                │
              └────────── stops ◀── a search ◀────┘
"""

from __future__ import annotations

import sys
import time
import traceback
from typing import BinaryIO

import numpy as np

from envs.boards.game import BLACK, WHITE
from selfplay.gtp.arguments import Arguments
from selfplay.gtp.commands.catalogue import COMMANDS
from selfplay.gtp.decide import cleaning_moves
from selfplay.gtp.desk import Desk, Settings
from selfplay.gtp.inbox import Inbox
from selfplay.gtp.mind import Mind, Searching
from selfplay.gtp.protocol import Answer, Gone, Line, Refused, parse
from selfplay.gtp.scoring import neutral_points, score, status
from selfplay.thinking import Limit
from tengen.errors import UserError, first_line


def serve(settings: Settings, source: BinaryIO, out: BinaryIO) -> None:
    """Answer the commands from `source` until `quit`, the end of the input, or until nobody reads `out`.

    UserError, before anything is read, for a player that does not exist or cannot play the first board.
    """
    inbox = Inbox(source, out)
    desk = Desk(settings, inbox)
    try:
        _make_ready(desk)
        while not desk.quitting:
            if not inbox.arrived.is_set():
                _idle(desk)
            raw = inbox.get()
            if raw is None:
                return
            desk.began = time.perf_counter()
            if line := parse(raw):
                answer_line(desk, line, out)
    except Gone:
        return
    finally:
        desk.close()


def answer_line(desk: Desk, line: Line, out: BinaryIO) -> None:
    """Whatever the line says, there is exactly one answer, and the engine continues."""
    desk.answer = answer = Answer(out, line.id)
    command = COMMANDS.get(line.command)
    if command is None:
        answer.refuse("unknown command")
        return
    try:
        text = command(desk, Arguments(line.words))
    except (Refused, UserError) as error:
        answer.refuse(first_line(error))
    except Gone:
        raise
    except Exception as error:  # a fault of ours: the client sees it, and the game goes on
        traceback.print_exc(file=sys.stderr)
        answer.refuse(f"internal error: {first_line(error)}")
    else:
        answer.end(text)


def _make_ready(desk: Desk) -> None:
    """The player exists, and what is compiled on first use is compiled, before a clock runs."""
    try:
        mind = desk.mind
    except Refused as error:
        raise UserError(str(error)) from error
    _rehearse(desk, mind)


def _rehearse(desk: Desk, mind: Mind) -> None:
    """Two moves and a search after each, then all that is asked at the end of a game; the board is cleared again."""
    table = desk.table
    for colour in (BLACK, WHITE):
        if isinstance(mind, Searching):
            mind.think(table, colour, Limit(simulations=2))
        table.play(colour, int(np.flatnonzero(table.game.legal(table.turn(colour))[0])[0]))
    if isinstance(mind, Searching):
        mind.think(table, BLACK, Limit(simulations=2))
    feared, state = desk.dead(BLACK), table.state
    neutral_points(table.game, state, feared)
    status(table.game, state, desk.dead(), "seki")
    cleaning_moves(table, BLACK, feared)
    score(table.game, state, feared)
    table.clear()


def _idle(desk: Desk) -> None:
    """No line waits: make the player ready for the game at the table, and ponder if it is to."""
    try:
        mind = desk.mind
    except Refused:
        return
    table = desk.table
    if not desk.settings.ponder or not desk.plays or not isinstance(mind, Searching) or table.over:
        return
    if not table.game.ended(table.state)[0]:
        mind.think(table, table.to_move, Limit(), desk.inbox.arrived)

"""`tengen gtp`: the engine on the standard streams."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path

from envs.boards.catalogue import check_size, go_size
from selfplay.gtp.desk import Settings
from selfplay.gtp.engine import serve
from selfplay.gtp.protocol import Refused
from selfplay.gtp.rules import NAMED, Agreement, called, named
from selfplay.players.limits import split_limit
from tengen.device import Compute, cores
from tengen.errors import UserError
from tengen.jit import when_compiling
from tengen.zoo import resolve

_USUAL = 19  # as GTP clients expect


def agreement_of(rules: str, komi: float | None) -> Agreement:
    """The rules by name or JSON, with the name's usual komi (JSON: 7.5) or the given one; UserError if unknown."""
    try:
        found = called(rules) or named(rules, NAMED["tromp-taylor"])
    except Refused as error:
        raise UserError(str(error)) from error
    return found if komi is None else found._replace(rules=replace(found.rules, komi=komi))


def first_size(board: str | None, player: str, runs: Path) -> int:
    """The size of the initial board: as given, or the one the player's network was trained on."""
    if board is not None:
        check_size(board)
        size = go_size(board)
        if size is None:
            raise UserError(f"--board {board}: GTP plays Go only; give go9, go19 …")
        return size
    try:
        name, _ = split_limit(player)
        task = resolve(name.removeprefix("policy:"), runs).task
    except UserError:
        return _USUAL
    if (size := go_size(task)) is None:
        raise UserError(f"{player} plays {task}: GTP plays Go only")
    return size


def serve_standard_streams(settings: Settings) -> None:
    """Serve on the standard streams; only answers go to stdout, everything else that is printed goes to stderr."""
    Compute(threads=cores()).start()
    if not sys.stderr.isatty():  # stderr is read by a client
        when_compiling(lambda text: print(text, file=sys.stderr, flush=True))
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out, contextlib.redirect_stdout(sys.stderr):
        serve(settings, sys.stdin.buffer, out)

"""Moves and analysis."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from envs.go.game import Go
from selfplay.gtp.analyze import AnalysisRequest, kata_line, lz_line, read_request
from selfplay.gtp.arguments import Arguments
from selfplay.gtp.desk import Desk
from selfplay.gtp.genmove import check_goes_on, clean_up, find_move, name_of, play_move
from selfplay.gtp.mind import raw
from selfplay.gtp.protocol import Refused
from selfplay.thinking import Analysis, Limit

Format = Callable[[Analysis, Go, AnalysisRequest], str]


def _genmove(desk: Desk, arguments: Arguments) -> str:
    colour = arguments.colour()
    return play_move(desk, colour, find_move(desk, colour))


def _reg_genmove(desk: Desk, arguments: Arguments) -> str:
    return name_of(desk, find_move(desk, arguments.colour(), resigns=False))


def _genmove_cleanup(desk: Desk, arguments: Arguments) -> str:
    colour = arguments.colour()
    return play_move(desk, colour, clean_up(desk, colour))


def _analyze(form: Format, desk: Desk, arguments: Arguments) -> str:
    """Analyse until a line comes in."""
    request = read_request(arguments, desk.table.game, desk.table.to_move)
    searching = desk.searching
    check_goes_on(desk, request.colour)
    show = _shower(form, desk, request)
    show(searching.think(desk.table, request.colour, Limit(), desk.inbox.arrived, show, request.every))
    desk.inbox.arrived.wait()  # the search may end by itself: tree full or result proven
    return ""


def _genmove_analyze(form: Format, played: bool, desk: Desk, arguments: Arguments) -> str:
    request = read_request(arguments, desk.table.game, desk.table.to_move)
    if request.restricted:
        raise Refused("avoid and allow choose what an analysis shows; a move is searched on all points")
    action = find_move(desk, request.colour, played, _shower(form, desk, request), request.every)
    return f"play {play_move(desk, request.colour, action) if played else name_of(desk, action)}"


def _shower(form: Format, desk: Desk, request: AnalysisRequest) -> Callable[[Analysis], None]:
    answer = desk.answer

    def show(found: Analysis) -> None:
        if line := form(found, desk.table.game, request):
            answer.line(line)

    return show


def _raw_nn(desk: Desk, arguments: Arguments) -> str:
    """KataGo's format, with values for Black and White; only symmetry 0 is computed."""
    if len(arguments) and arguments.words[0].lower() not in ("all", *"01234567"):
        raise Refused("syntax error: a symmetry from 0 to 7, or all")
    table, colour = desk.table, desk.table.to_move
    network = desk.mind.network
    if network is None:
        raise Refused(f"{desk.settings.player} has no network")
    said = raw(table.game, network, table.turn(colour))
    white = 0.5 - 0.5 * said.value * colour
    size, legal = table.size, table.game.legal(table.turn(colour))[0]
    policy = [f"{p:.6f}" if ok else "NAN" for p, ok in zip(said.policy, legal, strict=True)]
    lines = ["symmetry 0", f"whiteWin {white:.6f}", f"whiteLoss {1 - white:.6f}"]
    if said.score is not None:
        lines.append(f"whiteLead {-said.score:.3f}")
    lines += ["policy", *_grid(policy[:-1], size), f"policyPass {policy[-1]}"]
    if said.ownership is not None:
        lines += ["whiteOwnership", *_grid([f"{-x:.6f}" for x in np.ravel(said.ownership)], size)]
    return "\n".join(lines)


def _grid(words: list[str], size: int) -> list[str]:
    return [" ".join(words[row * size : (row + 1) * size]) for row in range(size)]


COMMANDS: dict[str, Callable[[Desk, Arguments], str]] = {
    "genmove": _genmove,
    "reg_genmove": _reg_genmove,
    "kgs-genmove_cleanup": _genmove_cleanup,
    "lz-analyze": partial(_analyze, lz_line),
    "kata-analyze": partial(_analyze, kata_line),
    "lz-genmove_analyze": partial(_genmove_analyze, lz_line, True),
    "kata-genmove_analyze": partial(_genmove_analyze, kata_line, True),
    "kata-search_analyze": partial(_genmove_analyze, kata_line, False),
    "kata-raw-nn": _raw_nn,
}

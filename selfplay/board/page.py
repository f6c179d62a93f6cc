"""The page in the browser: regions drawn on the server and sent by NiceGUI when they change."""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np
from nicegui import events, ui

from envs.boards.game import BLACK, WHITE
from selfplay.board import panels
from selfplay.board.asking import ask
from selfplay.board.drawing import board as drawn
from selfplay.board.drawing.geometry import Geometry, geometry
from selfplay.board.drawing.looks import look_of
from selfplay.board.house import House
from selfplay.board.sitting import Sitting
from selfplay.board.tree import stones_of
from tengen.errors import UserError

_EVERY = 0.1  # seconds between checks of the sitting


class Page:
    """One browser tab showing a sitting; several tabs may show the same one."""

    def __init__(self, house: House, sitting: Sitting) -> None:
        self.house, self.sitting = house, sitting
        self.seen = -1
        self.shape: tuple[Any, ...] = ()
        self.judge = ""  # whose search gives the numbers
        self.regions: dict[str, ui.html] = {}
        self.sent: dict[str, str] = {}

    def build(self) -> None:
        """Build the page and fill it."""
        with ui.element("main").classes("page"):
            with ui.element("div").classes("stage"):
                self.stage = ui.element("div").classes("board")
                self.stage.props('id=board tabindex=0 role=application aria-roledescription="game board"')
                with self.stage:
                    for layer in ("ground", "stones", "marks", "hits"):
                        self._region(layer)
            with ui.element("aside").classes("side"):
                for name in (
                    "players",
                    "status",
                    "thinking",
                    "chart",
                    "walk",
                    "actions",
                    "settings",
                    "files",
                    "review",
                ):
                    self._region(name)
        self._region("dialogs")
        self.regions["status"].props("role=status aria-live=polite")
        ui.html(
            '<div id="toast" role="alert"></div><div id="whisper" class="unseen" aria-live="polite"></div>',
            sanitize=False,
        )
        self._set("files", _files(self.sitting))
        self.refresh()
        ui.on("ask", self._asked)
        ui.timer(_EVERY, self.refresh)

    def _region(self, name: str) -> None:
        self.regions[name] = ui.html("", sanitize=False).classes(f"region {name}")

    def _set(self, name: str, content: str) -> None:
        if self.sent.get(name) != content:
            self.sent[name] = content
            self.regions[name].set_content(content)

    def _asked(self, event: events.GenericEventArguments) -> None:
        try:
            wish = event.args[0] if isinstance(event.args, list) and event.args else event.args
            said = ask(self.house, self.sitting, wish)
        except UserError as error:
            self.tell(str(error), "error")
        except Exception:
            logging.getLogger("tengen").exception("a request from the page failed")
            self.tell("that failed; see the server's log", "error")
        else:
            if said:
                self.tell(said)
        self.refresh()

    def tell(self, text: str, kind: str = "") -> None:
        """Show a line for a few seconds."""
        ui.run_javascript(f"tengenBoard.toast({_quoted(text)}, {_quoted(kind)})")

    def refresh(self) -> None:
        """Redraw what has changed."""
        s = self.sitting
        s.looked = time.monotonic()
        with s.lock:
            if s.version == self.seen:
                return
            self.seen = s.version
            g, look = geometry(s.tree.game), look_of(s.tree.game)
            if self.shape != (g, look.names):
                self._new_board(g)
            self._draw(g)
            for name in ("players", "status", "thinking", "walk", "actions", "review"):
                self._set(name, getattr(panels, name)(s))
            self._set("chart", panels.chart(s, self.judge))
            self._set("settings", panels.settings(self.house, s))

    def _new_board(self, g: Geometry) -> None:
        game = self.sitting.tree.game
        self.shape, self.judge = (g, look_of(game).names), self.house.minds.credit(game)
        self._set("ground", drawn.ground(g, look_of(game)))
        self._set("hits", drawn.clickable(g, look_of(game), game.action_name))
        self._set("dialogs", f'<dialog id="new">{panels.new_game(self.house, self.sitting)}</dialog>{_HELP}')
        size = f"--ratio:{g.width / g.height:.4f}"
        self.stage.style(size)
        self.stage.props(f"data-rows={g.rows} data-columns={g.columns} data-game={game.name}")

    def _draw(self, g: Geometry) -> None:
        s = self.sitting
        game, node, look = s.tree.game, s.node, look_of(s.tree.game)
        colours = stones_of(game, s.state)
        last = None
        if node.action is not None and node.parent is not None:
            last = g.where(node.action, stones_of(game, s.tree.state(node.parent)))
        if last is not None and colours.flat[last] == 0:  # suicide
            last = None
        self._set("stones", drawn.stones(g, look, colours, last, node.dead))
        self._set("marks", g.svg(self._marks(g, colours), "marks"))
        mine = not s.closed and not s.over and not s.their_turn()
        turn = "none" if not mine else look.names[s.to_move == WHITE].lower()
        lands = ",".join(str(g.where(a, colours)) for a in range(g.columns)) if g.falls else ""
        self.stage.props(f'data-turn={turn} data-lands="{lands}" aria-label="{_described(s)}"')

    def _marks(self, g: Geometry, colours: np.ndarray) -> str:
        s = self.sitting
        game, node = s.tree.game, s.node
        found = node.found
        parts = []
        if s.over:
            if game.can.winning_rows:
                parts.append(drawn.winning_rows(g, game.can.winning_rows(s.state)))
            if game.can.count and node.resigned is None:
                owner = game.can.count(s.state, s.tree.marked(node)).owner[0]
                parts.append(drawn.territory(g, owner, colours, node.dead))
            return "".join(parts)
        if s.ownership and found is not None and found.ownership is not None:
            parts.append(drawn.ownership(g, found.ownership))
        if s.hints != "off" and found is not None and not s.their_turn():
            order = (BLACK, WHITE) if s.to_move == BLACK else (WHITE, BLACK)
            look = look_of(game)
            parts.append(drawn.hints(g, look, game, found, s.hints, colours, lambda i: order[i % 2]))
        if len(node.children) > 1 or (node.children and s.hints != "off"):  # the moves recorded here
            points = [
                (g.where(c.action, colours), chr(65 + i))
                for i, c in enumerate(node.children[:26])
                if c.action is not None
            ]
            parts.append(drawn.next_moves(g, [(p, letter) for p, letter in points if p is not None]))
        return "".join(parts)


def _described(s: Sitting) -> str:
    said = panels.move_word(s, s.node)
    return f"Board, move {s.node.moves}. {said}. Arrow keys move the cursor, Enter plays.".replace('"', "")


def _files(s: Sitting) -> str:
    sgf = (
        '<button id="open" data-open="1">Open SGF</button><a id="save" class="button" '
        f'href="/game/{s.number}/sgf" download="game.sgf">Save SGF</a>'
    )
    return (
        '<button id="new-game" data-dialog="new" class="primary">New game</button>'
        f'{sgf if s.tree.game.can.sgf else ""}<button id="help" data-dialog="keys" aria-label="Keys">?</button>'
        '<input type="file" id="file" accept=".sgf" hidden>'
    )


_KEYS = {
    "arrows": "move the cursor if the board has focus; otherwise ← → step through the game, ↑ ↓ switch variation "
    "(in a list they choose; Esc leaves it)",
    "Enter": "play at the cursor",
    "Tab": "focus the board, then the controls",
    ", .": "one move back or forward (PageUp, PageDown: ten; Home, End: first, last)",
    "p": "pass",
    "u": "take back",
    "h": "show the search results on the board",
    "o": "show ownership",
    "r": "analyse the game",
    "n": "new game",
    "?": "these keys",
}
_HELP = (
    '<dialog id="keys"><h2>Keys</h2><dl>'
    + "".join(f"<dt>{key}</dt><dd>{what}</dd>" for key, what in _KEYS.items())
    + '</dl><div class="row"><button id="keys-close" class="primary" data-close="keys">Close</button></div></dialog>'
)


def _quoted(text: str) -> str:
    """A JavaScript string."""
    import json

    return json.dumps(text).replace("<", "\\u003c")

"""One game at the board: the tree, who plays, what is shown, and what to search next.

Pages that show the sitting send it requests (asking.py); one thread (mind.py) takes the jobs that follow from its
state. Both hold the same lock, and so does drawing, which compares `version` to detect changes.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import numpy as np

from envs.boards.game import BLACK, WHITE
from envs.go.sgf import GoRecord
from selfplay.board.options import SIDES
from selfplay.board.review import best_visits
from selfplay.board.strengths import strengths
from selfplay.board.tree import GameTree, Node, stones_of
from selfplay.thinking import Analysis, Limit
from tengen.errors import UserError

YOU = SIDES
HINTS = ("off", "win rate", "visits", "policy")
REVIEW_SIMULATIONS = 100
LOOK_SIMULATIONS = 25_000  # then the search stops
_HOPELESS = -0.96
_WATCHED = 5.0  # seconds since a page last looked; pages look ten times a second
_KEPT = 3600.0  # seconds that a played game is kept once no page shows it
CLOSED = "this game is closed: newer ones needed its place; reload the page to begin another"


@dataclass(eq=False)
class Job:
    """A search to run. `stop` ends it early; its result counts unless `cancelled`."""

    kind: str  # move, look or review
    node: Node
    state: np.ndarray  # [1]
    limit: Limit
    stop: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False
    begun: float = field(default_factory=time.monotonic)

    @property
    def what(self) -> tuple[str, int, Limit]:
        return self.kind, self.node.number, self.limit


class Sitting:
    """A game at the board. Colours are BLACK and WHITE; `node` is the position on the board."""

    def __init__(self, number: str, tree: GameTree, opponent: str, limit: str = "", adjustable: bool = True) -> None:
        """`limit` of the opponent per move, as in a player's name: 800 or 2.5s; `adjustable`: whether it has one."""
        self.number, self.opponent, self.strength = number, opponent, limit or "400"
        self.strengths = strengths(self.strength) if adjustable else {}  # to choose from
        self.lock = threading.Condition(threading.RLock())
        self.you: str = "black"
        self.hints, self.ownership, self.reviewing = "off", False, False
        self.closed = False
        self.begun = time.monotonic()
        self.asked = 0.0  # time of the last request from a page, 0 for none
        self.looked = 0.0  # time at which a page last looked, 0 for never
        self.job: Job | None = None
        self.version = 0
        self.seat(tree)

    def seat(self, tree: GameTree, you: str | None = None, about: GoRecord | None = None, rules: str = "") -> None:
        """Start another game; `about`: the metadata of its record."""
        with self.lock:
            self.tree, self.node, self.about, self.rules = tree, tree.root, about, rules
            self.you = you or self.you
            self.reviewing, self.trouble = False, ""  # trouble: why the opponent cannot think, "" if it can
            self.finished: set[tuple[str, int]] = set()  # (kind of job, position) with nothing left to search
            self.changed()

    # --- state ------------------------------------------------------------------------------------------

    @property
    def state(self) -> np.ndarray:
        return self.tree.state(self.node)

    @property
    def to_move(self) -> int:
        return self.tree.to_move(self.state)

    @property
    def over(self) -> bool:
        return self.tree.over(self.node)

    def theirs(self, node: Node) -> bool:
        """Whether the opponent is to move at `node`."""
        return not self.tree.over(node) and self.tree.to_move(self.tree.state(node)) not in YOU[self.you]

    def last_use(self) -> float:
        return max(self.begun, self.asked, self.looked)

    def in_use(self, now: float) -> bool:
        """Whether a page shows this sitting, or somebody played here within the last hour and may come back."""
        played = self.asked > 0 and now - self.last_use() < _KEPT
        return now - self.looked < _WATCHED or played

    def their_turn(self) -> bool:
        """Whether the opponent is to move now; it never moves in the middle of a line."""
        return not self.closed and not self.trouble and not self.node.children and self.theirs(self.node)

    def name(self, colour: int) -> str:
        """The name of the player of `colour`."""
        if self.about is not None and self.you == "both":
            known = (self.about.black, self.about.white)[colour == WHITE]
            rank = (self.about.black_rank, self.about.white_rank)[colour == WHITE]
            return f"{known or ('Black' if colour == BLACK else 'White')} {rank}".strip()
        return "You" if colour in YOU[self.you] else self.opponent

    def review_progress(self) -> tuple[int, int]:
        """(analysed, all) positions of the current line."""
        line = [node for node in self.node.line() if not self.tree.over(node)]
        return sum(self._reviewed(node) for node in line), len(line)

    def _reviewed(self, node: Node) -> bool:
        return best_visits(node) >= REVIEW_SIMULATIONS or ("review", node.number) in self.finished

    # --- the opponent's thread -------------------------------------------------------------------------

    def _wanted(self) -> Job | None:
        node = self.node
        if self.closed or self.trouble:
            return None
        if self.their_turn():
            return Job("move", node, self.state, self.strengths[self.strength][1] if self.strengths else Limit())
        if self.reviewing:
            for one in (node, *node.line()):
                if not self._reviewed(one) and not self.tree.over(one):
                    return Job("review", one, self.tree.state(one), Limit(simulations=REVIEW_SIMULATIONS))
        if (self.hints != "off" or self.ownership) and not self.over and ("look", node.number) not in self.finished:
            return Job("look", node, self.state, Limit(simulations=LOOK_SIMULATIONS))
        return None

    def changed(self) -> None:
        """The state has changed: pages redraw, and a job that is no longer wanted stops."""
        with self.lock:
            self.version += 1
            wanted = self._wanted()
            if self.job is not None and (wanted is None or wanted.what != self.job.what):
                self.job.cancelled = True
                self.job.stop.set()
            self.lock.notify_all()

    def next_job(self, timeout: float | None = None) -> Job | None:
        """Wait for a job; None when the sitting is closed, or after `timeout` seconds."""
        with self.lock:
            self.lock.wait_for(lambda: self.closed or self._wanted() is not None, timeout)
            self.job = self._wanted()
            self.version += 1
            return self.job

    def found(self, job: Job, found: Analysis) -> None:
        """Store a job's intermediate result."""
        with self.lock:
            if found.visits >= best_visits(job.node):
                job.node.found = found
            self.version += 1

    def done(self, job: Job, found: Analysis | None, action: int | None = None) -> None:
        """A job has ended with an analysis, or with the `action` of a player that does not analyse."""
        with self.lock:
            self.job = None
            if found is not None:
                self.found(job, found)
            if not job.cancelled:
                if job.kind == "move":
                    self._move(job, found, action)
                elif not job.stop.is_set():
                    self.finished.add((job.kind, job.node.number))
            self.changed()

    def failed(self, job: Job, why: str) -> None:
        """The opponent failed: it stays inactive until a new game. A job that nobody wants any more may fail unseen."""
        with self.lock:
            self.job = None
            if not job.cancelled:
                self.trouble = why
            self.changed()

    def _move(self, job: Job, found: Analysis | None, action: int | None) -> None:
        action = found.best if action is None and found is not None else action
        if action is None or action < 0 or (found is not None and self._gives_up(job.node, found)):
            self.node.resigned = self.to_move
            return
        self.node = self.tree.add(self.node, action)

    def _gives_up(self, node: Node, found: Analysis) -> bool:
        """Whether to resign: hopeless twice in a row, and past the opening."""
        before = node.parent.parent.found if node.parent and node.parent.parent else None
        late = node.moves > self.tree.game.num_actions // 4
        lost_before = before is not None and before.value * before.to_play * found.to_play < _HOPELESS
        return self.tree.game.can.passing is not None and late and found.value < _HOPELESS and lost_before

    def close(self) -> None:
        with self.lock:
            self.closed = True
            self.changed()

    # --- moving ---------------------------------------------------------------------------------------

    def play(self, action: int) -> None:
        """Play your move. UserError if it is not your turn, IllegalMove if the rules forbid it."""
        if self.over:
            raise UserError("the game is over; take back a move, or start a new game")
        if self.their_turn():
            raise UserError(f"it is {self.name(self.to_move)}'s turn")
        if not 0 <= action < self.tree.game.num_actions:
            raise UserError("there is no such move")
        self.node = self.tree.add(self.node, action)
        self.changed()

    def take_back(self) -> None:
        """Undo your last move and the reply. In the middle of a line this only steps back and deletes nothing."""
        if self.node.resigned is not None:
            self.node.resigned = None
            if not self.their_turn():
                self.changed()
                return
        if self.node.parent is None:
            raise UserError("there is nothing to take back")
        gone, back = self.node, self.node.parent
        while back.parent is not None and self.theirs(back) and YOU[self.you]:
            back = back.parent
        self.node, self.trouble = back, ""
        while gone is not back and gone.parent is not None and not gone.children:  # other variations stay
            gone, last = gone.parent, gone
            self.tree.remove(last)
        self.changed()

    def resign(self) -> None:
        if self.over:
            raise UserError("the game is over")
        self.node.resigned = YOU[self.you][0] if len(YOU[self.you]) == 1 else self.to_move
        self.changed()

    def mark(self, point: int) -> None:
        """Toggle whether the chain on `point` (an action) is dead; the final count follows."""
        if not (self.over and self.tree.game.can.count and self.node.resigned is None):
            raise UserError("stones can be marked dead once both sides have passed")
        colours = stones_of(self.tree.game, self.state)
        height, width = colours.shape
        if not 0 <= point < height * width or colours.flat[point] == 0:
            raise UserError("there is no stone to mark")
        chain, waiting = {point}, [point]
        while waiting:
            row, column = divmod(waiting.pop(), width)
            for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                near = r * width + c
                inside = 0 <= r < height and 0 <= c < width
                if inside and near not in chain and colours[r, c] == colours.flat[point]:
                    chain.add(near)
                    waiting.append(near)
        dead = self.node.dead
        self.node.dead = dead - chain if point in dead else dead | chain
        self.changed()

    # --- navigation -------------------------------------------------------------------------------------

    def go(self, number: int) -> None:
        """Go to the position with this number."""
        if number not in self.tree.nodes:
            raise UserError("that position no longer exists")
        self.node = self.tree.nodes[number]
        self.changed()

    def step(self, where: str) -> None:
        """first, back10, back, next, next10, last: along the line; up, down: to the previous or next variation."""
        if where in ("up", "down"):
            beside = self.node.parent.children if self.node.parent else [self.node]
            at = beside.index(self.node) + (1 if where == "down" else -1)
            self.node = beside[at % len(beside)]
        else:
            line = self.node.line()
            steps = {"first": -len(line), "back10": -10, "back": -1, "next": 1, "next10": 10, "last": len(line)}
            at = line.index(self.node) + steps[where]
            self.node = line[max(0, min(len(line) - 1, at))]
        self.changed()

    def forget(self) -> None:
        """Delete this position and all that follows."""
        parent = self.node.parent
        gone, self.node = self.node, parent or self.node
        self.tree.remove(gone)
        self.changed()

"""A game as a tree: every position reached, with its analysis."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from envs.boards.game import BLACK, Game
from selfplay.thinking import Analysis
from tengen.errors import UserError

_KEPT_STATES = 400  # of Go on 19x19 a state is 30 kB


@dataclass(frozen=True)
class Setup:
    """Stones put on the board without a move, and points cleared (actions)."""

    black: tuple[int, ...] = ()
    white: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    to_play: int | None = None


@dataclass(eq=False)
class Node:
    """A position: the move or set-up that led to it, and its continuations, the main line first."""

    number: int  # its name in the tree
    parent: Node | None
    action: int | None = None
    colour: int | None = None  # who played `action`
    setup: Setup | None = None
    comment: str = ""
    children: list[Node] = field(default_factory=list)
    moves: int = 0  # played so far
    found: Analysis | None = None
    ended: bool | None = None  # by the rules; None: not looked at yet
    resigned: int | None = None  # the colour that gave up here
    dead: frozenset[int] = frozenset()  # points whose stones both sides agree are dead
    lost: tuple[int, int] | None = None  # stones of Black and of White captured on the way here, once counted

    def path(self) -> list[Node]:
        """From the root to this node."""
        nodes, node = [], self
        while True:
            nodes.append(node)
            if node.parent is None:
                return nodes[::-1]
            node = node.parent

    def line(self) -> list[Node]:
        """From the root through this node to the end of its first variation."""
        nodes = self.path()
        while nodes[-1].children:
            nodes.append(nodes[-1].children[0])
        return nodes


class GameTree:
    """The positions of one game, found by number."""

    def __init__(self, game: Game, komi: float | None = None, handicap: int = 0) -> None:
        """`komi`: where the game has one, in place of its usual one. `handicap`: Black's stones that count for komi."""
        self.game, self.komi, self.handicap = game, komi, handicap
        self.root = Node(0, None)
        self.nodes = {0: self.root}
        self._numbers = count(1)
        self._states: OrderedDict[int, np.ndarray] = OrderedDict()

    def state(self, node: Node) -> np.ndarray:
        """[1] the position at `node`; not to be changed."""
        missing = []
        at: Node | None = node
        while at is not None and at.number not in self._states:
            missing.append(at)
            at = at.parent
        state = None if at is None else self._states[at.number]
        for one in reversed(missing):
            state = self._after(state, one)
            self._states[one.number] = state
        while len(self._states) > _KEPT_STATES:
            self._states.popitem(last=False)
        assert state is not None
        return state

    def _after(self, before: np.ndarray | None, node: Node) -> np.ndarray:
        state = self._start() if before is None else before.copy()
        if node.setup is not None:
            state = self._set_up(state, node.setup)
        if node.action is not None:
            if node.colour is not None and node.colour != self.to_move(state):
                state = self._set_up(state, Setup(to_play=node.colour))
            self.game.play(state, np.array([node.action]))
        return state

    def _start(self) -> np.ndarray:
        state = self.game.new(1)
        if self.komi is not None and self.game.can.komi:
            self.game.can.komi.give(state, self.komi)
        return state

    def _set_up(self, state: np.ndarray, change: Setup) -> np.ndarray:
        if self.game.can.setup is None:
            raise UserError(f"{self.game.name}: stones cannot be set up in this game")
        colours = stones_of(self.game, state).ravel()
        colours[list(change.empty)] = 0
        colours[list(change.black)] = 1
        colours[list(change.white)] = -1
        black, white = (np.flatnonzero(colours == c).tolist() for c in (1, -1))
        turn = change.to_play if change.to_play is not None else self.to_move(state)
        made = self.game.can.setup(black, white, turn, self.handicap)
        if self.komi is not None and self.game.can.komi:
            self.game.can.komi.give(made, self.komi)
        return made

    def to_move(self, state: np.ndarray) -> int:
        return int(self.game.to_move(state)[0])

    def add(
        self,
        parent: Node,
        action: int | None = None,
        colour: int | None = None,
        setup: Setup | None = None,
        comment: str = "",
    ) -> Node:
        """The node after `parent`; one that is there already if it has the same move. IllegalMove if it has none."""
        for child in parent.children if setup is None and action is not None else ():
            if child.action == action and child.setup is None and colour in (None, child.colour):
                return child
        before = self.state(parent)
        mover = colour if colour is not None else self.to_move(before) if action is not None else None
        node = Node(next(self._numbers), parent, action, mover, setup, comment)
        node.moves = parent.moves + (action is not None)
        self._states[node.number] = self._after(before, node)
        self.nodes[node.number] = node
        parent.children.append(node)
        return node

    def remove(self, node: Node) -> None:
        """Take `node` and all that follows it out of the tree."""
        if node.parent is None:
            raise UserError("this is the beginning of the game")
        node.parent.children.remove(node)
        waiting = [node]
        while waiting:
            gone = waiting.pop()
            waiting += gone.children
            self.nodes.pop(gone.number)
            self._states.pop(gone.number, None)

    def over(self, node: Node) -> bool:
        """Whether the game has ended here, by its rules or by resignation."""
        if node.ended is None:
            node.ended = bool(self.game.ended(self.state(node))[0])
        return node.ended or node.resigned is not None

    def result(self, node: Node) -> tuple[float, float | None]:
        """Of a game that is over: the result as Black sees it (NaN for none), and Black's points less White's."""
        if node.resigned is not None:
            return -float(node.resigned), None
        state = self.state(node)
        if self.game.can.count and not np.isnan(self.game.result(state)[0]):
            score = float(self.game.can.count(state, self.marked(node)).score[0])
            return float(np.sign(score)), score
        return float(self.game.result(state)[0]), None

    def marked(self, node: Node) -> np.ndarray:
        """[1, H * W] bool: the stones marked dead."""
        dead = np.zeros((1, int(np.prod(self.game.board_shape))), bool)
        dead[0, list(node.dead)] = True
        return dead

    def captured(self, node: Node) -> tuple[int, int]:
        """Black's and White's stones that have been taken off the board on the way to `node`."""
        path = node.path()
        for before, at in zip([None, *path], path, strict=False):
            if at.lost is None:
                at.lost = (0, 0) if before is None else self._captured(before, at)
        assert node.lost is not None
        return node.lost

    def _captured(self, before: Node, node: Node) -> tuple[int, int]:
        assert before.lost is not None
        if node.action is None or node.setup is not None:
            return before.lost
        had, has = (stones_of(self.game, self.state(n)) for n in (before, node))
        played = node.action != self.game.can.passing
        black, white = (
            lost + int((had == c).sum()) + (played and node.colour == c) - int((has == c).sum())
            for lost, c in zip(before.lost, (1, -1), strict=True)
        )
        return black, white

    def __iter__(self) -> Iterator[Node]:
        return iter(list(self.nodes.values()))


def stones_of(game: Game, states: np.ndarray) -> np.ndarray:
    """[H, W] int8 of one state [1]: 1 Black's, -1 White's, 0 empty; read from the planes that networks see."""
    planes = game.encode(states)[0]
    own, other = (planes[game.planes.index(name)] for name in ("own stones", "opponent stones"))
    colours: np.ndarray = (own - other) * (1 if game.to_move(states)[0] == BLACK else -1)
    return colours.astype(np.int8)


def has_stones(game: Game) -> bool:
    """Whether the board can show `game`."""
    return {"own stones", "opponent stones"} <= set(game.planes)

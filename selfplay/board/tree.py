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

_KEPT_STATES = 400  # a 19x19 Go state takes 30 kB


@dataclass(frozen=True)
class Setup:
    """Stones put on the board without a move, and points cleared (actions)."""

    black: tuple[int, ...] = ()
    white: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    to_play: int | None = None


@dataclass(eq=False)
class Node:
    """A position: the move or setup that led to it, and its continuations, main line first."""

    number: int  # its identifier in the tree
    parent: Node | None
    action: int | None = None
    colour: int | None = None  # who played `action`
    setup: Setup | None = None
    comment: str = ""
    children: list[Node] = field(default_factory=list)
    moves: int = 0  # played so far
    found: Analysis | None = None
    ended: bool | None = None  # by the rules; None: not checked yet
    resigned: int | None = None  # the colour that resigned here
    dead: frozenset[int] = frozenset()  # points with stones that both sides agree are dead
    lost: tuple[int, int] | None = None  # Black's and White's stones captured up to here, once counted

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
        """`komi` replaces the game's default, if it has komi. `handicap`: Black's handicap stones, used in scoring."""
        self.game, self.komi, self.handicap = game, komi, handicap
        self.root = Node(0, None)
        self.nodes = {0: self.root}
        self._numbers = count(1)
        self._states: OrderedDict[int, np.ndarray] = OrderedDict()

    @property
    def points_for_white(self) -> float:
        """The komi of this game, 0 if it has none."""
        usual = self.game.can.komi.usual if self.game.can.komi else 0.0
        return usual if self.komi is None else self.komi

    def state(self, node: Node) -> np.ndarray:
        """[1] the position at `node`; do not modify it."""
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
                self._give_turn(state, node.colour)
            self.game.play(state, np.array([node.action]))
        return state

    def _start(self) -> np.ndarray:
        can = self.game.can
        state = can.setup([], [], BLACK, self.handicap) if can.setup and self.handicap > 1 else self.game.new(1)
        if self.komi is not None and can.komi:
            can.komi.give(state, self.komi)
        return state

    def _set_up(self, state: np.ndarray, change: Setup) -> np.ndarray:
        if self.game.can.edited is None:
            raise UserError(f"{self.game.name}: this game has no setup stones")
        turn = change.to_play if change.to_play is not None else self.to_move(state)
        if not (change.black or change.white or change.empty):
            self._give_turn(state, turn)
            return state
        colours = stones_of(self.game, state).ravel()
        colours[list(change.empty)] = 0
        colours[list(change.black)] = 1
        colours[list(change.white)] = -1
        black, white = (np.flatnonzero(colours == c).tolist() for c in (1, -1))
        return self.game.can.edited(state, black, white, turn)

    def _give_turn(self, state: np.ndarray, colour: int) -> None:
        if self.game.can.give_turn is None:
            raise UserError(f"{self.game.name}: players move in turn")
        self.game.can.give_turn(state, colour)

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
        """The child of `parent` with this move, an existing one if there is one. IllegalMove if the move is illegal."""
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
        """Remove `node` and all that follows it from the tree."""
        if node.parent is None:
            raise UserError("this is the start of the game")
        node.parent.children.remove(node)
        waiting = [node]
        while waiting:
            gone = waiting.pop()
            waiting += gone.children
            self.nodes.pop(gone.number)
            self._states.pop(gone.number, None)

    def over(self, node: Node) -> bool:
        """Whether the game has ended here, by the rules or by resignation."""
        if node.ended is None:
            node.ended = bool(self.game.ended(self.state(node))[0])
        return node.ended or node.resigned is not None

    def result(self, node: Node) -> tuple[float, float | None]:
        """For a finished game: the result for Black (NaN for none), and Black's points minus White's."""
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
        """Numbers of Black's and White's stones captured up to `node`."""
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
    """[H, W] int8 of one state [1]: 1 Black, -1 White, 0 empty; read from the network's input planes."""
    planes = game.encode(states)[0]
    own, other = (planes[game.planes.index(name)] for name in ("own stones", "opponent stones"))
    colours: np.ndarray = (own - other) * (1 if game.to_move(states)[0] == BLACK else -1)
    return colours.astype(np.int8)


def has_stones(game: Game) -> bool:
    """Whether the browser board can show `game`."""
    return {"own stones", "opponent stones"} <= set(game.planes)

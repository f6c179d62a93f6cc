"""A Go game with variations, comments and set-up stones, read from and written to SGF.

    tree = read_tree(data)
    tree.root.children[0].action       # the first move of the main line; children[1] begins a variation

Moves are not played here: legality is checked when the tree is walked (selfplay/board/records.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from envs.boards.game import BLACK, WHITE
from envs.go import board
from envs.go.sgf import (
    BadRecord,
    GoRecord,
    from_sgfmill,
    record_about,
    text_of,
    to_sgfmill,
    unreadable,
    write_sgf,
)

MOST_NODES = 20_000


@dataclass
class SgfNode:
    """A move, set-up stones, or just a comment; then its children, the main line first."""

    colour: int | None = None  # BLACK or WHITE, if there is a move
    action: int | None = None
    black: tuple[int, ...] = ()  # stones placed here
    white: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()  # points cleared
    to_play: int | None = None  # the player to move, if the file says so
    comment: str = ""
    children: list[SgfNode] = field(default_factory=list)

    @property
    def sets_up(self) -> bool:
        """Whether stones are placed or removed here without a move."""
        return bool(self.black or self.white or self.empty)


@dataclass
class SgfTree:
    """A whole file: the game information (`about`, without moves) and the nodes."""

    about: GoRecord
    root: SgfNode
    left_out: int = 0  # unreadable nodes, dropped with everything after them


def read_tree(data: bytes, most: int = MOST_NODES) -> SgfTree:
    """The first game in an SGF file. BadRecord if there is none, it is not Go, or it has more than `most` nodes.

    A node with a point off the board is dropped, along with everything after it.
    """
    from sgfmill import sgf

    try:
        game = sgf.Sgf_game.from_bytes(data)
        size, first = game.get_size(), game.get_root()
    except (ValueError, LookupError, RecursionError) as error:
        raise BadRecord(unreadable(error)) from error
    if not 2 <= size <= board.MAX_SIZE:
        raise BadRecord(f"board of {size}x{size}")
    if text_of(first, "GM") not in ("", "1"):
        raise BadRecord("not a game of Go")
    try:
        root = _node(first, size)
    except ValueError as error:
        raise BadRecord("a move or stone of the first node is not on the board") from error
    tree, count = SgfTree(record_about(first, size), root), 1
    waiting = [(first, root)]
    while waiting:  # no recursion: a file may be nested arbitrarily deep
        theirs, ours = waiting.pop()
        for child in theirs:
            count += 1
            if count > most:
                raise BadRecord(f"more than {most:,} nodes")
            try:
                ours.children.append(_node(child, size))
            except ValueError:
                tree.left_out += 1
                continue
            waiting.append((child, ours.children[-1]))
    return tree


def write_tree(tree: SgfTree) -> bytes:
    """`tree` as an SGF file."""
    from sgfmill import sgf

    size = tree.about.size
    bare = replace(tree.about, moves=(), black_setup=(), white_setup=())
    game = sgf.Sgf_game.from_bytes(write_sgf(bare))
    waiting = [(tree.root, game.get_root())]
    while waiting:
        ours, theirs = waiting.pop()
        _fill(theirs, ours, size)
        waiting += [(child, theirs.new_child()) for child in ours.children]
    data: bytes = game.serialise()
    return data


def _node(node: Any, size: int) -> SgfNode:
    """ValueError for a node with a point off the board."""
    colour, point = node.get_move()
    black, white, empty = ((_actions(points, size)) for points in node.get_setup_stones())
    action = None
    if colour is not None:
        action = size * size if point is None else from_sgfmill(point, size)
    turn = {"b": BLACK, "w": WHITE}.get(text_of(node, "PL")[:1].lower())
    mover = None if colour is None else BLACK if colour == "b" else WHITE
    return SgfNode(mover, action, black, white, empty, turn, _comment(node))


def _actions(points: Iterable[tuple[int, int]], size: int) -> tuple[int, ...]:
    return tuple(sorted(from_sgfmill(point, size) for point in points))


def _comment(node: Any) -> str:
    """The comment, decoded with the file's own encoding; undecodable bytes become replacement characters."""
    from sgfmill import sgf_grammar

    try:
        raw: bytes = sgf_grammar.text_value(node.get_raw("C"))
    except KeyError:
        return ""
    try:
        return raw.decode(node.get_encoding(), "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _fill(theirs: Any, ours: SgfNode, size: int) -> None:
    if ours.sets_up:
        theirs.set_setup_stones(*([to_sgfmill(a, size) for a in some] for some in (ours.black, ours.white, ours.empty)))
    if ours.action is not None:
        point = None if ours.action == size * size else to_sgfmill(ours.action, size)
        theirs.set_move("b" if ours.colour == BLACK else "w", point)
    if ours.to_play is not None:
        theirs.set("PL", "b" if ours.to_play == BLACK else "w")
    if ours.comment:
        theirs.set("C", ours.comment)

"""Reads an SGF file into a game tree, and writes a game tree as SGF."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from envs.boards.catalogue import make_game
from envs.boards.game import BLACK, WHITE, IllegalMove
from envs.go.sgf import BadRecord, GoRecord
from envs.go.sgf_tree import SgfNode, SgfTree, read_tree, write_tree
from selfplay.board.tree import GameTree, Node, Setup
from tengen.errors import UserError

MOST_BYTES = 1_000_000
MOST_NODES = 5_000


class Opened(NamedTuple):
    """A record that has been opened."""

    tree: GameTree
    about: GoRecord
    left_out: int  # illegal nodes, each counted with all that follows it


def open_record(data: bytes) -> Opened:
    """Open the first game of an SGF file. BadRecord or UserError if it cannot be shown.

    Rules: those named in the file if they are known, else simple ko, the most permissive.
    """
    if len(data) > MOST_BYTES:
        raise UserError(f"the file has more than {MOST_BYTES / 1e6:g} MB, the most that a record can have")
    read = read_tree(data, MOST_NODES)
    about = read.about
    game = make_game(f"go{about.size}", _rules(about.rules), None)
    tree = GameTree(game, about.playable_komi, max(0, min(about.handicap, about.size**2 - 1)))
    left_out = read.left_out
    tree.root.comment, tree.root.setup = read.root.comment, _setup(read.root)
    if tree.root.setup is None and read.root.to_play == WHITE:
        tree.root.setup = Setup(to_play=WHITE)
    try:
        tree.state(tree.root)
    except UserError as error:
        raise BadRecord(str(error)) from error
    begin = tree.root
    if read.root.action is not None:  # some programs write a move into the first node
        begin = _join(tree, tree.root, SgfNode(read.root.colour, read.root.action)) or tree.root
    waiting = [(begin, child) for child in reversed(read.root.children)]
    while waiting:
        parent, theirs = waiting.pop()
        node = _join(tree, parent, theirs)
        if node is None:
            left_out += 1
            continue
        waiting += [(node, child) for child in reversed(theirs.children)]
    return Opened(tree, about, left_out)


def save_record(tree: GameTree, black: str, white: str, rules: str = "", about: GoRecord | None = None) -> bytes:
    """`tree` as an SGF file with its variations; analysis results go into the comments."""
    game = tree.game
    height, width = game.board_shape
    if game.can.sgf is None or height != width:
        raise UserError(f"{game.name}: SGF is supported for Go only")
    result, score = np.nan, None
    end = tree.root.line()[-1]
    if tree.over(end):
        result, score = tree.result(end)
    known = about or GoRecord(height, (), date=time.strftime("%Y-%m-%d"), rules=rules)
    record = GoRecord(
        height,
        (),
        komi=tree.points_for_white,
        handicap=tree.handicap,
        winner=known.winner if np.isnan(result) else int(result),
        margin=known.margin if np.isnan(result) else None if score is None else abs(score),
        by=known.by if np.isnan(result) else "resignation" if score is None else "points",
        rules=known.rules,
        black=black,
        white=white,
        black_rank=known.black_rank,
        white_rank=known.white_rank,
        date=known.date,
    )
    root = _written(tree.root)
    waiting = [(tree.root, root)]
    while waiting:
        ours, theirs = waiting.pop()
        theirs.children = [_written(child) for child in ours.children]
        waiting += list(zip(ours.children, theirs.children, strict=True))
    return write_tree(SgfTree(record, root))


def evaluation(node: Node) -> str:
    """The analysis of `node` in one line; empty if it has none."""
    if node.found is None:
        return ""
    black = 50 * (1 + node.found.value * node.found.to_play)
    return f"Black wins {black:.0f} % ({node.found.visits} simulations)"


def _written(node: Node) -> SgfNode:
    comment = "\n".join(filter(None, (node.comment, evaluation(node) if evaluation(node) not in node.comment else "")))
    setup = node.setup or Setup()
    return SgfNode(node.colour, node.action, setup.black, setup.white, setup.empty, setup.to_play, comment)


def _join(tree: GameTree, parent: Node, theirs: SgfNode) -> Node | None:
    """Add `theirs` to the tree and return its node; None if the rules do not allow it."""
    try:
        if setup := _setup(theirs):
            parent = tree.add(parent, setup=setup, comment="" if theirs.action is not None else theirs.comment)
            if theirs.action is None:
                return parent
        if theirs.action is None:
            parent.comment = "\n".join(filter(None, (parent.comment, theirs.comment)))
            return parent
        node = tree.add(parent, theirs.action, theirs.colour)
        node.comment = node.comment or theirs.comment
        return node
    except (IllegalMove, UserError):
        return None


def _setup(node: SgfNode) -> Setup | None:
    if not (node.sets_up or (node.to_play is not None and node.action is None)):
        return None
    return Setup(node.black, node.white, node.empty, node.to_play or (WHITE if _handicap_only(node) else None))


def _handicap_only(node: SgfNode) -> bool:
    return len(node.black) >= 2 and not node.white and not node.empty


def _rules(name: str) -> str:
    from envs.go.rules import RULES

    word = name.strip().lower().replace("_", "-").replace(" ", "-")
    known = {"nz": "tromp-taylor", "tromp-taylor": "tromp-taylor", "goe": "tromp-taylor", **{r: r for r in RULES}}
    return known.get(word, "japanese")


def colour_name(colour: int) -> str:
    return "Black" if colour == BLACK else "White"

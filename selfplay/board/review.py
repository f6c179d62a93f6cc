"""The analysis of a game: win rates along a line, and the moves that cost most."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from selfplay.board.tree import GameTree, Node


class Turn(NamedTuple):
    """A move that made things worse for the side that played it."""

    node: Node  # after the move
    loss: float  # of the mover's chance to win, 0 to 1
    better: int | None  # what the search would have played instead
    chance: float  # Black's chance to win after the move


def best_visits(node: Node) -> int:
    """The number of simulations behind the analysis of `node`."""
    return node.found.visits if node.found is not None else 0


def black_wins(tree: GameTree, node: Node) -> float | None:
    """Black's chance to win, 0 to 1: the result, or what a search found here or one move before; None if unknown."""
    if tree.over(node):
        result, _ = tree.result(node)
        return None if result != result else 0.5 + 0.5 * result
    if node.found is not None:
        return 0.5 + 0.5 * node.found.value * node.found.to_play
    before = node.parent.found if node.parent is not None else None
    for move in before.moves if before is not None else ():
        if move.action == node.action and before is not None:
            return 0.5 + 0.5 * move.value * before.to_play
    return None


def turns(tree: GameTree, line: list[Node], least: float = 0.05) -> list[Turn]:
    """The moves of `line` that lost at least `least` of the mover's chances, the worst first."""
    found = []
    for before, after in pairwise(line):
        had, has = black_wins(tree, before), black_wins(tree, after)
        if had is None or has is None or before.found is None or after.colour is None or after.action is None:
            continue
        loss = (had - has) * after.colour
        if loss >= least and before.found.best != after.action:
            found.append(Turn(after, loss, before.found.best, has))
    return sorted(found, key=lambda turn: -turn.loss)

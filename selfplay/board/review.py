"""A review of a game from its analysis: win rates along a line, and the costliest moves."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from selfplay.board.tree import GameTree, Node


class Turn(NamedTuple):
    """A move that lowered the mover's winning chances."""

    node: Node  # after the move
    loss: float  # of the mover's winning probability, 0 to 1
    better: int | None  # the move the search prefers
    chance: float  # Black's winning probability after the move


def best_visits(node: Node) -> int:
    """Number of simulations behind the analysis of `node`."""
    return node.found.visits if node.found is not None else 0


def black_wins(tree: GameTree, node: Node) -> float | None:
    """Black's winning probability, 0 to 1: the result, or a search here or one move earlier; None if unknown."""
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
    """The moves of `line` that cost the mover at least `least` of winning probability, worst first."""
    found = []
    for before, after in pairwise(line):
        had, has = black_wins(tree, before), black_wins(tree, after)
        if had is None or has is None or before.found is None or after.colour is None or after.action is None:
            continue
        loss = (had - has) * after.colour
        if loss >= least and before.found.best != after.action:
            found.append(Turn(after, loss, before.found.best, has))
    return sorted(found, key=lambda turn: -turn.loss)

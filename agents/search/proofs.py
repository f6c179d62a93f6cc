"""Propagates proven results up the tree (Winands 2008, "Monte-Carlo Tree Search Solver", here with draws).

A node is PROVEN once one of its actions is a proven win, or all its actions are proven. Descents end there as at the
end of a game, and the exact value replaces the average of the visits, all the way up.
"""

from __future__ import annotations

from agents.search.arrays import PROVEN, TERMINAL
from tengen.jit import inlined, kernel


@inlined
def _correct(tree, b, node, wrong):
    """Add `wrong`, for the player to move at `node`, to the edges above, up to one that is exact."""
    black = wrong * tree.to_play[b, node]
    while node != 0 and tree.status[b, node] != PROVEN:
        a = tree.action[b, node]
        node = tree.parent[b, node]
        tree.total[b, node, a] += black * tree.to_play[b, node]


@inlined
def prove(tree, b, node):
    """`node` has an exact value: correct the edge to it, and prove its ancestors where that follows."""
    while node != 0:
        a, below = tree.action[b, node], node
        exact = tree.value[b, node] * tree.to_play[b, node]
        node = tree.parent[b, node]
        to_play = tree.to_play[b, node]
        visits = tree.visits[b, node, a] - tree.pending[b, below]  # pending ones are backed up as the exact value
        wrong = exact * to_play * visits - tree.total[b, node, a]
        if wrong != 0:  # visits averaged before the proof
            tree.total[b, node, a] += wrong
            _correct(tree, b, node, wrong)
        if tree.status[b, node] == PROVEN:
            return
        best = exact * to_play
        if best < 1:
            for other in range(tree.prior.shape[2]):
                if tree.prior[b, node, other] > 0:
                    beside = tree.child[b, node, other]
                    if beside < 0 or tree.status[b, beside] < TERMINAL:
                        return
                    best = max(best, tree.value[b, beside] * tree.to_play[b, beside] * to_play)
        tree.value[b, node] = best
        tree.status[b, node] = PROVEN


@kernel
def sound(tree, constants, rows, out):
    """Into `out` [R, A] bool: the legal root actions not proven inferior.

    At a proven root, the actions proven to reach its value; at others, all but those proven to lose.
    """
    _sound(tree, constants, rows, out)


@inlined
def _sound(tree, constants, rows, out):
    for i in range(rows.size):
        b = rows[i]
        proven = tree.status[b, 0] == PROVEN
        for a in range(tree.prior.shape[2]):
            out[i, a] = tree.prior[b, 0, a] > 0
            if not out[i, a] or not constants.proofs:
                continue
            below = tree.child[b, 0, a]
            if below >= 0 and tree.status[b, below] >= TERMINAL:
                value = tree.value[b, below] * tree.to_play[b, below] * tree.to_play[b, 0]
                out[i, a] = value >= tree.value[b, 0] if proven else value > -1
            else:
                out[i, a] = not proven

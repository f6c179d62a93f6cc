"""What the end of a game settles above it (Winands 2008, "Monte-Carlo Tree Search Solver", here with draws).

A node is PROVEN once an action of its mover wins or every action is settled. Descents end there as they do at the
end of a game, and what its visits had averaged gives way to the exact value, all the way up.
"""

from __future__ import annotations

from agents.search.arrays import PROVEN, TERMINAL
from tengen.jit import inlined, kernel


@inlined
def _correct(tree, b, node, wrong):
    """Add `wrong`, as the mover at `node` sees it, to the edges above, up to one that is exact."""
    black = wrong * tree.mover[b, node]
    while node != 0 and tree.status[b, node] != PROVEN:
        a = tree.action[b, node]
        node = tree.parent[b, node]
        tree.total[b, node, a] += black * tree.mover[b, node]


@inlined
def prove(tree, b, node):
    """`node` has an exact value: so have its visits, and perhaps what is above it."""
    while node != 0:
        a = tree.action[b, node]
        exact = tree.value[b, node] * tree.mover[b, node]
        node = tree.parent[b, node]
        mover = tree.mover[b, node]
        wrong = exact * mover * tree.visits[b, node, a] - tree.total[b, node, a]
        if wrong != 0:  # what was averaged before it was known
            tree.total[b, node, a] += wrong
            _correct(tree, b, node, wrong)
        if tree.status[b, node] == PROVEN:
            return
        best = exact * mover
        if best < 1:
            for other in range(tree.prior.shape[2]):
                if tree.prior[b, node, other] > 0:
                    below = tree.child[b, node, other]
                    if below < 0 or tree.status[b, below] < TERMINAL:
                        return
                    best = max(best, tree.value[b, below] * tree.mover[b, below] * mover)
        tree.value[b, node] = best
        tree.status[b, node] = PROVEN


@kernel
def sound(tree, constants, rows, out):
    """Into `out` [R, A] bool: the root's legal actions that no proof speaks against.

    At a root that is proven, those that are known to reach its value; at others, all but those known to lose.
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
                value = tree.value[b, below] * tree.mover[b, below] * tree.mover[b, 0]
                out[i, a] = value >= tree.value[b, 0] if proven else value > -1
            else:
                out[i, a] = not proven

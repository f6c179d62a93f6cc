"""The operations of a search on its trees (agents/search/arrays.py). Compiled; knows nothing of any game.

Values of edges are sums from the point of view of the player to move at the edge's upper node; signs change when the
player to move does, so games whose players do not alternate fit too. Visits are counted on the way down, values on the
way up; in between the visit is pending (`Trees.pending`), so that simultaneous descents spread out.
"""

from __future__ import annotations

import numpy as np

from agents.search.arrays import GUMBEL, OPEN, PROVEN, TERMINAL, WAITING
from agents.search.proofs import prove
from tengen.jit import inlined, kernel


@kernel
def gather(tree, constants, rows, done, budget, schedule, most, descents, leaf_rows, leaf_nodes):
    """Descend in the trees `rows` until each asks for up to `most` evaluations or has spent its budget.

    `done` and `budget` [B] count simulations, `schedule` [B, S] is Gumbel's (visits that the root's next action
    has). Descents that end at a terminal node are counted and backed up at once; a tree makes at most `descents`. One
    that meets a node under evaluation is taken back in the end: until then its visits send the next ones elsewhere.
    Leaves are written into `leaf_rows` and `leaf_nodes`; returns how many.
    """
    scratch, met = np.empty(tree.prior.shape[2], np.float32), np.empty(most, np.int64)
    return _gather(tree, constants, rows, done, budget, schedule, most, descents, leaf_rows, leaf_nodes, scratch, met)


@inlined
def _gather(tree, constants, rows, done, budget, schedule, most, descents, leaf_rows, leaf_nodes, scratch, met):
    count = 0
    for i in range(rows.size):
        b = rows[i]
        if tree.used[b] == 0:  # the root itself is evaluated first
            tree.used[b] = 1
            tree.status[b, 0] = WAITING
            leaf_rows[count], leaf_nodes[count] = b, 0
            count += 1
            continue
        asked, collided, left = 0, 0, descents
        while asked < most and left > 0 and done[b] < budget[b] and tree.status[b, 0] == OPEN:
            if tree.used[b] >= tree.parent.shape[1]:
                done[b] = budget[b]  # the memory is full
                break
            wanted = schedule[b, min(done[b], schedule.shape[1] - 1)]
            node = _descend(tree, constants, b, wanted, scratch)
            left -= 1
            if node < 0:  # met a node that is still being evaluated
                met[collided] = -node
                collided += 1
                if collided == most:
                    break
                continue
            done[b] += 1
            if tree.status[b, node] >= TERMINAL:
                _backup(tree, b, node, tree.value[b, node])
                continue
            leaf_rows[count], leaf_nodes[count] = b, node
            count += 1
            asked += 1
        for k in range(collided):
            _take_back(tree, b, met[k])
    return count


@inlined
def _descend(tree, constants, b, wanted, scratch):
    """Simulate: along the best edges to a new or a terminal node; -n if it meets node n, which is being evaluated."""
    node = 0
    while True:
        a = _choose(tree, constants, b, node, wanted, scratch)
        tree.visits[b, node, a] += 1
        below = tree.child[b, node, a]
        if below < 0:
            below = tree.used[b]
            tree.used[b] += 1
            tree.child[b, node, a] = below
            tree.parent[b, below] = node
            tree.action[b, below] = a
            tree.status[b, below] = WAITING
            tree.pending[b, below] = 1
            return below
        tree.pending[b, below] += 1
        if tree.status[b, below] >= TERMINAL:
            return below
        if tree.status[b, below] == WAITING:
            return -below
        node = below


@inlined
def _take_back(tree, b, node):
    """Undo a descent that ended at `node`."""
    while node != 0:
        tree.pending[b, node] -= 1
        a = tree.action[b, node]
        node = tree.parent[b, node]
        tree.visits[b, node, a] -= 1


@inlined
def _backup(tree, b, leaf, value):
    """Add `value`, as the player to move at `leaf` sees it, to all edges above, each from its own player's view.

    Above a node that was proven in the meantime its exact value counts instead.
    """
    black = value * tree.to_play[b, leaf]
    node = leaf
    tree.square[b, node] += value * value
    while node != 0:
        if tree.status[b, node] == PROVEN:
            value = tree.value[b, node]
            black = value * tree.to_play[b, node]
        tree.pending[b, node] -= 1
        a = tree.action[b, node]
        node = tree.parent[b, node]
        tree.square[b, node] += value * value
        tree.total[b, node, a] += black * tree.to_play[b, node]


@inlined
def _choose(tree, constants, b, node, wanted, scratch):
    if constants.kind == GUMBEL:
        if node == 0:
            return _choose_gumbel_root(tree, constants, b, wanted)
        return _choose_gumbel(tree, constants, b, node, scratch)
    return _choose_puct(tree, constants, b, node)


@inlined
def _pending(tree, constants, b, node, a):
    """How many visits of an action are pending."""
    below = tree.child[b, node, a] if constants.several else -1
    return tree.pending[b, below] if below >= 0 else 0


@inlined
def _found(tree, constants, b, node, a):
    """(sum, count) of an action's values: of finished visits, and `virtual_loss` of a loss for each pending one."""
    pending = _pending(tree, constants, b, node, a)
    lost = constants.virtual_loss * pending
    return np.float32(tree.total[b, node, a] - lost), tree.visits[b, node, a] - pending + lost


@inlined
def _prior_weight(constants, n):
    """c sqrt(N) of PUCT; N counts the node's own evaluation beside its n visits."""
    return (np.log((n + 1 + constants.c_base) / constants.c_base) + constants.c_init) * np.sqrt(n + 1.0)


_DEVIATION, _VARIANCE, _WEIGHT = np.float32(0.4), np.float32(0.16), 2  # of values before any is seen; KataGo's settings


@inlined
def _variance_factor(tree, constants, b, node, mean, n):
    """1 where the `n` values below a node, around `mean`, deviate by 0.4; more where by more, less where by less.

    KataGo scales c_puct so. The deviation that is expected before any value is seen weighs as much as two values.
    """
    squares = tree.square[b, node] + _WEIGHT * (mean * mean + _VARIANCE)
    variance = max(np.float32(0.0), squares / (n + _WEIGHT) - mean * mean)  # a proof corrects sums, not squares
    return 1 + constants.variance_scaling * (np.sqrt(variance) / _DEVIATION - 1)


@inlined
def _choose_puct(tree, constants, b, node):
    """argmax Q + U (Silver et al. 2017 and 2018).

    U = c P sqrt(N) / (1 + n), c = log((N + c_base + 1) / c_base) + c_init. N counts the node's own evaluation
    too. An untried action is worth the node's mean value less fpu * sqrt(prior of the tried actions).
    At the root an action below sqrt(forced P N) visits goes first (KataGo, section 3.2). With variance scaling c
    follows the standard deviation of what was found below the node. Pending visits count in N and n, and
    `virtual_loss` of each as a loss in Q.
    """
    prior, visits, total = tree.prior[b, node], tree.visits[b, node], tree.total[b, node]
    n, pending, tried, mean = 0, 0, np.float32(0.0), tree.value[b, node]
    for a in range(prior.size):
        if visits[a] > 0:
            n += visits[a]
            pending += _pending(tree, constants, b, node, a)
            tried += prior[a]
            mean += total[a]
    lost = constants.virtual_loss * pending
    mean = (mean - lost) / (n + 1 - pending + lost)
    unknown = mean - (constants.fpu_root if node == 0 else constants.fpu) * np.sqrt(tried)
    c = _prior_weight(constants, n)
    if constants.variance_scaling > 0:
        c *= _variance_factor(tree, constants, b, node, mean, n + 1 - pending)
    best, chosen = -1e30, -1
    for a in range(prior.size):
        if prior[a] <= 0:
            continue
        found, count = _found(tree, constants, b, node, a)
        q = found / count if count > 0 else unknown
        score = q + c * prior[a] / (1 + visits[a])
        if (
            node == 0
            and constants.forced > 0
            and visits[a] > 0
            and visits[a] * visits[a] < constants.forced * prior[a] * n
        ):
            score += 1e6
        if score > best:
            best, chosen = score, a
    return chosen


@inlined
def _mixed_value(tree, constants, b, node):
    """(v_mix, sum of visits, most visits), Danihelka 2022 Eq. 33: the evaluation mixed with the visits' values."""
    prior, visits = tree.prior[b, node], tree.visits[b, node]
    n, most, tried, weighted = 0, 0, np.float32(0.0), np.float32(0.0)
    value = tree.value[b, node]
    for a in range(prior.size):
        if visits[a] > 0:
            n += visits[a]
            most = max(most, visits[a])
            tried += prior[a]
            found, count = _found(tree, constants, b, node, a)
            weighted += prior[a] * found / count if count > 0 else prior[a] * value
    if n > 0 and tried > 0:
        value = (value + n * weighted / tried) / (1 + n)
    return value, n, most


@inlined
def _improved_logit(tree, constants, b, node, a, mixed, most):
    """log P(a) + sigma(completed q(a)); q from [-1, 1] to [0, 1], sigma as in Danihelka 2022 Eq. 8."""
    found, count = _found(tree, constants, b, node, a)
    q = found / count if count > 0 else mixed
    return np.log(tree.prior[b, node, a]) + (constants.c_visit + most) * constants.c_scale * (q + 1) / 2


@inlined
def _choose_gumbel_root(tree, constants, b, wanted):
    """Sequential halving: of the actions with `wanted` visits the one with the best g + logit + sigma(q)."""
    mixed, _, most = _mixed_value(tree, constants, b, 0)
    best, chosen, second, fallback = -1e30, -1, -1e30, -1
    for a in range(tree.prior.shape[2]):
        if tree.prior[b, 0, a] <= 0:
            continue
        score = tree.gumbel[b, a] + _improved_logit(tree, constants, b, 0, a, mixed, most)
        if tree.visits[b, 0, a] == wanted and score > best:
            best, chosen = score, a
        if score > second:
            second, fallback = score, a
    return chosen if chosen >= 0 else fallback


@inlined
def _choose_gumbel(tree, constants, b, node, scratch):
    """argmax pi'(a) - n(a) / (1 + N), Danihelka 2022 Eq. 14: visits follow the improved policy."""
    n = _improve(tree, constants, b, node, scratch)
    best, chosen = -1e30, -1
    for a in range(scratch.size):
        if tree.prior[b, node, a] > 0:
            score = scratch[a] - tree.visits[b, node, a] / (1.0 + n)
            if score > best:
                best, chosen = score, a
    return chosen


@inlined
def _improve(tree, constants, b, node, out):
    """Into `out` [A]: softmax(logit + sigma(completed q)) at a node, 0 for what is illegal. Returns its visits."""
    mixed, n, most = _mixed_value(tree, constants, b, node)
    top, norm = np.float32(-1e30), np.float32(0.0)
    for a in range(out.size):
        out[a] = 0.0
        if tree.prior[b, node, a] > 0:
            out[a] = _improved_logit(tree, constants, b, node, a, mixed, most)
            top = max(top, out[a])
    for a in range(out.size):
        if tree.prior[b, node, a] > 0:
            out[a] = np.exp(out[a] - top)
            norm += out[a]
    for a in range(out.size):
        out[a] /= max(norm, np.float32(1e-20))
    return n


@kernel
def improved_policy(tree, constants, rows, out):
    """Into `out` [R, A]: softmax(logit + sigma(completed q)) at the roots of `rows` [R], 0 for what is illegal."""
    _improved_policy(tree, constants, rows, out)


@inlined
def _improved_policy(tree, constants, rows, out):
    for i in range(rows.size):
        _improve(tree, constants, rows[i], 0, out[i])


@kernel
def gumbel_choice(tree, constants, rows, allowed, out):
    """Into `out` [R]: of the `allowed` [R, A] actions the most visited; among equals the best g + logit + sigma(q)."""
    _gumbel_choice(tree, constants, rows, allowed, out)


@inlined
def _gumbel_choice(tree, constants, rows, allowed, out):
    for i in range(rows.size):
        b = rows[i]
        mixed, _, highest = _mixed_value(tree, constants, b, 0)
        most, best = -1, -1e30
        for a in range(tree.prior.shape[2]):
            if tree.prior[b, 0, a] <= 0 or not allowed[i, a] or tree.visits[b, 0, a] < most:
                continue
            score = tree.gumbel[b, a] + _improved_logit(tree, constants, b, 0, a, mixed, highest)
            if tree.visits[b, 0, a] > most or score > best:
                most, best, out[i] = tree.visits[b, 0, a], score, a


@kernel
def paths(tree, leaf_rows, leaf_nodes, actions, lengths):
    """The actions from the root to each leaf: `actions` [L, D], `lengths` [L]."""
    _paths(tree, leaf_rows, leaf_nodes, actions, lengths)


@inlined
def _paths(tree, leaf_rows, leaf_nodes, actions, lengths):
    for i in range(leaf_rows.size):
        b, node, depth = leaf_rows[i], leaf_nodes[i], 0
        while node != 0:
            node = tree.parent[b, node]
            depth += 1
        lengths[i] = depth
        node = leaf_nodes[i]
        while node != 0:
            depth -= 1
            if depth < actions.shape[1]:
                actions[i, depth] = tree.action[b, node]
            node = tree.parent[b, node]


@kernel
def expand(tree, constants, leaf_rows, leaf_nodes, to_play, terminal, value, prior):
    """Write the model's evaluation of each leaf [L] into its node, and back the values up."""
    _expand(tree, constants, leaf_rows, leaf_nodes, to_play, terminal, value, prior)


@inlined
def _expand(tree, constants, leaf_rows, leaf_nodes, to_play, terminal, value, prior):
    for i in range(leaf_rows.size):
        b, node = leaf_rows[i], leaf_nodes[i]
        tree.to_play[b, node] = to_play[i]
        tree.status[b, node] = TERMINAL if terminal[i] else OPEN
        tree.value[b, node] = value[i]
        tree.square[b, node] = 0.0
        for a in range(prior.shape[1]):
            tree.prior[b, node, a] = prior[i, a]
            tree.child[b, node, a] = -1
            tree.visits[b, node, a] = 0
            tree.total[b, node, a] = 0.0
        _backup(tree, b, node, value[i])
    if constants.proofs:  # now that no descent is under way
        for i in range(leaf_rows.size):
            if terminal[i]:
                prove(tree, leaf_rows[i], leaf_nodes[i])


@kernel
def keep_below(tree, rows, actions, moved):
    """Make the node after `actions` [R] the root of each of `rows`, with all that is below it.

    Nodes are moved forward in place: a child's number is always higher than its parent's. `moved` [N] is scratch.
    A tree without that node becomes empty.
    """
    _keep_below(tree, rows, actions, moved)


@inlined
def _keep_below(tree, rows, actions, moved):
    for i in range(rows.size):
        b = rows[i]
        root = tree.child[b, 0, actions[i]] if tree.used[b] > 0 else -1
        if root < 0 or (tree.status[b, root] != OPEN and tree.status[b, root] != PROVEN):
            tree.used[b] = 0
            continue
        _compact(tree, b, root, 0, moved)


@kernel
def thin_out(tree, b, least, moved):
    """Forget all nodes of tree `b` that were visited fewer than `least` times; what the edges to them know stays.

    A later visit makes such a node anew. `moved` [N] gets each node's new number, -1 for none. Nothing may be pending.
    """
    _compact(tree, b, 0, least, moved)


@inlined
def _compact(tree, b, root, least, moved):
    """Move `root` and what lies below it and was visited `least` times to the front."""
    count = 0
    for node in range(root, tree.used[b]):
        above = moved[tree.parent[b, node]] if node > root and tree.parent[b, node] >= root else -1
        if node != root and (above < 0 or tree.visits[b, above, tree.action[b, node]] < least):
            moved[node] = -1
            continue
        to = count
        moved[node] = to
        count += 1
        tree.parent[b, to] = above
        tree.action[b, to] = tree.action[b, node]
        tree.to_play[b, to] = tree.to_play[b, node]
        tree.status[b, to] = tree.status[b, node]
        tree.value[b, to] = tree.value[b, node]
        tree.square[b, to] = tree.square[b, node]
        tree.pending[b, to] = 0
        if node != root:
            tree.child[b, above, tree.action[b, to]] = to
        for a in range(tree.prior.shape[2]):
            tree.prior[b, to, a] = tree.prior[b, node, a]
            tree.child[b, to, a] = -1
            tree.visits[b, to, a] = tree.visits[b, node, a]
            tree.total[b, to, a] = tree.total[b, node, a]
    tree.used[b] = count


@kernel
def pruned_visits(tree, constants, rows, out):
    """Visits [R, A] without those owed to noise and forcing alone (KataGo, section 3.2).

    From every action but the most visited, visits are subtracted as long as its PUCT score, at its value, stays below
    the best one's; an action left with a single visit loses that one too.
    """
    _pruned_visits(tree, constants, rows, out)


@inlined
def _pruned_visits(tree, constants, rows, out):
    for i in range(rows.size):
        b = rows[i]
        prior, visits, total = tree.prior[b, 0], tree.visits[b, 0], tree.total[b, 0]
        n, top = 0, 0
        for a in range(prior.size):
            out[i, a] = visits[a]
            n += visits[a]
            if visits[a] > visits[top]:
                top = a
        if n == 0:
            continue
        c = _prior_weight(constants, n)
        bar = total[top] / visits[top] + c * prior[top] / (1 + visits[top])
        for a in range(prior.size):
            if a == top or visits[a] == 0:
                continue
            q = total[a] / visits[a]
            least = max(0.0, visits[a] - np.sqrt(constants.forced * prior[a] * n))
            while out[i, a] > least and q + c * prior[a] / out[i, a] < bar:  # one fewer would still not be chosen
                out[i, a] -= 1
            if out[i, a] <= 1:
                out[i, a] = 0

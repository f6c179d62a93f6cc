"""One tree of gradient boosting from histograms, compiled. Equation numbers: Chen & Guestrin 2016, arXiv:1603.02754.

Of two siblings only the smaller one's histogram is summed (histograms.py); the other's is parent minus sibling.
"""

import numpy as np

from supervised.classical.kernels.histograms import best_split, sum_up
from tengen.jit import kernel


@kernel
def boost_tree(
    bins,
    offsets,
    usual,
    features,
    g,
    h,
    leaves,
    max_depth,
    min_leaf,
    l2,
    gamma,
    rows,
    histograms,
    nodes,
    numbers,
    value,
):
    """Grow one tree, always at the leaf where most is gained; the number of its nodes.

    bins [D, N] uint8; offsets [D + 1] of each feature's bins; usual [D] a bin that most examples are in, or -1;
    g, h [N] derivatives of the loss; rows [N] = 0 … N-1, put in another order; histograms [leaves, bins, 2] and
    packed are room. nodes [2 * leaves - 1, 3] int32: feature (-1: leaf), bin of the cut, left child (right = left + 1);
    numbers [2 * leaves - 1, 2]: weight of a leaf (Eq. 5), gain of a split; value [N] becomes each example's weight.
    """
    N = len(rows)
    packed = np.empty((N, 2))
    start, stop, depth = np.zeros(2 * leaves, np.int64), np.zeros(2 * leaves, np.int64), np.zeros(2 * leaves, np.int64)
    room = np.zeros(2 * leaves, np.int64)
    sums = np.zeros((2 * leaves, 2))
    found = np.full((2 * leaves, 5), -1.0)  # what best_split says of each node
    for i in range(N):
        sums[0, 0] += g[i]
        sums[0, 1] += h[i]
    stop[0], count = N, 1
    sum_up(bins, offsets, usual, features, rows, g, h, packed, sums[0, 0], sums[0, 1], histograms[0])
    best_split(histograms[0], offsets, features, sums[0, 0], sums[0, 1], l2, sums[0, 1] * min_leaf / N, found[0])
    nodes[0, 0] = -1
    for grown in range(1, leaves):
        node = -1
        for m in range(count):
            may = nodes[m, 0] < 0 and found[m, 0] / 2 > gamma and (max_depth == 0 or depth[m] < max_depth)
            if may and (node < 0 or found[m, 0] > found[node, 0]):
                node = m
        if node < 0 or found[node, 0] <= 0.0:
            break
        feature, cut = int(found[node, 1]), int(found[node, 2])
        nodes[node, 0], nodes[node, 1], nodes[node, 2] = feature, cut, count
        numbers[node, 1] = found[node, 0] / 2 - gamma  # Eq. 7
        low, high, column = start[node], stop[node] - 1, bins[feature]
        while low <= high:  # partition the examples in place
            if column[rows[low]] <= cut:
                low += 1
            else:
                rows[low], rows[high] = rows[high], rows[low]
                high -= 1
        left, right = count, count + 1
        count += 2
        start[left], stop[left], start[right], stop[right] = start[node], low, low, stop[node]
        sums[left, 0], sums[left, 1] = found[node, 3], found[node, 4]
        sums[right, 0], sums[right, 1] = sums[node, 0] - sums[left, 0], sums[node, 1] - sums[left, 1]
        small, large = (left, right) if low - start[node] < stop[node] - low else (right, left)
        room[large], room[small] = room[node], grown
        nodes[left, 0] = nodes[right, 0] = -1
        depth[left] = depth[right] = depth[node] + 1
        if grown == leaves - 1:
            break
        mine, other = histograms[room[small]], histograms[room[large]]
        here = rows[start[small] : stop[small]]
        sum_up(bins, offsets, usual, features, here, g, h, packed, sums[small, 0], sums[small, 1], mine)
        for f in features:
            for b in range(offsets[f], offsets[f + 1]):
                other[b, 0] -= mine[b, 0]
                other[b, 1] = other[b, 1] - mine[b, 1] if other[b, 1] - mine[b, 1] > 1e-9 else 0.0
        for child in (left, right):
            table, total = histograms[room[child]], sums[child]
            least = total[1] * min_leaf / (stop[child] - start[child])
            best_split(table, offsets, features, total[0], total[1], l2, least, found[child])
    for node in range(count):
        if nodes[node, 0] < 0:
            numbers[node, 0] = -sums[node, 0] / (sums[node, 1] + l2)  # Eq. 5
            numbers[node, 1] = 0.0
            for j in range(start[node], stop[node]):
                value[rows[j]] = numbers[node, 0]
    return count


@kernel
def ask_boosted(X, nodes, thresholds, values, roots, start, stop, out):
    """Add to out [N, K] the weights of the leaves that the examples start to stop reach; roots [rounds, K]."""
    for begin in range(start, stop, 256):
        end = min(stop, begin + 256)
        for r in range(roots.shape[0]):
            for k in range(roots.shape[1]):
                root = roots[r, k]
                for i in range(begin, end):
                    node = root
                    while nodes[node, 0] >= 0:
                        right = X[i, nodes[node, 0]] > thresholds[node]  # added, not branched on: it is hard to foresee
                        node = root + nodes[node, 2] + right
                    out[i, k] += values[node]

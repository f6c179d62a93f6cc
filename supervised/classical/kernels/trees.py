"""Growing classification trees and predicting with them, compiled."""

import numpy as np

from supervised.classical.kernels.cuts import best_cut, draw
from tengen.jit import kernel


@kernel
def grow_tree(codes, values, offsets, y, weight, rows, classes, features, max_depth, min_leaf, seed, nodes, numbers):
    """Grow one tree to its end; the number of its nodes, in preorder: a node's left child follows it.

    codes [D, N]; values: the distinct ones of all features, `offsets` [D + 1] of each; y [N]; weight [N] float64;
    rows [n] with weight, put in another order; `features` drawn at each node (Breiman 2001).
    nodes [most, 3] int32: feature (-1: a leaf), right child, examples; numbers [most, 2 + K]: threshold, decrease of
    impurity times weight, then the classes' fractions.
    """
    D = codes.shape[0]
    state = np.array([seed], np.uint64)
    order = np.arange(D)
    widest = 0
    for f in range(D):
        widest = max(widest, offsets[f + 1] - offsets[f])
    table = np.zeros((min(widest, 4 * len(rows) + 1), classes))
    keys = np.empty(len(rows), np.int64)
    left, right, total = np.empty(classes), np.empty(classes), np.empty(classes)
    stack = np.empty((len(rows) + 1, 4), np.int64)  # start, stop, depth, parent if this is a right child
    stack[0] = 0, len(rows), 0, -1
    waiting, count = 1, 0
    while waiting > 0:
        waiting -= 1
        start, stop, depth, parent = stack[waiting]
        if parent >= 0:
            nodes[parent, 1] = count
        node = count
        count += 1
        here = rows[start:stop]
        total[:] = 0.0
        for i in here:
            total[y[i]] += weight[i]
        w, squares, present = 0.0, 0.0, 0
        for k in range(classes):
            w += total[k]
            squares += total[k] * total[k]
            present += total[k] > 0
        for k in range(classes):
            numbers[node, 2 + k] = total[k] / w
        nodes[node, 0], nodes[node, 1], nodes[node, 2] = -1, -1, stop - start
        numbers[node, 0], numbers[node, 1] = 0.0, 0.0
        if present < 2 or (max_depth > 0 and depth >= max_depth) or stop - start < 2 * min_leaf:
            continue
        best, feature, cut, after = -1.0, -1, 0, 0
        for drawn in range(D):
            if drawn >= features and feature >= 0:
                break
            if features < D:
                j = drawn + draw(state, D - drawn)
                order[drawn], order[j] = order[j], order[drawn]
            f = order[drawn]
            score, c, a = best_cut(codes[f], y, weight, here, total, table, keys, left, right)
            if score > best:
                if min_leaf > 1:
                    small = 0
                    for i in here:
                        small += codes[f, i] <= c
                    if small < min_leaf or stop - start - small < min_leaf:
                        continue
                best, feature, cut, after = score, f, c, a
        if feature < 0:
            continue
        low, high = start, stop - 1  # partition the rows in place
        while low <= high:
            if codes[feature, rows[low]] <= cut:
                low += 1
            else:
                rows[low], rows[high] = rows[high], rows[low]
                high -= 1
        nodes[node, 0] = feature
        numbers[node, 0] = (values[offsets[feature] + cut] + values[offsets[feature] + after]) / 2
        numbers[node, 1] = best - squares / w  # = w * (gini before - gini after)
        stack[waiting] = low, stop, depth + 1, node
        stack[waiting + 1] = start, low, depth + 1, -1
        waiting += 2
    return count


@kernel
def ask_trees(X, nodes, thresholds, fractions, roots, start, stop, out):
    """Add to out [N, K] what the trees say of the examples start to stop of X [N, D]."""
    classes = fractions.shape[1]
    for begin in range(start, stop, 256):  # a block of examples stays in the cache while all trees see it
        end = min(stop, begin + 256)
        for root in roots:
            for i in range(begin, end):
                node = root
                while nodes[node, 0] >= 0:
                    if X[i, nodes[node, 0]] <= thresholds[node]:
                        node += 1
                    else:
                        node = root + nodes[node, 1]
                for k in range(classes):
                    out[i, k] += fractions[node, k]

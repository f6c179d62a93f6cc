"""Growing and asking classification trees, compiled.

A feature's values are replaced by their ranks among its distinct values, its codes. A split of a node by a feature
is then looked for in one of two ways, with the same result:

    counting   a table of class counts for each code; for nodes that are large beside the number of codes
    sorting    the examples by code, for all others; the sums of squares change by O(1) from one to the next
"""

import numpy as np

from tengen.jit import kernel, routine


@routine
def draw(state, below):
    """A random number under `below`, by xorshift64* (Marsaglia 2003); `state` [1] uint64 moves on."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64(((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % np.uint64(below))


@routine
def sort(keys, n):
    """The first `n` keys in ascending order: Shell's sort (1959), which needs no memory."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for j in range(gap, n):
            key, k = keys[j], j
            while k >= gap and keys[k - gap] > key:
                keys[k] = keys[k - gap]
                k -= gap
            keys[k] = key
        gap //= 3


@routine
def best_cut(codes, y, weight, rows, total, table, keys, left, right):
    """(score, last code on the left, first code on the right) of the best cut by one feature; score -1: none.

    codes [N] of this feature, rows [n] of the node, total [K] weight of each class in it. The score is
    sum_k l_k^2 / l + sum_k r_k^2 / r: the larger, the smaller the Gini impurity that is left.
    table [codes, K], zero, and keys [N] are room to work in.
    """
    n, classes = len(rows), len(total)
    low = high = np.int64(codes[rows[0]])
    for i in rows:
        c = np.int64(codes[i])
        low, high = min(low, c), max(high, c)
    best, cut, after = -1.0, np.int64(-1), np.int64(-1)
    if low == high:
        return best, cut, after
    w_left, w_right, s_left, s_right = 0.0, 0.0, 0.0, 0.0
    for k in range(classes):
        left[k], right[k] = 0.0, total[k]
        w_right += total[k]
        s_right += total[k] * total[k]
    last = np.int64(-1)
    if 4 * n > high - low:  # counting
        for i in rows:
            table[codes[i] - low, y[i]] += weight[i]
        for c in range(low, high + 1):
            moved = 0.0
            for k in range(classes):
                moved += table[c - low, k]
            if moved == 0.0:
                continue
            if last >= 0:
                score = s_left / w_left + s_right / w_right
                if score > best:
                    best, cut, after = score, last, c
            s_left, s_right = 0.0, 0.0
            for k in range(classes):
                left[k] += table[c - low, k]
                right[k] -= table[c - low, k]
                table[c - low, k] = 0.0
                s_left += left[k] * left[k]
                s_right += right[k] * right[k]
            w_left += moved
            w_right -= moved
            last = c
        return best, cut, after
    for j in range(n):
        keys[j] = (np.int64(codes[rows[j]]) << 32) | rows[j]
    sort(keys, n)
    for j in range(n):
        c, i = keys[j] >> 32, keys[j] & 0xFFFFFFFF
        if last >= 0 and c != last:
            score = s_left / w_left + s_right / w_right
            if score > best:
                best, cut, after = score, last, c
        k, w = y[i], weight[i]
        s_left += w * (2 * left[k] + w)
        s_right -= w * (2 * right[k] - w)
        left[k] += w
        right[k] -= w
        w_left += w
        w_right -= w
        last = c
    return best, cut, after


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

"""The best cut of a tree's node by one feature, compiled.

A feature's values are replaced by their ranks among its distinct values, its codes. The best cut is then found in one
of two ways, with the same result:

    counting   a table of class counts for each code; for nodes that are large relative to the number of codes
    sorting    the examples by code, for all others; the sums of squares change in O(1) from one to the next
"""

import numpy as np

from tengen.jit import routine


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

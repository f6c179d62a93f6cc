"""Histograms of gradients, the best split in them, compiled. Equation numbers: Chen & Guestrin 2016, arXiv:1603.02754.

Each feature has been cut into bins, and an example is its bin numbers. A leaf's histogram holds, for every bin of every
feature, the sums G of gradients and H of second derivatives of the examples in it. Splits are searched there, not among
the examples.
"""

from tengen.jit import kernel, routine


@routine
def gain(g, h, l2):
    """G^2 / (H + lambda), twice what a leaf lowers the loss by (Eq. 6)."""
    return g * g / (h + l2)


@routine
def sum_up(bins, offsets, usual, features, rows, g, h, packed, total_g, total_h, histogram):
    """Fill histogram [bins of all features, 2] from the examples `rows`; packed [N, 2] is room for their g and h.

    The usual bin of a feature, for pixels the black one, gets what is missing of the total: the examples in it need
    only be recognised (the paper's section 3.4, for missing values).
    """
    n = len(rows)
    for j in range(n):
        packed[j, 0], packed[j, 1] = g[rows[j]], h[rows[j]]
    for f in features:
        start, column, most = offsets[f], bins[f], usual[f]
        part = histogram[start : offsets[f + 1]]
        part[:] = 0.0
        if most >= 0:
            rest_g, rest_h = total_g, total_h
            for j in range(n):
                b = column[rows[j]]
                if b != most:
                    part[b, 0] += packed[j, 0]
                    part[b, 1] += packed[j, 1]
            for b in range(len(part)):
                rest_g -= part[b, 0]
                rest_h -= part[b, 1]
            part[most, 0], part[most, 1] = rest_g, max(rest_h, 0.0)
        else:
            for j in range(n):
                b = column[rows[j]]
                part[b, 0] += packed[j, 0]
                part[b, 1] += packed[j, 1]


@routine
def best_split(histogram, offsets, features, total_g, total_h, l2, least, found):
    """Write (gain, feature, bin, G, H on the left) of the best split: twice Eq. 7 without gamma; -1: there is none.

    `least`: the smallest H of a child; examples are not counted, H stands for them.
    """
    whole = gain(total_g, total_h, l2)
    best, at, cut, best_g, best_h = -1.0, -1, 0, 0.0, 0.0
    for f in features:
        left_g, left_h = 0.0, 0.0
        for b in range(offsets[f], offsets[f + 1] - 1):
            if histogram[b, 1] == 0.0:
                continue
            left_g += histogram[b, 0]
            left_h += histogram[b, 1]
            if left_h < least:
                continue
            right_h = total_h - left_h
            if right_h < least:
                break
            gained = gain(left_g, left_h, l2) + gain(total_g - left_g, right_h, l2) - whole
            if gained > best:
                best, at, cut, best_g, best_h = gained, f, b - offsets[f], left_g, left_h
    found[0], found[1], found[2], found[3], found[4] = best, at, cut, best_g, best_h


@kernel
def bin_features(X, edges, starts, out):
    """out [D, N]: how many of a feature's edges (`starts` [D + 1] says where they lie) are below X [N, D]."""
    for i in range(X.shape[0]):
        for f in range(X.shape[1]):
            low, high = starts[f], starts[f + 1]
            while low < high:
                middle = (low + high) // 2
                if edges[middle] < X[i, f]:
                    low = middle + 1
                else:
                    high = middle
            out[f, i] = low - starts[f]

"""Hartigan and Wong's moves (kmeans.py), compiled."""

from tengen.jit import kernel, summing


@kernel
def hartigan_pass(X, centres, counts, labels):
    """Visit each example once and move it if that lowers the inertia; returns how many moved. Updates all but X."""
    K, D = centres.shape
    moved = 0
    for i in range(len(X)):
        a = labels[i]
        if counts[a] < 2:
            continue
        here = 0.0
        for j in range(D):
            here += (X[i, j] - centres[a, j]) ** 2
        best, b = here * counts[a] / (counts[a] - 1), a
        for k in range(K):
            if k != a:
                limit = best * (counts[k] + 1) / counts[k]
                there, j = 0.0, 0
                while j < D and there < limit:
                    stop = min(D, j + 16)
                    for m in range(j, stop):
                        there += (X[i, m] - centres[k, m]) ** 2
                    j = stop
                if there < limit * (1 - 1e-12):
                    best, b = there * counts[k] / (counts[k] + 1), k
        if b != a:
            for j in range(D):
                centres[a, j] -= (X[i, j] - centres[a, j]) / (counts[a] - 1)
                centres[b, j] += (X[i, j] - centres[b, j]) / (counts[b] + 1)
            counts[a] -= 1
            counts[b] += 1
            labels[i] = b
            moved += 1
    return moved


@kernel
def sum_clusters(X, labels, sums, counts):
    """Add to sums [K, D] and counts [K] the examples X [N, D] of each cluster."""
    for i in range(len(X)):
        k = labels[i]
        counts[k] += 1
        for j in range(X.shape[1]):
            sums[k, j] += X[i, j]


@kernel
def nearest(products, lengths, labels):
    """Fill labels [N] with each example's nearest centre, the first one in a tie.

    products [N, K] = -2 x c and lengths [K] = |c|^2; |x|^2 does not affect which centre is nearest.
    """
    for i in range(len(labels)):
        best, k = products[i, 0] + lengths[0], 0
        for other in range(1, len(lengths)):
            d = products[i, other] + lengths[other]
            if d < best:
                best, k = d, other
        labels[i] = k


@summing
def inertia(X, centres, labels):
    """The sum of squared distances of X [N, D] from their centres."""
    found = 0.0
    for i in range(len(X)):
        x, centre = X[i], centres[labels[i]]
        row = x[0] - x[0]  # zero in X's dtype, so that many products are added at once
        for j in range(len(x)):
            d = x[j] - centre[j]
            row += d * d
        found += row
    return found

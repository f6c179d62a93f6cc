"""Sequential minimal optimisation (svm.py), compiled."""

import numpy as np

from tengen.jit import kernel


@kernel
def smo(K, slot, diagonal, y, C, tolerance, steps, a, G, gap):
    """Take steps until optimal (returns -1), out of steps (-2), or a row of K is missing (its number).

    K [slots, n] float32: some rows of the kernel matrix; slot [n]: where row i is, or -1; diagonal [n]; y [n]: 1 or -1.
    a [n] and G [n] are updated. gap [2]: the largest -yG that may move up, the smallest that may move down.
    """
    n = len(y)
    for _ in range(steps):
        i, high, low = -1, -np.inf, np.inf
        for t in range(n):
            v = -y[t] * G[t]
            if (a[t] < C if y[t] > 0 else a[t] > 0) and v > high:
                i, high = t, v
            if (a[t] > 0 if y[t] > 0 else a[t] < C) and v < low:
                low = v
        gap[0], gap[1] = high, low
        if high - low < tolerance:
            return -1
        if slot[i] < 0:
            return i
        Ki = K[slot[i]]
        j, best = -1, np.inf
        for t in range(n):
            v = -y[t] * G[t]
            if (a[t] > 0 if y[t] > 0 else a[t] < C) and v < high:
                curve = diagonal[i] + diagonal[t] - 2 * Ki[t]
                found = -((high - v) ** 2) / max(curve, 1e-12)
                if found < best:
                    j, best = t, found
        if slot[j] < 0:
            return j
        Kj = K[slot[j]]
        curve = max(diagonal[i] + diagonal[j] - 2 * Ki[j], 1e-12)
        delta = (high + y[j] * G[j]) / curve  # y_i a_i grows by this, y_j a_j falls by it
        delta = min(delta, C - a[i] if y[i] > 0 else a[i])
        delta = min(delta, a[j] if y[j] > 0 else C - a[j])
        before_i, before_j = a[i], a[j]
        a[i] = min(max(a[i] + y[i] * delta, 0.0), C)
        a[j] = min(max(a[j] - y[j] * delta, 0.0), C)
        change_i, change_j = (a[i] - before_i) * y[i], (a[j] - before_j) * y[j]
        for t in range(n):
            G[t] += y[t] * (change_i * Ki[t] + change_j * Kj[t])
    return -2

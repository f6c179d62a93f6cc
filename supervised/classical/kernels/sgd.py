"""The loop of stochastic gradient descent (sgd.py), compiled."""

import numpy as np

from tengen.jit import kernel


@kernel
def sgd_epoch(values, columns, starts, y, order, hinge, l2, eta0, intercept, t, since, W, A, scalars):
    """One pass over the examples `order` [n] of a CSR matrix; returns the total number of steps so far.

    y [N]: 1 or -1. The weights are W / scalars[0] with bias scalars[3]; their average over the steps from `since` on is
    (A + scalars[2] W) / scalars[1], with bias scalars[4].
    """
    for i in order:
        eta = eta0 / (1 + l2 * eta0 * t)
        divisor, average, share = scalars[0], scalars[1], scalars[2]
        score = 0.0
        for j in range(starts[i], starts[i + 1]):
            score += W[columns[j]] * values[j]
        z = y[i] * (score / divisor + scalars[3])
        slope = (1.0 if z < 1 else 0.0) if hinge else 1 / (1 + np.exp(z))  # - loss'(z)
        divisor /= 1 - eta * l2
        mu = 1.0 / max(1.0, t - since + 1.0) if t >= since else 1.0
        if slope != 0.0:
            change = eta * slope * y[i] * divisor
            for j in range(starts[i], starts[i + 1]):
                W[columns[j]] += change * values[j]
                if mu < 1.0:
                    A[columns[j]] -= share * change * values[j]  # keeps the average unchanged
            if intercept:
                scalars[3] += eta * slope * y[i]
        if mu >= 1.0:
            if share != 1.0 or average != divisor:
                average, share = divisor, 1.0
                A[:] = 0.0
        else:
            average /= 1 - mu
            share += mu * average / divisor
        scalars[4] += mu * (scalars[3] - scalars[4])
        if divisor > 1e5 or average > 1e5:
            A += share * W
            A /= average
            W /= divisor
            divisor, average, share = 1.0, 1.0, 0.0
        scalars[0], scalars[1], scalars[2] = divisor, average, share
        t += 1
    return t

"""Neighbours and forces of t-SNE (tsne.py), compiled."""

import numpy as np

from tengen.jit import kernel, summing


@kernel
def conditional(distances, perplexity, out):
    """out [N, k]: p_j|i for squared distances [N, k], beta by bisection."""
    goal = np.log(perplexity)
    for i in range(len(distances)):
        beta, low, high = 1.0, 0.0, np.inf
        least = distances[i].min()
        for _ in range(100):
            p = np.exp(-beta * (distances[i] - least))
            total = p.sum()
            entropy = np.log(total) + beta * ((distances[i] - least) * p).sum() / total
            out[i] = p / total
            if abs(entropy - goal) < 1e-5:
                break
            if entropy > goal:  # too wide
                low = beta
                beta = 2 * beta if high == np.inf else (beta + high) / 2
            else:
                high = beta
                beta = (beta + low) / 2


@summing
def repulsion(a, b, start, stop, out, weight):
    """out [2, N] = sum_j w_ij^2 (y_i - y_j), weight [N] = sum_j w_ij, for i from start to stop; y = (a, b) float32."""
    one = np.float32(1)
    for i in range(start, stop):
        x, y = a[i], b[i]
        total, fx, fy = np.float32(0), np.float32(0), np.float32(0)
        for j in range(len(a)):
            dx, dy = x - a[j], y - b[j]
            w = one / (one + dx * dx + dy * dy)
            total += w
            fx += w * w * dx
            fy += w * w * dy
        out[0, i], out[1, i], weight[i] = fx, fy, total - one


@kernel
def attraction(a, b, values, columns, starts, start, stop, out):
    """out [2, N] = sum_j p_ij w_ij (y_i - y_j), for i from start to stop."""
    for i in range(start, stop):
        fx, fy = 0.0, 0.0
        for k in range(starts[i], starts[i + 1]):
            dx, dy = a[i] - a[columns[k]], b[i] - b[columns[k]]
            pull = values[k] / (1 + dx * dx + dy * dy)
            fx += pull * dx
            fy += pull * dy
        out[0, i], out[1, i] = fx, fy

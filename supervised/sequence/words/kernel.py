"""Skip-gram with negative sampling (Mikolov et al. 2013, arXiv:1310.4546), one pair of words at a time.

For a word w, a word c near it and k random words n, one gradient descent step on

    L = -log s(u_c . v_w) - sum_n log s(-u_n . v_w),   s(x) = 1 / (1 + exp(-x))                        (Eq. 4)
    dL/du = (s(u . v_w) - label) v_w,   dL/dv_w = sum (s(u . v_w) - label) u
"""

from __future__ import annotations

import numpy as np

from tengen.jit import inlined, kernel


@inlined
def _mix(x):
    """64 random bits from a number (Steele, Lea, Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@inlined
def _kept(words, place, seed, keep):
    """Whether the word at `place` is learned from in this pass: frequent ones are left out at random (section 2.3)."""
    chance = keep[words[place]]
    return chance >= 1.0 or (_mix(seed + np.uint64(place)) >> np.uint64(40)) < chance * 16777216.0  # of 2^24


@inlined
def _step(v, u, label, lr, change):
    """The loss of one pair; `u` goes down the gradient, what `v` should is added to `change`."""
    dot = np.float32(0)
    for i in range(len(v)):
        dot += v[i] * u[i]
    p = np.float32(1) / (np.float32(1) + np.exp(-dot))
    g = lr * (label - p)
    for i in range(len(v)):
        change[i] += g * u[i]
        u[i] += g * v[i]
    return -np.log(max(p if label == 1 else np.float32(1) - p, np.float32(1e-7)))


@kernel
def learn(words, start, stop, vectors, contexts, drawn, keep, window, negatives, lr, seed):
    """Learn from the words at places `start` to `stop`; (sum of the losses, pairs).

    words [N] numbers of words, -1 between texts; vectors v and contexts u [V, D] float32, changed; drawn [M] words,
    each as often as its chance to be a negative; keep [V] chance that a word is used; lr 0 measures the loss only.
    """
    lr = np.float32(lr)
    seed = np.uint64(seed)
    random = _mix(seed + np.uint64(start) * np.uint64(0x9E3779B97F4A7C15))
    change = np.zeros(vectors.shape[1], np.float32)
    total, pairs = 0.0, 0
    for place in range(start, stop):
        if words[place] < 0 or not _kept(words, place, seed, keep):
            continue
        v = vectors[words[place]]
        random = _mix(random + np.uint64(0x9E3779B97F4A7C15))
        reach = 1 + int(random % np.uint64(window))
        for direction in (-1, 1):
            for far in range(1, reach + 1):
                near = place + direction * far
                if near < 0 or near >= len(words) or words[near] < 0:
                    break  # the text ends here
                if not _kept(words, near, seed, keep):
                    continue
                change[:] = 0
                total += _step(v, contexts[words[near]], np.float32(1), lr, change)
                for _ in range(negatives):
                    random = _mix(random + np.uint64(0x9E3779B97F4A7C15))
                    word = drawn[random % np.uint64(len(drawn))]
                    if word != words[near] or len(vectors) < 100:  # of few words, leaving c out would change P(n)
                        total += _step(v, contexts[word], np.float32(0), lr, change)
                for i in range(len(change)):
                    v[i] += change[i]
                pairs += 1
    return total, pairs

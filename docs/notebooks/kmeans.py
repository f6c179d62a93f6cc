# %% [markdown]
# # k-means: ten digits without a single label
#
# **What comes out.** Two lines, repeated until nothing moves, reach exactly the inertia of Tengen's and scikit-learn's
# k-means from the same start. Given 1,438 pictures and not one label, they find centres that look like digits; once
# each centre is named after the labels of its pictures, between seven and eight of ten held-out digits are recognised.
# The picture shows the centres, and how the end of a run depends on its start.
#
# ![centres found without labels, where it ends from forty starts, and more clusters](images/kmeans.png)
#
# Papers: Lloyd 1957; Hartigan & Wong 1979; Arthur & Vassilvitskii 2007 (k-means++). Page:
# [docs/algorithms/kmeans.md](../algorithms/kmeans.md). The same: `tengen train digits --learner kmeans`.

# %% [markdown]
# ## What we need
#
# numpy. Tengen reads the pictures (scikit-learn's digits, 8x8); its learner and scikit-learn's are there to compare
# with.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans as SklearnsKMeans

from supervised.classical.kmeans import KMeans
from supervised.data.sets import digits

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
found = digits("", print)
(x, y), (x_test, y_test) = (
    (pictures.reshape(len(pictures), 64) / 255, labels) for pictures, labels in (found.train, found.test)
)
print(x.shape, x_test.shape)

# %% [markdown]
# ## The objective
#
# There are K centres, each example belongs to the nearest one, and the sum of the squared distances should be small:
#
# $$\text{inertia} = \sum_i \min_k |x_i - c_k|^2$$
#
# This is compression: instead of 64 numbers you keep the index of a centre. All distances at once are a matrix
# product, because |x − c|² = |x|² − 2 x·c + |c|². Python loops take hundreds of times as long. Rounding can make a
# distance of nearly 0 negative, hence the maximum.


# %%
def squared_distances(x, c):  # [N, D], [K, D] -> [N, K]
    return np.maximum((x * x).sum(1)[:, None] - 2 * x @ c.T + (c * c).sum(1), 0)


check = squared_distances(x[:5], x[5:8])
slow = np.array([[((a - b) ** 2).sum() for b in x[5:8]] for a in x[:5]])
print("largest difference from the definition:", np.abs(check - slow).max())

# %% [markdown]
# ## Lloyd's two lines
#
# Given the centres, the best assignment of each example is to the nearest one (`owner` in the code). Given the
# assignment, the best centre is the mean of its examples (set the derivative of Σ|x − c|² to zero). So neither line
# can raise the inertia, and whenever a centre moves to its mean it falls. There are finitely many assignments and none
# comes twice, so the loop ends. That is the whole proof. It ends *somewhere*, though, not at the best place. A centre
# without examples has no mean; it stays where it is.


# %%
def lloyd(x, centres):
    history = []
    while True:
        owner = squared_distances(x, centres).argmin(1)
        history.append(float(((x - centres[owner]) ** 2).sum()))
        moved = np.stack([x[owner == k].mean(0) if (owner == k).any() else centres[k] for k in range(len(centres))])
        if np.array_equal(moved, centres):
            return centres, owner, history
        centres = moved


start = x[np.random.default_rng(0).choice(len(x), 10, replace=False)]
centres, owner, history = lloyd(x, start.copy())
print(
    f"{len(history)} passes, inertia {history[0]:.1f} -> {history[-1]:.1f};"
    f" it never rises: {bool((np.diff(history) <= 1e-9).all())}"
)

# %% [markdown]
# ## Is it right?
#
# From the same ten initial centres Tengen's learner and scikit-learn's must end at the same final ones. Tengen's
# second algorithm (Hartigan & Wong) continues from there: it moves a *single* example if that lowers the inertia,
# allowing for both centres moving with it. If a cluster of n_a examples gives up one at distance d_a from its centre,
# its inertia falls by n_a/(n_a − 1) d_a²; that of a cluster of n_b that takes it rises by n_b/(n_b + 1) d_b². Lloyd
# compares only d_a and d_b. So Hartigan and Wong's inertia can be below ours, but never above.

# %%
theirs = KMeans(clusters=10, start=start).fit(x)
sklearns = SklearnsKMeans(10, init=start, n_init=1, tol=0, algorithm="lloyd").fit(x)
refined = KMeans(clusters=10, start=start, algorithm="hartigan-wong").fit(x)
print(f"ours {history[-1]:.4f}, Tengen's {theirs.inertia_:.4f}, scikit-learn's {sklearns.inertia_:.4f}")
print(f"Hartigan and Wong's {refined.inertia_:.4f}")
assert np.isclose(history[-1], theirs.inertia_) and np.isclose(history[-1], sklearns.inertia_)
assert refined.inertia_ <= theirs.inertia_ + 1e-6

# %% [markdown]
# ## Where to start
#
# With unlucky initial centres two of them share one clump, and two clumps share one centre; no later step repairs
# that. k-means++ draws the initial centres from the examples: one at random, then each in proportion to its squared
# distance from the *nearest* of those already chosen, since a distant example is likely to be something else. What is
# that worth? We run many starts of each kind, on the digits and on ten clumps in the plane, and divide each final
# inertia by the best one found. On the clumps k-means++ avoids some of the bad ends, though not all. On digits, whose
# clusters run into each other, it makes no difference: measure before you believe.


# %%
def plus_plus(x, k, rng):
    centres = [x[rng.integers(len(x))]]
    while len(centres) < k:
        nearest = squared_distances(x, np.stack(centres)).min(1)
        centres.append(x[rng.choice(len(x), p=nearest / nearest.sum())])
    return np.stack(centres)


def examples(x, k, rng):
    return x[rng.choice(len(x), k, replace=False)]


STARTS = 5 if QUICK else 40
rng = np.random.default_rng(1)
clumps = (10 * rng.normal(size=(10, 1, 2)) + rng.normal(size=(10, 60, 2))).reshape(-1, 2)
excess = {}
for name, data in (("digits", x), ("clumps", clumps)):
    ends = {how: [lloyd(data, how(data, 10, rng))[2][-1] for _ in range(STARTS)] for how in (plus_plus, examples)}
    best = min(min(values) for values in ends.values())
    for how, values in ends.items():
        over = excess[name, how.__name__] = np.array(values) / best
        print(f"{name}, {how.__name__:9} inertia over the best: mean {over.mean():.2f}, worst {over.max():.2f}")

# %% [markdown]
# ## Names for the centres
#
# The clusters have numbers, not names. Only now do we look at labels: each centre is named after the majority of its
# examples, and a held-out picture gets the name of its nearest centre. Ten clusters name seven or eight of ten
# pictures correctly, depending on the start; you would not use them for accuracy. More clusters do better, since a
# digit can be written in several ways.


# %% tags=["result"]
def accuracy(centres, owner):
    names = np.array([np.bincount(y[owner == k], minlength=10).argmax() for k in range(len(centres))])
    return names, float((names[squared_distances(x_test, centres).argmin(1)] == y_test).mean())


rng = np.random.default_rng(3)
centres, owner, _ = min((lloyd(x, plus_plus(x, 10, rng)) for _ in range(STARTS)), key=lambda run: run[2][-1])
names, right = accuracy(centres, owner)
counts = [10, 20, 40] if QUICK else [5, 10, 20, 40, 80, 160]
by_count = [accuracy(*lloyd(x, plus_plus(x, k, rng))[:2])[1] for k in counts]

figure = plt.figure(figsize=(11, 3.6), layout="constrained")
left, middle, side = figure.subfigures(1, 3, width_ratios=[1.5, 1, 1])
for k, panel in enumerate(left.subplots(2, 5).flat):
    panel.imshow(centres[k].reshape(8, 8), cmap="gray_r")
    panel.set(title=f"“{names[k]}”", xticks=[], yticks=[])
axes = middle.subplots()
for place, ((_, how), values) in enumerate(excess.items()):
    axes.scatter(values, np.full(STARTS, -place), s=12, alpha=0.5, color="#1b6ca8" if how == "plus_plus" else "#d1495b")
axes.set_yticks([0, -1, -2, -3], [f"{name}\n{'k-means++' if how == 'plus_plus' else how}" for name, how in excess])
axes.set(xlabel="inertia at the end, over the best", title="where runs end", ylim=(-3.5, 0.5))
axes = side.subplots()
axes.semilogx(counts, by_count, "o-", color="#2e8b57")
axes.set(xlabel="clusters", ylabel="held-out digits named correctly", ylim=(0, 1), title="more clusters")
plt.show()
print(f"ten clusters name {right:.1%} of the held-out digits")

# %% [markdown]
# ## What to take away
#
# * The objective is not the goal: inertia knows nothing of digits, and a lower inertia may name fewer of them.
# * Alternating two steps, each of which has a closed form, is how many algorithms work: EM for mixtures, and the two
#   formulas of [topics](topics.py).
# * The start matters. Always take the best of several, and say how many.
#
# ## Try
#
# 1. Which digits get no centre of their own with K = 10, from several starts? Why these?
# 2. Multiply one pixel by 100. What groups the pictures now? (This is why features are scaled.)
# 3. Cluster patches: `tengen train mnist --learner kmeans --patch 6 --clusters 64`, then `tengen plot last`.
# 4. Write Hartigan and Wong's move, from a to b if n_b/(n_b+1) d_b² < n_a/(n_a−1) d_a², and get below Lloyd's inertia
#    yourself. Tengen's result from the same start is printed above; with another order of moves yours may differ.

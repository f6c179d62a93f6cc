# %% [markdown]
# # Trees, forests, boosting: twenty questions
#
# **What comes out.** A decision tree that asks the same first question as scikit-learn's, a forest of such trees, and
# boosting with second derivatives: one tree gets 83 % of held-out digits right, sixty of them 98.1 % (like Tengen's
# forest), 25 rounds of boosting 97.2 %. The picture shows which pixels the forest asks about, the questions that one
# tree asks of a digit, and how a crowd of mediocre trees becomes good: by voting in the forest, by correcting each
# other in boosting.
#
# ![where a tree looks, and accuracy by the number of trees](images/trees.png)
#
# Papers: Breiman et al. 1984; Breiman 2001; Chen & Guestrin 2016, [arXiv:1603.02754](https://arxiv.org/abs/1603.02754).
# Page: [docs/algorithms/trees.md](../algorithms/trees.md). With Tengen: `tengen train digits --learner forest`.

# %% [markdown]
# ## What we need
#
# numpy and the digits (8x8, brightness 0 to 255). In this notebook trees grow in plain Python, slowly and readably;
# Tengen's are compiled. Its forest and scikit-learn's tree are there to compare with.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from supervised.classical.forest import RandomForest
from supervised.data.sets import digits

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
found = digits("", print)
(x, y), (x_test, y_test) = (
    (pictures.reshape(len(pictures), 64).astype(float), labels) for pictures, labels in (found.train, found.test)
)
print(x.shape, x_test.shape)

# %% [markdown]
# ## The best question
#
# A question is "is pixel f at most t?". A good one leaves two groups that are purer than the whole. We use Gini
# impurity: the probability that two examples drawn from the group (with replacement) have different classes, 1 − Σ p².
# The gain of a question is the impurity before, minus that of both halves, weighted by their sizes. In a half with n
# examples of which l_k have class k, size times impurity is n − Σ l_k² / n.
#
# To try all thresholds of a pixel at once, sort by it and count the classes to the left of each cut with a cumulative
# sum. That makes the search N log N instead of N². The threshold lies halfway between the two values beside the cut.


# %%
def best_question(x, y, features, classes=10):
    """(gain, feature, threshold) of the best question about `features`; feature -1 where none helps."""
    best = (1e-12, -1, 0.0)
    n, one_hot = len(y), np.eye(classes)[y]
    whole = 1 - ((one_hot.sum(0) / n) ** 2).sum()
    for f in features:
        order = x[:, f].argsort(kind="stable")
        values = x[order, f]
        left = one_hot[order].cumsum(0)[:-1]  # [N - 1, K] classes left of each cut
        right = one_hot.sum(0) - left
        sizes = np.arange(1, n)
        impure = sizes - (left**2).sum(1) / sizes + (n - sizes) - (right**2).sum(1) / (n - sizes)  # [N - 1], n times
        impure = np.where(values[1:] > values[:-1], impure, np.inf)  # no cut between equal values
        if len(impure) and whole - (least := impure.min()) / n > best[0]:
            cut = impure.argmin()
            best = (whole - least / n, f, (values[cut] + values[cut + 1]) / 2)
    return best


gain, feature, threshold = best_question(x, y, range(64))
theirs = DecisionTreeClassifier(max_depth=1).fit(x, y).tree_
print(f"ours: pixel {feature} <= {threshold:.1f}, gain {gain:.4f}")
print(f"scikit-learn's: pixel {theirs.feature[0]} <= {theirs.threshold[0]:.1f}")
assert feature == theirs.feature[0] and np.isclose(threshold, theirs.threshold[0])

# %% [markdown]
# ## A tree
#
# Ask the best question, split the examples, and do the same with each half, until a group has one class. A leaf stores
# the class frequencies. A fully grown tree knows its training examples by heart: 100 % right on them, and much less on
# others. It can ask anything, so it also asks questions that only chance suggests. (With `rng`, a node tries only
# `tried` random pixels: the forest will need that.)


# %%
def grow(x, y, rng=None, tried=64, depth=30):
    counts = np.bincount(y, minlength=10)
    features = range(64) if rng is None else rng.choice(64, tried, replace=False)
    if depth == 0 or counts.max() == len(y) or (question := best_question(x, y, features))[1] < 0:
        return counts / len(y)
    _, f, t = question
    left = x[:, f] <= t
    return f, t, grow(x[left], y[left], rng, tried, depth - 1), grow(x[~left], y[~left], rng, tried, depth - 1)


def ask(tree, x):
    """Fractions of the classes [N, 10] in the leaf where each example ends."""
    if not isinstance(tree, tuple):
        return np.tile(tree, (len(x), 1))
    f, t, low, high = tree
    out, left = np.empty((len(x), 10)), x[:, f] <= t
    out[left], out[~left] = ask(low, x[left]), ask(high, x[~left])
    return out


began = time.time()
tree = grow(x, y)
right = {
    "training": (ask(tree, x).argmax(1) == y).mean(),
    "held out": (ask(tree, x_test).argmax(1) == y_test).mean(),
}
print({name: f"{share:.1%}" for name, share in right.items()}, f"{time.time() - began:.1f} s")
sklearns = DecisionTreeClassifier(random_state=0).fit(x, y)
print(f"scikit-learn's tree, held out: {sklearns.score(x_test, y_test):.1%}")

# %% [markdown]
# ## A forest
#
# One tree is unstable: change a few examples, another question wins at the top, and everything below is different. For
# one tree that is a weakness, for many a strength: grow each from examples drawn *with replacement*, and let it choose
# each question among only 8 = √64 random pixels. Their errors then have little in common, and a mean of opinions that
# err independently errs less. The vote is the mean of the leaves' class frequencies.
#
# Each tree misses more than a third of the examples: (1 − 1/N)^N is nearly 1/e = 37 %. If only the trees that have not
# seen an example vote on it, the forest tests itself, "out of bag", without a held-out set.

# %%
TREES = 8 if QUICK else 60
rng, forest, bag = np.random.default_rng(0), [], np.zeros((len(y), 10))
votes, by_count = np.zeros((len(y_test), 10)), []
for _ in range(TREES):
    drawn = rng.integers(len(y), size=len(y))
    forest.append(grow(x[drawn], y[drawn], rng, tried=8))
    votes += ask(forest[-1], x_test)
    by_count.append((votes.argmax(1) == y_test).mean())
    outside = np.setdiff1d(np.arange(len(y)), drawn)
    bag[outside] += ask(forest[-1], x[outside])
asked = bag.sum(1) > 0
single = np.mean([(ask(t, x_test).argmax(1) == y_test).mean() for t in forest])
tengens = RandomForest(trees=TREES).fit(x, y)
print(
    f"one of its trees alone {single:.1%}, all {TREES} together {by_count[-1]:.1%},"
    f" out of bag {(bag.argmax(1) == y)[asked].mean():.1%}"
)
print(f"Tengen's forest of {TREES}: {tengens.score(x_test, y_test):.1%}")

# %% [markdown]
# ## Boosting: each corrects those before
#
# A forest's trees grow independently. In boosting each new tree is fitted to what the *sum* of those before it still
# gets wrong. With scores s, p = softmax(s) and a loss −log p of the right class, the first and second derivatives of an
# example's loss with respect to its score are
#
# $$g = p - y, \qquad h = p (1 - p)$$
#
# where y is 1 for the example's class and 0 for others. Adding w to the score of all examples in a leaf changes the
# loss by about G w + ½ H w², with the sums G and H of g and h over the leaf. With a penalty ½ λ w², the best output of
# the leaf is w = −G / (H + λ): a Newton step. It lowers the loss by ½ G² / (H + λ), so a split gains ½ (G_L²/(H_L+λ) +
# G_R²/(H_R+λ) − G²/(H+λ)). The tree asks where the *gradient* changes, not where the class does. Each round adds one
# small tree per class, but only 0.3 of its w, so that later trees have something left to correct.


# %%
def best_cut(x, g, h, lam):
    """(gain, feature, threshold) of the best split; feature -1 where none helps."""
    best = (1e-6, -1, 0.0)
    whole = g.sum() ** 2 / (h.sum() + lam)
    for f in range(64):
        order = x[:, f].argsort(kind="stable")
        values, left_g, left_h = x[order, f], g[order].cumsum()[:-1], h[order].cumsum()[:-1]
        gain = left_g**2 / (left_h + lam) + (g.sum() - left_g) ** 2 / (h.sum() - left_h + lam) - whole
        gain = np.where(values[1:] > values[:-1], gain, 0)
        if len(gain) and gain.max() / 2 > best[0]:
            cut = gain.argmax()
            best = (gain[cut] / 2, f, (values[cut] + values[cut + 1]) / 2)
    return best


def correct(x, g, h, depth=3, lam=1.0):
    if depth == 0 or len(g) < 20 or (cut := best_cut(x, g, h, lam))[1] < 0:
        return -g.sum() / (h.sum() + lam)
    left = x[:, cut[1]] <= cut[2]
    return (
        cut[1],
        cut[2],
        correct(x[left], g[left], h[left], depth - 1, lam),
        correct(x[~left], g[~left], h[~left], depth - 1, lam),
    )


def say(tree, x):
    if not isinstance(tree, tuple):
        return np.full(len(x), tree)
    f, t, low, high = tree
    return np.where(x[:, f] <= t, say(low, x), say(high, x))


def softmax(s):
    e = np.exp(s - s.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


ROUNDS, RATE = 2 if QUICK else 25, 0.3
scores, test_scores, boosted = np.zeros((len(y), 10)), np.zeros((len(y_test), 10)), []
for _ in range(ROUNDS):
    p = softmax(scores)
    trees = [correct(x, p[:, k] - (y == k), p[:, k] * (1 - p[:, k])) for k in range(10)]
    for k, small in enumerate(trees):
        scores[:, k] += RATE * say(small, x)
        test_scores[:, k] += RATE * say(small, x_test)
    boosted.append((test_scores.argmax(1) == y_test).mean())
print(f"after {ROUNDS} rounds: {boosted[-1]:.1%} of the held-out digits")

# %% [markdown]
# ## The picture
#
# Left: how often the forest asks about each pixel. It hardly ever asks about those at the left and right edge: they are
# white in nearly all pictures. Middle: the path of one held-out digit through the single tree; the numbers are the
# order of the questions, blue where the answer was yes (at most t), red where it was no. Right: what more trees bring,
# by voting and by correcting.


# %% tags=["result"]
def questions(tree):
    return [] if not isinstance(tree, tuple) else [tree[0], *questions(tree[2]), *questions(tree[3])]


figure, (left, middle, side) = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained", width_ratios=[1, 1, 1.6])
asked_about = np.bincount([f for t in forest for f in questions(t)], minlength=64)
left.imshow(asked_about.reshape(8, 8), cmap="YlGn")
left.set(title="pixels asked about", xticks=[], yticks=[])

picture, node, number = x_test[3], tree, 1
middle.imshow(picture.reshape(8, 8), cmap="gray_r", alpha=0.6)
while isinstance(node, tuple):
    f, t, low, high = node
    yes = picture[f] <= t
    middle.text(
        f % 8,
        f // 8,
        number,
        ha="center",
        va="center",
        color="#1b6ca8" if yes else "#d1495b",
        fontsize=13,
        weight="bold",
    )
    node, number = (low if yes else high), number + 1
middle.set(title=f"{number - 1} questions: a {node.argmax()}", xticks=[], yticks=[])

side.plot(range(1, TREES + 1), by_count, color="#2e8b57", label="forest, by trees")
side.plot(range(1, ROUNDS + 1), boosted, color="#c97b12", label="boosting, by rounds")
side.axhline(right["held out"], color="#555555", linestyle=":", label="one tree")
side.set(xlabel="trees or rounds", ylabel="held-out accuracy", ylim=(0.6, 1))
side.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What to take away
#
# * A tree has low bias and high variance. A forest averages the variance away; boosting starts from small trees with
#   high bias and takes the bias away. Both are answers to the same formula ([lessons](../algorithms/lessons.md)).
# * A forest needs no scaling, no learning rate and hardly any tuning; boosting needs a rate and a number of rounds. On
#   tabular data these two are what a network has to beat.
#
# ## Try
#
# 1. `tried=64` in the forest. What happens to each tree alone, and to all of them together? Count how often two trees
#    make the same mistake.
# 2. What does the tree make of an empty picture? Follow its questions.
# 3. Replace the Newton step by the mean of −g in the leaf, w = −G / n. Print the loss on the training examples after
#    each round: how many more rounds does the same loss take, and how many the same accuracy?
# 4. Which `depth` of a single tree is best on held-out digits, and how far below the forest is it?

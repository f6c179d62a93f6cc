# %% [markdown]
# # Maps: sixty-four dimensions on a sheet of paper
#
# **What comes out.** Three maps of the same handwritten digits, each from a solver of a few lines: principal components
# (PCA), Fisher's discriminants, and t-SNE. The first two agree with Tengen's to many digits, the gradient of the third
# with finite differences. Of a digit's five nearest neighbours on the map, 11 % are true ones with PCA, 8 % with
# discriminants, 63 % with t-SNE. What t-SNE gives up for that is explained below; the map does not show it.
#
# ![three maps of the same digits](images/projections.png)
#
# Papers: Pearson 1901; Fisher 1936; van der Maaten & Hinton 2008. Page:
# [docs/algorithms/projections.md](../algorithms/projections.md). With Tengen: `tengen train digits --learner pca`,
# `discriminants` or `tsne`.

# %% [markdown]
# ## What we need
#
# numpy, the digits from Tengen's reader (8x8 pixels, so 64 numbers each), and its learners to compare with.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np

from supervised.classical.projections import PCA, LinearDiscriminants
from supervised.classical.tsne import TSNE, trustworthiness
from supervised.data.sets import digits

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
found = digits("", print)
pictures, labels = found.train
x = pictures.reshape(len(pictures), 64) / 255
x, labels = (x[:250], labels[:250]) if QUICK else (x[:1000], labels[:1000])
print(x.shape)

# %% [markdown]
# ## Where they vary most
#
# A linear map to two dimensions keeps two numbers of each picture. Which directions lose least? The loss is the picture
# minus its projection; by Pythagoras its mean square is the total variance minus the variance along the two directions.
# So losing least means *varying most*. The variance along a unit vector v is vᵀ C v with the covariance C; it is
# largest along C's first eigenvector, and next along the second, perpendicular to it.
#
# Subtract the mean first. Otherwise the first direction points from 0 to the mean picture, which all pictures share.


# %%
def principal(x, count):
    centred = x - x.mean(0)
    variance, vectors = np.linalg.eigh(centred.T @ centred / (len(x) - 1))  # ascending
    return centred @ vectors[:, ::-1][:, :count], variance[::-1], vectors[:, ::-1][:, :count]


pca, variance, directions = principal(x, 2)
theirs = PCA(components=2).fit(x)
apart = np.abs(np.abs(pca) - np.abs(theirs.transform(x))).max()  # the sign of a direction is arbitrary
lost = ((x - x.mean(0) - pca @ directions.T) ** 2).sum() / (len(x) - 1)
print(f"off Tengen's by at most {apart:.1e}; two of 64 directions keep {variance[:2].sum() / variance.sum():.0%}")
print(f"Pythagoras: lost {lost:.4f} + kept {variance[:2].sum():.4f} = {variance.sum():.4f}")
assert apart < 1e-8 and np.isclose(lost + variance[:2].sum(), variance.sum())

# %% [markdown]
# ## Where the classes lie apart
#
# PCA ignores labels. If you have them, ask a better question: along which direction do the class means lie far apart,
# *relative to the spread within each class*? With the between-class scatter S_b and the within-class scatter S_w:
#
# $$\max_v \frac{v^\top S_b \, v}{v^\top S_w \, v}$$
#
# Whitening makes this an ordinary eigenproblem: first stretch the space so that S_w becomes the identity. Then only the
# numerator is left, and maximising it is PCA of the ten class means. Some pixels never change, so S_w has eigenvalues
# of 0; to avoid dividing by them, we add a little to its diagonal.


# %%
def discriminants(x, labels, count, shrinkage=1e-6):
    classes = np.unique(labels)
    means, size = np.stack([x[labels == k].mean(0) for k in classes]), np.bincount(labels)[classes]
    centred = x - means[np.searchsorted(classes, labels)]
    within = centred.T @ centred / (len(x) - len(classes))
    within += shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    spread, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(spread)
    overall = size @ means / size.sum()
    _, _, best = np.linalg.svd(np.sqrt(size)[:, None] * (means - overall) @ whiten, full_matrices=False)
    return (x - overall) @ whiten @ best[:count].T


fisher = discriminants(x, labels, 2)
theirs = LinearDiscriminants().fit(x, labels).transform(x)[:, :2]
apart = np.abs(np.abs(fisher) - np.abs(theirs)).max()
print(f"off Tengen's by at most {apart:.1e}")
assert apart < 1e-5

# %% [markdown]
# ## Keeping only the neighbours
#
# Any linear map of ten clusters from 64 dimensions to two puts some of them on top of each other. t-SNE gives up
# distances and keeps only *who is near whom*. Picture i picks picture j as its neighbour with probability
#
# $$p_{j|i} \propto e^{-\beta_i |x_i - x_j|^2}$$
#
# where β_i is set so that every picture has about the same number of neighbours: the entropy of p_i is the logarithm of
# the *perplexity*, 30 here. β is large in dense regions and small in sparse ones. The entropy falls as β grows, so
# bisection finds β.


# %%
def affinities(x, perplexity):
    """P [N, N], symmetric, sums to 1."""
    d = np.maximum((x * x).sum(1)[:, None] - 2 * x @ x.T + (x * x).sum(1), 0)
    np.fill_diagonal(d, np.inf)  # no point is its own neighbour
    low, high = np.full(len(x), 1e-3), np.full(len(x), 1e4)
    nearest = d.min(1, keepdims=True)
    for _ in range(40):
        beta = np.sqrt(low * high)
        p = np.exp(-beta[:, None] * (d - nearest))  # relative to the nearest, so exp never underflows for all
        p /= p.sum(1, keepdims=True)
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(1)
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
    return (p + p.T) / (2 * len(x)), np.exp(entropy)


PERPLEXITY = 30
p, reached = affinities(x, PERPLEXITY)
print(f"perplexities from {reached.min():.2f} to {reached.max():.2f}; P sums to {p.sum():.6f}")

# %% [markdown]
# ## The same probabilities on the map
#
# On the map the probabilities are q_ij ∝ 1 / (1 + |y_i − y_j|²), and we move the points to make the divergence KL(P‖Q)
# small. Why a different kernel from the data's? In 64 dimensions a point can have far more others at a moderate
# distance than fit around it on paper. With a Gaussian on both sides they crowd in the middle; the heavy tail of 1 /
# (1 + d²) lets moderately distant points lie far apart on the map.
#
# KL is asymmetric, and that decides what you can believe about the map. Drawing a true neighbour (p large) far away (q
# small) costs p log p/q, which is a lot; drawing a distant point nearby costs next to nothing. So *that two points lie
# together* means something, and the gaps between clusters, their sizes and their positions mean next to nothing.
#
# The gradient is a sum of springs: 4 Σ_j (p_ij − q_ij)(y_i − y_j) / (1 + |y_i − y_j|²). We check it with finite
# differences: move each point a little and see how KL changes.


# %%
def parts_of(y):
    w = 1 / (1 + np.maximum((y * y).sum(1)[:, None] - 2 * y @ y.T + (y * y).sum(1), 0))
    np.fill_diagonal(w, 0)
    return w, w / w.sum()


def divergence(p, y):
    _, q = parts_of(y)
    some = p > 0
    return float((p[some] * np.log(p[some] / np.maximum(q[some], 1e-300))).sum())


def gradient_of(p, y, exaggeration=1.0):
    w, q = parts_of(y)
    force = (exaggeration * p - q) * w
    return 4 * (force.sum(1)[:, None] * y - force @ y)  # sum_j f_ij (y_i - y_j), as a product of matrices


few = p[:20, :20] / p[:20, :20].sum()
y, slopes = np.random.default_rng(0).normal(size=(20, 2)), np.zeros((20, 2))
for place in np.ndindex(y.shape):
    step = np.zeros_like(y)
    step[place] = 1e-5
    slopes[place] = (divergence(few, y + step) - divergence(few, y - step)) / 2e-5
apart = np.abs(slopes - gradient_of(few, y)).max()
print(f"slopes up to {np.abs(slopes).max():.3f}, off the gradient by at most {apart:.1e}")
assert apart < 1e-6

# %% [markdown]
# ## Drawing the map
#
# KL has many local minima, and three tricks keep the map out of the bad ones: start from a tiny PCA map, so that the
# rough layout is right; exaggerate P twelvefold at first, so that clusters form while they can still pass through each
# other; then stop exaggerating and raise the momentum. Each coordinate also has a gain that grows while its gradient
# keeps pushing it the way it moves.

# %%
ROUNDS, began = (120 if QUICK else 600), time.time()
y = pca / pca[:, 0].std() * 1e-4
speed, gains, kl = np.zeros_like(y), np.ones_like(y), []
for i in range(ROUNDS):
    early = i < ROUNDS // 4
    gradient = gradient_of(p, y, 12.0 if early else 1.0)
    gains = np.maximum(np.where(np.sign(gradient) == np.sign(speed), 0.8 * gains, gains + 0.2), 0.01)
    speed = (0.5 if early else 0.8) * speed - max(50, len(x) / 48) * gains * gradient
    y = y + speed
    kl.append(divergence(p, y) if i % 20 == 19 else np.nan)
print(f"KL {kl[-1]:.3f} nats after {ROUNDS} rounds, {time.time() - began:.0f} s")
theirs = TSNE(perplexity=PERPLEXITY, iterations=ROUNDS if QUICK else 1000).fit(x)
print(f"Tengen's, which exaggerates for longer and ends in another minimum: {theirs.kl_divergence_:.3f}")

# %% [markdown]
# ## How far to trust a map
#
# A map looks convincing whether or not it is right, so measure it. Trustworthiness asks how far down the list of a
# point's true neighbours its five neighbours on the map stand; 1 is perfect. A simpler measure: of the five nearest
# neighbours on the map, how many are among the true five?


# %% tags=["result"]
def kept(x, y, k=5):
    def near(a):
        d = (a * a).sum(1)[:, None] - 2 * a @ a.T + (a * a).sum(1)
        np.fill_diagonal(d, np.inf)
        return d.argsort(1)[:, :k]

    return np.mean([len(set(a) & set(b)) / k for a, b in zip(near(x), near(y), strict=True)])


figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
for axis, (name, map_) in zip(axes, {"PCA": pca, "discriminants": fisher, "t-SNE": y}.items(), strict=True):
    trust, share = trustworthiness(x, map_), kept(x, map_)
    print(f"{name:14} trustworthiness {trust:.3f}; {share:.0%} of the five nearest are the true ones")
    for k in range(10):
        some = labels == k
        axis.plot(*map_[some].T, ".", markersize=3, color=plt.cm.tab10(k))
        axis.text(*np.median(map_[some], 0), str(k), fontsize=13, weight="bold", ha="center", va="center")
    axis.set(
        title=f"{name}: {share:.0%} of neighbours kept", xticks=[], yticks=[], xlabel="first axis", ylabel="second axis"
    )
plt.show()

# %% [markdown]
# ## What to take away
#
# * PCA loses the least variance, discriminants separate classes, t-SNE keeps neighbours. Choose by your question, and
#   say which one you chose.
# * The axes of the first two mean something, and one matrix product places a new picture. A t-SNE map has no place for
#   a new picture; ignore its gaps and sizes.
# * Our t-SNE takes N² memory and time per round. Tengen's is compiled and computes attraction between near neighbours
#   only; otherwise the map is the same. `tengen plot RUN` draws the states of networks with it, as the DQN paper did.
#
# ## Try
#
# 1. Perplexity 2, then 200. Which one tears clusters apart, and which merges them?
# 2. Replace `w` by a Gaussian, exp(−d²), in `parts_of` (and the factor `w` in the gradient by 1). Does the map get
#    crowded?
# 3. Feed 300 points of one Gaussian in 64 dimensions. What does t-SNE with perplexity 5 draw? Would you have believed
#    it?
# 4. Discriminants of *shuffled* labels, with 100 pictures: how well are the made-up classes separated? What does that
#    say about the middle map?

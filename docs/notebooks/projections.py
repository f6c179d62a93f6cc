# %% [markdown]
# # Maps: sixty-four dimensions on a sheet of paper
#
# **What comes out.** Three maps of the same handwritten digits, each by a solver of a few lines: principal components,
# Fisher's discriminants, and t-SNE. The first two agree with Tengen's to many digits, the gradient of the third with
# the definition of a derivative. Of a digit's five nearest neighbours in the map 11 % are true ones by principal
# components, 8 % by discriminants, 63 % by t-SNE. What that map pays for it is said below, and is not visible in it.
#
# ![three maps of the same digits](images/projections.png)
#
# Papers: Pearson 1901; Fisher 1936; van der Maaten & Hinton 2008. Page:
# [docs/algorithms/projections.md](../algorithms/projections.md). The same: `tengen train digits --learner pca`,
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
# A map of two directions keeps two numbers of each picture. Which directions lose least? The picture minus its shadow
# is what is lost; by Pythagoras its mean square is the whole variance minus that along the directions. So losing
# least is the same as *varying most*. The variance along a unit vector v is vᵀ C v with the covariance C; it is
# largest at C's first eigenvector, and next at the second, perpendicular to it.
#
# Subtract the mean first. Otherwise the first direction points from 0 to the mean picture, which all have in common.


# %%
def principal(x, count):
    centred = x - x.mean(0)
    variance, vectors = np.linalg.eigh(centred.T @ centred / (len(x) - 1))  # the smallest first
    return centred @ vectors[:, ::-1][:, :count], variance[::-1], vectors[:, ::-1][:, :count]


pca, variance, directions = principal(x, 2)
theirs = PCA(components=2).fit(x)
apart = np.abs(np.abs(pca) - np.abs(theirs.transform(x))).max()  # a direction has no sign of its own
lost = ((x - x.mean(0) - pca @ directions.T) ** 2).sum() / (len(x) - 1)
print(f"from Tengen's at most {apart:.1e}; two of 64 directions keep {variance[:2].sum() / variance.sum():.0%}")
print(f"Pythagoras: lost {lost:.4f} + kept {variance[:2].sum():.4f} = {variance.sum():.4f}")
assert apart < 1e-8 and np.isclose(lost + variance[:2].sum(), variance.sum())

# %% [markdown]
# ## Where the classes lie apart
#
# PCA does not know what a digit is. If labels are known, another question is better: in which direction do the means
# of the classes lie far apart, *compared with how far each class spreads*? With the scatter between classes S_b and
# within them S_w:
#
# $$\max_v \frac{v^\top S_b \, v}{v^\top S_w \, v}$$
#
# A trick makes an ordinary eigenproblem of it: first stretch the space so that every class spreads alike in all
# directions ("whitening": S_w becomes the identity). Then only the numerator is left, and that is PCA again, of the
# ten means. Some pixels never change, so S_w has directions of length 0 by which one must not divide: a little is
# added to each.


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
print(f"from Tengen's at most {apart:.1e}")
assert apart < 1e-5

# %% [markdown]
# ## Giving up directions
#
# Any flat map of ten clumps in 64 dimensions lays some of them on top of each other. t-SNE gives up distances and
# keeps only *who is near whom*. Picture i asks each other one "are you my neighbour?" with probabilities
#
# $$p_{j|i} \propto e^{-\beta_i |x_i - x_j|^2}$$
#
# where β_i is set such that everybody has about equally many neighbours: the entropy of p_i is the logarithm of the
# *perplexity*, 30 here. In a dense place β is large, in a sparse one small. The entropy falls as β grows, so halving
# an interval finds it.


# %%
def affinities(x, perplexity):
    """P [N, N], symmetric, sums to 1."""
    d = np.maximum((x * x).sum(1)[:, None] - 2 * x @ x.T + (x * x).sum(1), 0)
    np.fill_diagonal(d, np.inf)  # nobody is a neighbour of themselves
    low, high = np.full(len(x), 1e-3), np.full(len(x), 1e4)
    nearest = d.min(1, keepdims=True)
    for _ in range(40):
        beta = np.sqrt(low * high)
        p = np.exp(-beta[:, None] * (d - nearest))  # minus the nearest: exp never underflows for all
        p /= p.sum(1, keepdims=True)
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(1)
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
    return (p + p.T) / (2 * len(x)), np.exp(entropy)


PERPLEXITY = 30
p, reached = affinities(x, PERPLEXITY)
print(f"perplexities from {reached.min():.2f} to {reached.max():.2f}; P sums to {p.sum():.6f}")

# %% [markdown]
# ## The same question on the paper
#
# In the map the probabilities are q_ij ∝ 1 / (1 + |y_i − y_j|²), and the map is to make the divergence KL(P‖Q) small.
# Why another shape than in the data? In 64 dimensions a point can have far more others at a middle distance than fit
# around it on paper. With a Gaussian on both sides they crowd in the middle; the heavy tail of 1 / (1 + d²) lets them
# be far away in the map though they are only middling far in truth.
#
# KL is lopsided, and that decides what such a map can be believed about. A true neighbour (p large) drawn far away (q
# small) costs p log p/q: much. A stranger drawn near costs next to nothing. So *that two lie together* means
# something, and the gaps between clumps, their sizes and their places mean next to nothing.
#
# The gradient comes out as springs: 4 Σ_j (p_ij − q_ij)(y_i − y_j) / (1 + |y_i − y_j|²). It is checked against the
# definition: move each point a little, see what KL does.


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
print(f"slopes up to {np.abs(slopes).max():.3f}, from the gradient at most {apart:.1e}")
assert apart < 1e-6

# %% [markdown]
# ## Drawing the map
#
# KL has many valleys, and three habits keep the map out of the bad ones: begin with PCA, tiny, so that the rough
# order is right; exaggerate P twelvefold at first, so that clumps form while they can still pass through each other;
# then let go, with momentum, and for each number a gain that grows while its gradient keeps pushing the way it moves.

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
print(f"Tengen's, which exaggerates for longer and ends in another valley: {theirs.kl_divergence_:.3f}")

# %% [markdown]
# ## How far to trust a map
#
# A map looks convincing whether or not it is right, so it needs a number. Trustworthiness asks for each point's five
# neighbours on the paper how far down the list of its true neighbours they stand; 1 is perfect. And a plain question
# that everybody understands: of the five neighbours on the paper, how many are among the five true ones?


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
# * PCA is the question of least loss, discriminants that of parting classes, t-SNE that of keeping neighbours. Choose
#   by the question, and print which one it was.
# * The axes of the first two mean something: a new picture has a place in them by one product. A t-SNE map has no
#   place for a new picture, and its gaps and sizes must not be read.
# * Our t-SNE takes N² numbers and time a round. Tengen's keeps attraction to near neighbours only, compiled; it is the
#   same map otherwise. It draws the states of networks (`tengen plot RUN`), as the DQN paper did.
#
# ## Try
#
# 1. Perplexity 2, then 200. Which one tears clumps apart, and which runs them together?
# 2. Replace `w` by a Gaussian, exp(−d²), in `parts_of` (and the factor `w` in the gradient by 1). Is it crowded?
# 3. Feed 300 points of one Gaussian in 64 dimensions. What does t-SNE with perplexity 5 draw? Would you have believed
#    it?
# 4. Discriminants of *shuffled* labels, with 100 pictures: how well are the made-up classes parted? What does that
#    say about the middle map?

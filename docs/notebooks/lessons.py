# %% [markdown]
# # Four laws of learning, measured
#
# **What comes out.** Four statements that are easy to repeat and seldom checked, each measured in a few lines beside
# what theory says: an error is noise plus bias plus variance (to within 1 % of it); a hyperplane realises exactly as
# many labellings of points as Cover's formula counts; gradients shrink or grow by a factor per layer that you can
# compute beforehand; and momentum takes the square root of a ravine's condition number. The picture has one panel for
# each: points measured, lines computed.
#
# ![bias and variance, shattering, gradients by layer, a ravine](images/lessons.png)
#
# Papers: Geman, Bienenstock & Doursat 1992; Cover 1965; Glorot & Bengio 2010; Polyak 1964. Page:
# [docs/algorithms/lessons.md](../algorithms/lessons.md). With more measurements: `tengen train lesson --lesson NAME`.

# %% [markdown]
# ## What we need
#
# numpy, and no data set: each law is checked on numbers drawn here, because only there is the truth known. Tengen's
# lessons are imported to compare our counts and factors with.

# %%
import os
from itertools import product
from math import comb

import matplotlib.pyplot as plt
import numpy as np

from supervised.classical.lessons import gradients as their_gradients
from supervised.classical.lessons import ravine as their_ravine
from supervised.classical.lessons import shattering as their_shattering

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
rng = np.random.default_rng(0)

# %% [markdown]
# ## 1. Why a more flexible model is not better
#
# Fit a polynomial to 30 noisy points of a sine; then do it again with 30 *other* points, and again. At a point x the
# fits f_D scatter, and their error has two parts. Their **mean** is off: bias, a stiff model's fault, and the same for
# every data set. And each is off from their mean: **variance**, a flexible model's fault, different for each data set.
# With the noise of the new point itself, which no model can remove,
#
# $$E[(f_D - y)^2] = \text{noise}^2 + (E f_D - f)^2 + E[(f_D - E f_D)^2]$$
#
# The three cross terms vanish, because each has a factor with mean 0. To check that, we measure the left side
# separately, with fresh noisy points, and compute the right side from the fits.

# %%
NOISE, SETS, degrees = 0.3, 60 if QUICK else 600, range(8)
grid = np.linspace(-0.95, 0.95, 40)
truth = np.sin(np.pi * grid)
fits, measured = np.zeros((SETS, len(degrees), len(grid))), np.zeros((SETS, len(degrees)))
for i in range(SETS):
    x = rng.uniform(-1, 1, 30)
    y = np.sin(np.pi * x) + NOISE * rng.normal(size=30)
    fresh = truth + NOISE * rng.normal(size=len(grid))
    for degree in degrees:
        weights = np.linalg.lstsq(np.vander(x, degree + 1), y, rcond=None)[0]
        fits[i, degree] = np.vander(grid, degree + 1) @ weights
        measured[i, degree] = ((fits[i, degree] - fresh) ** 2).mean()
bias = ((fits.mean(0) - truth) ** 2).mean(1)
variance = fits.var(0).mean(1)
for degree in degrees:
    whole = NOISE**2 + bias[degree] + variance[degree]
    print(
        f"degree {degree}: bias² {bias[degree]:.4f} + variance {variance[degree]:.4f} + noise² {NOISE**2:.2f} ="
        f" {whole:.3f}, measured {measured[:, degree].mean():.3f}"
    )

# %% [markdown]
# Degree 3 is best, though a sine is no cubic and degree 5 comes closer to it on average: what is gained in bias is
# lost in variance. With more points per set the variance falls and the balance moves to higher degrees. That is all
# there is to "more data allows larger models".
#
# ## 2. How many labellings can a hyperplane realise?
#
# If a class of functions fits *every* labelling of N points, that it fits the true one proves nothing. So count: of
# the 2^N ways to label N points with ±, how many can a hyperplane realise? Cover proved that the number does not
# depend on where the points lie (as long as no d + 1 of them lie in one hyperplane):
#
# $$C(N, d) = 2 \sum_{k=0}^{d} \binom{N-1}{k}$$
#
# To decide a labelling we let a perceptron search for the plane: it finds one in finitely many steps if there is one
# (Rosenblatt). It cannot prove that there is none; after many passes we assume so. Tengen's lesson decides with a
# linear program instead, which can.


# %%
def parts(points, labels, passes=3000):
    """Whether a hyperplane splits `points` [N, d] as `labels` [N] of ±1 say."""
    signed = np.hstack([points, np.ones((len(points), 1))]) * labels[:, None]
    w = signed.sum(0)
    for _ in range(passes):
        wrong = signed @ w <= 0
        if not wrong.any():
            return True
        w = w + signed[wrong].sum(0)
    return False


def cover(n, d):
    return 2 * sum(comb(n - 1, k) for k in range(d + 1))


MOST = 5 if QUICK else 7
counts = {}
for d in (1, 2, 3):
    for n in range(1, MOST + 1):
        points = rng.normal(size=(n, d))
        # the same plane realises the opposite labelling: fix the first label, count twice
        counts[d, n] = 2 * sum(parts(points, np.array([1.0, *rest])) for rest in product((1.0, -1.0), repeat=n - 1))
    print(f"{d} dimensions:", " ".join(f"{counts[d, n]}/{2**n}" for n in range(1, MOST + 1)))
assert all(count == cover(n, d) == their_shattering.cover(n, d) for (d, n), count in counts.items())

# %% [markdown]
# Up to N = d + 1 every labelling is possible: that number is the VC dimension. At N = 2 (d + 1) it is exactly half of
# them, and beyond that a vanishing fraction: there, a fit means something. Vapnik's theorem says how many examples
# turn that into a guarantee; on real data it is far too cautious (`--lesson sample-size` plots by how much).
#
# ## 3. How much gradient reaches the first layer
#
# On the way back through a layer a = φ(W x), the gradient is multiplied by Wᵀ and by φ'. With n inputs and weights of
# variance v, its variance is multiplied by about n v E[φ'²]. For a ReLU, φ' is 1 for one half and 0 for the other: a
# factor n v/2 per layer, so v = 2 / n preserves it (He), and v = 1 / n leaves (½)^20, a millionth, of it after twenty
# layers. A sigmoid has φ' ≤ ¼: with v = 1 / n at least a factor of 4 per layer in size, whatever the data.


# %%
def sizes_of(phi, slope, gain, depth=20, width=100, batch=100):
    """Root mean square of the gradient before each layer, from the input on; weights of variance gain / width."""
    layers = rng.normal(0, (gain / width) ** 0.5, (depth, width, width))
    x, sums = rng.normal(size=(batch, width)), []
    for weights in layers:
        sums.append(x @ weights.T)
        x = phi(sums[-1])
    g = rng.normal(size=(batch, width))  # a random gradient arrives at the output
    sizes = [g.std()]
    for weights, z in zip(layers[::-1], sums[::-1], strict=True):
        g = (g * slope(z)) @ weights
        sizes.append(g.std())
    return np.array(sizes[::-1])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


CASES = {
    "sigmoid, 1/n": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), 1.0),
    "tanh, 1/n": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1.0),
    "ReLU, 1/n": (lambda z: np.maximum(z, 0), lambda z: z > 0, 1.0),
    "ReLU, 2/n": (lambda z: np.maximum(z, 0), lambda z: z > 0, 2.0),
}
REPEATS = 3 if QUICK else 30
sizes = {name: np.exp(np.mean([np.log(sizes_of(*case)) for _ in range(REPEATS)], 0)) for name, case in CASES.items()}
for name, size in sizes.items():
    theirs = their_gradients.gradients(name.split(",")[0].lower(), CASES[name][2], [0])
    print(
        f"{name:13} factor per layer {(size[0] / size[-1]) ** (1 / 20):.3f}"
        f" (Tengen's, one network: {(theirs[0] / theirs[-1]) ** (1 / 20):.3f})"
    )
print(f"theory: ReLU {0.5**0.5:.3f} and 1, sigmoid about 0.25 or less")
assert abs((sizes["ReLU, 2/n"][0] / sizes["ReLU, 2/n"][-1]) ** (1 / 20) - 1) < 0.05

# %% [markdown]
# The sigmoid's first layer gets 10⁻¹³ of the last one's gradient; no learning rate suits both. Better initial weights,
# ReLUs, shortcuts (ResNet), gates (LSTM) and normalisation are five answers to this one picture.
#
# ## 4. A ravine
#
# f(x, y) = ½ (x² + κ y²) with κ = 100 stands for every loss with a steep and a flat direction. Gradient descent
# multiplies each coordinate by 1 − η·curvature. The steep one allows at most η < 2/κ, and then the flat one hardly
# moves: with the best η both shrink by (κ − 1)/(κ + 1) = 0.980 per step. Momentum keeps a velocity: steep directions
# cancel out, flat ones add up. Its best factor is (√κ − 1)/(√κ + 1) = 0.818: one such step does the work of ten.


# %%
def descend(lr, mu, steps, kappa=100.0):
    curvature, at, speed = np.array([1.0, kappa]), np.array([-10.0, 1.0]), np.zeros(2)
    path = [at]
    for _ in range(steps):
        speed = mu * speed - lr * curvature * at
        at = at + speed
        path.append(at)
    return np.array(path)


KAPPA, root = 100.0, 10.0
expected = {"gradient descent": (KAPPA - 1) / (KAPPA + 1), "momentum": (root - 1) / (root + 1)}
paths = {
    "gradient descent": descend(2 / (1 + KAPPA), 0, 300),
    "momentum": descend(4 / (1 + root) ** 2, expected["momentum"] ** 2, 300),
}
for name, path in paths.items():
    away = np.linalg.norm(path, axis=1)
    factor = (away[120] / away[60]) ** (1 / 60)
    print(f"{name:17} factor {factor:.3f}, theory {expected[name]:.3f}")
assert np.allclose(list(expected.values()), their_ravine.rates(KAPPA))

# %% [markdown]
# Momentum does not quite reach its factor: at the best settings two eigenvalues of its step coincide, and that adds a
# factor that grows with the number of steps (t · 0.818^t). This is why the settings used in practice stay below.
#
# ## All four in one picture
#
# Points and solid lines are measured, dotted ones computed. Where they differ, either the theory does not apply or the
# code has an error; so far it was the code every time.

# %% tags=["result"]
figure, axes = plt.subplots(1, 4, figsize=(13, 3.3), layout="constrained")
axes[0].stackplot(
    degrees, np.full(len(degrees), NOISE**2), bias, variance, labels=["noise²", "bias²", "variance"],
    colors=["#bbbbbb", "#1b6ca8", "#d1495b"], alpha=0.6,
)  # fmt: skip
axes[0].plot(degrees, measured.mean(0), "ko", markersize=4, label="measured")
axes[0].set(xlabel="degree", ylabel="squared error", title="bias and variance", ylim=(0, 0.8))
axes[0].legend(frameon=False, fontsize=8)
for d, colour in zip((1, 2, 3), ("#1b6ca8", "#d1495b", "#2e8b57"), strict=True):
    ns = range(1, MOST + 1)
    axes[1].plot(ns, [counts[d, n] / 2**n for n in ns], "o", markersize=4, color=colour, label=f"{d} dimensions")
    axes[1].plot(ns, [cover(n, d) / 2**n for n in ns], ":", color=colour)
axes[1].set(xlabel="points", ylabel="share of labellings", title="what a plane can split", ylim=(0, 1.05))
axes[1].legend(frameon=False, fontsize=8)
for (name, size), colour in zip(sizes.items(), ("#555555", "#c97b12", "#1b6ca8", "#2e8b57"), strict=True):
    axes[2].semilogy(size, color=colour, label=name)
for factor in (1, 0.5**0.5):
    axes[2].semilogy([0, 20], [factor**20, 1], ":", color="#333333")
axes[2].set(xlabel="layer (0: the input)", ylabel="size of the gradient", title="what reaches the first layer")
axes[2].legend(frameon=False, fontsize=8)
for (name, path), colour in zip(paths.items(), ("#1b6ca8", "#d1495b"), strict=True):
    away = np.linalg.norm(path, axis=1)[:150]
    axes[3].semilogy(away, color=colour, label=name)
    axes[3].semilogy(away[0] * expected[name] ** np.arange(150), ":", color=colour)
axes[3].set(xlabel="steps", ylabel="distance from the optimum", title="a ravine", ylim=(1e-9, 50))
axes[3].legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# ## What to take away
#
# A law with a number in it is a test: of the law, and of the program. Each panel here would show a wrong sign or a
# forgotten square root at once. When you build something, look first for a case with a known answer.
#
# ## Try
#
# 1. `NOISE = 1`. Which degree is best now? Work out the variance: for straight-line fits it is noise² · parameters /
#    points.
# 2. Put five points on a line in the plane. Is Cover's number still reached? Which of his assumptions is broken?
# 3. What happens to tanh with weights of variance ½/n, and with 4/n? (In the second case it is not only φ'.)
# 4. `descend` with μ = 0.99: what does the path look like, and what does theory say about its factor? (It is √μ.)

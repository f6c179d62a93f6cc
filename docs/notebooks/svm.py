# %% [markdown]
# # Support vectors: the widest street between two classes
#
# **What comes out.** A thirty-line solver for support vector machines that agrees with scikit-learn's and Tengen's. The
# picture shows what it finds: a boundary as far from both classes as possible, held up by a handful of points; you
# could remove all others without moving it. With another kernel the same lines draw curves.
#
# ![boundaries, margins and the points that hold them up](images/svm.png)
#
# Papers: Cortes & Vapnik 1995, Machine Learning 20; Platt 1998 (SMO). Page:
# [docs/algorithms/svm.md](../algorithms/svm.md). With Tengen: `tengen train digits --learner svm`.

# %% [markdown]
# ## What we need
#
# numpy; scikit-learn and Tengen's learner only to compare with. We begin with two classes for a straight line, because
# there you can *see* whether the answer is right.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.svm import SVC

from supervised.classical.svm import SVM

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
rng = np.random.default_rng(4)


def blobs(n, apart):
    y = np.repeat([1.0, -1.0], n // 2)
    return rng.normal(size=(n, 2)) * 0.8 + apart * y[:, None] * [0.8, 0.6], y


# %% [markdown]
# ## Which line?
#
# If one line separates two classes, many do. The *widest street* between them leaves most room for unseen points. With
# y = ±1 and the street's edges at f(x) = w·x + b = ±1, its width is 2/|w|. Not all classes can be separated, so each
# point may break the rule at a price C:
#
# $$\min \tfrac12 |w|^2 + C \sum_i \max(0, 1 - y_i f(x_i))$$
#
# The paper's trick is the *dual*, in which each example has a weight $0 \le a_i \le C$ and the examples occur only in
# products with each other:
#
# $$\min_a \tfrac12 a^T Q a - \sum_i a_i, \quad y^T a = 0, \quad Q_{ij} = y_i y_j K(x_i, x_j)$$
#
# So K may be any positive definite similarity, and the classifier is linear in a space that we never compute. Most a
# end at exactly 0.


# %%
def linear(x, z):
    return x @ z.T


def gaussian(x, z, gamma=0.7):
    return np.exp(-gamma * ((x * x).sum(1)[:, None] - 2 * x @ z.T + (z * z).sum(1)))


# %% [markdown]
# ## Two at a time
#
# No a can move alone, since Σ y a = 0. Two can: one y a goes up by what the other goes down. For two variables the
# optimum is a formula (a parabola's vertex, clipped at 0 and C), so no learning rate is needed. Which two? With the
# gradient G = Q a − 1, look at −y G: i has the largest value of those that may rise; j, of those that may fall,
# promises the largest decrease together with i. When the largest and the smallest agree to within a tolerance, the
# optimality conditions hold, and we are done.


# %%
def smo(kernel, y, c, tolerance=1e-3):
    """The weights a [N], the constant b, and the dual value after every step."""
    n = len(y)
    a, gradient, values = np.zeros(n), -np.ones(n), []
    while True:
        up = ((y > 0) & (a < c)) | ((y < 0) & (a > 0))  # y a may rise
        down = ((y > 0) & (a > 0)) | ((y < 0) & (a < c))
        push = -y * gradient
        i = np.where(up, push, -np.inf).argmax()
        if push[i] - push[down].min() < tolerance:
            break
        gap = push[i] - push  # the slope along the pair (i, j); only positive helps
        bend = np.maximum(kernel[i, i] + np.diag(kernel) - 2 * kernel[i], 1e-12)
        j = np.where(down & (gap > 0), gap**2 / bend, -np.inf).argmax()
        step = gap[j] / bend[j]  # the vertex of the parabola
        step = min(step, c - a[i] if y[i] > 0 else a[i], a[j] if y[j] > 0 else c - a[j])
        a[i] += y[i] * step
        a[j] -= y[j] * step
        gradient += step * y * (kernel[i] - kernel[j])
        values.append(a.sum() / 2 - a @ gradient / 2)
    free = (a > 1e-9) & (a < c - 1e-9)
    b = (-y * gradient)[free].mean() if free.any() else (push[i] + push[down].min()) / 2
    return a, b, values


# %% [markdown]
# ## By hand, then against the others
#
# Two points, at 0 and at 2 on a line: the street's edges are the points, its middle is 1, its width 2. So w = 1 and b
# = −1, and both a = ½ (from w = Σ a y x). Then a hundred points, two kernels, and three solvers: the dual value is
# the number to compare, because there is only one optimum.

# %%
a, b, _ = smo(linear(np.array([[0.0], [2.0]]), np.array([[0.0], [2.0]])), np.array([-1.0, 1.0]), 10)
print(f"two points: a = {a}, b = {b:.3f}")

x, y = blobs(100, 1.0)
for name, kernel, options in (
    ("linear", linear, {"kernel": "linear"}),
    ("gaussian", gaussian, {"kernel": "rbf", "gamma": 0.7}),
):
    k = kernel(x, x)
    a, b, values = smo(k, y, 1.0, 1e-5)
    sklearns = SVC(C=1.0, tol=1e-5, **options).fit(x, y)
    tengens = SVM(C=1.0, tolerance=1e-5, **options).fit(x, y)
    weights = np.zeros(len(y))
    weights[sklearns.support_] = np.abs(sklearns.dual_coef_[0])
    their_value = weights.sum() - 0.5 * (weights * y) @ k @ (weights * y)
    mine = set(np.flatnonzero(a > 1e-6))
    print(
        f"{name:9} dual value {values[-1]:.5f}, scikit-learn's {their_value:.5f}; support vectors {len(mine)},"
        f" scikit-learn's {len(sklearns.support_)}, Tengen's {len(tengens.support_)}; {len(values)} steps"
    )
    assert abs(values[-1] - their_value) < 1e-3 and abs(len(mine) - len(tengens.support_)) <= 1

# %% [markdown]
# ## Only the support vectors matter
#
# Only points with a > 0 should hold the street. So remove *all others* and solve again: if that is right, the boundary
# does not move. This makes the models small, and sets them apart from logistic regression, in which every point pulls a
# little.

# %%
a, b, _ = smo(linear(x, x), y, 1.0, 1e-6)
held = a > 1e-6
fewer, b_fewer, _ = smo(linear(x[held], x[held]), y[held], 1.0, 1e-6)
w, w_fewer = (a * y) @ x, (fewer * y[held]) @ x[held]
print(f"with {len(y)} points  w = {w.round(4)}, b = {b:.4f}")
print(f"with {held.sum()} points   w = {w_fewer.round(4)}, b = {b_fewer:.4f}")
assert np.allclose(w, w_fewer, atol=1e-2)

# %% [markdown]
# ## The picture
#
# Left: easily separated, a few points hold everything. Middle: overlapping classes; all points on the wrong side of
# their edge are support vectors with a = C. Right: a class inside a ring, which no line can separate; with the Gaussian
# kernel the same solver draws a closed curve.


# %% tags=["result"]
def ring(n):
    angle, inner = rng.uniform(0, 2 * np.pi, n), np.arange(n) < n // 2
    radius = np.where(inner, rng.uniform(0, 1.0, n), rng.uniform(1.5, 2.6, n))
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), np.where(inner, 1.0, -1.0)


figure, panels = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
for panel, (title, (x, y), kernel, c) in zip(
    panels,
    (
        ("linear, C = 10", blobs(60, 2.2), linear, 10.0),
        ("linear, overlapping, C = 1", blobs(120, 0.9), linear, 1.0),
        ("Gaussian kernel, C = 10", ring(120), gaussian, 10.0),
    ),
    strict=True,
):
    a, b, _ = smo(kernel(x, x), y, c)
    low, high = x.min(0) - 0.5, x.max(0) + 0.5
    u, v = np.meshgrid(np.linspace(low[0], high[0], 120), np.linspace(low[1], high[1], 120))
    f = kernel(np.stack([u.ravel(), v.ravel()], 1), x) @ (a * y) + b
    panel.contourf(
        u, v, f.reshape(u.shape), levels=[-1e9, -1, 1, 1e9], colors=["#d1495b", "#ffffff", "#1b6ca8"], alpha=0.12
    )
    panel.contour(
        u, v, f.reshape(u.shape), levels=[-1, 0, 1], colors="#333333", linestyles=[":", "-", ":"], linewidths=1
    )
    panel.scatter(*x[y > 0].T, s=14, color="#1b6ca8")
    panel.scatter(*x[y < 0].T, s=14, color="#d1495b")
    panel.scatter(*x[a > 1e-6].T, s=70, facecolors="none", edgecolors="#333333", linewidths=0.8)
    panel.set(title=f"{title}\n{(a > 1e-6).sum()} of {len(y)} points hold it up", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## What to take away
#
# * The optimum is unique, and you can *check* whether you are there. Few things in learning are like that.
# * A kernel replaces features; the price is a matrix with an entry for each pair of examples.
# * With several classes, pairs vote: ten digits take 45 classifiers. On digits that reaches 99.2 %, on 10,000 of MNIST
#   96.7 %.
#
# ## Try
#
# 1. C = 0.01 and C = 1,000 in the middle panel. Which of the two streets is wide, and what does it pay for that?
# 2. gamma = 50 in the right panel. How many support vectors are there, and how would a new point be classified?
# 3. Pick j at random among those that may fall. How many more steps does it take?
# 4. Show that at the optimum a point with 0 < a < C lies exactly on its edge of the street. Check it with `a` and
#    `f`.

# %% [markdown]
# # Linear models: the baseline that must be beaten first
#
# **What comes out.** Least squares in one line and logistic regression in ten, on handwritten digits; the first has
# the weights of Tengen's and scikit-learn's to many digits, the second ends at the same optimum as theirs. They
# classify 93 % and 97 % of held-out digits correctly. The picture shows the weights of the ten digits as pictures, for
# two strengths of the penalty: what the model looks for, and what it invents when nothing stops it.
#
# ![weights as pictures](images/linear-models.png)
#
# Papers: Cox 1958; Hoerl & Kennard 1970. Page: [docs/algorithms/linear-models.md](../algorithms/linear-models.md).
# The same: `tengen train digits --learner logistic`.

# %% [markdown]
# ## What we need
#
# numpy, and pictures from Tengen's reader, in two matrices: X [N, 64] has a row for each picture, and Y [N, 10] a
# column for each class. Tengen's learners and scikit-learn's are there to compare with.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn import linear_model

from supervised.classical.linear import least_squares
from supervised.classical.logistic import LogisticRegression
from supervised.data.sets import digits

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
found = digits("", print)
(x, y), (x_test, y_test) = (
    (pictures.reshape(len(pictures), 64) / 255, labels) for pictures, labels in (found.train, found.test)
)
print(f"{len(x)} training pictures, {len(x_test)} held out")

# %% [markdown]
# ## Least squares
#
# The simplest idea: for each class a weighted sum of the pixels that should be 1 for that class and −1 for all others.
# The sum of the squared errors plus a penalty, |X W − Y|² + λ |W|² (λ is `l2` in the code), is a bowl; its bottom is
# where the gradient 2 Xᵀ(X W − Y) + 2 λ W is zero, which is a linear equation:
#
# $$W = (X^T X + \lambda I)^{-1} X^T Y$$
#
# Each class also needs an intercept b, which should not be shrunk. Centring X and Y takes care of it: b then gives the
# mean picture the mean target as its score. Never invert the matrix: `solve` is faster and more exact.


# %%
def ridge(x, targets, l2):  # [N, D], [N, K] -> weights [D, K], intercepts [K]
    mean_x, mean_t = x.mean(0), targets.mean(0)
    xc = x - mean_x
    w = np.linalg.solve(xc.T @ xc + l2 * np.eye(x.shape[1]), xc.T @ (targets - mean_t))
    return w, mean_t - mean_x @ w


targets = 2.0 * np.eye(10)[y] - 1
w, b = ridge(x, targets, 1.0)
theirs, their_b = least_squares(x, targets, 1.0)
sklearns = linear_model.Ridge(alpha=1.0).fit(x, targets)
print(
    f"largest difference from Tengen's {np.abs(w - theirs).max()}, scikit-learn's {np.abs(w - sklearns.coef_.T).max()}"
)
print(f"held-out digits classified correctly: {((x_test @ w + b).argmax(1) == y_test).mean():.1%}")
assert np.allclose(w, theirs) and np.allclose(b, their_b)
assert np.allclose(w, sklearns.coef_.T) and np.allclose(b, sklearns.intercept_)

# %% [markdown]
# ## What is wrong with squared errors
#
# A picture that is *clearly* a 3, with a score of 4 where 1 was asked for, is penalised for it: (4 − 1)². The model
# bends to please the pictures it is surest of. We want probabilities instead, and the softmax makes them from scores:
#
# $$p_k = \frac{e^{s_k}}{\sum_j e^{s_j}}, \qquad J = -\sum_i \log p_{y_i} + \tfrac{\lambda}{2} |W|^2$$
#
# This is maximum likelihood: make the observed labels as probable as possible. For one picture, −log p_y = −s_y + log
# Σ exp s_j, and its derivative with respect to the score s_k is p_k, minus 1 if k = y. So the gradient with respect to
# all scores is P − Y: prediction minus truth (Y is now 1 for the class and 0 for all others). It is the same in the
# last layer of every softmax classifier. The scores are X W + b, so the gradient for W is Xᵀ(P − Y) + λ W, and for b
# the sum of the rows of P − Y.


# %%
def softmax(s):
    e = np.exp(s - s.max(1, keepdims=True))  # subtracting the largest changes nothing and avoids overflow
    return e / e.sum(1, keepdims=True)


def objective(w, b, l2):  # -> J, its gradient by w [D, K] and by b [K]
    p = softmax(x @ w + b)
    loss = -np.log(p[np.arange(len(y)), y] + 1e-300).sum() + 0.5 * l2 * (w**2).sum()
    wrong = p - np.eye(10)[y]
    return loss, x.T @ wrong + l2 * w, wrong.sum(0)


# %% [markdown]
# ## Is the gradient right?
#
# Before any descent, compare derivatives with finite differences: the loss at w + ε minus the loss at w − ε, over 2 ε.
# A wrong gradient often descends too, only not to the bottom. This check costs a minute and finds nearly everything.

# %%
rng = np.random.default_rng(0)
w, b = 0.1 * rng.normal(size=(64, 10)), 0.1 * rng.normal(size=10)
_, gradient, _ = objective(w, b, 1.0)
worst = 0.0
for _ in range(20):
    i, k, eps = rng.integers(64), rng.integers(10), 1e-5
    up, down = w.copy(), w.copy()
    up[i, k] += eps
    down[i, k] -= eps
    numeric = (objective(up, b, 1.0)[0] - objective(down, b, 1.0)[0]) / (2 * eps)
    worst = max(worst, abs(numeric - gradient[i, k]) / max(1, abs(numeric)))
print(f"largest relative difference of 20 derivatives: {worst:.1e}")
assert worst < 1e-5

# %% [markdown]
# ## Descent, with momentum
#
# J is a bowl again (convex), so any descent with small enough steps ends at the same loss; the question is when. Plain
# gradient descent zigzags in narrow valleys, and momentum averages the zigzag away: v ← μ v − η gradient, w ← w + v.
# Tengen and scikit-learn use L-BFGS, which estimates the curvature from past gradients and needs far fewer passes.
# What counts is that all end at the same loss.


# %%
def descend(l2, steps, lr=2e-3, mu=0.95):
    w, b, velocity = np.zeros((64, 10)), np.zeros(10), [np.zeros((64, 10)), np.zeros(10)]
    losses = []
    for _ in range(steps):
        loss, *gradients = objective(w, b, l2)
        for v, g in zip(velocity, gradients, strict=True):
            v *= mu
            v -= lr * g
        w, b = w + velocity[0], b + velocity[1]
        losses.append(loss)
    return w, b, losses


STEPS = 150 if QUICK else 1500
w, b, losses = descend(1.0, STEPS)
theirs = LogisticRegression(l2=1.0).fit(x, y)
their_loss = objective(theirs.coef_.T, theirs.intercept_, 1.0)[0]
sklearns = linear_model.LogisticRegression(C=1.0, max_iter=1000).fit(x, y)  # C = 1 / l2
sklearns_loss = objective(sklearns.coef_.T, sklearns.intercept_, 1.0)[0]
apart = np.abs(softmax(x_test @ w + b) - theirs.predict_proba(x_test)).max()
print(f"loss: ours {losses[-1]:.2f} after {STEPS} steps, Tengen's {their_loss:.2f}, scikit-learn's {sklearns_loss:.2f}")
print(f"probabilities of held-out digits, ours and Tengen's: at most {apart:.4f} apart")
assert QUICK or losses[-1] < 1.01 * min(their_loss, sklearns_loss)
print(f"held-out digits classified correctly: {((x_test @ w + b).argmax(1) == y_test).mean():.1%}")

# %% [markdown]
# ## What the penalty is for
#
# The corner pixels are nearly always white. Their weights hardly matter for the loss, so without a penalty they are
# whatever the few pictures with a speck there suggest: memorised noise. The penalty says: no weight without evidence.
# How much it matters depends on how many examples there are. With all pictures the curve is flat over four powers of
# ten; with only a hundred, the right penalty is worth four percentage points.

# %%
strengths = [0.001, 0.01, 0.1, 1, 10, 100]
scores = {}
for examples in (100, len(x)):
    scores[examples] = []
    for l2 in strengths:
        w, b = ridge(x[:examples], targets[:examples], l2)
        scores[examples].append(((x_test @ w + b).argmax(1) == y_test).mean())
figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
for examples, values in scores.items():
    print(f"{examples} pictures:", ", ".join(f"λ = {l2:g} {v:.1%}" for l2, v in zip(strengths, values, strict=True)))
    axes.semilogx(strengths, values, "o-", label=f"{examples} pictures")
axes.set(xlabel="penalty λ (least squares)", ylabel="held-out accuracy")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## The weights as pictures
#
# Each class has one weight per pixel, so we can show the weights where the pixels are: blue speaks for the digit, red
# against it, each row on its own scale. A 0 is recognised by its ring and above all by the *hole*. With a thousandth
# of the penalty the same model does as well (with 359 pictures, accuracy is only known to within two points), and its
# weights are ragged: neighbouring pixels contradict each other.

# %% tags=["result"]
figure, panels = plt.subplots(2, 10, figsize=(11, 2.6), layout="constrained")
for row, l2, first in zip(panels, (0.01, 10.0), (True, False), strict=True):
    model = LogisticRegression(l2=l2).fit(x, y)
    right = (model.predict(x_test) == y_test).mean()
    most = np.abs(model.coef_).max()
    for k, panel in enumerate(row):
        panel.imshow(model.coef_[k].reshape(8, 8), cmap="RdBu", vmin=-most, vmax=most)
        panel.set(xticks=[], yticks=[], title=str(k) if first else "")
    row[0].set_ylabel(f"λ = {l2:g}\n{right:.1%}")
plt.show()

# %% [markdown]
# ## What to take away
#
# * One linear system, no learning rate: least squares is the first thing to try on anything.
# * You will meet the gradient P − Y again in every network of this project.
# * Compare whatever you build afterwards with this number. On these digits it is nearly 97 %; a network has to beat
#   that to be worth its trouble.
#
# ## Try
#
# 1. Swap two columns of Y in the gradient only. Does it still descend? Does the check notice?
# 2. Take `s.max` out of the softmax and multiply the pictures by 1,000. What is the loss now, and with `s.max`?
# 3. Add the products of neighbouring pixels as features. How many more digits are right, and what is left to a hidden
#    layer?
# 4. `tengen train mnist --learner logistic` reaches 92.7 %. Which digits does it confuse (`tengen plot last`)?

# %% [markdown]
# # Back-propagation by hand: a tape
#
# **What comes out.** Automatic differentiation in fifty lines of numpy: every operation records how its gradient flows
# back, and the list is read backwards once. Its gradients agree with finite differences, PyTorch and Tengen's tape.
# With it a network learns handwritten digits. The picture shows the list as a graph, with the gradient that arrives at
# each node, and the learning curve.
#
# ![a computation as a graph with its gradients, and digits learned](images/tape.png)
#
# Papers: Wengert 1964; Rumelhart, Hinton & Williams 1986. Page: [docs/algorithms/tape.md](../algorithms/tape.md). With
# Tengen: `tengen train digits --impl tape`.

# %% [markdown]
# ## What we need
#
# numpy. PyTorch and Tengen's tape are there only to compare with. The digits come from Tengen's reader.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

from supervised.data.sets import digits
from supervised.sequence.tape.network import loss_and_gradients

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
rng = np.random.default_rng(0)

# %% [markdown]
# ## One question, asked backwards
#
# Training needs the derivative of *one* number, the loss, with respect to *many*, the weights. Perturbing each weight
# would take one evaluation per weight. The chain rule does it in one pass: if y = f(a, b) and we know dL/dy, then a
# gets its share (dy/da)·dL/dy and b gets its own. A value used twice gets two shares, and they **add up**.
#
# So each operation must remember two things: its inputs, and how to turn dL/dy into dL/da. We record both as each value
# is computed, in order, as on a tape. A value always comes after everything it was made from, so reading the tape
# backwards reaches each value only when its gradient is complete.


# %%
class Value:
    tape: list = []  # noqa: RUF012  all values in the order in which they were made

    def __init__(self, array, *made_from, name=""):
        self.array, self.made_from, self.name = (
            np.asarray(array, float),
            made_from,
            name,
        )  # made_from: (value, pull) pairs
        Value.tape.append(self)

    def __add__(self, other):
        return Value(self.array + other.array, (self, lambda g: g), (other, lambda g: g), name="+")

    def __mul__(self, other):
        return Value(
            self.array * other.array, (self, lambda g: g * other.array), (other, lambda g: g * self.array), name="×"
        )

    def __matmul__(self, other):  # the shapes decide where the transposes go: dA = G Bᵀ, dB = Aᵀ G
        pulls = (self, lambda g: g @ other.array.T), (other, lambda g: self.array.T @ g)
        return Value(self.array @ other.array, *pulls, name="@")

    def relu(self):
        on = self.array > 0
        return Value(self.array * on, (self, lambda g: g * on), name="relu")

    def tanh(self):
        y = np.tanh(self.array)
        return Value(y, (self, lambda g: g * (1 - y**2)), name="tanh")

    def nats(self, labels):
        """The mean of −log softmax at the labels: one operation, because its gradient is so simple, p − y."""
        shifted = self.array - self.array.max(1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        rows = np.arange(len(labels))
        wrong = np.exp(log_p)
        wrong[rows, labels] -= 1
        return Value(-log_p[rows, labels].mean(), (self, lambda g: g * wrong / len(labels)), name="nats")


def fitted(g, shape):
    """Broadcasting repeats an array; its gradient is the sum over the repetitions."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True) if 1 in shape else g


def backwards(loss):
    """dL/dv for each value v on the tape, by its id. Reads the tape once, from its end."""
    arrived = {id(loss): np.ones_like(loss.array)}
    for value in reversed(Value.tape):
        if id(value) not in arrived:
            continue  # the loss does not depend on it
        for source, pull in value.made_from:
            part = fitted(pull(arrived[id(value)]), source.array.shape)
            arrived[id(source)] = arrived.get(id(source), 0) + part
    return arrived


# %% [markdown]
# ## By hand
#
# L = (a + b) · a with a = 3, b = 2: L = 15, dL/da = (a + b) + a = 8, because a is used twice; dL/db = a = 3. If the
# second share of a replaced the first instead of being added, dL/da would be 5 or 3: plausible numbers, and wrong.

# %%
Value.tape = []
a, b = Value(3.0, name="a"), Value(2.0, name="b")
loss = (a + b) * a
gradient = backwards(loss)
print("L =", loss.array, " dL/da =", gradient[id(a)], " dL/db =", gradient[id(b)])
assert gradient[id(a)] == 8 and gradient[id(b)] == 3

# %% [markdown]
# ## Against the definition
#
# A derivative is how L changes when one entry moves a little. Measuring that is slow but independent of everything
# above: the perfect judge. Every operation goes through it, broadcasting too, since a bias added to all rows is where
# hand-written gradients break.


# %%
def check(f, *shapes):
    arrays = [rng.normal(size=shape) for shape in shapes]
    Value.tape = []
    values = [Value(array) for array in arrays]
    gradient, worst, eps = backwards(f(*values)), 0.0, 1e-6
    for i, array in enumerate(arrays):
        for place in np.ndindex(array.shape):
            moved = [[x.copy() for x in arrays] for _ in range(2)]
            moved[0][i][place] += eps
            moved[1][i][place] -= eps
            up, down = (float(f(*(Value(x) for x in side)).array) for side in moved)
            worst = max(worst, abs((up - down) / (2 * eps) - gradient[id(values[i])][place]))
    return worst


labels = np.array([0, 2, 1])
for name, f, shapes in (
    ("x @ w + b, broadcast", lambda x, w, b: (x @ w + b).nats(labels), ((3, 4), (4, 3), (3,))),
    ("tanh and product", lambda x, w: (x.tanh() * x).__matmul__(w).nats(labels), ((3, 4), (4, 3))),
    ("relu, two layers", lambda x, w, v: ((x @ w).relu() @ v).nats(labels), ((3, 4), (4, 5), (5, 3))),
):
    worst = check(f, *shapes)
    print(f"{name:22} largest difference {worst:.1e}")
    assert worst < 1e-6

# %% [markdown]
# ## Against PyTorch and Tengen
#
# A network of two layers on a batch of real digits: three implementations, one gradient.

# %%
found = digits("", print)
(x, y), (x_test, y_test) = (
    (pictures.reshape(len(pictures), 64) / 255, labels) for pictures, labels in (found.train, found.test)
)
weights = {
    "0.weight": rng.normal(size=(64, 48)) * (2 / 64) ** 0.5,
    "0.bias": np.zeros(48),
    "1.weight": rng.normal(size=(48, 10)) * (2 / 48) ** 0.5,
    "1.bias": np.zeros(10),
}


def gradients_of(x, y, weights):
    Value.tape = []
    w = {name: Value(array, name=name) for name, array in weights.items()}
    hidden = (Value(x, name="x") @ w["0.weight"] + w["0.bias"]).relu()
    loss = (hidden @ w["1.weight"] + w["1.bias"]).nats(y)
    arrived = backwards(loss)
    return float(loss.array), {name: arrived[id(value)] for name, value in w.items()}


loss, mine = gradients_of(x[:50], y[:50], weights)
tensors = {name: torch.tensor(array, requires_grad=True) for name, array in weights.items()}
hidden = (torch.tensor(x[:50]) @ tensors["0.weight"] + tensors["0.bias"]).relu()
torch.nn.functional.cross_entropy(hidden @ tensors["1.weight"] + tensors["1.bias"], torch.tensor(y[:50])).backward()
their_loss, _, tengens = loss_and_gradients(x[:50], y[:50], weights)
for name in weights:
    apart = np.abs(mine[name] - tensors[name].grad.numpy()).max(), np.abs(mine[name] - tengens[name]).max()
    print(f"{name:9} off PyTorch's by {apart[0]:.1e}, off Tengen's by {apart[1]:.1e}")
    assert max(apart) < 1e-8

# %% [markdown]
# ## Learning digits
#
# Nothing else is needed: a batch, its gradient, a small step against it. We use plain gradient descent with momentum;
# Adam would be four more lines.

# %%
STEPS = 200 if QUICK else 2000
velocity = {name: np.zeros_like(array) for name, array in weights.items()}
losses, accuracies, began = [], {}, time.time()
for step in range(STEPS):
    batch = rng.integers(len(y), size=64)
    loss, gradient = gradients_of(x[batch], y[batch], weights)
    for name in weights:
        velocity[name] = 0.9 * velocity[name] - 0.1 * (1 - step / STEPS) * gradient[name]
        weights[name] = weights[name] + velocity[name]
    losses.append(loss)
    if step % (STEPS // 20) == 0 or step == STEPS - 1:
        hidden = np.maximum(x_test @ weights["0.weight"] + weights["0.bias"], 0)
        accuracies[step] = ((hidden @ weights["1.weight"] + weights["1.bias"]).argmax(1) == y_test).mean()
print(f"{STEPS} steps in {time.time() - began:.1f} s: {accuracies[STEPS - 1]:.1%} of {len(y_test)} held-out digits")

# %% [markdown]
# ## The tape as a picture
#
# Left, the tape of a tiny network: each box shows the operation, its value and, below, the gradient of the loss that
# arrived there. Follow the numbers backwards and do one box by hand. Right, the digits.

# %% tags=["result"]
Value.tape = []
tx, tw, tb, tv = Value([[0.5]], name="x"), Value([[1.2]], name="w"), Value([[-0.2]], name="b"), Value([[2.0]], name="v")
total = tx @ tw
shifted = total + tb
squashed = shifted.tanh()
out = squashed @ tv
arrived = backwards(out)
places = {
    id(tx): (0, 2),
    id(tw): (0, 1),
    id(total): (1, 1.5),
    id(tb): (1, 0.4),
    id(shifted): (2, 1),
    id(squashed): (3, 1),
    id(tv): (3, 0),
    id(out): (4, 0.6),
}

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained", width_ratios=[1.5, 1])
for value in Value.tape:
    px, py = places[id(value)]
    for source, _ in value.made_from:
        sx, sy = places[id(source)]
        left.annotate("", (px - 0.32, py), (sx + 0.32, sy), arrowprops={"arrowstyle": "->", "color": "#999999"})
    label = f"{value.name}  {value.array.item():.2f}\n∂L {arrived[id(value)].item():.2f}"
    left.text(
        px,
        py,
        label,
        ha="center",
        va="center",
        fontsize=9,
        bbox={"boxstyle": "round", "facecolor": "#eaf2f8", "edgecolor": "#1b6ca8"},
    )
left.set(xlim=(-0.5, 4.5), ylim=(-0.5, 2.5), title="L = tanh(x w + b) v, read from right to left")
left.axis("off")
right.plot(list(accuracies), list(accuracies.values()), color="#2e8b57")
right.set(xlabel="gradient steps", ylabel="held-out accuracy", ylim=(0, 1.02), title="digits, with this tape")
plt.show()

# %% [markdown]
# ## What to take away
#
# The backward pass costs about twice the forward pass, whatever the number of weights; the price is memory, because
# every operation keeps what its pull needs. All of deep learning rests on this trade-off.
#
# ## Try
#
# 1. Replace `arrived.get(id(source), 0) + part` by `part`. Which check notices, and which does not?
# 2. Leave `fitted` out. What is the error message, and what would it be in a language without shapes?
# 3. Add `exp` and `log`, and build `nats` from them. Why is the version above better for large logits?
# 4. Count the bytes that the tape keeps for a batch of 1,000. Which values could be recomputed instead?

# %% [markdown]
# # Word vectors: meaning from the company they keep
#
# **What comes out.** Twenty lines that give each word a vector, learned only from which words occur near each other. As
# theory predicts, the products of the vectors come out as the logarithm of how much more often two words meet than by
# chance (correlation 0.98). In a synthetic language the nearest neighbour of 54 of 54 words is of its own kind; and the
# same lines, fed with the moves of a board game instead of words, draw the board, which nobody described: a point's
# nearest vector is always that of a point that touches it.
#
# ![products beside theory, a language in the plane, and a board drawn by its moves](images/words.png)
#
# Papers: Mikolov et al. 2013, [arXiv:1310.4546](https://arxiv.org/abs/1310.4546); Levy & Goldberg 2014. Page:
# [docs/algorithms/words.md](../algorithms/words.md). At full size: `tengen train words --data FILE`.

# %% [markdown]
# ## What we need
#
# numpy. Tengen supplies a synthetic language, whose kinds of words we know, and later its compiled training to compare
# with. With a real text you could only look at the result and nod.

# %%
import os
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from supervised.sequence.words.kernel import learn
from supervised.sequence.words.stand_in import made_games, made_text

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
text, names = made_text(40_000 if QUICK else 200_000)
ends = np.flatnonzero(text < 0)
for a, b in pairwise(ends[:4]):
    print(*(names[w] for w in text[a + 1 : b]))
print(f"{len(names)} words, {(text >= 0).sum():,} in the text")

# %% [markdown]
# ## Which words meet
#
# The raw material: all pairs of words at most two positions apart *in the same sentence* (−1 marks where one ends; a
# pair across it would be an accident). Their counts say how much more often two words meet than if the words were
# shuffled; the logarithm of that is the pointwise mutual information,
#
# $$\mathrm{PMI}(w, c) = \log \frac{\#(w, c) \cdot |D|}{\#(w) \, \#(c)}$$
#
# Two words with similar rows in this table occur in the same contexts. That is all that "similar" means here.


# %%
def pairs_of(text, window):
    """[P, 2]: a word and a word near it, in both orders."""
    found = []
    inside = np.cumsum(text < 0)  # the number of each position's sentence
    for far in range(1, window + 1):
        a, b = text[:-far], text[far:]
        same = (a >= 0) & (b >= 0) & (inside[:-far] == inside[far:])
        found += [np.stack([a[same], b[same]], 1), np.stack([b[same], a[same]], 1)]
    return np.concatenate(found)


def pmi_of(pairs, words):
    """PMI [V, V], -inf where two never met; and how often they did."""
    met = np.zeros((words, words))
    np.add.at(met, (pairs[:, 0], pairs[:, 1]), 1)
    with np.errstate(divide="ignore"):
        return np.log(met * met.sum() / (met.sum(1)[:, None] * met.sum(0))), met


pairs = pairs_of(text, 2)
pmi, met = pmi_of(pairs, len(names))
cat = names.index("cat")
print("cat meets", ", ".join(names[i] for i in pmi[cat].argsort()[::-1][:6]), f"; never: {np.isinf(pmi[cat]).sum()}")

# %% [markdown]
# ## A game of real and false
#
# A table for 100,000 words has ten billion entries. So we never build it: each word gets two short vectors, v as the
# centre word and u as a context word, and the product v · u has to say whether a pair is real. For each real pair (w,
# c) we draw k false ones (w, n), with words n from the text, and minimise
#
# $$L = -\log \sigma(u_c \cdot v_w) - \sum_n \log \sigma(-u_n \cdot v_w)$$
#
# The gradient is that of any logistic loss: (σ − label) times the other vector. *Two* vectors, because a word hardly
# ever stands beside itself, but v · v cannot be negative.


# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def loss_and_gradients(v, u, w, c, label):
    """Pairs (w, c) [P] with labels [P]: the losses [P], and the gradients for v[w] and u[c] [P, D]."""
    p = sigmoid((v[w] * u[c]).sum(1))
    g = (p - label)[:, None]
    return -np.log(np.where(label == 1, p, 1 - p)), g * u[c], g * v[w]


# %% [markdown]
# ## Is it right?
#
# First with finite differences: move one entry of a vector a little and see what the loss does. Then against Tengen's
# compiled training, on a text of two words, where nothing is random: one real and one false pair, each way round, must
# leave the same vectors.

# %%
rng = np.random.default_rng(0)
v, u = rng.normal(size=(2, 3, 4))
w, c, label = np.array([0, 1]), np.array([2, 0]), np.array([1, 0])
_, dv, _ = loss_and_gradients(v, u, w, c, label)
moved = v.copy()
moved[0, 1] += 1e-6
slope = (loss_and_gradients(moved, u, w, c, label)[0] - loss_and_gradients(v, u, w, c, label)[0]).sum() / 1e-6
print(f"slope {slope:.6f}, gradient {dv[0, 1]:.6f}")
assert abs(slope - dv[0, 1]) < 1e-4

v, u = (a.astype(np.float32) for a in rng.normal(size=(2, 3, 4)))
mine_v, mine_u = v.copy(), u.copy()
for w, c in ((0, 1), (1, 0)):  # the text is "word0 word1", the only word for false pairs is word 2
    change = np.zeros(4, np.float32)
    for other, label in ((c, 1), (2, 0)):  # u moves at once; v after its real and its false pair
        _, dv, du = loss_and_gradients(mine_v, mine_u, np.array([w]), np.array([other]), np.array([label]))
        change -= np.float32(0.1) * dv[0]
        mine_u[other] -= np.float32(0.1) * du[0]
    mine_v[w] += change
learn(np.array([0, 1], np.int32), 0, 2, v, u, np.array([2], np.int32), np.ones(3, np.float32), 1, 1, 0.1, 0)
apart = max(abs(mine_v - v).max(), abs(mine_u - u).max())
print(f"largest difference from Tengen's: {apart:.1e}")
assert apart < 1e-6

# %% [markdown]
# ## Learning
#
# Each step takes a batch of pairs, with k = 2 false ones each. A word may occur in a batch many times: `np.add.at` adds
# up all its gradients, where `gradient[w] += …` would silently keep only the last one. "the" occurs in every fourth
# pair and "harbour" in one of a hundred; no step size suits both. So each entry divides its step by the root of the sum
# of its squared gradients (Adagrad). Vectors start small but not at 0: the gradient of v is a multiple of u and vice
# versa, so from 0 none would ever move.


# %%
def train(pairs, words, width, steps, k=2, lr=0.3, batch=500, seed=0):
    rng = np.random.default_rng(seed)
    vectors = 0.1 * rng.normal(size=(2, words, width))  # v and u
    squares = np.full(vectors.shape, 1.0)
    losses = []
    for step in range(steps):
        rate = lr * (1 - step / steps)
        real = pairs[rng.integers(len(pairs), size=batch)]
        w = np.tile(real[:, 0], k + 1)
        c = np.concatenate([real[:, 1], pairs[rng.integers(len(pairs), size=k * batch), 1]])  # false: by frequency
        label = (np.arange(len(w)) < batch).astype(float)
        loss, dv, du = loss_and_gradients(*vectors, w, c, label)
        gradient = np.zeros_like(vectors)
        np.add.at(gradient[0], w, dv)
        np.add.at(gradient[1], c, du)
        squares += gradient**2
        vectors -= rate * gradient / np.sqrt(squares)
        losses.append(loss.sum() / batch)
    return *vectors, losses


STEPS, K, began = (400 if QUICK else 6000), 2, time.time()
v, u, losses = train(pairs, len(names), 24, STEPS, K)
print(f"{STEPS} steps in {time.time() - began:.0f} s; loss {losses[0]:.3f} -> {np.mean(losses[-50:]):.3f}")
print(f"it should begin at (k + 1) log 2 = {(K + 1) * np.log(2):.3f}")

# %% [markdown]
# ## What did the game compute?
#
# Look at one pair by itself. It comes #(w, c) times as a real one and k #(w) P(c) times as a false one; setting the
# derivative of the loss with respect to its product to zero gives v · u = PMI − log k (Levy & Goldberg). So with long
# enough vectors a made-up game has factorised the PMI table without ever building it. We compare pairs that met often
# enough for a reliable count. Then the question that matters: is a word's nearest neighbour (by the angle between
# vectors) of its own kind?

# %%
often = met >= 30
product = (v @ u.T)[often] + np.log(K)
print(f"products and PMI correlate to {np.corrcoef(product, pmi[often])[0, 1]:.3f} over {often.sum()} pairs")

KINDS = {
    "animals": "dog cat horse bird fish mouse cow sheep goat duck",
    "people": "king queen man woman boy girl farmer teacher sailor baker",
    "verbs": "eats buys sells likes wants finds brings takes",
    "food": "bread cheese apple grass seed corn meat honey milk rice",
    "places": "house garden field river market forest street harbour",
    "adjectives": "small big old young black white red green",
}
kind = {word: name for name, members in KINDS.items() for word in members.split()}
direction = v / np.linalg.norm(v, axis=1, keepdims=True)
alike = direction @ direction.T - 2 * np.eye(len(v))
own = [kind.get(names[alike[i].argmax()]) == kind[name] for i, name in enumerate(names) if name in kind]
queen = names[alike[names.index("queen")].argmax()]
print(f"nearest word of its own kind: {sum(own)} of {len(own)}; nearest to queen: {queen}")

# %% [markdown]
# ## Words that are moves
#
# Nothing above depends on words. A game record is a sentence of points; moves are often answered nearby, so points that
# are close on the board keep similar company. We take 81 points and games in which each move lies near the last one
# (Tengen's stand-in for real records), and learn a vector for each point. Then we draw their two main directions, and
# join points that touch on the board.

# %%
moves, _ = made_games(9, 200 if QUICK else 3000)
board_v, _, _ = train(pairs_of(moves, 1), 81, 12, STEPS, K)
board_direction = board_v / np.linalg.norm(board_v, axis=1, keepdims=True)
nearest = (board_direction @ board_direction.T - 2 * np.eye(81)).argmax(1)
row, column = np.divmod(np.arange(81), 9)
touching = abs(row - row[nearest]) + abs(column - column[nearest]) == 1
print(f"{touching.mean():.0%} of the points are nearest to one that touches them; by chance 4 %")

# %% [markdown]
# ## The pictures
#
# Left, products against theory: they should lie on the line. Middle, the words along their two main directions; the
# training did not know the colours. Right, the board, along the two directions that carry most of it. The grid is
# whole, and bulges: training that knows only near and far has no notion of flat, and the four corners turn off into a
# third direction that the sheet does not have.


# %% tags=["result"]
def plane(vectors):
    centred = vectors - vectors.mean(0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T


figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.7), layout="constrained")
left.plot(pmi[often], product, ".", markersize=3, color="#1b6ca8", alpha=0.6)
left.plot([-2, 3], [-2, 3], color="#777777", linewidth=0.8)
left.set(xlabel="PMI, counted", ylabel="v · u + log k, learned", title="theory: on the line")
xy = plane(np.array([direction[names.index(word)] for word in kind]))
for (name, members), colour in zip(
    KINDS.items(), ("#1b6ca8", "#d1495b", "#2e8b57", "#c97b12", "#7b4fa3", "#555555"), strict=True
):
    these = [i for i, word in enumerate(kind) if word in members.split()]
    middle.plot(*xy[these].T, "o", markersize=4, color=colour, label=name)
middle.set(xticks=[], yticks=[], xlabel="first direction", ylabel="second direction", title="a language")
middle.legend(frameon=False, fontsize=7, ncols=2)
xy = plane(board_direction)
for a in range(81):
    for b in range(a):
        if abs(row[a] - row[b]) + abs(column[a] - column[b]) == 1:
            right.plot(*xy[[a, b]].T, color="#c97b12", linewidth=0.8)
right.plot(*xy.T, "o", markersize=3, color="#333333")
right.set(xticks=[], yticks=[], xlabel="first direction", ylabel="second direction", title="a board, by its moves")
plt.show()

# %% [markdown]
# ## What to take away
#
# * A task that nobody cares about (real pair or false?) can be a cheap way to a table that you do care about.
# * The optimum is known. So whether training, k, batch size or learning rate are right is not a matter of taste: the
#   first panel shows it.
# * Tengen's compiled training takes one pair at a time, draws negatives by frequency to the power ¾ and subsamples
#   frequent words. The last two change *which* table is factorised; for real texts that is what makes it good.
#
# ## Try
#
# 1. k = 1, then k = 10. By how much does the cloud of the left panel move if you leave `+ np.log(K)` out?
# 2. Replace `np.add.at(gradient[0], w, dv)` by `gradient[0][w] += dv`. What do the first panel and the loss say?
# 3. Width 2 instead of 24. What happens to the left panel, and to the board?
# 4. Draw false words uniformly instead of by frequency. Derive what v · u is then, and check it in the panel.

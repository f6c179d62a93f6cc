# %% [markdown]
# # Topics: what a thousand texts are about
#
# **What comes out.** Two formulas, applied in turn, recover ten topics from texts that mix them. Nothing says how many
# words a topic has, or which text is about what. The learned topics are drawn beside the true ones (each is a row or a
# column of a 5x5 square of words), and the perplexity, which should fall, agrees with Tengen's for the same topics to
# six digits.
#
# ![texts, topics as they begin, on the way, and found](images/topics.png)
#
# Papers: Blei, Ng & Jordan 2003, JMLR 3; Griffiths & Steyvers 2004 (the bars). Page:
# [docs/algorithms/topics.md](../algorithms/topics.md). At full size: `tengen train sentences --learner lda`.

# %% [markdown]
# ## What we need
#
# numpy, and the digamma and log-gamma functions of scipy. Tengen's learner is there to compare with.

# %%
import os
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.special import digamma, gammaln

from supervised.classical.topics import LatentDirichlet

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
rng = np.random.default_rng(0)

# %% [markdown]
# ## A story of how texts are made
#
# We start with a generative story, because its hidden parts are what we want to find. Each text draws a mixture θ of
# topics; for each of its words it draws a topic z from θ, and then the word from that topic's distribution β_z.
# Mixtures and topics come from Dirichlet distributions with a parameter below 1, which put most weight on a few
# entries, since a text is seldom about everything.
#
# So that we can *see* topics, the 25 words of our language form a square, and the ten topics are its five rows and five
# columns. Every word belongs to two topics, and nothing records which one it came from.

# %%
K, V, TEXTS, LENGTH, ALPHA = 10, 25, 250 if QUICK else 1000, 100, 0.15
bars = np.zeros((K, 5, 5))
for i in range(5):
    bars[i, i, :] = bars[5 + i, :, i] = 1 / 5
bars = bars.reshape(K, V)
theta = rng.dirichlet(np.full(K, ALPHA), TEXTS)
counts = np.array([rng.multinomial(LENGTH, t @ bars) for t in theta])  # words given θ: a multinomial of the mixture
print(f"{TEXTS} texts of {LENGTH} words; the first: {counts[0].tolist()}")

# %% [markdown]
# ## Why not simply Bayes?
#
# Given the words, we want the posterior of everything hidden. Its normaliser is a sum over K^100 ways to assign topics
# to the words of a single text, and the texts are coupled by their topics. So we replace the posterior by the nearest
# distribution of a *simpler form*, in which all hidden variables are independent: a Dirichlet γ for each text's
# mixture, a Dirichlet λ for each topic's words, and for each word of a text a share φ for each topic. "Nearest" means
# that a lower bound of log p(words) is as high as possible; setting its derivatives to zero gives, in turn:
#
# $$\phi_{wk} \propto e^{E[\log\theta_k] + E[\log\beta_{kw}]}, \qquad \gamma_k = \alpha + \sum_w n_w \phi_{wk}, \qquad
# \lambda_{kw} = \eta + \sum_d n_{dw}\,\phi_{dwk}$$
#
# Read them as bookkeeping. Each word is shared out among topics, by how much its text likes each topic and how much
# each topic likes the word; a text's γ counts what it got, a topic's λ counts the words it got. The odd part is the
# expectation *of the logarithm*: E[log θ_k] = ψ(γ_k) − ψ(Σγ), with the digamma ψ. It is below log E[θ_k], by more the
# less is known: a topic with hardly a word in a text is penalised more than in proportion, so mixtures become sparse.


# %%
def expected_log(concentration):
    """E[log θ] under a Dirichlet, along the last axis."""
    return digamma(concentration) - digamma(concentration.sum(-1, keepdims=True))


def e_step(counts, topics, gamma, alpha, rounds):
    """γ [N, K] after some rounds, and Σ_d n φ [K, V]; topics [K, V] are exp E[log β]."""
    for _ in range(rounds):
        mixture = np.exp(expected_log(gamma))  # [N, K]
        share = counts / np.maximum(mixture @ topics, 1e-300)  # n_w over the normaliser of φ_w
        gamma = alpha + mixture * (share @ topics.T)
    mixture = np.exp(expected_log(gamma))
    share = counts / np.maximum(mixture @ topics, 1e-300)
    return gamma, topics * (mixture.T @ share)


# %% [markdown]
# φ is never stored: it would take N·V·K numbers, and only its sums are needed. φ_wk is mixture_k · topic_kw over its
# sum over k, so the sums are two matrix products.
#
# ## The bound, and whether it is right
#
# The bound must rise at every step; an error in any formula shows there. Perplexity, exp(−bound / words), is easier to
# read: the model is as unsure about the next word as among that many equally likely ones. Guessing gives 25 here. So
# that the check does not depend on where a run ends, we put *our* topics into Tengen's learner and ask it for the
# perplexity of the same texts.


# %%
def dirichlet_part(q, prior):
    """E[log p − log q] of Dirichlets q [.., n] with a symmetric prior."""
    n = q.shape[-1]
    log_p = gammaln(n * prior) - n * gammaln(prior) + ((prior - 1) * expected_log(q)).sum(-1)
    log_q = gammaln(q.sum(-1)) - gammaln(q).sum(-1) + ((q - 1) * expected_log(q)).sum(-1)
    return (log_p - log_q).sum()


def perplexity(counts, lam, gamma, alpha, eta):
    words = (counts * np.log(np.exp(expected_log(gamma)) @ np.exp(expected_log(lam)))).sum()
    bound = words + dirichlet_part(gamma, alpha) + dirichlet_part(lam, eta)
    return np.exp(-bound / counts.sum())


def undecided(shape, rng):
    return rng.gamma(100.0, 0.01, shape)  # all nearly 1; the differences break the symmetry


def train(counts, topics, iterations, seed, anew=True, alpha=ALPHA, eta=0.1):
    rng = np.random.default_rng(seed)
    lam, gamma = undecided((topics, counts.shape[1]), rng), undecided((len(counts), topics), rng)
    history, snapshots = [], [lam.copy()]
    for _ in range(iterations):
        if anew:
            gamma = undecided(gamma.shape, rng)
        gamma, shared = e_step(counts, np.exp(expected_log(lam)), gamma, alpha, 20)
        lam = eta + shared
        history.append(perplexity(counts, lam, gamma, alpha, eta))
        snapshots.append(lam.copy())
    return lam, gamma, history, snapshots


few = counts[:100]
lam, gamma, history, _ = train(few, K, 10, seed=0, anew=False)
print("perplexity:", " ".join(f"{value:.2f}" for value in history))
assert all(later <= earlier + 1e-6 for earlier, later in pairwise(history)), "it must never rise"

theirs = LatentDirichlet(topics=K, alpha=ALPHA, eta=0.1, iterations=1, rounds=1000, tolerance=1e-9)
theirs.fit(csr_matrix(few.astype(float)))
theirs.components_ = lam
settled, _ = e_step(few, np.exp(expected_log(lam)), np.ones((len(few), K)), ALPHA, 1000)
mine, its = perplexity(few, lam, settled, ALPHA, 0.1), theirs.perplexity(csr_matrix(few.astype(float)))
print(f"for the same topics: ours {mine:.6f}, Tengen's {its:.6f}")
assert abs(mine - its) < 1e-3

# %% [markdown]
# ## Finding the bars
#
# The bound has many local maxima: two topics can agree to share a row, and a third then holds a column and a half. No
# update escapes from that, but two habits help. First, restart every text *anew* in each pass, from an undecided γ. A
# text that keeps its γ while topics are still vague has decided by accident, and then teaches the topics its accident:
# the bound rises at every step and ends lower (the last line printed below). Second, try several starts and keep the
# one with the best bound, which needs no labels. Only then look. Topics have no names and no order; for the picture
# each is matched with the true one it resembles most, each used once.

# %%
ITERATIONS, STARTS, began = 20 if QUICK else 60, 2 if QUICK else 4, time.time()
runs = [train(counts, K, ITERATIONS, seed) for seed in range(STARTS)]
print("perplexities of the starts:", " ".join(f"{run[2][-1]:.2f}" for run in runs), f"({time.time() - began:.0f} s)")
lam, gamma, history, snapshots = min(runs, key=lambda run: run[2][-1])


def matched(lam):
    """Topics [K, V] in the order of the bars, and how far each is from its bar (half the sum of differences)."""
    beta = lam / lam.sum(1, keepdims=True)
    apart = np.abs(beta[:, None] - bars).sum(2) / 2  # [found, true]
    found, true = linear_sum_assignment(apart)
    order = found[np.argsort(true)]
    return beta[order], apart[order, np.arange(K)]


beta, apart = matched(lam)
print("distance of each topic from its bar (0 the same, 1 nothing in common):", apart.round(2).tolist())
truth = np.exp(-(counts * np.log(theta @ bars)).sum() / counts.sum())
print(f"perplexity: {history[-1]:.2f} found (a bound), {truth:.2f} with the true mixtures and topics, 25 by guessing")
stuck = train(counts, K, ITERATIONS, 0, anew=False)
print(f"keeping γ from pass to pass: {stuck[2][-1]:.2f}; distances {matched(stuck[0])[1].round(2).tolist()}")

# %% [markdown]
# ## The picture
#
# First row: ten of the texts, as squares of counts. Could you tell that rows and columns are behind them? Then the
# topics after one pass, after four, and at the end.

# %% tags=["result"]
rows = {
    "ten texts": counts[:K].astype(float),
    "topics, pass 1": matched(snapshots[1])[0],
    "pass 4": matched(snapshots[4])[0],
    f"pass {ITERATIONS}": beta,
    "the truth": bars,
}
figure, axes = plt.subplots(len(rows), K, figsize=(10, 5.2), layout="constrained")
for line, (name, squares) in zip(axes, rows.items(), strict=True):
    for axis, square in zip(line, squares, strict=True):
        axis.imshow(square.reshape(5, 5), cmap="Blues", vmin=0)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
    line[0].set_ylabel(name, rotation=0, ha="right", va="center")
plt.show()

# %% [markdown]
# ## What to take away
#
# * A generative model plus Bayes gives an algorithm: hidden variables get counts, and counts are updated in turn.
#   k-means does the same with hard shares, EM for mixtures with soft ones.
# * Variational inference turns an integral into an optimisation. The price is overconfidence: the simple form cannot
#   say that two hidden variables depend on each other.
# * A bound is a gift when debugging: as long as nothing is redrawn, it must never fall.
#
# ## Try
#
# 1. Ask for 5 topics, then for 20. What does each do with ten bars, and does the bound tell you that ten was right?
# 2. α = 5 instead of 0.15. What happens to γ, and to the bars? Which statement about texts is that?
# 3. Replace `expected_log(gamma)` by `log(γ / Σγ)` in `e_step`: plain EM. Does the bound still rise at each step?
# 4. Texts of 5 words. How many are needed now? (Tweets are why the question is asked.)

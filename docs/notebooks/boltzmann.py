# %% [markdown]
# # A Boltzmann machine: learning by dreaming
#
# **What comes out.** A network of binary units learns handwritten digits by comparing what it sees with what it
# dreams. It is small enough that its partition function can be summed exactly, so everything that is usually estimated
# can be checked: its gradient, its likelihood (18.2 nats per held-out picture; independent pixels need 24.8), and the
# estimate of annealed importance sampling, which is within about 0.1 of the truth with many temperatures, and too
# flattering with few. The picture shows dreams, and two ways to learn.
#
# ![digits, dreams, two ways of learning, an estimate beside the truth](images/boltzmann.png)
#
# Papers: Hinton 2002; Tieleman 2008; Salakhutdinov & Murray 2008. Page:
# [docs/algorithms/boltzmann.md](../algorithms/boltzmann.md). At full size: `tengen train binary-mnist --model rbm`.

# %% [markdown]
# ## What we need
#
# PyTorch for its matrices; we write the gradient ourselves and let autograd check it. Tengen supplies the digits as
# bits, and a machine and an exact log Z to compare with.

# %%
import os
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from supervised.data.sets import digits
from supervised.generative import ais, rbm

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
found = digits("", print)
x, x_test = (
    torch.from_numpy((pictures.reshape(len(pictures), 64) > 127).astype(np.float32))
    for pictures, _ in (found.train, found.test)
)
HIDDEN = 15

# %% [markdown]
# ## Energy
#
# There are 64 visible bits v, 15 hidden bits h, and a weight for each pair that says how much they like to be on
# together:
#
# $$E(v, h) = -b^\top v - c^\top h - v^\top W h, \qquad p(v, h) = e^{-E(v, h)} / Z$$
#
# States of low energy are likely. There are no connections within a layer ("restricted"), which has two benefits.
# Given v, the hidden bits are independent, so all of them can be sampled at once. And they can be summed out of p(v)
# in closed form, which leaves the **free energy** F(v) = −bᵀv − Σ_j log(1 + exp(c_j + vᵀW_j)), with p(v) = e^{−F(v)} /
# Z.
#
# Z is a sum over all 2^64 pictures. But we can sum from the other side: over the 2^15 states of the hidden bits, with
# the visible ones in closed form. That takes a moment, and it is our reference.


# %%
class Machine:
    def __init__(self, visible, hidden):
        self.W, self.b, self.c = 0.05 * torch.randn(visible, hidden), torch.zeros(visible), torch.zeros(hidden)

    def free_energy(self, v):
        return -v @ self.b - F.softplus(self.c + v @ self.W).sum(1)

    def hidden_given(self, v):
        return torch.sigmoid(self.c + v @ self.W)

    def visible_given(self, h):
        return torch.sigmoid(self.b + h @ self.W.T)

    def gibbs(self, v, rounds):
        for _ in range(rounds):
            h = torch.bernoulli(self.hidden_given(v))
            v = torch.bernoulli(self.visible_given(h))
        return v

    def log_z(self):
        states = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * len(self.c))  # [2^H, H]
        return torch.logsumexp(states @ self.c + F.softplus(self.b + states @ self.W.T).sum(1), 0)

    def nats(self, v):  # -log p(v), mean: exact
        return (self.free_energy(v).mean() + self.log_z()).item()


# %% [markdown]
# ## Is it right?
#
# With four visible and three hidden bits we can evaluate all 16 pictures: do their probabilities sum to 1, as they
# must if Z is right? And does Tengen's machine with the same weights give the same energies and the same Z?

# %%
small = Machine(4, 3)
for part in (small.W, small.b, small.c):
    part.normal_()
everything = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 4)
p = (-small.free_energy(everything) - small.log_z()).exp()
tengens = rbm.RBM(4, 3)
with torch.no_grad():
    for theirs, mine in ((tengens.weight, small.W), (tengens.visible_bias, small.b), (tengens.hidden_bias, small.c)):
        theirs.copy_(mine)
apart = (tengens.free_energy(everything) - small.free_energy(everything)).abs().max().item()
print(f"the 16 probabilities sum to {p.sum():.6f}; energies differ from Tengen's by at most {apart:.1e}")
print(f"log Z {small.log_z():.5f}, Tengen's {ais.exact_log_partition(tengens):.5f}")
assert abs(p.sum() - 1) < 1e-5 and apart < 1e-5

# %% [markdown]
# ## Awake and asleep
#
# The gradient of −log p(v) is that of F at the data minus its mean *over the model's own distribution*. The first term
# makes the data more likely; the second makes everything else that the model believes in less likely, or it would
# simply believe in everything. For a weight both terms count the same thing, how often this pixel and this hidden bit
# are on together:
#
# $$-\frac{\partial \log p}{\partial W_{ij}} = E_\text{model}[v_i h_j] - E_\text{data}[v_i h_j]$$
#
# On the small machine the model's term can be summed exactly, so we compare it with autograd through the exact −log p.

# %%
v = torch.bernoulli(torch.full((5, 4), 0.5))
data_part = v.T @ small.hidden_given(v) / len(v)
model_part = (p[:, None] * everything).T @ small.hidden_given(everything)
small.W.requires_grad_()
(exact,) = torch.autograd.grad(small.free_energy(v).mean() + small.log_z(), small.W)
small.W.requires_grad_(False)
print(f"differs from autograd's gradient by at most {(model_part - data_part - exact).abs().max():.1e}")
assert torch.allclose(model_part - data_part, exact, atol=1e-5)

# %% [markdown]
# ## Dreams
#
# With 64 bits the model's term must be sampled: draw h given v, v given h, and so on (Gibbs sampling) until the chain
# has forgotten where it began. That takes too long for every gradient step. Two shortcuts:
#
# * **CD-1** starts at the data and runs one round. It only sees what lies near the data. What the model believes in
#   far from them is never visited, so nothing makes it less likely.
# * **Persistent** chains continue from where they were at the last step. The weights have hardly moved, so the chains
#   are nearly right already; and they roam.
#
# The visible biases start at the log odds of the pixels, so the weights need not spend their first steps on learning
# that corners are white.


# %%
def train(persistent, steps, hidden=HIDDEN, seed=0):
    torch.manual_seed(seed)
    machine = Machine(64, hidden)
    share = x.mean(0).clamp(0.02, 0.98)
    machine.b = torch.logit(share)
    chains, curve = torch.bernoulli(share.expand(100, 64)), []
    for step in range(steps):
        v = x[torch.randint(len(x), (100,))]
        dreams = machine.gibbs(chains if persistent else v, 1)
        if persistent:
            chains = dreams
        h_v, h_d = machine.hidden_given(v), machine.hidden_given(dreams)
        rate = 0.1 * (1 - step / steps)
        machine.W += rate * (v.T @ h_v - dreams.T @ h_d) / 100
        machine.b += rate * (v - dreams).mean(0)
        machine.c += rate * (h_v - h_d).mean(0)
        if step % (steps // 12) == 0 or step == steps - 1:
            wrong = ((machine.visible_given(machine.hidden_given(x_test)) > 0.5).float() != x_test).float().mean()
            curve.append((step, machine.nats(x_test), 64 * wrong.item()))
    return machine, np.array(curve)


STEPS, began = 600 if QUICK else 20_000, time.time()
(machine, persistent), (cd, data_chains) = train(True, STEPS), train(False, STEPS)
share = x.mean(0).clamp(1e-3, 1 - 1e-3)
alone = -(x_test * share.log() + (1 - x_test) * (1 - share).log()).sum(1).mean()
for name, curve in (("persistent", persistent), ("CD-1", data_chains)):
    print(f"{name:10} {curve[-1, 1]:.2f} nats held out, exact; {curve[-1, 2]:.2f} of 64 bits wrong after a round trip")
print(f"independent pixels {alone:.2f} nats; {time.time() - began:.0f} s")

# %% [markdown]
# The reconstruction error of the round trip v → h → v is cheap, so everybody watches it. Compare the two columns of a
# full run: CD-1 gets fewer bits wrong (4.56 against 4.70) and has the worse likelihood (18.41 against 18.15). The
# difference is small, since fifteen hidden bits leave little room; but the two numbers disagree about which is better,
# and only one of them is what we wanted.
#
# ## Estimating Z
#
# With hundreds of hidden bits the sum is out of reach. Annealed importance sampling walks from a machine whose Z is a
# product (no weights) to ours, through machines with a part β of the energy, and multiplies the ratios on the way.
# Their mean is exactly Z / Z_0. But the ratios are mostly too small and rarely enormous, so a run too short to meet an
# enormous one gives too *small* a Z, and log p looks better than it is. Here we can see it, because we know Z.


# %%
def annealed(machine, temperatures, chains=20):
    """An estimate of log Z."""
    base = torch.logit(x.mean(0).clamp(0.02, 0.98))
    v = torch.bernoulli(torch.sigmoid(base).expand(chains, 64))
    log_w = torch.zeros(chains)
    betas = torch.linspace(0, 1, temperatures + 1)
    for before, now in pairwise(betas):
        fields = machine.c + v @ machine.W
        log_w += (now - before) * (v @ (machine.b - base)) + (
            F.softplus(now * fields) - F.softplus(before * fields)
        ).sum(1)
        h = torch.bernoulli(torch.sigmoid(now * fields))
        v = torch.bernoulli(torch.sigmoid((1 - now) * base + now * (machine.b + h @ machine.W.T)))
    log_z0 = F.softplus(base).sum() + len(machine.c) * np.log(2)
    return (log_z0 + torch.logsumexp(log_w, 0) - np.log(chains)).item()


truth, temperatures = machine.log_z().item(), [3, 10, 30, 100, *([] if QUICK else [300, 1000])]
estimates = [[annealed(machine, count) - truth for _ in range(3 if QUICK else 10)] for count in temperatures]
for count, found in zip(temperatures, estimates, strict=True):
    print(f"{count:5} temperatures: log Z off by {np.mean(found):+.2f} (from {min(found):+.2f} to {max(found):+.2f})")

# %% [markdown]
# ## The pictures
#
# Digits, and each machine's dreams after a thousand rounds from noise, shown as the probabilities of the last round.
# Then the likelihood by both ways of learning, and the estimate beside the truth.


# %% tags=["result"]
def dreams_of(machine, rounds):
    torch.manual_seed(1)
    v = machine.gibbs(torch.bernoulli(torch.full((24, 64), 0.5)), rounds)
    return machine.visible_given(torch.bernoulli(machine.hidden_given(v)))


def tiles(pictures):  # [24, 64] -> six rows of four
    squares = F.pad(pictures.view(6, 4, 8, 8), (1, 1, 1, 1), value=0.3)
    return squares.permute(0, 2, 1, 3).reshape(60, 40)


ROUNDS = 100 if QUICK else 1000
figure, axes = plt.subplots(1, 5, figsize=(13, 3.4), layout="constrained", width_ratios=[0.7, 0.7, 0.7, 1.3, 1.1])
for axis, name, pictures in zip(
    axes, ("digits", "dreams, persistent", "dreams, CD-1"), (x_test[:24], dreams_of(machine, ROUNDS), dreams_of(cd, ROUNDS)),
    strict=False,
):  # fmt: skip
    axis.imshow(tiles(pictures), cmap="gray_r", vmin=0, vmax=1)
    axis.set(title=name, xticks=[], yticks=[])
for name, curve, colour in (("persistent", persistent, "#1b6ca8"), ("CD-1", data_chains, "#d1495b")):
    axes[3].plot(curve[1:, 0], curve[1:, 1], color=colour, label=name)
axes[3].set(xlabel="gradient steps", ylabel="nats per held-out picture (exact)", title="two ways to learn")
axes[3].legend(frameon=False)
axes[4].axhline(0, color="#777777", linewidth=0.8)
for count, found in zip(temperatures, estimates, strict=True):
    axes[4].plot([count] * len(found), found, ".", color="#2e8b57")
axes[4].set(xscale="log", xlabel="temperatures", ylabel="estimated − true log Z", title="an estimate that flatters")
plt.show()

# %% [markdown]
# ## What to take away
#
# * An unnormalised density needs samples from itself to learn. Diffusion avoids that by learning many small
#   regressions; MADE by a product of normalised factors.
# * Measure what you want, not what is cheap. Where you cannot, shrink the model until you can.
# * A one-sided error is most dangerous when it is in your favour.
#
# ## Try
#
# 1. Use CD-10 instead of CD-1. How much of the difference is left?
# 2. Leave the second term out (no dreams). What do the likelihood and the reconstruction error do?
# 3. `HIDDEN = 19` takes sixteen times as long to sum. Is the likelihood worth it?
# 4. Multiply the trained weights by 3 and estimate Z again. Which number of temperatures is enough now, and why?

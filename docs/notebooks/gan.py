# %% [markdown]
# # GANs: a generator, a discriminator, and what the game computes
#
# **What comes out.** Two small networks play against each other until one of them generates points on a ring of eight
# clusters, none of which it has ever seen, and equally many on each (between 12 and 13 % on all eight). Beside it,
# theory is checked where it can be: the best discriminator for a fixed generator is known, and so is the value of the
# game against it. The same training without the gradient penalty shows a failure that no loss reports.
#
# ![the best critic beside the formula, made points, modes lost](images/gan.png)
#
# Papers: Goodfellow et al. 2014, [arXiv:1406.2661](https://arxiv.org/abs/1406.2661); Mescheder et al. 2018,
# [arXiv:1801.04406](https://arxiv.org/abs/1801.04406). Page: [docs/algorithms/gan.md](../algorithms/gan.md). At full
# size: `tengen train fashion-mnist --model gan`.

# %% [markdown]
# ## What we need
#
# PyTorch. Points in the plane instead of pictures, because there you can see a distribution and count what is missing.
# Tengen's losses are imported for comparison.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from supervised.generative import gan as tengens

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## The game
#
# The discriminator D (`critic` in the code) says with which probability a point is real. The generator G (`maker`)
# turns noise into points and sees no data: all it gets is D's gradient at its own points, "a little further to the
# left and I would have believed it".
#
# $$\max_D \; E\log D(x) + E\log(1 - D(G(z))), \qquad \max_G \; E\log D(G(z))$$
#
# With D's logit l, −log D = softplus(−l) and −log(1 − D) = softplus(l). In this form nothing overflows.
#
# Why does G not simply minimise D's own objective, E log(1 − D(G(z)))? Its slope in l is −D. In the beginning D is
# sure, D ≈ 0, so there is no slope just when G needs one most. The slope of −log D is −(1 − D): close to −1 there.


# %%
def critics_loss(real, made):
    return F.softplus(-real).mean() + F.softplus(made).mean()


def makers_loss(made):
    return F.softplus(-made).mean()


def penalty_of(critic, real):
    """Half the mean squared gradient of the logit at real points (R1)."""
    real = real.clone().requires_grad_()
    (slope,) = torch.autograd.grad(critic(real).sum(), real, create_graph=True)
    return slope.square().sum(1).mean() / 2


# %% [markdown]
# ## Is it right?
#
# If D cannot tell, it says ½, so the losses are log 4 and log 2. For a linear one, l = w·x, the gradient is w
# everywhere, so the penalty is |w|²/2. Then we compare with Tengen's three functions on random numbers.

# %%
zeros = torch.zeros(5)
print(f"undecided: {critics_loss(zeros, zeros):.4f} = log 4, {makers_loss(zeros):.4f} = log 2")
line = nn.Linear(2, 1, bias=False)
points = torch.randn(7, 2)
print(f"penalty {penalty_of(lambda x: line(x)[:, 0], points):.5f} = |w|²/2 = {line.weight.square().sum() / 2:.5f}")
real, made = torch.randn(2, 9)
inputs = points.clone().requires_grad_()
apart = max(
    abs(critics_loss(real, made) - tengens.discriminator_loss(real, made)).item(),
    abs(makers_loss(made) - tengens.generator_loss(made)).item(),
    abs(penalty_of(lambda x: line(x)[:, 0], points) - tengens.gradient_penalty(line(inputs)[:, 0], inputs)).item(),
)
print(f"differs from Tengen's by at most {apart:.1e}")
assert apart < 1e-6

# %% [markdown]
# ## The best discriminator
#
# Fix G. At a point x real points have density p, generated ones q; D gains p log D + q log(1 − D) there, which is
# largest for **D\* = p / (p + q)** (set the derivative to zero). So a trained D estimates a *ratio of densities*
# without knowing either. Substituted, the value of the game is −log 4 + 2 JS(p‖q): G minimises a distance that is
# smallest at p = q.
#
# On a line with two known densities we can train a discriminator and compare it with the formula.

# %%
spread = torch.distributions.Normal(torch.tensor([-1.0, 1.5]), torch.tensor([1.0, 0.6]))  # real, generated
critic = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
optimiser = torch.optim.Adam(critic.parameters(), lr=5e-3)
for step in range(200 if QUICK else 1500):
    optimiser.param_groups[0]["lr"] = 5e-3 * (1 - step / (200 if QUICK else 1500))
    sample = spread.sample((256,))
    loss = critics_loss(critic(sample[:, :1]), critic(sample[:, 1:]))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
grid = torch.linspace(-6, 6, 600)[:, None]
p, q = spread.log_prob(grid).exp().T
best, learned = p / (p + q), torch.sigmoid(critic(grid)).detach()[:, 0]
dx = (grid[1] - grid[0]).item()
sample = spread.sample((20_000,))
trained = -critics_loss(critic(sample[:, :1]), critic(sample[:, 1:])).item()
value = ((p * best.clamp_min(1e-38).log() + q * (1 - best).clamp_min(1e-38).log()).sum() * dx).item()
middle = (p + q) / 2
js = (
    0.5
    * ((p * (p / middle).clamp_min(1e-38).log()).sum() + (q * (q / middle).clamp_min(1e-38).log()).sum()).item()
    * dx
)
print(f"mean distance from p / (p + q), where points are: {((learned - best).abs() * middle).sum() * dx:.3f}")
print(f"value against the best D {value:.4f} = −log 4 + 2 JS = {-np.log(4) + 2 * js:.4f}; trained: {trained:.4f}")

# %% [markdown]
# ## A ring
#
# Eight clusters on a circle make a small data set on which a generator can drop modes. D and G take steps in turn. Two
# details are easily missed. In D's step the generated points are **detached**: it must not improve by making G worse.
# And Adam's momentum is 0, because the other side has moved since.
#
# The penalty keeps D flat at real points. Without it the best D for two distributions that do not overlap is a cliff,
# with no slope to learn from except at its edge; once G sits on a few clusters, nothing tells it of the others.

# %%
CLUSTERS, SIGMA = 8, 0.1


def ring(count):
    angle = torch.randint(CLUSTERS, (count,)) * (2 * np.pi / CLUSTERS)
    return 2 * torch.stack([angle.cos(), angle.sin()], 1) + SIGMA * torch.randn(count, 2)


def network(inputs, outputs, width=64):
    return nn.Sequential(
        nn.Linear(inputs, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, outputs),
    )


def judge(points):
    """Fraction of points within 4 sigma of a cluster, and the fraction of these that each cluster got."""
    angle = torch.arange(CLUSTERS) * (2 * np.pi / CLUSTERS)
    centres = 2 * torch.stack([angle.cos(), angle.sin()], 1)
    distance, nearest = torch.cdist(points, centres).min(1)
    good = distance < 4 * SIGMA
    return good.float().mean().item(), torch.bincount(nearest[good], minlength=CLUSTERS) / max(1, good.sum().item())


def train(penalty, steps, seed=0):
    torch.manual_seed(seed)
    maker, critic = network(8, 2), network(2, 1)
    adams = [torch.optim.Adam(net.parameters(), lr=2e-3, betas=(0.0, 0.99)) for net in (maker, critic)]
    average = network(8, 2)
    average.load_state_dict(maker.state_dict())
    curve = []
    for step in range(steps):
        for adam in adams:
            adam.param_groups[0]["lr"] = 2e-3 * (1 - step / steps)
        real, made = ring(128), maker(torch.randn(128, 8))
        loss_d = critics_loss(critic(real), critic(made.detach()))
        loss = loss_d + (penalty * penalty_of(lambda x: critic(x)[:, 0], real) if penalty else 0)
        adams[1].zero_grad()
        loss.backward()
        adams[1].step()
        loss_g = makers_loss(critic(maker(torch.randn(128, 8))))
        adams[0].zero_grad()
        loss_g.backward()
        adams[0].step()
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), maker.parameters(), strict=True):
                slow.lerp_(fast, 0.01)
        if step % (steps // 20) == 0 or step == steps - 1:
            with torch.no_grad():
                good, shares = judge(average(torch.randn(2000, 8)))
            curve.append((step, loss_d.item(), loss_g.item(), good, shares.min().item()))
    return average, np.array(curve)


STEPS, began = 300 if QUICK else 4000, time.time()
ways = {"penalty 0.5": 0.5, "no penalty": 0.0}
runs = {name: train(penalty, STEPS) for name, penalty in ways.items()}
for name, (maker, curve) in runs.items():
    with torch.no_grad():
        good, shares = judge(maker(torch.randn(10_000, 8)))
    print(
        f"{name:12} {good:.0%} near a cluster; shares {[round(share, 2) for share in shares.tolist()]};"
        f" losses {curve[-1, 1]:.2f} and {curve[-1, 2]:.2f}"
    )
print(f"{STEPS} steps each, {time.time() - began:.0f} s")

# %% [markdown]
# Both runs end with losses near log 4 and log 2, and about the same share of their points near a cluster. Without the
# penalty one cluster gets 4 % of the points and another 18 %, and **neither loss says so**. That is why a GAN needs a
# judge that counts: here the known centres, for pictures a separately trained classifier.
#
# ## The pictures
#
# Left, the trained discriminator over the formula. At its far right the formula rises again, because the generated
# density falls faster than the real one; it saw no points there. Then the points of both generators, over real ones in
# grey. Right, the share of the rarest cluster during training: 12.5 % would be even.

# %% tags=["result"]
figure, axes = plt.subplots(1, 4, figsize=(13, 3.3), layout="constrained", width_ratios=[1.2, 1, 1, 1.2])
axes[0].fill_between(grid[:, 0], p, color="#2e8b57", alpha=0.3, label="real")
axes[0].fill_between(grid[:, 0], q, color="#c97b12", alpha=0.3, label="generated")
axes[0].plot(grid[:, 0], best, "k--", linewidth=1, label="p / (p + q)")
axes[0].plot(grid[:, 0], learned, color="#1b6ca8", label="trained discriminator")
axes[0].set(xlabel="x", ylabel="density; D(x)", title="the best discriminator")
axes[0].legend(frameon=False, fontsize=7)
COLOURS = {"penalty 0.5": "#1b6ca8", "no penalty": "#d1495b"}
for axis, (name, (maker, _)) in zip(axes[1:], runs.items(), strict=False):
    with torch.no_grad():
        axis.plot(*ring(1000).T, ".", markersize=2, color="#bbbbbb")
        axis.plot(*maker(torch.randn(1000, 8)).T, ".", markersize=2, color=COLOURS[name])
    axis.set(title=name, xticks=[], yticks=[], aspect="equal", xlabel="x", ylabel="y")
for name, (_, curve) in runs.items():
    axes[3].plot(curve[:, 0], curve[:, 4], color=COLOURS[name], label=name)
axes[3].axhline(1 / CLUSTERS, color="#777777", linestyle=":")
axes[3].set(xlabel="steps", ylabel="share of the rarest cluster", title="is anything missing?", ylim=(0, 0.14))
axes[3].legend(frameon=False)
plt.show()

# %% [markdown]
# ## What to take away
#
# * A classifier between two samples estimates the ratio of their densities. That is used far beyond GANs.
# * Two losses that chase each other do not measure progress: at the end they are where they began.
# * The points between the clusters do not come from too little training. The generator is continuous and the noise is
#   connected, but eight clusters are not; something must lie between.
#
# Tengen's GAN is convolutional, applies the penalty only at every eighth step, and asks a judge (`test/rarest_class`).
#
# ## Try
#
# 1. Let G minimise E log(1 − D(G(z))) instead. How long do the points stay where they started?
# 2. Remove `.detach()` from D's step, and do not zero G's gradient. What does G learn?
# 3. Adam's β₁ = 0.9 for both. What do the points do now? Plot the generator's output every 100 steps.
# 4. Use one noise number instead of eight. Plot the path that the generator bends through the plane.

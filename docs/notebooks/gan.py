# %% [markdown]
# # GANs: a maker, a critic, and what the game computes
#
# **What comes out.** Two small networks play against each other until one of them makes points on a ring of eight
# clusters, none of which it has ever seen, and equally many on each (between 12 and 13 % on all eight). Beside it, what theory says about the game, checked where it can be
# checked: the best critic of a fixed maker is known, and so is the value of the game against it. And the same training
# without the gradient penalty, which shows the failure that no loss reports.
#
# ![the best critic beside the formula, made points, modes lost](images/gan.png)
#
# Papers: Goodfellow et al. 2014, [arXiv:1406.2661](https://arxiv.org/abs/1406.2661); Mescheder et al. 2018,
# [arXiv:1801.04406](https://arxiv.org/abs/1801.04406). Page: [docs/algorithms/gan.md](../algorithms/gan.md). At full
# size: `tengen train fashion-mnist --model gan`.

# %% [markdown]
# ## What we need
#
# PyTorch. Points in the plane instead of pictures, because then one can see a distribution and count what is missing.
# Tengen's losses come in to compare with.

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
# The critic D says with which probability a point is real. The maker G turns noise into points and sees no data: all
# that it gets is the critic's gradient at what it made, "a little further to the left and I would have believed it".
#
# $$\max_D \; E\log D(x) + E\log(1 - D(G(z))), \qquad \max_G \; E\log D(G(z))$$
#
# With the critic's logit l, −log D = softplus(−l) and −log(1 − D) = softplus(l). Written like this nothing overflows.
#
# Why does G not simply minimise the critic's own objective, E log(1 − D(G(z)))? Its slope in l is −D. In the beginning
# the critic is sure, D ≈ 0, and there is no slope, just when G needs one most. The slope of −log D is −(1 − D): close
# to −1 there.


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
# A critic that cannot tell says ½: log 4 and log 2. For a critic l = w·x the gradient is w everywhere, so the penalty
# is |w|²/2. Then Tengen's three functions on random numbers.

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
print(f"from Tengen's at most {apart:.1e}")
assert apart < 1e-6

# %% [markdown]
# ## What the best critic knows
#
# Fix the maker. At a point x real ones come with density p, made ones with q; the critic earns p log D + q log(1 − D)
# there, and that is largest for **D\* = p / (p + q)** (set the derivative to zero). So a trained critic is a *ratio of
# densities*, found without knowing either. Put in, the value of the game is −log 4 + 2 JS(p‖q): what the maker fights
# against is a distance, smallest at p = q.
#
# On a line with two known densities we can train a critic and lay it over the formula.

# %%
spread = torch.distributions.Normal(torch.tensor([-1.0, 1.5]), torch.tensor([1.0, 0.6]))  # real, made
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
print(f"value against the best critic {value:.4f} = −log 4 + 2 JS = {-np.log(4) + 2 * js:.4f}; trained: {trained:.4f}")

# %% [markdown]
# ## A ring
#
# Eight clusters on a circle: the smallest world in which a maker can forget something. A step for the critic, a step
# for the maker, in turns. Two details are easily missed. In the critic's step the made points are **detached**: it
# must not improve by making the maker worse. And Adam's momentum is set to 0, because the other side has moved since.
#
# The penalty keeps the critic flat at real points. Without it the best critic of two distributions that do not overlap
# is a cliff, and a cliff has no slope to learn from except at its edge; once the maker sits on a few clusters, nothing
# tells it of the others.

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
# Both runs end with losses near log 4 and log 2, and about equally many of their points are near a cluster. Without
# the penalty one cluster gets 4 % of the points and another 18 %, and **neither loss says so**. That is why a GAN needs
# a judge that counts: here the known centres, for pictures a classifier that was trained apart.
#
# ## The pictures
#
# Left the trained critic over the formula. Far right the formula rises again, because the made density falls faster
# than the real one; the critic has met no point there and knows nothing of it. Then what the two makers make, grey the real points. Right the share of the
# rarest cluster while learning: 12.5 % would be even.

# %% tags=["result"]
figure, axes = plt.subplots(1, 4, figsize=(13, 3.3), layout="constrained", width_ratios=[1.2, 1, 1, 1.2])
axes[0].fill_between(grid[:, 0], p, color="#2e8b57", alpha=0.3, label="real")
axes[0].fill_between(grid[:, 0], q, color="#c97b12", alpha=0.3, label="made")
axes[0].plot(grid[:, 0], best, "k--", linewidth=1, label="p / (p + q)")
axes[0].plot(grid[:, 0], learned, color="#1b6ca8", label="trained critic")
axes[0].set(xlabel="x", ylabel="density; D(x)", title="what the best critic knows")
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
# * A classifier between two samples is an estimate of the ratio of their densities. That is used far beyond GANs.
# * Two losses that chase each other are no measure of progress: at the end they are what they were in the beginning.
# * The points between the clusters are not a lack of training. The maker is continuous, the noise is in one piece, and
#   eight clusters are not; something must lie between.
#
# Tengen's GAN is convolutional, applies the penalty at every eighth step only, and asks a judge (`test/rarest_class`).
#
# ## Try
#
# 1. Let the maker minimise E log(1 − D(G(z))) instead. How long do the points stay where they are in the beginning?
# 2. Take `.detach()` away from the critic's step, and do not reset the maker's gradient. What does the maker learn?
# 3. Adam's β₁ = 0.9 for both. What do the points do now? Draw the maker's output every 100 steps.
# 4. Make noise of one number instead of eight. Draw the path that the maker bends through the plane.

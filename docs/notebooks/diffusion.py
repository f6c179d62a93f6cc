# %% [markdown]
# # Diffusion: start from noise, and take a little away
#
# **What comes out.** A small network turns noise into two interlocking half-moons, step by step: 95 % of the points it
# generates lie within 0.15 of the moons; of the noise, 40 % did. Its loss is 0.190; the least that any network could
# have is about 0.186. And where the best denoiser is a formula, our sampler and Tengen's agree to the last digit. The
# picture shows points on their way from noise to data.
#
# ![points on their way from noise to two half-moons](images/diffusion.png)
#
# Paper: Ho et al. 2020, [arXiv:2006.11239](https://arxiv.org/abs/2006.11239); sampling without noise: Song et al.
# 2020, [arXiv:2010.02502](https://arxiv.org/abs/2010.02502). Page:
# [docs/algorithms/diffusion.md](../algorithms/diffusion.md). With pictures: `tengen train mnist --model diffusion`.

# %% [markdown]
# ## What we need
#
# PyTorch. The data are points in the plane, where you can see a whole distribution at once; pictures differ only in
# the number of dimensions. We compare with three of Tengen's functions.

# %%
import os
import time

import matplotlib.pyplot as plt
import torch
from torch import nn

from supervised.generative import diffusion as tengens

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})


def moons(n):
    angle, upper = torch.pi * torch.rand(n), torch.rand(n) < 0.5
    x = torch.where(upper, angle.cos(), 1 - angle.cos()) - 0.5
    y = torch.where(upper, angle.sin(), 0.5 - angle.sin()) - 0.25
    return 1.2 * torch.stack([x, y], 1) + 0.06 * torch.randn(n, 2)


# %% [markdown]
# ## Forward: noise, a little at a time
#
# Each of T steps shrinks a point a little and adds a little noise. After many steps only a normal distribution is
# left, and we can sample from that. Nobody has to take the steps one by one: sums of normal noise are normal, so after
# t steps, all at once,
#
# $$x_t = \sqrt{\bar\alpha_t} \, x_0 + \sqrt{1 - \bar\alpha_t} \, \epsilon$$
#
# where ᾱ falls from 1 (the data) to nearly 0 (noise). The schedule is a choice; this is the paper's.

# %%
T = 50


def schedule(times):
    beta = torch.linspace(1e-4, 0.02, times, dtype=torch.float64) * 1000 / times
    return torch.cat([torch.ones(1, dtype=torch.float64), (1 - beta.clamp(max=0.999)).cumprod(0)]).float()


abar = schedule(T)
x0, noise, t = moons(1000), torch.randn(1000, 2), torch.randint(1, T + 1, (1000,))
xt = abar[t][:, None].sqrt() * x0 + (1 - abar[t])[:, None].sqrt() * noise
print("schedules differ by", (abar - tengens.linear_schedule(T)).abs().max().item())
print("noised points differ by", (xt - tengens.diffuse(x0, t, noise, abar)).abs().max().item())
assert torch.allclose(abar, tengens.linear_schedule(T)) and torch.allclose(xt, tengens.diffuse(x0, t, noise, abar))

# %% [markdown]
# ## Backward: predict the noise
#
# To go back from a noisy point you need the noise that was added. Nobody can know it: many data points could have led
# here. But its *mean* can be learned with a squared error, because the mean minimises that error:
#
# $$L = \mathbb{E} \, |\epsilon - \epsilon_\theta(x_t, t)|^2$$
#
# That is the whole training: no adversary, no bound to watch, just a regression. The network gets t as a few sines and
# cosines, so that it can tell "nearly data" from "nearly noise", and the position as well: a small perceptron learns
# only smooth functions easily, and the moons are thin.


# %%
class Denoiser(nn.Module):
    def __init__(self, width=96):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2 + 16 + 8, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
        )
        self.out = nn.Linear(width, 2)

    def forward(self, x, t):  # [B, 2], [B] -> the predicted noise [B, 2]
        angle = t[:, None] / T * torch.tensor([1.0, 2.0, 4.0, 8.0])
        place = (x[:, None] * torch.tensor([1.0, 2.0, 4.0, 8.0])[:, None]).flatten(1)  # [B, 8]
        waves = [place.sin(), place.cos(), angle.sin(), angle.cos()]
        return self.out(self.layers(torch.cat([x, *waves], 1)))


STEPS = 300 if QUICK else 3000
net, losses, began = Denoiser(), [], time.time()
optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(STEPS):
    optimiser.param_groups[0]["lr"] = 3e-3 * (1 - step / STEPS)
    x0, noise, t = moons(256), torch.randn(256, 2), torch.randint(1, T + 1, (256,))
    xt = abar[t][:, None].sqrt() * x0 + (1 - abar[t])[:, None].sqrt() * noise
    loss = (noise - net(xt, t)).square().mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append(loss.item())
print(f"{STEPS} steps in {time.time() - began:.0f} s, loss {sum(losses[-100:]) / 100:.3f}")

# %% [markdown]
# ## Is that a good loss?
#
# A loss of 0 is impossible, since the noise cannot be known. But for data that are a *finite set of points* the best
# prediction has a formula: weight each data point by how likely it is to have led here, a softmax over distances. With
# 4,000 points from the moons that is nearly the best prediction for the moons themselves. So we know how much of the
# loss is the network's fault.

# %%
points = moons(4000)


def best_noise(x, t):
    a = abar[t][:, None]
    distance = torch.cdist(x, a[:, :1].sqrt()[0] * points) ** 2  # all of this batch have the same t
    weight = (-distance / (2 * (1 - a))).softmax(1)
    return (x - a.sqrt() * (weight @ points)) / (1 - a).sqrt()


least, ours = [], []
with torch.no_grad():
    for at in range(1, T + 1):
        x0, noise, t = moons(300), torch.randn(300, 2), torch.full((300,), at)
        xt = abar[at].sqrt() * x0 + (1 - abar[at]).sqrt() * noise
        least.append((noise - best_noise(xt, t)).square().mean().item())
        ours.append((noise - net(xt, t)).square().mean().item())
print(f"least possible, about {sum(least) / T:.3f}; the network's {sum(ours) / T:.3f}")
figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
axes.plot(range(1, T + 1), least, color="#555555", linestyle=":", label="best possible")
axes.plot(range(1, T + 1), ours, color="#1b6ca8", label="the network")
axes.set(xlabel="t: from data to noise", ylabel="squared error of the noise", ylim=(0, 1.1))
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Walking back
#
# Start from pure noise at t = T. Predict the noise in it, which gives a guess of the data point, x̂₀; then go to where
# *that* point would be at t − 1 with the same noise, and predict again from there. Jumping to x̂₀ at once would land
# in the middle of everything, because from afar the best guess is a mean. In small steps each guess is a little surer
# than the one before.
#
# With the formula as denoiser, our sampler and Tengen's must arrive at the same points.


# %%
@torch.no_grad()
def walk(denoiser, x):
    """All stages [T + 1, N, 2], from noise to data."""
    stages = [x]
    for at in range(T, 0, -1):
        noise = denoiser(x, torch.full((len(x),), at))
        guess = (x - (1 - abar[at]).sqrt() * noise) / abar[at].sqrt()
        x = abar[at - 1].sqrt() * guess + (1 - abar[at - 1]).sqrt() * noise
        stages.append(x)
    return torch.stack(stages)


start = torch.randn(500, 2)
mine = walk(best_noise, start)[-1]
theirs = tengens.sample(best_noise, start, abar, T, clip=False)
print("largest difference from Tengen's walk:", (mine - theirs).abs().max().item())
assert torch.allclose(mine, theirs, atol=1e-3)

# %% [markdown]
# ## From noise to moons
#
# The trained network now moves 1,500 points. Colour shows where each began: the sampler is deterministic, so
# neighbours in the noise stay neighbours, and the noise is bent into the data like dough. The last panel is real data.

# %% tags=["result"]
start = torch.randn(1500, 2)
stages = walk(net, start)
colour = torch.atan2(start[:, 1], start[:, 0])
figure, panels = plt.subplots(1, 6, figsize=(12, 2.4), layout="constrained", sharex=True, sharey=True)
for panel, at in zip(panels, (0, 20, 35, 43, T), strict=False):
    panel.scatter(*stages[at].T, c=colour, cmap="twilight", s=3)
    panel.set(title=f"t = {T - at}", xlim=(-3, 3), ylim=(-2.5, 2.5), xticks=[], yticks=[])
panels[5].scatter(*moons(1500).T, color="#555555", s=3)
panels[5].set(title="data")
plt.show()
nearest = torch.cdist(stages[-1], points).min(1).values
print(
    f"{(nearest < 0.15).float().mean():.0%} of the generated points lie within 0.15 of the moons, {(torch.cdist(start, points).min(1).values < 0.15).float().mean():.0%} of the noise did"
)

# %% [markdown]
# ## What to take away
#
# * One regression, trained at all noise levels at once, gives a model to sample from. The price is T network calls per
#   sample.
# * The network learns only a mean; it is the small steps that make the samples sharp.
# * For pictures the network is a [U-Net](unet.py); everything else on this page stays the same.
#
# ## Try
#
# 1. Sample in one step, in 2, in 5 (skip stages). What do the points look like, and why do they lie between the moons?
# 2. Let the network predict x₀ instead of the noise. Where is it better, where worse?
# 3. Add fresh noise at each step and remove more of the predicted noise (the paper's sampler). Are the colours still
#    in order?
# 4. Train on only 20 data points. What does it generate after a long training? When would you notice?

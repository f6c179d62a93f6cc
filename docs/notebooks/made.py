# %% [markdown]
# # MADE: masks turn an autoencoder into a density
#
# **What comes out.** A network gives the exact probability of a picture in one pass, and we prove it: over all 512
# pictures of 3x3 bits its probabilities sum to 1. One wrong sign in a mask and they do not. Trained on small digits it
# needs 17.1 nats per held-out picture (independent pixels need 24.8), and completes pictures from their upper half.
# The picture shows the masks at work, the completions, and the score.
#
# ![who may see whom, and completed digits](images/made.png)
#
# Paper: Germain et al. 2015, [arXiv:1502.03509](https://arxiv.org/abs/1502.03509). Page:
# [docs/algorithms/made.md](../algorithms/made.md). At full size: `tengen train binary-mnist --model made`.

# %% [markdown]
# ## What we need
#
# PyTorch, digits as bits from Tengen's reader, and its MADE to compare with.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from supervised.data.sets import digits
from supervised.generative import made as tengens_made

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
found = digits("", print)
x, x_test = (
    torch.from_numpy((pictures.reshape(len(pictures), 64) > 127).astype(np.float32))
    for pictures, _ in (found.train, found.test)
)

# %% [markdown]
# ## A product instead of a sum
#
# A distribution over 64 bits has 2^64 entries that sum to 1; nobody can normalise that. But any distribution is a
# product of conditionals, each over a single bit, and a single bit is easy to normalise:
#
# $$p(x) = \prod_d p(x_d \mid x_1, \ldots, x_{d-1})$$
#
# So we need a network whose output d depends on the inputs before d *and on no other*. An autoencoder has the right
# number of inputs and outputs, but its output d sees input d, and copies it.

# %% [markdown]
# ## Masks
#
# Number the inputs 1 … D, and give each hidden unit a degree m: it may see inputs up to number m. A hidden unit may
# read units of at most its own degree (≥). Output d may read units of degree *less than* d (>): that one strict sign
# keeps output d from seeing x_d. Then every path from an input to an output leads from an earlier to a later position.


# %%
class MADE(nn.Module):
    def __init__(self, pixels, hidden, seed=0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        degree, least = torch.arange(1, pixels + 1), 1
        masks, layers = [], []
        for units in hidden:
            above = torch.randint(least, pixels, (units,), generator=generator)
            least = int(above.min())
            masks.append(above[:, None] >= degree)
            layers.append(nn.Linear(len(degree), units))
            degree = above
        masks.append(torch.arange(1, pixels + 1)[:, None] > degree)
        layers.append(nn.Linear(len(degree), pixels))
        self.masks, self.layers = masks, nn.ModuleList(layers)

    def forward(self, bits):  # [B, D] -> logits [B, D]
        for layer, mask in zip(self.layers[:-1], self.masks[:-1], strict=True):
            bits = F.relu(F.linear(bits, layer.weight * mask, layer.bias))
        return F.linear(bits, self.layers[-1].weight * self.masks[-1], self.layers[-1].bias)

    def nats(self, bits):  # -log p(x) [B], exact
        return F.binary_cross_entropy_with_logits(self(bits), bits, reduction="none").sum(1)


# %% [markdown]
# ## Does it sum to one?
#
# With 9 bits we can evaluate all 512 pictures. If the masks are right, the probabilities sum to 1 *whatever the
# weights*, even untrained. If they are wrong, training would still lower the loss, even faster, because outputs would
# copy their inputs. So this is the test that counts. We also let it fail once, without the last mask.

# %%
everything = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 9)  # [512, 9]
small, wrong, tengens = MADE(9, (20, 20)), MADE(9, (20, 20)), tengens_made.MADE(9, (20, 20))
with torch.no_grad():
    for layer in wrong.layers:
        layer.weight.mul_(3)
    wrong.masks[-1] = torch.ones_like(wrong.masks[-1])  # every output reads every hidden unit
    for name, nats in (("ours", small.nats), ("Tengen's", lambda b: tengens.nats(b, 0)), ("no last mask", wrong.nats)):
        print(f"{name:14} sums to {(-nats(everything)).exp().sum():.4f}")
    assert abs((-small.nats(everything)).exp().sum() - 1) < 1e-4

# %% [markdown]
# ## Who sees whom
#
# The same claim, drawn: the derivative of each output with respect to each input. Entries below the diagonal may be
# nonzero, those on it and above must be zero. (The Jacobian is strictly triangular.)

# %%
point = torch.rand(1, 9)
jacobian = torch.autograd.functional.jacobian(lambda b: small(b)[0], point)[:, 0].abs()  # [outputs, inputs]
print("largest entry on or above the diagonal:", jacobian.triu().max().item())
assert jacobian.triu().max() == 0 and jacobian.tril(-1).max() > 0

# %% [markdown]
# ## Learning digits
#
# The loss is −log p itself: no bound, no noise. The network soon memorises 1,438 pictures, so we use dropout on the
# hidden units and watch the held-out loss.

# %%
STEPS = 150 if QUICK else 1500
net, began = MADE(64, (300,)), time.time()
optimiser = torch.optim.Adam(net.parameters(), lr=5e-3)
curve = []
for step in range(STEPS):
    optimiser.param_groups[0]["lr"] = 5e-3 * (1 - step / STEPS)
    bits = x[torch.randint(len(x), (128,))]
    hidden = F.dropout(F.relu(F.linear(bits, net.layers[0].weight * net.masks[0], net.layers[0].bias)), 0.4)
    logits = F.linear(hidden, net.layers[1].weight * net.masks[1], net.layers[1].bias)
    loss = F.binary_cross_entropy_with_logits(logits, bits, reduction="none").sum(1).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    if step % (STEPS // 15) == 0 or step == STEPS - 1:
        with torch.no_grad():
            curve.append((step, net.nats(x).mean().item(), net.nats(x_test).mean().item()))
curve = np.array(curve)
share = x.mean(0).clamp(1e-3, 1 - 1e-3)
alone = -(x_test * share.log() + (1 - x_test) * (1 - share).log()).sum(1).mean()
print(f"held out {curve[-1, 2]:.2f} nats per picture; independent pixels {alone:.2f}; {time.time() - began:.0f} s")

# %% [markdown]
# ## Completing
#
# Sampling follows the order: the first bit from its probability, the second given the first, and so on: 64 passes per
# picture. Given the upper half, you start in the middle. That is exact: no search and no approximation, since the
# upper half comes first in the order. (For the *left* half it would be hard. Why?)


# %% tags=["result"]
@torch.no_grad()
def complete(bits, start, seed):
    torch.manual_seed(seed)
    bits = bits.clone()
    for d in range(start, 64):
        bits[:, d] = (torch.rand(len(bits)) < net(bits)[:, d].sigmoid()).float()
    return bits


given = x_test[[10, 11, 12, 13, 15, 17]]
rows = [given, *(complete(given, 32, seed) for seed in range(4))]
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained", width_ratios=[1, 1.5, 1.3])
left.imshow(jacobian, cmap="Blues")
left.set(xlabel="input", ylabel="output", title="who sees whom (9 bits)", xticks=range(9), yticks=range(9))
tiles = torch.stack(rows).view(5, 6, 8, 8)
tiles = F.pad(tiles, (1, 1, 1, 1), value=0.3).permute(0, 2, 1, 3).reshape(50, 60)
middle.imshow(tiles, cmap="gray_r")
for row in range(1, 5):
    middle.plot([-0.5, 59.5], [10 * row + 4.5] * 2, color="#d1495b", linewidth=0.8)
middle.set(title="a held-out row, then its upper half completed", xticks=[], yticks=[])
right.plot(curve[:, 0], curve[:, 1], color="#d1495b", label="training")
right.plot(curve[:, 0], curve[:, 2], color="#1b6ca8", label="held out")
right.axhline(alone.item(), color="#555555", linestyle=":", label="independent pixels")
right.set(xlabel="gradient steps", ylabel="nats per picture (exact)", title="−log p")
right.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What to take away
#
# * A mask is a promise about information. You can *prove* it on a small case, and should, before any training.
# * Over time this is a language model, over the plane PixelCNN, and the causal mask of a GPT is this very matrix.
# * Exact likelihood, slow sampling: 64 passes. [The VAE](autoencoders.py) is the other way round.
#
# ## Try
#
# 1. Use ≥ at the outputs instead of no mask. What is the sum now, and what does the training loss do?
# 2. Draw the degrees of the hidden units from 1 to D instead of D − 1. Is anything wrong, or only wasted?
# 3. Train with the pixels in a random order. Is the score worse? Are the completions?
# 4. Several orders, one network: the mean of the *probabilities* sums to 1. Show that the mean of the logits does
#    not.

# %% [markdown]
# # Autoencoders: from compressing to generating
#
# **What comes out.** A network compresses an 8x8 digit into two numbers and reconstructs it; two changes turn it into
# a model you can *sample from*: a variational autoencoder. Its bound is checked against formulas and against Tengen's,
# and, because the code is only two numbers, against the likelihood itself by brute force. For sixty held-out pictures
# the bound is 19.1 nats, tightened with 200 samples 18.8, by brute force 18.8. The picture walks over the plane of
# codes: every point decodes to a digit that nobody wrote.
#
# ![the plane of codes, decoded, and the parts of the bound](images/autoencoders.png)
#
# Papers: Hinton & Salakhutdinov 2006; Kingma & Welling 2013, [arXiv:1312.6114](https://arxiv.org/abs/1312.6114).
# Page: [docs/algorithms/autoencoders.md](../algorithms/autoencoders.md). At full size: `tengen train binary-mnist
# --model vae`.

# %% [markdown]
# ## What we need
#
# PyTorch, and the small digits from Tengen's reader as bits: a pixel is ink or it is not. Bits have an exact
# likelihood, so everything is in nats and can be compared.

# %%
import math
import os
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from supervised.data.sets import digits
from supervised.generative.vae import gaussian_kl, reparameterise

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
found = digits("", print)
x, x_test = (
    torch.from_numpy((pictures.reshape(len(pictures), 64) > 127).astype(np.float32))
    for pictures, _ in (found.train, found.test)
)
labels = found.test[1]
share = x.mean(0).clamp(1e-3, 1 - 1e-3)
alone = -(x_test * share.log() + (1 - x_test) * (1 - share).log()).sum(1).mean()
print(f"{len(x)} pictures of 64 bits; independent pixels cost {alone:.1f} nats per picture")

# %% [markdown]
# ## An autoencoder
#
# Encoder: 64 bits → 2 numbers. Decoder: 2 numbers → a probability for each bit. The loss is −log p(bits), summed over
# the pixels. The bottleneck forces the network to find what digits have in common: 2 numbers cannot hold 64 bits.


# %%
def perceptron(*sizes):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def nats(logits, bits):  # [B, 64] each -> [B]
    return F.binary_cross_entropy_with_logits(logits, bits, reduction="none").sum(1)


STEPS = 200 if QUICK else 3000


def fit(parameters, loss_of, steps=STEPS):
    optimiser = torch.optim.Adam(parameters, lr=3e-3)
    history = []
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 3e-3 * (1 - step / steps)
        parts = loss_of(x[torch.randint(len(x), (128,))])
        optimiser.zero_grad()
        parts[0].backward()
        optimiser.step()
        history.append([part.item() for part in parts])
    return np.array(history)


encoder, decoder = perceptron(64, 128, 2), perceptron(2, 128, 64)
fit([*encoder.parameters(), *decoder.parameters()], lambda bits: [nats(decoder(encoder(bits)), bits).mean()])
with torch.no_grad():
    codes = encoder(x_test)
    print(f"{nats(decoder(codes), x_test).mean():.1f} nats per picture; codes {codes.min():.0f} to {codes.max():.0f}")

# %% [markdown]
# ## Why you cannot sample from it
#
# To make a new digit you would pick a code, but which one? Nothing says where codes lie: the encoder spreads them as
# far apart as it likes, with empty space between. Decode a random point there, and you get whatever the decoder
# happens to do where it was never trained.

# %%
figure, axes = plt.subplots(figsize=(4, 3), layout="constrained")
dots = axes.scatter(*codes.T, c=labels, cmap="tab10", s=8)
figure.colorbar(dots, label="digit", ticks=range(10))
axes.set(xlabel="first number", ylabel="second number", title="where the codes lie")
plt.show()

# %% [markdown]
# ## Two changes
#
# 1. A code is not a point but a small cloud: the encoder outputs a mean and a standard deviation, and z is drawn from
#    that Gaussian. Neighbouring codes must then mean similar things, because their clouds overlap.
# 2. All clouds together should fill a standard normal distribution, so being elsewhere costs KL(q(z|x) ‖ p(z)).
#
# Together they give a bound on the likelihood, the paper's Eq. 3:
#
# $$\log p(x) \ge \mathbb{E}_{q(z|x)}[\log p(x|z)] - \mathrm{KL}(q(z|x) \,\|\, p(z))$$
#
# For Gaussians the KL has a formula. Check a formula that you derived by sampling: KL = E[log q − log p].


# %%
def kl(mean, log_variance):  # [B, K] -> [B]
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)


mean, log_variance = torch.tensor([[0.8, -0.3]]), torch.tensor([[-1.0, 0.4]])
z = mean + (log_variance / 2).exp() * torch.randn(200_000, 2)
q = torch.distributions.Normal(mean, (log_variance / 2).exp()).log_prob(z).sum(1)
p = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1)
print(
    f"formula {kl(mean, log_variance).item():.3f}, by sampling {(q - p).mean():.3f},"
    f" Tengen's {gaussian_kl(mean, log_variance).item():.3f}"
)
assert torch.allclose(kl(mean, log_variance), gaussian_kl(mean, log_variance))

# %% [markdown]
# ## A gradient through sampling
#
# How do you differentiate a random draw? Write it as z = mean + deviation · ε with ε drawn from N(0, 1), which does
# not depend on the weights. The gradient flows through the rest. (Sampling z directly would raise no error, but would
# cut the encoder off from the reconstruction.)


# %%
class VAE(nn.Module):
    def __init__(self, latent=2):
        super().__init__()
        self.encoder, self.decoder = perceptron(64, 128, 2 * latent), perceptron(latent, 128, 64)

    def encode(self, bits):
        return self.encoder(bits).chunk(2, 1)  # mean and log variance, [B, K] each

    def loss(self, bits):
        mean, log_variance = self.encode(bits)
        noise = torch.randn_like(mean)
        z = mean + (log_variance / 2).exp() * noise
        assert torch.allclose(z, reparameterise(mean, log_variance, noise))
        rebuilt, price = nats(self.decoder(z), bits).mean(), kl(mean, log_variance).mean()
        return [rebuilt + price, rebuilt, price]


vae, began = VAE(), time.time()
history = fit(vae.parameters(), vae.loss)
with torch.no_grad():
    bound, rebuilt, price = (part.item() for part in vae.loss(x_test))
print(f"held out: −ELBO {bound:.1f} = {rebuilt:.1f} reconstruction + {price:.1f} KL; {time.time() - began:.0f} s")

# %% [markdown]
# ## How far below the truth is the bound?
#
# With a code of two numbers we can compute the likelihood itself: integrate p(x|z) p(z) over a fine grid of z. With
# forty that would be hopeless, which is why the bound exists. The gap is KL(q(z|x) ‖ p(z|x)), from the encoder's
# Gaussian to the true posterior. Averaging several samples inside the logarithm (importance sampling) tightens the
# bound; the more, the tighter.

# %%
with torch.no_grad():
    side = torch.linspace(-4, 4, 81)
    grid = torch.cartesian_prod(side, side)  # [6561, 2]
    log_prior = torch.distributions.Normal(0.0, 1.0).log_prob(grid).sum(1) + 2 * math.log((side[1] - side[0]).item())
    logits = vae.decoder(grid)
    some = x_test[:60]
    log_p = some @ F.logsigmoid(logits).T + (1 - some) @ F.logsigmoid(-logits).T + log_prior  # [60, grid]
    exact = -torch.logsumexp(log_p, 1)
    mean, log_variance = vae.encode(some)
    weights = []
    for _ in range(200):
        noise = torch.randn_like(mean)
        z = mean + (log_variance / 2).exp() * noise
        weights.append(-nats(vae.decoder(z), some) - 0.5 * (z**2).sum(1) + 0.5 * (noise**2 + log_variance).sum(1))
    weights = torch.stack(weights)
    for count in (1, 10, 200):
        bounds = math.log(count) - torch.logsumexp(weights[: 200 // count * count].view(-1, count, 60), 1)
        print(f"{count:4} samples: {bounds.mean():.2f} nats")
    print(f"by brute force: {exact.mean():.2f} nats")
assert bounds.mean() > exact.mean() - 0.5

# %% [markdown]
# ## The plane, decoded
#
# The plane of codes, decoded on a grid. Digits blend into each other; between a 3 and an 8 lies a bit of both. The
# curves on the right are the two parts of the loss, which pull in opposite directions: good reconstruction needs
# distant, sharp codes, and these cost KL.

# %% tags=["result"]
with torch.no_grad():
    steps = torch.distributions.Normal(0.0, 1.0).icdf(torch.linspace(0.03, 0.97, 13))
    plane = torch.cartesian_prod(-steps, steps)
    tiles = F.pad(vae.decoder(plane).sigmoid().view(13, 13, 8, 8), (1, 1, 1, 1)).permute(0, 2, 1, 3).reshape(130, 130)
    codes = vae.encode(x_test)[0]
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
left.imshow(tiles, cmap="gray_r")
left.set(title="the plane of codes, decoded", xticks=[], yticks=[])
dots = middle.scatter(*codes.flip(1).T, c=labels, cmap="tab10", s=8)
figure.colorbar(dots, ticks=range(10))
middle.set(title="where held-out digits lie", xlabel="second number", ylabel="first number")
for part, name, colour in ((1, "reconstruction", "#1b6ca8"), (2, "KL of the code", "#d1495b"), (0, "total", "#333333")):
    right.plot(np.convolve(history[:, part], np.ones(20) / 20, "valid"), color=colour, label=name)
right.set(xlabel="gradient steps", ylabel="nats per picture", title="the two parts of the bound", ylim=(0, None))
right.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What to take away
#
# * The encoder is only needed for training; to sample you need the decoder and a normal distribution.
# * A loss in nats, with a bound that can be tightened, is comparable across models. [MADE](made.py) needs no bound:
#   its likelihood is exact.
# * The reparameterisation trick carries gradients through any randomness that can be written as outside noise.
#
# ## Try
#
# 1. Use twenty numbers instead of two. Which of their KLs stay near 0, and what does that mean?
# 2. Multiply the KL by 10, then by 0.1. What happens to the middle panel, and to sampled digits?
# 3. `z = torch.distributions.Normal(mean, deviation).sample()`. What does the KL do during training, and why?
# 4. Sample codes from a normal distribution with deviation 2. Where does the decoder begin to produce nonsense?

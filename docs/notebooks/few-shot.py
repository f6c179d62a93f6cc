# %% [markdown]
# # In-context learning: answers from the prompt, with fixed weights
#
# **What comes out.** A small transformer is shown examples from a random table, and answers from them: after eleven
# examples its error is 3.4 %, where the best possible is 3.2 %. Its weights do not change. The picture shows this,
# where the attention looks meanwhile (from a key to the same key earlier on, and from there one position further), and
# why one layer cannot do it.
#
# ![errors by number of examples, learning with one and two layers, where attention looks](images/few-shot.png)
#
# Papers: Brown et al. 2020, [arXiv:2005.14165](https://arxiv.org/abs/2005.14165); Olsson et al. 2022,
# [arXiv:2209.11895](https://arxiv.org/abs/2209.11895). Page:
# [docs/algorithms/few-shot.md](../algorithms/few-shot.md). At full size: `tengen train in-context`.

# %% [markdown]
# ## What we need
#
# PyTorch. We write the task and its best possible error, and compare them with Tengen's.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from supervised.sequence.in_context.families import Lookup

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
KEYS, EXAMPLES = 4, 12

# %% [markdown]
# ## A task that cannot be memorised
#
# A prompt is a sequence of pairs: key, value, key, value, … Each prompt has a *table of its own*, drawn at random:
# here "b" means 3, in the next prompt 0. So a table stored in the weights is of no use; the next prompt has another.
# What the weights can store is how to use examples. The loss asks at every key for its value, given the pairs before.
#
# What is the best possible? A key that has appeared before has a known answer. Any other is a guess, wrong in 3 of 4
# cases. After k examples a key is still new with probability (1 − 1/4)^k, so the best error is (3/4)^k · 3/4.


# %%
def prompts(count, generator, examples=EXAMPLES):
    """Tokens [B, 2 N]: keys 0 … K − 1 at even positions, values K … 2 K − 1 at odd ones; and the values [B, N]."""
    table = torch.randint(KEYS, (count, KEYS), generator=generator)
    keys = torch.randint(KEYS, (count, examples), generator=generator)
    values = table.gather(1, keys)
    return torch.stack([keys, KEYS + values], 2).flatten(1), values


tokens, values = prompts(20_000, torch.Generator().manual_seed(1))
keys = tokens[:, ::2]
seen = ((keys[:, :, None] == keys[:, None]) & torch.ones(EXAMPLES, EXAMPLES).tril(-1).bool()).any(2)
best = (3 / 4) ** np.arange(EXAMPLES) * 3 / 4
counted = 0.75 * (~seen).float().mean(0).numpy()
theirs = Lookup(KEYS)
drawn = theirs.draw(np.random.default_rng(0), 20_000, EXAMPLES)
print("best error by formula:", best[[0, 5, 11]].round(3), " counted:", counted[[0, 5, 11]].round(3))
print("Tengen's best:        ", theirs.at_best(drawn).mean(0)[[0, 5, 11]].round(3))
print("a prompt:", " ".join(f"{'abcd'[k]}{v}" for k, v in zip(keys[0].tolist(), values[0].tolist(), strict=True)))

# %% [markdown]
# ## The network
#
# A minimal causal transformer: each position has a query, a key and a value (`ask`, `offer`, `give`), attends only to
# positions up to its own, and adds the result to its residual stream. We keep the attention weights (`shares`) to look
# at later. One head per layer, so that we can read it.


# %%
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ask, self.offer, self.give = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.out = nn.Linear(width, width, bias=False)
        self.think = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))

    def forward(self, x):  # [B, L, W]
        n = self.norms[0](x)
        scores = self.ask(n) @ self.offer(n).transpose(1, 2) / x.shape[2] ** 0.5  # [B, L, L]
        future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        self.shares = scores.masked_fill(future, -torch.inf).softmax(2)
        x = x + self.out(self.shares @ self.give(n))
        return x + self.think(self.norms[1](x))


class Reader(nn.Module):
    def __init__(self, layers, width=48):
        super().__init__()
        self.token, self.place = nn.Embedding(2 * KEYS, width), nn.Embedding(2 * EXAMPLES, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(layers))
        self.answer = nn.Linear(width, KEYS)

    def forward(self, tokens):  # [B, 2 N] -> [B, N, KEYS]: an answer at each key
        x = self.token(tokens) + self.place.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.answer(x[:, ::2])


# %% [markdown]
# ## Does it see the future?
#
# The answer to a key is the very next token. With a mask that is off by one the loss falls beautifully, and nothing
# has been learned. So: change everything from some position on, and the answers before it must not move at all.

# %%
net = Reader(2)
tokens, _ = prompts(3, torch.Generator().manual_seed(2))
changed = tokens.clone()
changed[:, 9:] = prompts(3, torch.Generator().manual_seed(3))[0][:, 9:]  # from the fifth value on
with torch.no_grad():
    moved = (net(tokens) - net(changed)).abs().amax((0, 2))
print("answers move by", [round(m, 3) for m in moved.tolist()])
assert moved[:5].max() == 0 and moved[5:].min() > 0

# %% [markdown]
# ## Learning to learn
#
# Every batch has new tables. We train two layers and one layer, for the same number of steps.


# %%
def errors(net, count=2000):
    tokens, values = prompts(count, torch.Generator().manual_seed(5))
    with torch.no_grad():
        return (net(tokens).argmax(2) != values).float().mean(0)  # [N]


def train(layers, steps, seed=0):
    torch.manual_seed(seed)
    generator, net = torch.Generator().manual_seed(seed), Reader(layers)
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    losses = []
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 3e-3 * min(1, step / 50) * (1 - step / steps)
        tokens, values = prompts(64, generator)
        loss = F.cross_entropy(net(tokens).flatten(0, 1), values.flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    return net, losses


STEPS, began = 120 if QUICK else 2000, time.time()
(two, losses_two), (one, losses_one) = train(2, STEPS), train(1, STEPS)
for name, net in (("two layers", two), ("one layer", one)):
    print(f"{name}: wrong after 0, 5 and 11 examples", errors(net)[[0, 5, 11]].numpy().round(3))
print(f"best possible:                            {best[[0, 5, 11]].round(3)}; {time.time() - began:.0f} s")

# %% [markdown]
# ## What it does
#
# Two steps are needed, and neither is of use alone: find the *same key* earlier on, and read what comes *after* it.
# Attention by content finds the key, but the value is one position further. So the value must know what came before
# it. That is a job for the first layer: each value attends one position back and copies the key. The second layer then
# attends from a key to the values that carry the same key (an "induction head").
#
# We do not have to believe this, we can measure it. In layer one: how much of a value's attention falls on the
# position before it? In layer two: how much of a key's attention falls on values after the same key, where there are
# any? With nothing learned both would be about one part in the number of positions.

# %%
tokens, _ = prompts(500, torch.Generator().manual_seed(8))
with torch.no_grad():
    two(tokens)
first, second = (block.shares for block in two.blocks)
places = torch.arange(1, 2 * EXAMPLES, 2)
back = first[:, places, places - 1].mean().item()
keys = tokens[:, ::2]
same = (keys[:, :, None] == keys[:, None]) & torch.ones(EXAMPLES, EXAMPLES).tril(-1).bool()  # [B, now, before]
on_values = second[:, ::2, 1::2]  # from keys to values
found = (on_values * same).sum(2)[same.any(2)].mean().item()
print(f"layer 1: a value attends to the position before it with {back:.0%}")
print(f"layer 2: a key attends to values after the same key with {found:.0%}")

# %% [markdown]
# One layer finds which values occur in the prompt, and prefers them to the others. That takes it from 75 % wrong to
# 36 % after three examples; eight more do not help. Two layers pass the same plateau in the learning curve and drop
# off it within a hundred steps: the two jobs pay only together, so at first nothing happens, and once a bit of both is
# there each makes the other worth more. With more keys the wait gets long (try 2).
#
# ## The picture
#
# Left, the errors by number of examples. In the middle, the losses (means of twenty). On the right, the attention of
# the second layer for one prompt: rows are the keys asked about, columns the tokens that they attend to.

# %% tags=["result"]
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.9), layout="constrained", width_ratios=[1, 1, 1.4])
for name, net, losses, colour in (
    ("two layers", two, losses_two, "#1b6ca8"),
    ("one layer", one, losses_one, "#d1495b"),
):
    left.plot(errors(net), "o-", color=colour, markersize=4, label=name)
    middle.plot(
        np.arange(STEPS // 20) * 20, np.reshape(losses[: STEPS // 20 * 20], (-1, 20)).mean(1), color=colour, label=name
    )
left.plot(best, "k:", label="best possible")
left.set(xlabel="examples in the prompt", ylabel="wrong answers", title="weights stay, errors fall", ylim=(0, 0.8))
left.legend(frameon=False)
middle.set(xlabel="gradient steps", ylabel="loss, nats", title="one layer is not enough", ylim=(0, None))
middle.legend(frameon=False)
names = [("abcd" + "0123")[token] for token in tokens[0].tolist()]
right.imshow(second[0, ::2], cmap="Blues", vmin=0, vmax=1, aspect="auto")
right.set_xticks(range(2 * EXAMPLES), names)
right.set_yticks(range(EXAMPLES), names[::2])
right.set(xlabel="attends to", ylabel="key asked for", title="layer 2, one prompt")
plt.show()

# %% [markdown]
# ## What to take away
#
# * "Learning" in a prompt is a learned computation like any other; here it can be read off.
# * Depth is not only more of the same: a lookup takes two steps, and one layer has one.
# * A loss on a plateau may be waiting: two halves of a mechanism that pay only together look like this.
#
# Tengen's network has several heads and takes numbers as well (linear functions, Garg 2022).
#
# ## Try
#
# 1. Change `triu(1)` to `triu(2)`: every position sees one position of the future. What do the test and the loss say?
# 2. Eight keys instead of four. How much longer is the plateau?
# 3. Leave out `self.place`. Which of the two steps needs it?
# 4. Give the trained network prompts in which a key changes its value half way. Which does it believe, the earlier or
#    the later? Did anything teach it that?

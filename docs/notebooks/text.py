# %% [markdown]
# # A network that reads: the GRU, written by hand
#
# **What comes out.** A recurrent cell of six lines that agrees with `torch.nn.GRU` and with Tengen's to the last
# digits, gradients included. It learns to read sums written as words. The picture shows how much each character of
# held-out lines surprises it: most letters hardly do, the numbers do. The first two of a line cannot be predicted. The
# third, their sum, could be: this network has not learned to add. The entropy of this synthetic text is known, so we
# can say how much is left to learn: it ends at 0.31 nats per character, where perfect spelling without adding costs
# 0.30, and adding as well brings it down to 0.19.
#
# ![how surprised the network is by each character](images/text.png)
#
# Paper: Cho et al. 2014, [arXiv:1406.1078](https://arxiv.org/abs/1406.1078). Page:
# [docs/algorithms/text.md](../algorithms/text.md). With Tengen, for any text: `tengen train text --net gru`.

# %% [markdown]
# ## What we need
#
# PyTorch for tensors and gradients; from `torch.nn` we use only an embedding table and a linear layer. Tengen supplies
# the text; its GRU and PyTorch's are there to compare with. `QUICK=1` in the environment shortens the training, to
# check only that everything still runs.

# %%
import math
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from supervised.data.sums import sums
from supervised.scratch import recurrent as tengens

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## A text as numbers
#
# A network computes with numbers, so every character gets one. Which number is arbitrary; the embedding table will turn
# each into a learned vector. The last lines are held out: on the training text, a network that only memorises would
# score well too. The split is not perfect. There are only 100 · 100 different lines, so most held-out lines occur in
# the training text too; we count them.

# %%
text = sums(20_000)
alphabet = sorted(set(text))
number_of = {character: i for i, character in enumerate(alphabet)}
tokens = torch.tensor([number_of[character] for character in text])
cut = len(tokens) * 9 // 10
learned, held_out = tokens[:cut], tokens[cut:]
print(text[: text.index("\n", 120)])
print(f"\n{len(text):,} characters, an alphabet of {len(alphabet)}")
known, new = set(text[:cut].split("\n")), text[cut:].split("\n")[1:-1]
print(
    f"{np.mean([line in known for line in new]):.0%} of the {len(new):,} held-out lines also occur in the training text"
)

# %% [markdown]
# ## What would knowing nothing cost?
#
# The loss will be the mean of −log p(next character), in nats. A loss alone means nothing, so before training we
# compute four yardsticks: a uniform guess costs ln V, with V characters in the alphabet; knowing each one's frequency
# costs less; because the two numbers of a line are drawn uniformly from 0 to 99, no model can do better than ln(100 ·
# 100) nats per line; and a model that spells perfectly but cannot add pays for the third number as well: the entropy of
# a sum of two such numbers.

# %%
share = torch.bincount(learned).float() / len(learned)
uniform = math.log(len(alphabet))
letters = -(share * share.log()).sum().item()
floor = math.log(100 * 100) * text.count("\n") / len(text)
of_sum = np.convolve(np.ones(100), np.ones(100)) / 100**2  # the probability of each sum, 0 to 198
spelling = floor - (of_sum * np.log(of_sum)).sum() * text.count("\n") / len(text)
print(f"uniform {uniform:.2f}, letter frequencies {letters:.2f} nats per character")
print(f"spelling without adding {spelling:.3f}, the text's entropy {floor:.3f}")

# %% [markdown]
# ## The cell
#
# A recurrent network reads one character at a time and keeps a memory h of fixed size. The plain version computes h ←
# tanh(W x + U h): *everything* in the memory is rewritten at each step, and a character read ten steps ago has gone
# through ten of these functions. The GRU adds two gates, numbers between 0 and 1 for each unit:
#
# $$r = \sigma(\ldots), \quad z = \sigma(\ldots), \quad n = \tanh(W x + r \odot U h),
#   \quad h' = (1 - z) \odot n + z \odot h$$
#
# Here σ(...) is σ(W x + U h + b); r, z and n each have matrices and a bias of their own, and ⊙ multiplies elementwise.
#
# * where **z** is 1 a unit is *copied*, value and gradient alike; this is what lets it remember;
# * where **r** is 0 the proposal n ignores the memory; this is what lets it start afresh, as after the end of a line.
#
# In the paper r scales the memory before the product, U (r ⊙ h). Like PyTorch, we scale the product, so that the three
# matrices can be stacked, in the order r, z, n, and multiplied by h at once. That is only for speed.


# %%
class GRU(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        bound = hidden**-0.5  # as in PyTorch: a sum over `hidden` terms of size 1 has a standard deviation of 0.6
        self.W = nn.Parameter(torch.empty(3 * hidden, inputs).uniform_(-bound, bound))
        self.U = nn.Parameter(torch.empty(3 * hidden, hidden).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.zeros(3 * hidden))
        self.b_n = nn.Parameter(torch.zeros(hidden))  # a second bias, which the reset gate scales

    def step(self, from_x, h):  # [B, 3 H] and [B, H] -> [B, H]
        x_r, x_z, x_n = from_x.chunk(3, 1)
        h_r, h_z, h_n = (h @ self.U.T).chunk(3, 1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * (h_n + self.b_n))
        return (1 - z) * n + z * h

    def forward(self, x, h):  # x [B, T, I], h [B, H] -> all memories [B, T, H], the last one [B, H]
        from_x = x @ self.W.T + self.b  # [B, T, 3 H]: does not depend on the memory, so for all times at once
        memories = []
        for t in range(x.shape[1]):
            h = self.step(from_x[:, t], h)
            memories.append(h)
        return torch.stack(memories, 1), h


# %% [markdown]
# ## Is it right?
#
# A cell with a swapped gate also learns something; you would see only a loss that is a little too high. So before
# training we copy our weights into two other implementations, PyTorch's and Tengen's, and compare outputs **and
# gradients**: equal outputs with unequal gradients would mean a missing path. Differences of 1e-6 are rounding; 1e-2
# would be a bug.


# %%
def with_our_weights(theirs, ours):
    with torch.no_grad():
        hidden = ours.b_n.numel()
        for name, value in {
            "weight_ih_l0": ours.W,
            "weight_hh_l0": ours.U,
            "bias_ih_l0": ours.b,
            "bias_hh_l0": torch.cat([torch.zeros(2 * hidden), ours.b_n]),
        }.items():
            getattr(theirs, name).copy_(value)
    return theirs


ours = GRU(5, 7)
nn.init.normal_(ours.b_n)
x, h = torch.randn(3, 11, 5), torch.randn(3, 7)
mine, _ = ours(x, h)
(mine**2).sum().backward()
library = with_our_weights(nn.GRU(5, 7, batch_first=True), ours)
scratch = with_our_weights(tengens.GRU(5, 7), ours)
for name, theirs, memory in (("torch.nn.GRU", library, h[None]), ("Tengen's", scratch, (h[None],))):
    out = theirs(x, memory)[0]
    (out**2).sum().backward()
    apart = (out - mine).abs().max().item()
    apart_in_gradient = (theirs.weight_hh_l0.grad - ours.U.grad).abs().max().item()
    print(f"{name:13} largest difference {apart:.1e}, of the gradients {apart_in_gradient:.1e}")
    assert apart < 1e-5 and apart_in_gradient < 1e-4

# %% [markdown]
# ## A language model
#
# The cell needs little around it: a vector for each character, and a linear layer from memory to one logit per
# character. The loss compares the logits at position t with the character at t + 1: the text is its own label.


# %%
class Reader(nn.Module):
    def __init__(self, characters, hidden):
        super().__init__()
        self.hidden = hidden
        self.vectors = nn.Embedding(characters, 32)
        self.cell = GRU(32, hidden)
        self.logits = nn.Linear(hidden, characters)

    def forward(self, read, h):  # [B, T], [B, H] -> [B, T, V], [B, H]
        memories, h = self.cell(self.vectors(read), h)
        return self.logits(memories), h


# %% [markdown]
# ## Learning, a piece at a time
#
# The text is one long sequence, and a gradient through all of it would need all memories at once. So we read from B
# positions in parallel, 48 characters at a time: the *memory* is carried from piece to piece, its *gradient* is cut
# (`detach`). Earlier characters still help; only the credit for remembering them reaches no further back than one
# piece.
#
# We clip the gradient's norm, because once in a while a product of many matrices is huge, and a single such step would
# undo an hour of learning.

# %%
BATCH, LENGTH, HIDDEN, STEPS = 32, 48, 128, 60 if QUICK else 800
streams = learned[: len(learned) // BATCH * BATCH].view(BATCH, -1)  # [B, N]: B places in the text
net = Reader(len(alphabet), HIDDEN)
optimiser = torch.optim.Adam(net.parameters(), lr=4e-3)


def nats_held_out(characters=4000):
    with torch.no_grad():
        read = held_out[None, :characters]
        logits, _ = net(read[:, :-1], torch.zeros(1, HIDDEN))
        return F.cross_entropy(logits[0], read[0, 1:]).item()


losses, tested, h, start, began = [], {}, torch.zeros(BATCH, HIDDEN), 0, time.time()
for step in range(STEPS):
    if start + LENGTH + 1 > streams.shape[1]:  # end of the text: start again, with an empty memory
        start, h = 0, torch.zeros(BATCH, HIDDEN)
    piece = streams[:, start : start + LENGTH + 1]
    optimiser.param_groups[0]["lr"] = 4e-3 * (1 - step / STEPS)
    logits, h = net(piece[:, :-1], h.detach())
    loss = F.cross_entropy(logits.flatten(0, 1), piece[:, 1:].flatten())
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    losses.append(loss.item())
    start += LENGTH
    if step % (STEPS // 10) == 0 or step == STEPS - 1:
        tested[step] = nats_held_out()
print(f"{STEPS} steps in {time.time() - began:.0f} s: {tested[STEPS - 1]:.3f} nats per character of {floor:.3f}")

# %% [markdown]
# ## The curve beside its yardsticks
#
# The first drop is letter frequencies, learned within a few steps. The next is spelling: after `twe` comes `n`. What
# remains at the end is the cost of the two numbers and their *sum*; the sum is not random, but to know it you have to
# add. The curve ends just above the line for spelling without adding.

# %%
figure, axes = plt.subplots(layout="constrained")
axes.plot(losses, color="#1b6ca8", alpha=0.35, label="learned from")
axes.plot(list(tested), list(tested.values()), "o-", color="#1b6ca8", label="held out")
for height, name, side in (
    *((uniform, "uniform guess", "bottom"), (letters, "letter frequencies", "top")),
    *((spelling, "spelling without adding", "bottom"), (floor, "entropy of the text", "top")),
):
    axes.axhline(height, color="#555555", linestyle=":", linewidth=1)
    axes.text(STEPS, height, name, ha="right", va=side, fontsize=8)
axes.set(xlabel="gradient steps", ylabel="nats per character", ylim=(0, 3.6))
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What surprises it?
#
# The mean hides where the loss is. So we colour each character of some held-out lines by its −log p. If the network has
# understood what kind of text this is, red should appear only at the first letters of a number, where a new one is
# chosen, and not within words, where the rest is known. The third number of a line could be known by adding: its colour
# says whether the network can. (A character's probability comes from the logits of the position before it.)

# %% tags=["result"]
lines = 6
place = int((held_out == number_of["\n"]).nonzero()[0]) + 1
stretch = held_out[place : place + 60 * lines]
with torch.no_grad():
    logits, _ = net(held_out[None, : place + 60 * lines], torch.zeros(1, HIDDEN))
    log_p = logits[0].log_softmax(-1)
surprise = -log_p[place - 1 : -1].gather(1, stretch[:, None])[:, 0]

figure, axes = plt.subplots(figsize=(10, 0.42 * lines + 0.6), layout="constrained")
row, column = 0, 0
for token, nats in zip(stretch.tolist(), surprise.tolist(), strict=True):
    if alphabet[token] == "\n":
        row, column = row + 1, 0
        if row == lines:
            break
        continue
    colour = plt.cm.YlOrRd(min(nats / 4, 1))
    axes.add_patch(plt.Rectangle((column, -row), 1, 0.9, color=colour))
    axes.text(column + 0.5, 0.42 - row, alphabet[token], ha="center", va="center", family="monospace", fontsize=9)
    column += 1
axes.set(xlim=(0, 62), ylim=(0.1 - lines, 1), title="−log p of each held-out character: pale 0, red 4 nats and more")
axes.axis("off")
plt.show()

# %% [markdown]
# ## Let it write
#
# To write, the network reads its own words: draw a character from p, read it, draw the next. Dividing the logits by a
# temperature below 1 makes likely characters more likely. Check whether the lines are lines, whether the words are
# words, and whether the sums are right: the network learns them in this order.


# %%
def write(prompt, count, temperature=0.5, seed=1):
    generator = torch.Generator().manual_seed(seed)
    read, h, written = torch.tensor([[number_of[character] for character in prompt]]), torch.zeros(1, HIDDEN), prompt
    with torch.no_grad():
        for _ in range(count):
            logits, h = net(read, h)
            p = (logits[0, -1] / temperature).softmax(0)
            read = torch.multinomial(p, 1, generator=generator)[None]
            written += alphabet[read.item()]
    return written


print(write("two plus two is", 160))

# %% [markdown]
# ## Why gates: how far back a gradient reaches
#
# The reason for gates can be measured. Take a cell with fresh weights, read 60 random inputs, and ask how much the last
# memory depends on the memory k steps before: the norm of the gradient of its sum. In the plain network it shrinks by a
# factor at each step, so nothing can be learned from thirty steps back. The GRU's z makes part of every step a copy:
# even with fresh weights, where z is about ½, less is lost; with a bias of 3 for z (σ(3) = 0.95) it hardly forgets.


# %%
def gradient_by_distance(step, hidden=64, length=60):
    memories = [torch.zeros(1, hidden, requires_grad=True)]
    for _ in range(length):
        memories.append(step(torch.randn(1, hidden), memories[-1]))
        memories[-1].retain_grad()
    memories[-1].sum().backward()
    return [m.grad.norm().item() / memories[-1].grad.norm().item() for m in reversed(memories)]


gru = GRU(64, 64)
remembering = GRU(64, 64)
with torch.no_grad():
    remembering.b[64:128] = 3.0  # the update gate z
plain_w, plain_u = torch.randn(2, 64, 64) * 64**-0.5 / 3**0.5  # with the GRU's standard deviation, bound / sqrt(3)
figure, axes = plt.subplots(layout="constrained")
for name, step in {
    "plain: tanh(W x + U h)": lambda x, h: torch.tanh(x @ plain_w + h @ plain_u),
    "GRU, fresh": lambda x, h: gru.step(x @ gru.W.T + gru.b, h),
    "GRU, z begins near 1": lambda x, h: remembering.step(x @ remembering.W.T + remembering.b, h),
}.items():
    axes.semilogy(np.maximum(gradient_by_distance(step), 1e-20), label=name)
axes.set(xlabel="steps back", ylabel="size of the gradient", ylim=(1e-16, 3))
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What Tengen adds
#
# * any file as text, memory-mapped, read as bytes (`supervised/data/text.py`);
# * AdamW, dropout between layers, a moving average of the weights, checkpoints that resume exactly;
# * PyTorch's compiled GRU by default; `--impl scratch` uses the loop over time compared above.
#
# On Tiny Shakespeare its GRU of 256 units reaches 1.465 nats per character [1.434, 1.497] on the held-out tenth, in 13
# minutes.
#
# ## Try
#
# 1. Take `.detach()` away. What is the error, and why is it one?
# 2. Reset the memory before each piece. How much does it cost with `LENGTH = 12`, how much with 48?
# 3. Train it for longer, with more units: does the curve get below the line for spelling? If so, does it add numbers
#    that it has never seen together? Hold out all lines of a tenth of the pairs (say those where a + 3 b is a multiple
#    of 10) and compare the nats of their third numbers with those of other lines.
# 4. Write the LSTM in the same way (four sums, a second memory c) and compare it with `nn.LSTM` first, whose order is
#    i, f, g, o.

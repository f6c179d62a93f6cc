# %% [markdown]
# # Attention: looking back at the source
#
# **What comes out.** Two networks translate a small invented language in which adjectives move behind the noun. One
# must squeeze the whole sentence into a vector of fixed size; the other may look back at the source for every word it
# writes. Both translate four words without a mistake. At fourteen words the one vector gets two thirds of the words
# right, the other network still all; on sentences longer than any in training both make mistakes. The picture shows
# where it looked: the lines that run backwards are the adjectives that change places, which it was never told.
#
# ![accuracy by length, and where attention looked](images/translation.png)
#
# Paper: Bahdanau, Cho & Bengio 2014, [arXiv:1409.0473](https://arxiv.org/abs/1409.0473). Page:
# [docs/algorithms/translation.md](../algorithms/translation.md). At full size: `tengen train translation --net
# attention`.

# %% [markdown]
# ## What we need
#
# PyTorch, and its `nn.GRU` ([the notebook on text](text.py) writes one by hand). We write the attention ourselves.
# Tengen's network is there to compare with.

# %%
import os
import time

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from supervised.sequence.translation.attention import Attention

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## Two languages
#
# Real translations are noisy, and an output counted as wrong may be a good one. A mechanism is easier to understand on
# a task with exactly one right answer. A sentence is a chain of noun phrases joined by verbs. In the source the
# adjectives come before the noun, in the target after it and in the opposite order:
#
#     the small red dog sees the old cat   ->   le chien rouge petit voit le chat vieux
#
# So words are not translated in order, and long sentences are as easy as short ones if you can look things up.

# %%
NOUNS = {"dog": "chien", "cat": "chat", "horse": "cheval", "bird": "oiseau", "fish": "poisson", "wolf": "loup"}
ADJECTIVES = {"red": "rouge", "small": "petit", "old": "vieux", "big": "grand", "white": "blanc", "black": "noir"}
VERBS = {"sees": "voit", "hears": "entend", "follows": "suit", "loves": "aime"}


def pick(words, generator):
    return list(words.items())[int(torch.randint(len(words), (), generator=generator))]


def sentence(phrases, generator):
    source, target = [], []
    for i in range(phrases):
        if i:
            verb = pick(VERBS, generator)
            source.append(verb[0])
            target.append(verb[1])
        adjectives = [pick(ADJECTIVES, generator) for _ in range(2)]
        noun = pick(NOUNS, generator)
        source += ["the", *(a for a, _ in adjectives), noun[0]]
        target += ["le", noun[1], *(a for _, a in reversed(adjectives))]
    return source, target


print(*(" ".join(words) for words in sentence(2, torch.Generator().manual_seed(3))), sep="\n")

# %% [markdown]
# ## Words as numbers
#
# Each language gets a vocabulary with two extra tokens: one to begin a translation and one to end it. All sentences of
# a batch have one length, so nothing has to be padded: padding is where attention usually goes wrong first.

# %%
BEGIN, END = 0, 1
source_words = ["<", ">", "the", *NOUNS, *ADJECTIVES, *VERBS]
target_words = ["<", ">", "le", *NOUNS.values(), *ADJECTIVES.values(), *VERBS.values()]
source_number = {word: i for i, word in enumerate(source_words)}
target_number = {word: i for i, word in enumerate(target_words)}


def batch(size, phrases, generator):
    """Sources [B, S], and targets [B, T + 2] from BEGIN to END."""
    pairs = [sentence(phrases, generator) for _ in range(size)]
    source = torch.tensor([[source_number[word] for word in s] for s, _ in pairs])
    target = torch.tensor([[BEGIN, *(target_number[word] for word in t), END] for _, t in pairs])
    return source, target


# %% [markdown]
# ## Attention, three equations
#
# The encoder produces a state $h_s$ for each source word. Before the decoder writes word t, its state $s_{t-1}$ is a
# question: *which of these do I need now?*
#
# $$e_{ts} = v \cdot \tanh(W s_{t-1} + U h_s), \qquad a_t = \mathrm{softmax}_s(e_t), \qquad c_t = \sum_s a_{ts} h_s$$
#
# The score e says how well state and question fit; the softmax over the **source** turns scores into shares that sum to
# 1; the context c is the mean of the states, weighted by these shares. Everything is differentiable, so *where to look*
# is learned from the translations alone.


# %%
class Look(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.W = nn.Linear(width, width)
        self.U = nn.Linear(2 * width, width, bias=False)
        self.v = nn.Linear(width, 1, bias=False)

    def forward(self, s, h):  # s [B, W], h [B, S, 2 W] -> context [B, 2 W], shares [B, S]
        e = self.v(torch.tanh(self.W(s)[:, None] + self.U(h))).squeeze(2)  # [B, S]
        a = e.softmax(1)
        return (a[:, None] @ h).squeeze(1), a


# %% [markdown]
# ## Is it right?
#
# Tengen's network has the same three matrices under the names `query`, `keys` and `energy`. With our weights in it,
# both must look at the same places, and the gradient that reaches the encoder's states must agree too.

# %%
look, tengens = Look(16), Attention(10, 10, width=16, embedding=8)
tengens.query, tengens.keys, tengens.energy = look.W, look.U, look.v
s, h = torch.randn(3, 16), torch.randn(3, 7, 32, requires_grad=True)
context, shares = look(s, h)
theirs, their_shares = tengens.look(s, h, tengens.keys(h))
(gradient,) = torch.autograd.grad((context**2).sum(), h)
(their_gradient,) = torch.autograd.grad((theirs**2).sum(), h)
for what, a, b in (
    ("context", context, theirs),
    ("shares", shares, their_shares),
    ("gradient", gradient, their_gradient),
):
    print(f"{what:9} largest difference {(a - b).abs().max().item():.1e}")
    assert torch.allclose(a, b, atol=1e-5)
print("the shares of a word sum to", shares.sum(1).detach().tolist())

# %% [markdown]
# ## Two translators
#
# They differ in one thing. With `attends=False` the decoder gets only the encoder's last state at each step (Sutskever
# et al. 2014 in spirit); with `attends=True` it gets the context that it asked for. The encoder reads in both
# directions, so the state at a word knows the words to its left and right.


# %%
class Translator(nn.Module):
    def __init__(self, attends, width=48):
        super().__init__()
        self.attends = attends
        self.source, self.target = nn.Embedding(len(source_words), width), nn.Embedding(len(target_words), width)
        self.encoder = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.begin = nn.Linear(2 * width, width)
        self.look = Look(width)
        self.cell = nn.GRUCell(3 * width, width)
        self.logits = nn.Linear(3 * width, len(target_words))

    def start(self, source):
        h, last = self.encoder(self.source(source))  # [B, S, 2 W], [2, B, W]
        summary = torch.cat([last[0], last[1]], 1)  # [B, 2 W]: all that the one without attention will ever see
        return h, summary, torch.tanh(self.begin(summary))

    def step(self, word, s, h, summary):  # -> logits [B, V], s, where it looked [B, S]
        context, shares = self.look(s, h) if self.attends else (summary, None)
        s = self.cell(torch.cat([self.target(word), context], 1), s)
        return self.logits(torch.cat([s, context], 1)), s, shares

    def forward(self, source, target):
        h, summary, s = self.start(source)
        logits = []
        for t in range(target.shape[1] - 1):
            out, s, _ = self.step(target[:, t], s, h, summary)
            logits.append(out)
        return torch.stack(logits, 1)  # [B, T + 1, V]

    @torch.no_grad()
    def translate(self, source, most):
        """The most likely word each time [B, most], and where it looked [B, most, S]."""
        h, summary, s = self.start(source)
        word, words, looks = torch.full((len(source),), BEGIN), [], []
        for _ in range(most):
            out, s, shares = self.step(word, s, h, summary)
            word = out.argmax(1)
            words.append(word)
            looks.append(shares)
        return torch.stack(words, 1), torch.stack(looks, 1) if self.attends else None


# %% [markdown]
# ## Learning
#
# In training, the decoder is given the correct previous word at each position, whatever it would have written itself
# ("teacher forcing"): all positions can then be scored at once, and an early mistake does not spoil the rest. Both
# translators see the same sentences, of one to three phrases.


# %%
def train(attends, steps, seed=0):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = Translator(attends)
    optimiser = torch.optim.Adam(net.parameters(), lr=5e-3)
    losses = []
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 5e-3 * (1 - step / steps)
        source, target = batch(48, 1 + step % 3, generator)
        loss = F.cross_entropy(net(source, target).flatten(0, 1), target[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    return net, losses


STEPS = 45 if QUICK else 450
began = time.time()
with_attention, losses_with = train(True, STEPS)
without, losses_without = train(False, STEPS)
print(
    f"{STEPS} steps each, {time.time() - began:.0f} s;"
    f" last losses {losses_with[-1]:.3f} with, {losses_without[-1]:.3f} without"
)

# %% [markdown]
# ## Does length matter?
#
# This is the paper's question. Both translate sentences of one to six phrases, up to twice as long as any in training.
# We count the words that are right at their position, which is strict: one word too many, and all after it are wrong.
# Within the training lengths, looking back makes all the difference. Beyond them it helps less: the decoder's state
# decides what to look at next, and it has never had to count so far. The second panel shows where the attending network
# looked for one of these sentences: rows are the words it wrote, columns the source. Along the diagonal it translates
# in order; where two adjectives and a noun are mirrored, so is the line.


# %% tags=["result"]
@torch.no_grad()
def right(net, phrases, size=30):
    source, target = batch(size, phrases, torch.Generator().manual_seed(100 + phrases))
    words, _ = net.translate(source, target.shape[1] - 1)
    return (words == target[:, 1:]).float().mean().item()


lengths = range(1, 7)
figure, (left, where) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", width_ratios=[1, 1.25])
for net, name, colour in ((with_attention, "looks back", "#1b6ca8"), (without, "one vector", "#d1495b")):
    left.plot([5 * n - 1 for n in lengths], [right(net, n) for n in lengths], "o-", color=colour, label=name)
left.axvspan(0, 15, color="#555555", alpha=0.08)
left.text(7.5, 0.03, "lengths learned from", ha="center", fontsize=8)
left.set(xlabel="words of the source", ylabel="words right at their place", ylim=(0, 1.05), xlim=(0, 31))
left.legend(frameon=False)

source, target = batch(1, 2, torch.Generator().manual_seed(3))
words, looks = with_attention.translate(source, target.shape[1] - 1)
where.imshow(looks[0], cmap="Blues", vmin=0, vmax=1)
where.set_xticks(range(source.shape[1]), [source_words[i] for i in source[0]], rotation=60, ha="right")
where.set_yticks(range(words.shape[1]), [target_words[i] for i in words[0]])
where.set(xlabel="it looked at", ylabel="it wrote")
plt.show()

# %% [markdown]
# ## What to take away
#
# The fixed-size vector is a bottleneck that tightens with each word of the source. Attention has none, since its memory
# grows with the sentence; the price is a score for each pair of words. The Transformer keeps only this part: if looking
# is that good, every position may look at every other, and no state has to be carried along at all.
#
# Tengen's networks learn real sentences (Multi30k) split into subwords, use beam search, and are scored by BLEU; all
# three are in `supervised/sequence/translation/`.
#
# ## Try
#
# 1. Replace the softmax over the source by one over the batch (`e.softmax(0)`). The shapes still fit: what do the
#    curves say?
# 2. Scores by product: `e = (q @ k.T) / sqrt(W)` instead of the tanh. That is the Transformer's score. Is it worse
#    here?
# 3. Double the width of the network without attention. How much further does it get?
# 4. Let adjectives stay before the noun. How does the picture change, and how soon is it learned?

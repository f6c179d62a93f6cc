# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # {{name}}: what comes next in a text?
#
# *To do: the result first, in one sentence with its number and interval, and a line that the network wrote. Then the
# problem, for somebody who has never heard of it: who wants to know how probable a text is?*
#
# Everything that learns is written in `parts/`, in plain PyTorch: the gated recurrent unit from its four equations, the
# loss, gradient clipping, and sampling text. This notebook says what each part does, why it is necessary, and what came
# out.

# %% [markdown]
# ## The tools
#
# `quick()` is true in the quick form (`QUICK=1`), which runs within seconds; its figures mean nothing. `training`
# starts a training run in its own process, or finds it if it has run before: executing the notebook again does not
# train again. `ready` says which parts are still to be written.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import beside, data_folder, quick, ready, training, write_card
from parts.data import load
from parts.loss import clip, nats
from parts.model import GRU, TextNet
from parts.train import gradient_step, surprise
from parts.write import draw, write

SEEDS = (1,) if quick() else (1, 2, 3)
CONFIG = {
    "steps": 10 if quick() else 2000,
    "batch": 8 if quick() else 32,  # pieces that are read side by side
    "length": 16 if quick() else 64,  # tokens a gradient step goes back through
    "hidden": 32 if quick() else 256,
    "lr": 4e-3,
    "carry": True,
}
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The data
#
# A text, read character by character. Nobody has to label anything: the next character is the label. The first nine
# tenths are the training set, the last tenth is held out. *To do: what is there to learn at the level of letters, of
# words, of lines, of speakers?*

# %%
corpus = load(data_folder(), quick())
print(corpus.about)
print(corpus.alphabet.decode(corpus.windows(np.array([0]), 300)[0]))

# %% [markdown]
# ## The baselines
#
# How well can you guess without reading? Knowing nothing costs the logarithm of the size of the alphabet. Knowing how
# frequent each character is costs the entropy of these frequencies, and knowing which character follows which costs
# less again. All three are counted on the training set and measured on the held-out tenth. The last one equals a
# network that remembers only one character.

# %%
size = len(corpus.alphabet)
learned = corpus.windows(np.array([0]), corpus.learned)[0]
held_out = corpus.held_out(1024 if quick() else len(corpus.data))
single = np.bincount(learned, minlength=size) + 1
pairs = np.ones((size, size))
np.add.at(pairs, (learned[:-1], learned[1:]), 1)
of_letters = float(-np.log(single / single.sum())[held_out[1:]].mean())
of_pairs = float(-np.log(pairs / pairs.sum(1, keepdims=True))[held_out[:-1], held_out[1:]].mean())
print(
    f"nats a character: {np.log(size):.2f} knowing nothing, {of_letters:.2f} letters, {of_pairs:.2f} pairs of letters"
)

# %% [markdown]
# ## The unit, and why it has gates
#
# A plain recurrent unit overwrites its whole memory with every character, and the gradient through a hundred of them
# is a product of a hundred matrices, which vanishes or explodes. The gate z lets a unit keep its value unchanged, and
# then the gradient passes unchanged too. To see this, set such a gate by hand: how much of the memory is left after
# each character?

# %%
if ready(GRU):
    unit = GRU(1, 1)
    left = {}
    for bias in (-2.0, 0.0, 2.0, 4.0):
        with torch.no_grad():
            for p in unit.parameters():
                p.zero_()
            unit.bias_hh_l0[1] = bias  # z = sigmoid(bias), whatever is read
            left[bias] = unit(torch.zeros(1, 50, 1), torch.ones(1, 1))[0][0, :, 0].numpy()
    plt.figure(figsize=(6, 2.5))
    for bias, kept in left.items():
        plt.plot(range(1, 51), kept, label=f"bias {bias:g}, z = {1 / (1 + np.exp(-bias)):.2f}")
    plt.xlabel("characters read")
    plt.ylabel("what is left of a memory of 1")
    plt.legend()
    plt.savefig("figures/gates.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The network and the loss
#
# Before training every character should be about equally probable, so the loss should be near the logarithm of the size
# of the alphabet. If it is very different, something is wrong before training starts. *To do: why nats, and what does e
# to the power of that many nats mean?*

# %%
if ready(TextNet, GRU, nats):
    torch.manual_seed(0)
    net = TextNet(size, hidden=CONFIG["hidden"])
    print(f"{sum(p.numel() for p in net.parameters()):,} weights")
    first = surprise(net, held_out[:1000], pieces=4).mean().item()
    print(f"before training: {first:.2f} nats; log {size} = {np.log(size):.2f}")
    logits, targets = torch.randn(2, 3, 5), torch.tensor([[0, 1, 2], [3, 4, 0]])
    theirs = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    beside(nats(logits, targets).flatten(), theirs, name="nats")

# %% [markdown]
# ## The training
#
# Three seeds. The text is cut into pieces that are read in parallel, 64 characters per step; the memory carries over
# from one step to the next, the gradient does not. *To do: what can the network learn from beyond 64 characters back,
# and what can it not?*

# %%
runs = []
if ready(GRU, TextNet, nats, clip, gradient_step):
    for seed in SEEDS:
        runs.append(training("parts.train:Training", CONFIG | {"seed": seed}, steps=CONFIG["steps"]))
    plt.figure(figsize=(7, 3))
    for seed, run in zip(SEEDS, runs, strict=True):
        plt.plot([r["step"] for r in run.rows], [r["test/nats"] for r in run.rows], label=f"seed {seed}")
    plt.axhline(of_pairs, color="grey", linestyle="--", label="pairs of letters")
    plt.xlabel("gradient steps")
    plt.ylabel("nats a character, held out")
    plt.legend()
    plt.savefig("figures/curve.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# The whole held-out tenth, once, at the end. The interval is over seeds: it says how much another training run would
# differ. The published figure is for the same tenth, but is a mean over random windows, whose first characters are
# guessed without context: that makes it a little higher than ours would be.

# %%
if runs:
    nets = []
    for run in runs:
        net = TextNet(size, hidden=CONFIG["hidden"])
        net.load_state_dict(run.state["weights"])
        nets.append(net)
    values = [surprise(net, held_out).mean().item() for net in nets]
    write_card(
        metric="nats a character",
        higher_is_better=False,
        seeds=SEEDS,
        values=values,
        measured_on=f"{len(held_out):,} held-out characters; {corpus.name}",
        baseline={"name": "pairs of letters", "value": of_pairs},
        published={
            "value": 1.88,
            "source": "nanoGPT's README, 4 blocks of 128, about three minutes on a CPU",
            "protocol": "Tiny Shakespeare, last tenth, mean over random windows of 64 characters",
        },
        command="tengen notebook .",
    )

# %% [markdown]
# ## What it writes
#
# A temperature below 1 makes probable characters more probable: the text is cautious and repetitive; above 1 it falls
# apart. *To do: up to which length does it make sense: letters, words, lines, a conversation?*

# %%
if runs and ready(draw, write):
    prompt = torch.from_numpy(corpus.alphabet.encode("The " if quick() else "ROMEO:\n")[0])
    prompt = prompt if len(prompt) else torch.zeros(1, dtype=torch.int64)
    for temperature in (0.5, 0.9):
        written = write(nets[0], prompt, 40 if quick() else 300, temperature, seed=1)
        print(f"temperature {temperature}:")
        print("\n".join(corpus.alphabet.decode(torch.cat((prompt, written)).numpy()).splitlines()[:14]))

# %% [markdown]
# ## Ablation: a memory that is emptied after every step
#
# The same training run, seed 1, but every 64 characters start from an empty memory. *To do: say what you expect before
# you look, and why the difference is not larger.*

# %%
if runs:
    empty = training("parts.train:Training", CONFIG | {"seed": 1, "carry": False}, steps=CONFIG["steps"])
    net = TextNet(size, hidden=CONFIG["hidden"])
    net.load_state_dict(empty.state["weights"])
    print(
        f"seed 1: {values[0]:.3f} nats, {surprise(net, held_out).mean():.3f} where the memory was emptied in training"
    )

# %% [markdown]
# ## Where it fails
#
# Held-out text with the cost of each character. *To do: where is the network surprised, at the beginning of words or at
# their end? Which surprises could no network avoid?*

# %%
if runs:
    passage = held_out[:241]
    cost = surprise(nets[0], passage, pieces=1)[0].numpy()
    characters = [corpus.alphabet.decode(passage[i : i + 1]) for i in range(1, 241)]
    figure, axes = plt.subplots(figsize=(9, 2.4), layout="constrained")
    shown = axes.imshow(cost.reshape(4, 60), cmap="Reds", vmin=0, vmax=5, aspect="auto")
    for i, character in enumerate(characters):
        axes.text(i % 60, i // 60, character.strip() or "·", ha="center", va="center", fontsize=8, family="monospace")
    axes.set_xlabel("character of the line (a dot is a space or a line's end)")
    axes.set_ylabel("line")
    figure.colorbar(shown, label="nats")
    figure.savefig("figures/surprise.png", dpi=100)
    plt.show()

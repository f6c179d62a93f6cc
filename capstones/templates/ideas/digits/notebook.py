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
# # {{name}}: handwritten digits
#
# *To do: the result first, in one sentence with its number and interval. Then the problem, for somebody who has never
# heard of it: who needs to read digits, and what a misread one costs.*
#
# Everything that learns is written in `parts/`, in plain PyTorch: shifting pictures, the network, the loss, the
# optimiser. This notebook says what each part does, why it is necessary, and what came out.

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
from parts.augment import shifted
from parts.data import load
from parts.loss import cross_entropy
from parts.model import Net
from parts.optim import Momentum, learning_rate
from parts.train import gradient_step, predict

SEEDS = (1,) if quick() else (1, 2, 3)
CONFIG = {
    "steps": 10 if quick() else 3750,  # eight times through 60,000 pictures
    "batch": 32 if quick() else 128,
    "lr": 0.1,
    "warmup": 0.2,
    "weight_decay": 5e-4,
    "smoothing": 0.1,
    "shift": 2,
}
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The data
#
# Look at the data before anything else. The pictures are 28 by 28 bytes from 0 (paper) to 255 (ink). Two groups of
# people wrote them, and the writers of the test pictures are not those of the training pictures. Digits that you find
# hard to tell apart will be hard for a network too.

# %%
digits = load(data_folder(), quick())
print(digits.about)
columns = [digits.pictures[digits.labels == k][:4].flatten(0, 1) for k in range(10)]  # [4 * 28, 28] each
plt.figure(figsize=(9, 3.8))
plt.imshow(torch.cat(columns, 1), cmap="gray_r")
plt.xticks(14 + 28 * np.arange(10), range(10))
plt.yticks(14 + 28 * np.arange(4), ("first", "second", "third", "fourth"))
plt.xlabel("digit")
plt.ylabel("picture of it")
plt.savefig("figures/digits.png", dpi=100)
plt.show()

# %% [markdown]
# How many are there of each? If one digit were much more frequent than the others, it would dominate the accuracy.

# %%
counts = np.bincount(digits.labels, minlength=10)
plt.figure(figsize=(6, 2.5))
plt.bar(range(10), counts)
plt.xlabel("digit")
plt.ylabel("pictures to learn from")
plt.xticks(range(10))
plt.show()

# %% [markdown]
# ## The baseline
#
# The simplest thing that could possibly work: always answer with the most frequent digit of the training set. The
# network below has to be better than that.

# %%
majority = int(counts.argmax())
baseline = float((digits.test_labels == majority).float().mean())
print(f"always {majority}: {baseline:.2%} of {len(digits.test_labels):,} test pictures")

# %% [markdown]
# A second baseline, from a library and only for comparison: a linear model on the pixels. It shows how much of the
# problem needs no convolutions at all.

# %% tags=["compare"]
from sklearn.linear_model import LogisticRegression

few = 500 if quick() else 5000
linear = LogisticRegression(max_iter=100, C=0.01)
linear.fit(digits.pictures[:few].flatten(1).numpy() / 255, digits.labels[:few].numpy())
linear_accuracy = linear.score(digits.test_pictures.flatten(1).numpy() / 255, digits.test_labels.numpy())
print(f"logistic regression, learned from {few:,} pictures: {linear_accuracy:.2%}")

# %% [markdown]
# ## Shifting pictures
#
# A digit two pixels further left is the same digit. Shifting every picture at random, differently in each epoch,
# teaches the network that, and makes it hard to memorise the pictures. *To do: say why not by five pixels, and why not
# mirrored.*

# %%
if ready(shifted):
    offsets = torch.tensor([[0, 0], [2, 0], [-2, 0], [0, 2], [0, -2]])
    moved = shifted(digits.pictures[:1].expand(5, 28, 28), offsets)
    figure, panels = plt.subplots(1, 5, figsize=(8, 2), layout="constrained")
    for panel, picture, offset in zip(panels, moved, offsets.tolist(), strict=True):
        panel.imshow(picture, cmap="gray_r")
        panel.set_title(f"{offset}")
        panel.axis("off")
    plt.show()

# %% [markdown]
# ## The network and the loss
#
# Convolutions, because a stroke looks the same wherever it is. Blocks that add to their input, because it should be
# easy for a block to change nothing. A mean over all positions at the end, because it should matter only what is in the
# picture, not where. *To do: say it in your own words, and why there are two poolings and not none or four.*
#
# An untrained network only guesses: its loss should be near log 10 = 2.30 nats. If it is very different, something is
# wrong before training starts.

# %%
if ready(Net, cross_entropy):
    torch.manual_seed(0)
    net = Net()
    print(f"{sum(p.numel() for p in net.parameters()):,} weights")
    first = cross_entropy(net(digits.pictures[:200]), digits.labels[:200]).item()
    print(f"loss before training: {first:.2f} nats; log 10 = {np.log(10):.2f}")
    beside(cross_entropy, torch.nn.functional.cross_entropy, torch.randn(5, 10), torch.arange(5))

# %% [markdown]
# ## The optimiser
#
# Momentum accumulates the directions in which successive gradients agree. The learning rate first rises, while the
# norms' averages are still far off, and falls at the end, so that the weights settle. *To do: what happens without the
# warmup, and how did you find the highest rate?*

# %%
if ready(learning_rate):
    steps = np.arange(CONFIG["steps"])
    plt.figure(figsize=(6, 2.5))
    plt.plot(steps, [learning_rate(int(s), CONFIG["steps"], CONFIG["lr"], CONFIG["warmup"]) for s in steps])
    plt.xlabel("gradient step")
    plt.ylabel("learning rate")
    plt.show()

# %% [markdown]
# ## The training
#
# Three seeds, because a single run cannot show how much of its result is luck: the seed decides the initial weights,
# the order of the pictures and how they are shifted.

# %%
runs = []
if ready(shifted, Net, cross_entropy, learning_rate, Momentum, gradient_step):
    for seed in SEEDS:
        runs.append(training("parts.train:Training", CONFIG | {"seed": seed}, steps=CONFIG["steps"]))
    plt.figure(figsize=(7, 3))
    for seed, run in zip(SEEDS, runs, strict=True):
        plt.plot([r["step"] for r in run.rows], [1 - r["test/accuracy"] for r in run.rows], label=f"seed {seed}")
    plt.yscale("log")
    plt.xlabel("gradient steps")
    plt.ylabel("fraction misread, of 2,000 test pictures")
    plt.legend()
    plt.savefig("figures/curve.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# All test pictures, once, at the end. The interval is over seeds: it says how much another training run would differ.
# It does not say how well 10,000 pictures represent all handwritten digits: 99.5 % of 10,000 is known to about 0.14
# points.

# %%
if runs:
    logits = []
    for run in runs:
        net = Net()
        net.load_state_dict(run.state["weights"])
        logits.append(predict(net, digits.test_pictures))
    values = [float((logit.argmax(1) == digits.test_labels).float().mean()) for logit in logits]
    write_card(
        metric="accuracy",
        higher_is_better=True,
        seeds=SEEDS,
        values=values,
        measured_on=f"{len(digits.test_labels):,} test pictures, {digits.about.split(':')[0]}",
        baseline={"name": f"always {majority}", "value": baseline},
        published={
            "value": 0.992,
            "source": "LeCun, Bottou, Bengio & Haffner 1998, LeNet-5 with distorted pictures",
            "protocol": "MNIST, 60,000 pictures and distorted copies, 10,000 test pictures, one training",
        },
        command="tengen notebook .",
    )

# %% [markdown]
# ## Ablation: no shifting
#
# The same training run, seed 1, without shifting the pictures. *To do: say what you expect before you look, and
# afterwards whether the difference is larger than that between seeds.*

# %%
if runs:
    still = training("parts.train:Training", CONFIG | {"seed": 1, "shift": 0}, steps=CONFIG["steps"])
    net = Net()
    net.load_state_dict(still.state["weights"])
    without = float((predict(net, digits.test_pictures).argmax(1) == digits.test_labels).float().mean())
    print(f"seed 1: {values[0]:.2%} with pictures that move, {without:.2%} without")

# %% [markdown]
# ## Where it fails
#
# The test pictures that the network is most wrong about: those with the lowest probability of the label. *To do: which
# of them would you have read correctly? What do the others have in common? Name one more thing that would help, and
# why.*

# %%
if runs:
    chance = logits[0].softmax(1)
    of_label = chance.gather(1, digits.test_labels[:, None])[:, 0]
    worst = of_label.argsort()[:12]
    figure, panels = plt.subplots(2, 6, figsize=(9, 3.6), layout="constrained")
    for panel, i in zip(panels.flat, worst, strict=True):
        panel.imshow(digits.test_pictures[i], cmap="gray_r")
        panel.set_title(f"a {digits.test_labels[i]}, read as {chance[i].argmax()}", fontsize=8)
        panel.axis("off")
    figure.savefig("figures/failures.png", dpi=100)
    plt.show()

# %% [markdown]
# Which digits are mistaken for which: rows are the true digits, columns the predicted ones.

# %%
if runs:
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (digits.test_labels.numpy(), logits[0].argmax(1).numpy()), 1)
    shown = np.where(np.eye(10, dtype=bool), 0, confusion)
    plt.figure(figsize=(4.5, 4))
    plt.imshow(shown, cmap="Reds")
    for true, said in np.argwhere(shown):
        plt.text(said, true, shown[true, said], ha="center", va="center", fontsize=8)
    plt.xlabel("read as")
    plt.ylabel("true digit")
    plt.xticks(range(10))
    plt.yticks(range(10))
    plt.savefig("figures/confusion.png", dpi=100)
    plt.show()

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
# # {{name}}: the class of every pixel
#
# *To do: the result first, in one sentence with its number and interval. Then the problem, for somebody who has never
# heard of it: where does one need to know of every pixel what it belongs to, and what does a wrong border cost?*
#
# Everything that learns is written in `parts/`, with PyTorch and nothing above it: the figure of merit, the network,
# the loss, the gradient step. This notebook says what each part does, why it is necessary, and what came out.

# %% [markdown]
# ## The tools
#
# `quick()` says whether this is the form that runs within seconds (`QUICK=1`): then its figures mean nothing.
# `training` starts a training in a process of its own, or finds it if it has been run before: a notebook that is
# executed again does not train again. `ready` says which parts are still to be written.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import data_folder, quick, ready, training, write_card
from parts.data import CLASSES, load, scenes
from parts.loss import pixel_loss
from parts.metric import mean_iou, overlaps
from parts.model import UNet
from parts.train import gradient_step, predict, score

SEEDS = (1,) if quick() else (1, 2, 3)
TESTED = 10 if quick() else 1000  # scenes that the result is measured on
CONFIG = {
    "steps": 5 if quick() else 6000,
    "batch": 4 if quick() else 16,  # scenes in a gradient step
    "lr": 0.01,
    "copies": True,
}
COLOURS = plt.get_cmap("tab20", len(CLASSES))
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The data
#
# Each scene is composed on the spot: two to five handwritten digits of random brightness on a noisy ground, later
# ones on top of earlier ones. Scenes to learn from use the digits that MNIST has for learning, scenes to test on
# those for testing, which other people wrote. No scene is ever seen twice.
#
# Beside each scene stands what is to be found: a class for each pixel. *To do: which of these scenes are hard, and
# for what reason?*

# %%
digits = load(data_folder(), quick())
pictures, classes = scenes(digits.test, TESTED, seed=7)
print(f"scenes of {digits.about}: {TESTED} to test on")


def show(rows, titles, name=""):
    """A row of pictures for each of `rows`; classes are drawn in colour."""
    figure, panels = plt.subplots(len(rows), len(rows[0]), figsize=(9, 1.6 * len(rows)), layout="constrained")
    for line, row, title in zip(panels, rows, titles, strict=True):
        for panel, picture in zip(line, row, strict=True):
            if picture.dtype == torch.uint8:
                panel.imshow(picture, cmap="gray", vmin=0, vmax=255)
            else:
                panel.imshow(picture, cmap=COLOURS, vmin=-0.5, vmax=len(CLASSES) - 0.5, interpolation="nearest")
            panel.set_xticks([])
            panel.set_yticks([])
        line[0].set_ylabel(title)
    if name:
        figure.savefig(f"figures/{name}.png", dpi=100)
    plt.show()


show([pictures[:6], classes[:6]], ["scene", "true"], "scenes")

# %% [markdown]
# How many pixels are there of each class? The ground has by far the most: a network that says "ground" everywhere has
# most pixels right. So the fraction of right pixels is a bad figure of merit.

# %%
counts = torch.bincount(classes.flatten(), minlength=len(CLASSES))
for name, count in zip(CLASSES, counts.tolist(), strict=True):
    print(f"{name:>6}: {count / counts.sum():6.2%} of all pixels")

# %% [markdown]
# ## The figure of merit, and the baseline
#
# Intersection over union asks of each class: of the pixels that are of it or are said to be, which fraction is both?
# The mean over the classes counts a rare digit as much as the ground. The baseline says "ground" everywhere.

# %%
baseline = None
if ready(overlaps, mean_iou):
    ground = torch.zeros_like(classes)
    baseline = mean_iou(overlaps(ground, classes, len(CLASSES)))
    right = float((ground == classes).float().mean())
    print(f"all ground: {right:.1%} of the pixels right, mean intersection over union {baseline:.3f}")

# %% [markdown]
# ## The network
#
# A classifier gives up where things are to learn what they are: every pooling halves the picture. Here both are
# needed. So the network goes down like a classifier, comes up again, and on each level puts what it found on the way
# down beside what comes from below. *To do: draw it for a friend, with the number of channels and the size of the
# picture on each level.*
#
# Before training, its answer is how frequent the classes are: the loss should be the entropy of these frequencies.

# %%
if ready(UNet, pixel_loss):
    torch.manual_seed(0)
    net = UNet()
    net.begin_with(counts + 1)
    print(f"{sum(p.numel() for p in net.parameters()):,} weights")
    part = counts / counts.sum()
    first = pixel_loss(net(pictures[:10]), classes[:10]).item()
    print(f"loss before training: {first:.2f} nats; entropy of the frequencies: {-(part * part.log()).nansum():.2f}")

# %% [markdown]
# ## The training
#
# Three seeds, because one run says nothing about how much luck is in it: the seed decides the first weights and every
# scene that is learned from.

# %%
runs = []
if ready(overlaps, mean_iou, UNet, pixel_loss, gradient_step):
    for seed in SEEDS:
        runs.append(training("parts.train:Training", CONFIG | {"seed": seed}, steps=CONFIG["steps"]))
    plt.figure(figsize=(7, 3))
    for seed, run in zip(SEEDS, runs, strict=True):
        plt.plot([r["step"] for r in run.rows], [r["test/iou"] for r in run.rows], label=f"seed {seed}")
    plt.axhline(baseline, color="grey", linestyle="--", label="all ground")
    plt.xlabel("gradient steps")
    plt.ylabel("mean IoU, 50 test scenes")
    plt.legend()
    plt.savefig("figures/curve.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# All test scenes, once, at the end; the interval is over seeds: how much another training would differ. The published
# figure is of other pictures, and may only be looked at beside ours: nobody has published one for scenes like these.

# %%
if runs:
    nets = []
    for run in runs:
        net = UNet()
        net.load_state_dict(run.state["weights"])
        nets.append(net)
    values = [score(net, (pictures, classes)) for net in nets]
    write_card(
        metric="mean intersection over union",
        higher_is_better=True,
        seeds=SEEDS,
        values=values,
        measured_on=f"{TESTED} scenes of test digits, {digits.about}",
        baseline={"name": "all ground", "value": baseline},
        published={
            "value": 0.9203,
            "source": "Ronneberger, Fischer & Brox 2015, U-Net, table 2, PhC-U373",
            "protocol": "ISBI cell tracking challenge 2015, cells under a microscope: other pictures, not comparable",
        },
        command="tengen notebook .",
    )

# %% [markdown]
# Which digits are hard? The figure of each class, of the first seed.

# %%
if runs:
    said = predict(nets[0], pictures)
    both, of_said, of_true = overlaps(said, classes, len(CLASSES)).double().T
    each = (both / (of_said + of_true - both)).numpy()
    plt.figure(figsize=(6, 2.5))
    plt.bar(CLASSES, each)
    plt.ylim(0, 1)
    plt.xlabel("class")
    plt.ylabel("intersection over union")
    plt.savefig("figures/classes.png", dpi=100)
    plt.show()

# %% [markdown]
# ## Ablation: without the copies
#
# The same network with zeros in place of the copies, seed 1: what comes from below has to say where things are as
# well. *To do: say before you look what you expect, and afterwards where the pixels are that it gets wrong.*

# %%
if runs:
    without = training("parts.train:Training", CONFIG | {"seed": 1, "copies": False}, steps=CONFIG["steps"])
    blind = UNet(copies=False)
    blind.load_state_dict(without.state["weights"])
    print(f"seed 1: {values[0]:.3f} with copies, {score(blind, (pictures, classes)):.3f} without")
    rows = [pictures[:6], classes[:6], said[:6], predict(blind, pictures[:6])]
    show(rows, ["scene", "true", "with copies", "without"], "ablation")

# %% [markdown]
# ## Where it fails
#
# The scenes with the most wrong pixels. *To do: what have they in common: digits that cover each other, faint ones,
# borders? Name one more thing that would help, and why.*

# %%
if runs:
    wrong = (said != classes).float().mean((1, 2))
    worst = wrong.argsort(descending=True)[:6]
    print(f"pixels that are wrong: {wrong.mean():.2%} on average, {wrong[worst[0]]:.1%} in the worst scene")
    show([pictures[worst], classes[worst], said[worst]], ["scene", "true", "said"], "failures")

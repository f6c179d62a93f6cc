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
# heard of it: who needs to know the class of every pixel, and what does a wrong border cost?*
#
# Everything that learns is written in `parts/`, in plain PyTorch: the metric, the network, the loss, the gradient step.
# This notebook says what each part does, why it is necessary, and what came out.

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
# Each scene is composed on the fly: two to five handwritten digits of random brightness on a noisy ground, later
# ones on top of earlier ones. Training scenes use MNIST's training digits, test scenes its test digits, which other
# people wrote. No training scene is seen twice.
#
# Beside each scene is its target: a class for each pixel. *To do: which of these scenes are hard, and why?*

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
# How many pixels does each class have? The ground has by far the most: a network that answers "ground" everywhere gets
# most pixels right. So pixel accuracy is a bad metric.

# %%
counts = torch.bincount(classes.flatten(), minlength=len(CLASSES))
for name, count in zip(CLASSES, counts.tolist(), strict=True):
    print(f"{name:>6}: {count / counts.sum():6.2%} of all pixels")

# %% [markdown]
# ## The metric and the baseline
#
# Intersection over union asks for each class: of the pixels that are predicted to be of the class or really are, which
# fraction is both? The mean over classes counts a rare digit as much as the ground. The baseline predicts "ground"
# everywhere.

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
# A classifier gives up the position of things to learn what they are: every pooling halves the picture. Here you need
# both. So the network goes down like a classifier and comes up again, and on each level concatenates its features from
# the way down (the copy) with those that come up from below. *To do: draw it for a friend, with the number of channels
# and the size of the picture on each level.*
#
# Before training, the network predicts the class frequencies: its loss should be the entropy of these frequencies.

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
# Three seeds, because a single run cannot show how much of its result is luck: the seed decides the initial weights and
# every training scene.

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
# All test scenes, once, at the end; the interval is over seeds: it says how much another training run would differ. The
# published figure is for other pictures and not comparable: nobody has published one for scenes like these.

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
# Which digits are hard? Intersection over union for each class, for the first seed.

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
# The same network with zeros in place of the copies, seed 1: now the features from below have to say where things are
# as well. *To do: say what you expect before you look, and afterwards where the wrong pixels are.*

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
# The scenes with the most wrong pixels. *To do: what do they have in common: overlapping digits, faint ones, borders?
# Name one more thing that would help, and why.*

# %%
if runs:
    wrong = (said != classes).float().mean((1, 2))
    worst = wrong.argsort(descending=True)[:6]
    print(f"pixels that are wrong: {wrong.mean():.2%} on average, {wrong[worst[0]]:.1%} in the worst scene")
    show([pictures[worst], classes[worst], said[worst]], ["scene", "true", "said"], "failures")

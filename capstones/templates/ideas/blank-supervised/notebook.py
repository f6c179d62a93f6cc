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
# # {{name}}: {{title}}
#
# *To do: the result first, in one sentence with its number. Then the problem, for somebody who has never heard of
# it.*
#
# Everything that solves the problem is written in `parts/`, with PyTorch and nothing above it. This notebook says
# what each part does, why it is necessary, and what came out.

# %% [markdown]
# ## The tools
#
# `quick()` says whether this is the form that runs within seconds (`QUICK=1`): then its figures mean nothing.
# `training` starts a training in a process of its own, or finds it if it has been run before: a notebook that is
# executed again does not train again.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import quick, ready, training, write_card
from parts.data import CLASSES, load
from parts.loss import cross_entropy
from parts.model import Net
from parts.train import gradient_step

SEEDS = (1, 2, 3)
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The data
#
# Look before anything else: at the examples, at how many there are of each class, at what could make two of them hard
# to tell apart. What is learned from (seed 0) and what is tested on (seed 1) are drawn separately.

# %%
points, rings = load(1000, seed=0)
test_points, test_rings = load(1000, seed=1)
for k, name in enumerate(CLASSES):
    plt.scatter(*points[rings == k].T, s=4, label=f"{name}: {(rings == k).sum()} of {len(rings)}")
plt.xlabel("x")
plt.ylabel("y")
plt.title("what is learned from")
plt.legend()
plt.gca().set_aspect("equal")
plt.savefig("figures/data.png", dpi=100)
plt.show()

# %% [markdown]
# ## The baseline
#
# The simplest thing that could possibly work: always answer with the class that is most frequent in what is learned
# from. Whatever is built below has to be better than that, and by how much is what it is worth.

# %%
majority = int(np.bincount(rings).argmax())
baseline = float((test_rings == majority).mean())
print(f"always '{CLASSES[majority]}': {baseline:.1%} of {len(test_rings)} test points")

# %% [markdown]
# ## The parts
#
# The network gives a logit for each class, the loss says how far they are from the label, a gradient step makes it
# smaller. An untrained network is as good as guessing: its loss should be close to the logarithm of the number of
# classes. A different number means that something is wrong before anything is learned.

# %%
if ready(Net, cross_entropy):
    torch.manual_seed(0)
    first = cross_entropy(Net(2, 32, 3)(torch.from_numpy(points)), torch.from_numpy(rings)).item()
    print(f"loss of an untrained network: {first:.2f} nats; log 3 = {np.log(3):.2f}")

# %% [markdown]
# ## The training
#
# Three seeds, because one run says nothing about how much luck is in it. The curve of the loss shows whether it still
# falls; the accuracy on test points whether that is of any use.

# %%
runs = []
if ready(Net, cross_entropy, gradient_step):
    for seed in SEEDS:
        config = {"seed": seed, "width": 32, "lr": 0.1, "batch": 64, "examples": 1000}
        runs.append(training("parts.train:Training", config, steps=100 if quick() else 1000))
    for seed, run in zip(SEEDS, runs, strict=True):
        plt.plot([row["step"] for row in run.rows], [row["test/accuracy"] for row in run.rows], label=f"seed {seed}")
    plt.axhline(baseline, color="grey", linestyle="--", label="baseline")
    plt.xlabel("gradient steps")
    plt.ylabel("accuracy on test points")
    plt.legend()
    plt.savefig("figures/curve.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# The mean of the seeds with its 95 % interval, beside the baseline and beside what others reached. *To do: name a
# published figure and the protocol it was measured under; if yours differs, the two may not be compared.*

# %%
if runs:
    values = [run.rows[-1]["test/accuracy"] for run in runs]
    write_card(
        metric="accuracy",
        higher_is_better=True,
        seeds=SEEDS,
        values=values,
        measured_on=f"{len(test_rings)} test points",
        baseline={"name": "majority class", "value": baseline},
        published={"value": None, "source": "to do", "protocol": "to do"},
        command="tengen notebook .",
    )

# %% [markdown]
# ## Where it fails
#
# *To do: show the examples that it gets wrong, and say what they have in common. Then take one thing out of the
# method and train again: is it necessary?*

# %%
if runs:
    net = Net(2, 32, 3)
    net.load_state_dict(runs[0].state["weights"])
    with torch.no_grad():
        wrong = net(torch.from_numpy(test_points)).argmax(1).numpy() != test_rings
    plt.scatter(*test_points[~wrong].T, s=2, color="lightgrey", label="right")
    plt.scatter(*test_points[wrong].T, s=12, color="crimson", label=f"wrong: {wrong.sum()}")
    plt.xlabel("x")
    plt.ylabel("y")
    plt.legend()
    plt.gca().set_aspect("equal")
    plt.savefig("figures/failures.png", dpi=100)
    plt.show()

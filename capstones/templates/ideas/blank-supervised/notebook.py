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
# Everything that solves the problem is written in `parts/`, in plain PyTorch. This notebook says what each part does,
# why it is necessary, and what came out.

# %% [markdown]
# ## The tools
#
# `quick()` is true in the quick form (`QUICK=1`), which runs within seconds; its figures mean nothing. `training`
# starts a training run in its own process, or finds it if it has run before: executing the notebook again does not
# train again.

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
# Before anything else, look at the examples, how many there are of each class, and what could make two of them hard to
# tell apart. The training set (seed 0) and the test set (seed 1) are drawn separately.

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
# The simplest thing that could possibly work: always answer with the most frequent class of the training set. The
# network below is worth only as much as it beats this.

# %%
majority = int(np.bincount(rings).argmax())
baseline = float((test_rings == majority).mean())
print(f"always '{CLASSES[majority]}': {baseline:.1%} of {len(test_rings)} test points")

# %% [markdown]
# ## The parts
#
# The network gives a logit for each class, the loss measures how far the logits are from the label, and a gradient step
# makes the loss smaller. An untrained network only guesses: its loss should be close to the logarithm of the number of
# classes. If it is not, something is wrong before training starts.

# %%
if ready(Net, cross_entropy):
    torch.manual_seed(0)
    first = cross_entropy(Net(2, 32, 3)(torch.from_numpy(points)), torch.from_numpy(rings)).item()
    print(f"loss of an untrained network: {first:.2f} nats; log 3 = {np.log(3):.2f}")

# %% [markdown]
# ## The training
#
# Three seeds, because a single run cannot show how much of its result is luck. The curve shows accuracy on test points
# for each seed, and whether it is still rising.

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
# The mean over seeds with its 95 % interval, beside the baseline and a published figure. *To do: name a published
# figure and the protocol it was measured under; if yours differs, the two cannot be compared.*

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
# *To do: show the examples that it gets wrong, and say what they have in common. Then remove one thing from the method
# and train again: is it necessary?*

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

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
# *To do: the result first, in one sentence with its number. Then the problem, for somebody who has never heard of it:
# what is observed, what the actions are, what is rewarded.*
#
# Everything that learns is written in `parts/`, in plain PyTorch. This notebook says what each part does, why it is
# necessary, and what came out. Tengen provides the world and the referee.

# %% [markdown]
# ## The tools
#
# `quick()` is true in the quick form (`QUICK=1`), which runs within seconds; its figures mean nothing. `training`
# starts a training run in its own process, or finds it if it has run before: executing the notebook again does not
# train again. `evaluate` is the referee: it plays whole games with any function from observations to actions, with
# seeds never used in training.

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

from capstones import quick, ready, training, write_card
from envs.evaluate import evaluate
from parts.policy import Policy, draw
from parts.returns import returns
from parts.train import best, policy_loss
from parts.world import TASK, make

SEEDS = (1, 2, 3)
EPISODES = 20 if quick() else 200
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The world
#
# Before anything else, look at what the agent sees during one game. A ball falls one row per step; the paddle at the
# bottom moves left, stays, or moves right. The only reward comes in the last step, 1 or -1; the agent has to find out
# which of the earlier moves were good.

# %%
env = make(1)
screen = env.reset(seed=0)
figure, panels = plt.subplots(1, 5, figsize=(8, 3), layout="constrained")
for i in range(9):
    if i % 2 == 0:
        panels[i // 2].imshow(screen[0, 0], cmap="gray")
        panels[i // 2].set_title(f"step {i}")
        panels[i // 2].set_xlabel("column")
        panels[i // 2].set_ylabel("row")
    screen = env.step(np.array([1])).obs
figure.savefig("figures/world.png", dpi=100)
plt.show()

# %% [markdown]
# ## The baseline
#
# A policy that ignores the screen: each action with the same probability. The policy below is worth only as much as it
# beats this one.

# %%
random = np.random.default_rng(0)
card = evaluate(lambda obs: random.integers(3, size=len(obs)), task=TASK, episodes=EPISODES, agent="random")
baseline = card.mean
print(card.describe())

# %% [markdown]
# ## The parts
#
# The policy gives a logit for each action, `returns` adds up the rewards that came after each step, and `policy_loss`
# makes actions more probable if more reward than usual followed them. An untrained policy should be close to
# indifferent: a probability of about one in three for each action.

# %%
if ready(Policy, draw):
    import torch

    torch.manual_seed(0)
    screens = torch.from_numpy(make(8).reset(seed=1))
    print("probabilities of an untrained policy:", Policy(50, 32, 3)(screens).softmax(1).mean(0).tolist())

# %% [markdown]
# ## The training
#
# Three seeds, because a single run cannot show how much of its result is luck. Here chance also decides which games are
# played, so runs differ more than in supervised learning. The score is that of training games, with sampled actions.

# %%
runs = []
if ready(Policy, draw, returns, policy_loss):
    for seed in SEEDS:
        config = {"seed": seed, "width": 32, "lr": 0.01, "gamma": 0.99, "games": 32}
        runs.append(training("parts.train:Training", config, steps=20 if quick() else 300))
    for seed, run in zip(SEEDS, runs, strict=True):
        plt.plot([row["step"] for row in run.rows], [row["score"] for row in run.rows], label=f"seed {seed}")
    plt.axhline(baseline, color="grey", linestyle="--", label="random")
    plt.xlabel("gradient steps, 1,280 environment steps each")
    plt.ylabel("mean score of a game")
    plt.legend()
    plt.savefig("figures/curve.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# Each policy plays games that it was not trained on, always with its most probable action. The card gives the mean over
# seeds with its 95 % interval, beside the baseline and a published figure. *To do: name a published figure and the
# protocol it was measured under; if yours differs, the two cannot be compared.*

# %%
if runs:
    cards = []
    for seed, run in zip(SEEDS, runs, strict=True):
        net = Policy(50, 32, 3)
        net.load_state_dict(run.state["weights"])
        cards.append(evaluate(partial(best, net), task=TASK, episodes=EPISODES, agent=f"seed {seed}"))
        print(cards[-1].describe())
    write_card(
        metric="score",
        higher_is_better=True,
        seeds=SEEDS,
        values=[card.mean for card in cards],
        measured_on=f"{EPISODES} games a seed",
        baseline={"name": "random policy", "value": baseline},
        published={"value": None, "source": "to do", "protocol": "to do"},
        command="tengen notebook .",
    )

# %% [markdown]
# ## Where it fails
#
# *To do: show a game that it loses, and say why. Then remove one thing from the method (for example the mean that is
# subtracted from the returns) and train again: is it necessary?*

# %%
if runs:
    print("lost games of each seed:", [f"{(1 - card.mean) / 2:.1%}" for card in cards])

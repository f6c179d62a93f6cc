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
# *To do: the result first, in one sentence with its number and interval. Then the problem, for somebody who has never
# heard of it: a frog has to cross a road and a river, and nobody says so. What is that a picture of?*
#
# Everything that learns is written in `parts/`, with PyTorch and nothing above it. The game comes with ale-py. It is
# not among the 57 games of the usual table, so there is no score of a human player here to put beside one's own, and no
# human-normalised score: random play is the yardstick.

# %% [markdown]
# ## The tools
#
# `quick()` says whether this is the form that runs within seconds (`QUICK=1`): then its figures mean nothing.
# `training` starts a training in a process of its own, or finds it if it has been run before: a notebook that is
# executed again does not train again. `evaluate` is the referee: it plays whole games with any function from screens to
# actions, with seeds that no training has seen, and with sticky actions.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import quick, ready, training, write_card
from envs.atari_scores import random_and_human
from envs.evaluate import evaluate
from envs.film import film
from envs.worlds import find_world
from parts.act import epsilon_at, epsilon_greedy
from parts.model import QNet
from parts.returns import lambda_returns
from parts.train import Player, gradient_step
from parts.world import ACTIONS, TASK, make

SEEDS = (1,) if quick() else (1, 2, 3)
EPISODES = 1 if quick() else 100
CONFIG = {"games": 32, "length": 32, "epochs": 4, "batch": 128, "lr": 2.5e-4, "gamma": 0.95, "lam": 0.65}
CONFIG |= {"explore": 0.1, "epsilon": 0.01, "release": True, "steps": 1_000_000}
if quick():
    CONFIG |= {"games": 4, "length": 16, "batch": 32, "steps": 256}
print("quick: a few steps only" if quick() else "in full")
print("Frogger in the table of human scores:", TASK in random_and_human())

# %% [markdown]
# ## The game
#
# Look before anything else: on the left what a person sees, on the right what the network is given, which is grey,
# 84x84, and the last four of them, because a single screen does not show what moves where.

# %%
played = film(lambda obs: np.ones(len(obs), np.int64), find_world(TASK), seed=0, longest=140)
env = make(1, seed=0)
screens = env.reset()
for _ in range(140):  # the game is shown for a while before it begins
    screens = env.step(np.array([1])).obs
figure, panels = plt.subplots(1, 2, figsize=(6, 3.4), layout="constrained")
panels[0].imshow(played.frames[-1])
panels[1].imshow(screens[0, -1], cmap="gray")
for panel, title in zip(panels, ("the console's picture", "the newest of the four screens"), strict=True):
    panel.set_title(title)
    panel.set_xlabel("column")
    panel.set_ylabel("row")
figure.savefig("figures/game.png", dpi=100)
plt.show()

# %% [markdown]
# ## The baseline
#
# Players that do not look: one draws its actions, one holds the stick up, one taps it, up and nothing in turns. They
# say how much of the score is only knowing which way to push. *To do: what does the difference between holding and
# tapping say about the game, and about what a player can see of it? (`press` in `parts/world.py` is the answer.)*

# %%


class Pattern:
    """The same few actions over and over."""

    def __init__(self, *names):
        self.actions, self.turn = [ACTIONS.index(name) for name in names], -1

    def __call__(self, obs):
        self.turn += 1
        return np.full(len(obs), self.actions[self.turn % len(self.actions)])


random = np.random.default_rng(0)
chance = evaluate(lambda obs: random.integers(len(ACTIONS), size=len(obs)), TASK, EPISODES, agent="random")
tapping = evaluate(Pattern("up", "nothing"), TASK, EPISODES, agent="taps up")
for card in (chance, evaluate(Pattern("up"), TASK, EPISODES, agent="holds up"), tapping):
    print(card.describe())

# %% [markdown]
# ## The network and the actions
#
# Convolutions, because a lorry looks the same in every lane. The norms are there because Q-learning chases its own
# answers, and without a second network to hold them still something has to keep them from running away. *To do: say in
# your words what goes wrong without, and try it.*

# %%
if ready(QNet, epsilon_at, epsilon_greedy):
    torch.manual_seed(0)
    net = QNet(len(ACTIONS))
    print(f"{sum(p.numel() for p in net.parameters()):,} weights")
    print("what an untrained network thinks of the five actions:", net(torch.from_numpy(screens)).tolist()[0])
    steps = np.linspace(0, CONFIG["steps"], 200)
    plt.figure(figsize=(6, 2.5))
    plt.plot(steps, [epsilon_at(int(s), CONFIG["steps"], CONFIG["explore"], CONFIG["epsilon"]) for s in steps])
    plt.xlabel("environment steps")
    plt.ylabel("fraction of random actions")
    plt.savefig("figures/epsilon.png", dpi=100)
    plt.show()

# %% [markdown]
# ## What an action was worth
#
# One step ahead the network believes itself; the whole way to the end of the game is full of chance. `lam` mixes all
# lengths. The picture shows how much of a reward that comes 20 decisions later arrives at each one before it, when the
# network expects nothing. *To do: why does a lost life count as an end here, though the game goes on? And what does a
# decision of waiting cost with this gamma, and with 0.99?*

# %%
if ready(lambda_returns):
    reward = torch.zeros(30, 1)
    reward[20] = 1.0
    plt.figure(figsize=(6, 2.5))
    for lam in (0.0, 0.65, 0.95, 1.0):
        none = torch.zeros(30, 1)
        worth = lambda_returns(reward, torch.ones(30, 1), none.bool(), none, CONFIG["gamma"], lam)
        plt.plot(worth[:, 0], label=f"lambda {lam}")
    plt.xlabel("decision (the reward comes at 20)")
    plt.ylabel("return")
    plt.legend()
    plt.savefig("figures/returns.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The training
#
# Three seeds, because one run says nothing about how much luck is in it. The score is that of the games it learns
# from, with whatever random actions are in them.

# %%
runs = []
if ready(QNet, epsilon_at, epsilon_greedy, lambda_returns, gradient_step):
    for seed in SEEDS:
        config = CONFIG | {"seed": seed}
        runs.append(training("parts.train:Training", config, steps=CONFIG["steps"], name=TASK, watch="score"))
    plt.figure(figsize=(7, 3))
    for seed, run in zip(SEEDS, runs, strict=True):
        if "score" in run.names:  # a few steps are less than a game
            plt.plot(*run.column("score"), label=f"seed {seed}")
    plt.axhline(chance.mean, color="grey", linestyle=":", label="random")
    plt.axhline(tapping.mean, color="grey", linestyle="--", label="taps up")
    plt.xlabel("environment steps")
    plt.ylabel("mean score of the last 100 games")
    plt.legend()
    plt.savefig("figures/curve.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# Whole games with all lives, sticky actions, seeds that no training has seen. The interval of the card is over seeds:
# how much another training would differ; those of single networks are over their games.

# %%
players = []
if runs:
    cards = []
    for seed, run in zip(SEEDS, runs, strict=True):
        net = QNet(len(ACTIONS))
        net.load_state_dict(run.state["weights"])
        players.append(Player(net))
        cards.append(evaluate(players[-1], TASK, EPISODES, agent=f"seed {seed}", steps=CONFIG["steps"]))
        print(cards[-1].describe())
    write_card(
        metric="mean score, sticky actions",
        higher_is_better=True,
        seeds=SEEDS,
        values=[card.mean for card in cards],
        measured_on=f"{EPISODES} whole games a seed",
        baseline={"name": "random player", "value": chance.mean},
        published={
            "value": None,
            "source": "DQN Zoo's table of random and human scores, 57 games",
            "protocol": "Frogger is not among them, so nothing published stands beside this score",
        },
        command="tengen notebook .",
    )
    print("above random play, intervals apart:", all(card.ci95[0] > chance.ci95[1] for card in cards))

# %% [markdown]
# ## Ablation: one step ahead
#
# `lam` 0: the network's own opinion after a single step, as in the first Q-learning. *To do: say before you look what
# you expect, and afterwards whether the difference is larger than that between seeds.* (The quick form leaves it out.)

# %%
if runs and not quick():
    config = CONFIG | {"seed": 1, "lam": 0.0}
    short = training("parts.train:Training", config, steps=CONFIG["steps"], name=TASK, watch="score")
    net = QNet(len(ACTIONS))
    net.load_state_dict(short.state["weights"])
    print(evaluate(Player(net), TASK, EPISODES, agent="lambda 0").describe())

# %% [markdown]
# ## Where it fails
#
# One game, and what the network thought it was worth, step by step. *To do: find the step in which it lost its first
# life in the pictures, and say whether it saw that coming.*

# %%
if players:
    expected = []

    def watched(obs):
        with torch.no_grad():
            expected.append(float(players[0].net(torch.from_numpy(obs)).max()))
        return players[0](obs)

    game = film(watched, find_world(TASK), seed=5, longest=40 if quick() else 3000)
    figure, panels = plt.subplots(1, 5, figsize=(10, 2.6), layout="constrained")
    for panel, i in zip(panels, np.linspace(0, len(game.frames) - 1, 5).astype(int), strict=True):
        panel.imshow(game.frames[i])
        panel.set_title(f"step {i}", fontsize=8)
        panel.axis("off")
    figure.savefig("figures/one-game.png", dpi=100)
    plt.show()
    plt.figure(figsize=(7, 2.5))
    plt.plot(expected)
    plt.title(game.caption)
    plt.xlabel("step")
    plt.ylabel("largest Q")
    plt.savefig("figures/failure.png", dpi=100)
    plt.show()

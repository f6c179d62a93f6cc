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
# heard of it: a motor, a thruster or a cart has to be switched so that something stays where it should be. Where is
# that done today, and by what?*
#
# Everything that learns is written in `parts/`, in plain PyTorch. This notebook says what each part does, why it is
# necessary, and what came out. Gymnasium provides the worlds, Tengen the referee.

# %% [markdown]
# ## The tools
#
# `quick()` is true in the quick form (`QUICK=1`), which runs within seconds; its figures mean nothing. `training`
# starts a training run in its own process, or finds it if it has run before: executing the notebook again does not
# train again. `evaluate` is the referee: it plays whole games with any function from observations to actions, with
# seeds never used in training.

# %%
from functools import partial

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import quick, ready, training, write_card
from envs.evaluate import evaluate
from envs.film import film
from envs.worlds import find_world
from parts.advantages import advantages
from parts.loss import clipped, entropy, log_probability, value_error
from parts.model import ActorCritic, draw
from parts.train import best, gradient_step
from parts.world import SOLVED, make, tasks

SEEDS = (1,) if quick() else (1, 2, 3)
EPISODES = 5 if quick() else 100
TASKS = tasks()[:1] if quick() else tasks()
STEPS = {"CartPole-v1": 200_000, "Acrobot-v1": 200_000, "LunarLander-v3": 800_000}
CONFIG = {"games": 16, "length": 64, "epochs": 8, "batch": 256, "lr": 1e-3, "width": 64}
CONFIG |= {"gamma": 0.99, "lam": 0.95, "epsilon": 0.2, "entropy": 0.01}
OWN = {"LunarLander-v3": {"length": 256, "epochs": 4, "gamma": 0.999, "lam": 0.98}}
print("quick: a few steps of one world" if quick() else "in full:", ", ".join(TASKS))
LEFT_OUT = [task for task in SOLVED if task not in tasks()]  # what this machine has not
if LEFT_OUT:
    print("left out:", ", ".join(LEFT_OUT), "(LunarLander needs `pip install box2d`): the card is then of fewer worlds")

# %% [markdown]
# ## The worlds
#
# Before anything else, look at the observations and the rewards. In CartPole each step with the pole upright pays 1, up
# to 500. In Acrobot each step costs 1 until the tip has reached the line. In LunarLander getting closer pays, fuel
# costs, a crash costs 100 and standing still between the flags pays 100. *To do: say for one of them which of the
# observed numbers you would use yourself, and how.*

# %%
figure, panels = plt.subplots(1, len(TASKS), figsize=(4 * len(TASKS), 3), layout="constrained", squeeze=False)
for panel, task in zip(panels[0], TASKS, strict=True):
    env = make(task, 1, 0)
    played = film(lambda obs: np.zeros(len(obs), np.int64), find_world(task), seed=0, longest=20)
    panel.imshow(played.frames[-1])
    panel.set_title(f"{task}: {env.obs_shape[0]} numbers, {env.num_actions} actions", fontsize=9)
    panel.axis("off")
figure.savefig("figures/worlds.png", dpi=100)
plt.show()

# %% [markdown]
# ## The baseline
#
# A policy that ignores the observation: each action with the same probability. The policy below is worth only as much
# as it beats this one.

# %%
random = np.random.default_rng(0)
baseline = {}
for task in TASKS:
    actions = make(task, 1, 0).num_actions
    chance = evaluate(lambda obs, n=actions: random.integers(n, size=len(obs)), task, EPISODES, agent="random")
    baseline[task] = chance.mean
    print(chance.describe())

# %% [markdown]
# ## Actor and critic
#
# One network (the actor) says what to do, the other (the critic) what return to expect; the critic is there only to
# tell good luck from good moves. Before training the policy should be indifferent, and the value near 0. *To do: why
# two networks that share nothing, and what would be the case for sharing?*

# %%
if ready(ActorCritic, draw):
    torch.manual_seed(0)
    net = ActorCritic(4, CONFIG["width"], 2)
    logits, value = net(torch.from_numpy(make("CartPole-v1", 8, 1).reset()))
    print(f"{sum(p.numel() for p in net.parameters()):,} weights")
    print("probabilities of an untrained policy:", [round(p, 3) for p in logits.softmax(1).mean(0).tolist()])
    print("values of an untrained critic:", [round(v, 3) for v in value.tolist()])

# %% [markdown]
# ## Advantages
#
# How much better did an action turn out than expected? One step is too short to tell, the whole rest of the game too
# noisy; `lam` mixes all lengths. The picture shows, for several `lam`, how much a reward that comes 30 steps later
# counts for each step. *To do: which error does a small `lam` make, and which a large one?*

# %%
if ready(advantages):
    reward = torch.zeros(40, 1)
    reward[30] = 1.0
    plt.figure(figsize=(6, 2.5))
    for lam in (0.0, 0.8, 0.95, 1.0):
        zero = torch.zeros(40, 1)
        credit = advantages(reward, torch.ones(40, 1), zero.bool(), zero, torch.zeros(1), 0.99, lam)
        plt.plot(credit[:, 0], label=f"lambda {lam}")
    plt.xlabel("step (the reward comes at 30)")
    plt.ylabel("advantage")
    plt.legend()
    plt.savefig("figures/credit.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The clipped objective
#
# Games are expensive, so each is used for several gradient steps. But after the first step the policy is no longer the
# one that played. The ratio of new to old probability corrects for that, and the clip removes any gain from moving
# further than `epsilon`. *To do: read the two curves from right to left, and say where the gradient is zero and why it
# is not zero on the other side.*

# %%
if ready(clipped):
    ratio = torch.linspace(0.4, 1.6, 121)
    plt.figure(figsize=(6, 2.5))
    for advantage in (1.0, -1.0):
        worth = [-float(clipped(r.log()[None], torch.zeros(1), torch.tensor([advantage]), 0.2)) for r in ratio]
        plt.plot(ratio, worth, label=f"advantage {advantage:+.0f}")
    plt.axvline(1.0, color="grey", linestyle=":")
    plt.xlabel("probability now / when the action was drawn")
    plt.ylabel("objective")
    plt.legend()
    plt.savefig("figures/clipped.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The training
#
# One method and one set of hyperparameters for all worlds, except those in `OWN`: *to do: say why each of those is
# there.* Three seeds, because a single run cannot show how much of its result is luck. The score is that of training
# games, with sampled actions.

# %%
PARTS = (ActorCritic, draw, advantages, clipped, entropy, log_probability, value_error, gradient_step)
runs = {}
if ready(*PARTS):
    for task in TASKS:
        steps = 4096 if quick() else STEPS[task]
        config = CONFIG | OWN.get(task, {}) | {"task": task, "steps": steps}
        runs[task] = [training("parts.train:Training", config | {"seed": s}, steps=steps, name=task) for s in SEEDS]

# %% [markdown]
# The curves: the lower line is random play, the upper one what Gymnasium's registry calls solved.

# %%
if runs:
    figure, panels = plt.subplots(1, len(TASKS), figsize=(4 * len(TASKS), 3), layout="constrained", squeeze=False)
    for panel, task in zip(panels[0], TASKS, strict=True):
        for seed, run in zip(SEEDS, runs[task], strict=True):
            panel.plot(*run.column("score"), label=f"seed {seed}")
        panel.axhline(baseline[task], color="grey", linestyle=":")
        panel.axhline(SOLVED[task], color="grey", linestyle="--")
        panel.set_title(task)
        panel.set_xlabel("environment steps")
        panel.set_ylabel("mean score of recent games")
        panel.legend()
    figure.savefig("figures/curves.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# Each policy plays 100 games that it was not trained on, always with its most probable action. Scores of different
# worlds cannot be averaged directly, so they are scaled: 0 is random play and 1 what Gymnasium calls solved, just as
# Atari scores are scaled between random play and a human.

# %%
if runs:
    scaled = []
    for i, seed in enumerate(SEEDS):
        each = []
        for task in TASKS:
            env = make(task, 1, 0)
            net = ActorCritic(env.obs_shape[0], CONFIG["width"], env.num_actions)
            net.load_state_dict(runs[task][i].state["weights"])
            card = evaluate(partial(best, net), task, EPISODES, agent=f"seed {seed}")
            each.append((card.mean - baseline[task]) / (SOLVED[task] - baseline[task]))
            print(card.describe())
        scaled.append(float(np.mean(each)))
    write_card(
        metric=f"mean score of {len(TASKS)} world{'s' * (len(TASKS) > 1)}: 0 random, 1 solved",
        higher_is_better=True,
        seeds=SEEDS,
        values=scaled,
        measured_on=f"{EPISODES} games a seed of {', '.join(TASKS)}"
        + (f"; without {', '.join(LEFT_OUT)}, which could not be made" if LEFT_OUT else ""),
        baseline={"name": "random policy", "value": 0.0},
        published={
            "value": 1.0,
            "source": "Gymnasium's registry, reward_threshold of each world",
            "protocol": "mean return of whole games from which a world counts as solved",
        },
        command="tengen notebook .",
    )

# %% [markdown]
# ## Ablation: whole returns
#
# `lam` 1, with the critic's value still subtracted, compared with `lam` 0.95: the whole return instead of the mixture.
# *To do: say what you expect before you look, in which world, and afterwards whether the difference is larger than that
# between seeds.*

# %%
if runs:
    task, steps = TASKS[0], 4096 if quick() else STEPS[TASKS[0]]
    config = CONFIG | OWN.get(task, {}) | {"task": task, "steps": steps, "seed": 1, "lam": 1.0}
    whole = training("parts.train:Training", config, steps=steps, name=task)
    plt.figure(figsize=(6, 2.5))
    plt.plot(*runs[task][0].column("score"), label="lambda 0.95")
    plt.plot(*whole.column("score"), label="lambda 1")
    plt.title(task)
    plt.xlabel("environment steps")
    plt.ylabel("mean score of recent games")
    plt.legend()
    plt.savefig("figures/ablation.png", dpi=100)
    plt.show()

# %% [markdown]
# ## Where it fails
#
# The policy's worst game, step by step: what did the critic expect on the way? A critic that is surprised only at the
# end did not see it coming. *To do: say what happened, and what you would change.*

# %%
if runs:
    task = TASKS[-1]
    env = make(task, 1, 0)
    net = ActorCritic(env.obs_shape[0], CONFIG["width"], env.num_actions)
    net.load_state_dict(runs[task][0].state["weights"])
    world, games = gym.make(task), []
    for seed in range(5 if quick() else 50):
        obs, over, score, expected = world.reset(seed=seed)[0], False, 0.0, []
        while not over:
            seen = np.asarray(obs, np.float32)[None]
            with torch.no_grad():
                expected.append(float(net(torch.from_numpy(seen))[1]))
            obs, reward, terminated, truncated, _ = world.step(int(best(net, seen)[0]))
            score, over = score + float(reward), terminated or truncated
        games.append((score, expected))
    score, expected = min(games, key=lambda game: game[0])
    plt.figure(figsize=(6, 2.5))
    plt.plot(expected)
    plt.title(f"{task}: the worst of {len(games)} games, score {score:.0f}")
    plt.xlabel("step")
    plt.ylabel("value that the critic expects")
    plt.savefig("figures/failure.png", dpi=100)
    plt.show()

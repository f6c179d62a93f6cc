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
# # Control, learned from scratch
#
# **Result.** One method, proximal policy optimisation written in a hundred lines, learns to balance a pole, to swing up
# a double pendulum and to land a spacecraft, from nothing but a score. On a scale on which 0 is random play and 1 what
# Gymnasium calls solved, the mean over the three worlds is 1.00 (95 % interval over three seeds [0.91, 1.10]): CartPole
# 500 of 500 and Acrobot -82 are beyond the mark in every seed, LunarLander with 166 is below its 200. It took a second
# attempt, which is told below.
#
# **The problem.** A motor, a valve, a thruster has to be switched, many times a second, so that something stays where
# it should be. Engineers solve that with a model of the thing and a law derived from it, and where there is a good
# model nothing learned will be better. Where there is none (too many parts, friction, wear) one can try, and let what
# happened say what was good. That is what is done here, in worlds small enough to see whether it works. They are
# simulations: a crash costs 100 points and nothing else, which is the reason one may learn by crashing.
#
# Everything that learns is in `parts/`, with PyTorch and nothing above it. Gymnasium has the worlds, Tengen plays the
# games and is the referee.

# %% [markdown]
# ## The tools
#
# `training` starts a training in a process of its own, or finds it if it has been run before: executing this notebook
# again trains nothing again. `evaluate` is the referee: it plays whole games with any function from observations to
# actions, with seeds that no training has seen. `quick()` says whether this is the form that runs within seconds.

# %%
from functools import partial

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import quick, training, write_card
from envs.evaluate import evaluate
from envs.film import film
from envs.worlds import find_world
from parts.advantages import advantages
from parts.loss import clipped
from parts.model import ActorCritic
from parts.train import best
from parts.world import SOLVED, make, tasks

plt.rcParams["savefig.bbox"] = "tight"
SEEDS = (1,) if quick() else (1, 2, 3)
EPISODES = 5 if quick() else 100
TASKS = tasks()[:1] if quick() else tasks()
FIRST = {"CartPole-v1": 100_000}  # before it was looked at where that failed
STEPS = {"CartPole-v1": 200_000, "Acrobot-v1": 200_000, "LunarLander-v3": 800_000}
CONFIG = {"games": 16, "length": 64, "epochs": 8, "batch": 256, "lr": 1e-3, "width": 64}
CONFIG |= {"gamma": 0.99, "lam": 0.95, "epsilon": 0.2, "entropy": 0.01}
OWN = {"LunarLander-v3": {"length": 256, "epochs": 4, "gamma": 0.999, "lam": 0.98}}
LEFT_OUT = [task for task in SOLVED if task not in tasks()]  # what this machine has not
print("quick: a few steps of one world" if quick() else "in full:", ", ".join(TASKS))
if LEFT_OUT:
    print("left out:", ", ".join(LEFT_OUT), "(LunarLander needs `pip install box2d`): the card is then of fewer worlds")

# %% [markdown]
# ## The worlds
#
# Look before anything else: at what an observation is, and at what is paid. In CartPole four numbers come in (place and
# speed of the cart, angle and turning speed of the pole), and each step that the pole stands pays 1, up to 500. In
# Acrobot each step costs 1 until the tip of the second rod has reached the line; the motor sits between the rods and is
# too weak to lift them, so it has to swing, and for hundreds of steps nothing says that it is doing well. In
# LunarLander getting closer pays, fuel costs, a crash costs 100 and standing still between the flags pays 100. Three
# different difficulties: keeping, finding, and weighing.

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
# A policy that does not look: each action with the same probability. Whatever is built below has to be better than
# that, and by how much is what it is worth.

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
# One network says what to do, a second what to expect. The second never acts. It is there to tell good luck from good
# moves: an action is judged by how much better things turned out than expected, and without an expectation every action
# of a lucky game would look good. They share nothing, because in worlds this small sharing saves nothing, and two
# losses that pull at the same weights would have to be balanced.
#
# The policy's last layer begins at a hundredth of its usual size. A policy that begins with opinions has to unlearn
# them first; one that begins indifferent tries everything. Both can be checked before training.

# %%
torch.manual_seed(0)
net = ActorCritic(4, CONFIG["width"], 2)
logits, value = net(torch.from_numpy(make("CartPole-v1", 8, 1).reset()))
print(f"{sum(p.numel() for p in net.parameters()):,} weights")
print("probabilities of an untrained policy:", [round(p, 3) for p in logits.softmax(1).mean(0).tolist()])
print("values of an untrained critic:", [round(v, 3) for v in value.tolist()])

# %% [markdown]
# ## Advantages
#
# How much better did an action turn out than expected? After one step one has hardly seen anything and has to believe
# the critic, who is wrong at first: a *bias*. After the whole rest of the game one has seen everything, a hundred later
# actions and their luck included: *variance*. Generalised advantage estimation mixes all lengths, by `lam`. The picture
# shows how much a reward that comes 30 steps later counts for each step before it.
#
# One detail is the most frequent mistake here. A game that ended by its own rules has no future, so nothing is expected
# after it. A game that was only cut short by a time limit has one: the pole still stood. There the critic's value
# counts, and whoever forgets that teaches the critic that all is over after 500 steps however well things stand.

# %%
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
# Games are expensive, so each is used for several gradient steps; but after the first of them the policy is no longer
# the one that played. The ratio of new to old probability corrects for that, as long as it is near 1. Far from it the
# games say little about the new policy, and a few steps too many can leave it in a place from which it plays badly,
# sees only bad games, and never comes back. So the objective takes away whatever there would be to gain by going
# further than `epsilon`: on the flat parts of the curves the gradient is zero.
#
# Each curve is flat on one side only. A good action that has become *less* likely, or a bad one that has become *more*
# likely, is a step that went wrong, and taking it back must stay possible from any distance.

# %%
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
# One set of numbers for all worlds, but for LunarLander. There a landing takes hundreds of steps, so the future must
# not be discounted away (gamma 0.999 instead of 0.99: at 0.99 a reward 300 steps ahead counts a twentieth), more of
# each game is seen before learning (256 steps instead of 64), and lambda is nearer to 1. A small bonus for entropy
# keeps the policy from becoming sure too early. Three seeds, because reinforcement learning depends on luck more than
# most: what a policy happens to try decides what it can learn from.

# %%
runs = {}
for task in TASKS:
    steps = 4096 if quick() else STEPS[task]
    config = CONFIG | OWN.get(task, {}) | {"task": task, "steps": steps}
    runs[task] = [training("parts.train:Training", config | {"seed": s}, steps=steps, name=task) for s in SEEDS]

# %% [markdown]
# The curves: what random play reaches is the dotted line, what Gymnasium's registry calls solved the dashed one. The
# score is that of the games that are learned from, with actions drawn and not the best one taken.

# %%
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
    print(f"{task}: {np.mean([run.seconds for run in runs[task]]) / 60:.1f} minutes a training")
figure.savefig("figures/curves.png", dpi=100)
plt.show()

# %% [markdown]
# Acrobot is solved after a quarter of its training, CartPole after two thirds; LunarLander rises to about 120 within
# 300,000 steps and then hardly any more, because most of what is missing is lost by actions that are drawn and not
# chosen.
#
# ## The first attempt, and why it failed
#
# CartPole had 100,000 steps at first, and one of three seeds ended at 160 of 500 after having been at 449. So the mean
# of all worlds was 0.92, and the target missed. What went wrong? Here is how that policy's games end, beside those of
# another seed.

# %%
config = CONFIG | {"task": TASKS[0], "steps": 4096 if quick() else FIRST[TASKS[0]]}
first = [
    training("parts.train:Training", config | {"seed": s}, steps=config["steps"], name=TASKS[0], show=False)
    for s in SEEDS
]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
for seed, run in zip(SEEDS, first, strict=True):
    left.plot(*run.column("score"), label=f"seed {seed}")
    net = ActorCritic(4, CONFIG["width"], 2)
    net.load_state_dict(run.state["weights"])
    world = gym.make(TASKS[0])
    obs, over, places, angle = world.reset(seed=1)[0], False, [], 0.0
    while not over:
        obs, _, terminated, truncated, _ = world.step(int(best(net, np.asarray(obs, np.float32)[None])[0]))
        places.append(float(obs[0]))
        angle, over = float(obs[2]), terminated or truncated
    right.plot(places, label=f"seed {seed}")
    print(f"seed {seed}: {len(places)} steps; the cart ends at {places[-1]:+.2f}, the pole leans {angle:+.3f} rad")
left.set_xlabel("environment steps")
left.set_ylabel("mean score of recent games")
right.axhline(-2.4, color="grey", linestyle=":")
right.axhline(2.4, color="grey", linestyle=":")
right.set_xlabel("step of one game")
right.set_ylabel("place of the cart")
right.legend()
figure.savefig("figures/first.png", dpi=100)
plt.show()

# %% [markdown]
# The pole does not fall. It stands nearly upright (0.2 rad would be the end), and the cart drifts slowly off the left
# end of its track, which ends the game as well. Two hypotheses:
#
# 1. *It does not see the end coming.* With gamma 0.99 a reward 150 steps ahead counts a fifth, so drifting costs next
# to
#    nothing until it is late. Then gamma 0.999, as in LunarLander, has to help.
# 2. *It was too late to learn it.* Drifting away only costs anything once the pole stands for hundreds of steps, so it
# is the last thing
#    that is learned, and by then the learning rate has nearly fallen to zero. Then twice the steps have to help.
#
# One test of each, three seeds, everything else the same.

# %%
tests = {"as it was": {}, "gamma 0.999": {"gamma": 0.999}, "twice the steps": {"steps": STEPS[TASKS[0]]}}
if quick():
    tests = {"as it was": {}}
plt.figure(figsize=(6, 2.8))
for name, extra in tests.items():
    those = config | extra
    found = [
        training("parts.train:Training", those | {"seed": s}, steps=those["steps"], name=TASKS[0], show=False)
        for s in SEEDS
    ]
    lines = [run.column("score") for run in found]
    for k, line in enumerate(lines):
        plt.plot(*line, color=f"C{list(tests).index(name)}", label=name if k == 0 else None)
    print(f"{name}: {[f'{line[1][-1]:.0f}' for line in lines]} at the end")
plt.xlabel("environment steps")
plt.ylabel("mean score of recent games")
plt.legend()
plt.savefig("figures/tests.png", dpi=100)
plt.show()

# %% [markdown]
# The first hypothesis was wrong: with gamma 0.999 all three seeds are worse. A value that sums up a thousand steps
# instead of a hundred is ten times as large, and so is what the critic gets wrong about it at first. The second holds:
# with twice the steps seed 2 falls again at 90,000 steps, but now there is time, and all three end at 495 or more. So
# 200,000 steps is what the result is measured with. It was changed after seeing a result, and that is why this section
# stands here: with what was planned at first the mean of the three worlds was 0.92 [0.54, 1.31].
#
# ## The result
#
# Each policy plays 100 games that it has not learned from, with the action that it thinks best. Scores of different
# worlds cannot be averaged as they are; so 0 stands for random play and 1 for what Gymnasium calls solved, as scores of
# Atari games are put between random play and a person. The card names the worlds that it is of: where LunarLander could
# not be made, it says that it is of two.

# %%
scaled, scores = [], {task: [] for task in TASKS}
for i, seed in enumerate(SEEDS):
    each = []
    for task in TASKS:
        env = make(task, 1, 0)
        net = ActorCritic(env.obs_shape[0], CONFIG["width"], env.num_actions)
        net.load_state_dict(runs[task][i].state["weights"])
        card = evaluate(partial(best, net), task, EPISODES, agent=f"seed {seed}")
        scores[task].append(card.mean)
        each.append((card.mean - baseline[task]) / (SOLVED[task] - baseline[task]))
        print(card.describe())
    scaled.append(float(np.mean(each)))
for task in TASKS:
    print(f"{task}: {np.mean(scores[task]):.1f}, random {baseline[task]:.1f}, solved from {SOLVED[task]:.0f} on")
card = write_card(
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
    minutes=sum(run.seconds for task in TASKS for run in runs[task]) / len(SEEDS) / 60,
)

# %% [markdown]
# The target, 1, is reached as a mean and not in every world. CartPole is perfect and Acrobot beyond the mark;
# LunarLander is solved in one of three seeds only (215, 158, 125), and the mean hides that behind the other two.
#
# ## Ablations
#
# Two things are taken out, in the two quick worlds and with three seeds each, everything else the same (and CartPole
# with its first 100,000 steps). *Whole returns* (`lam` 1): the critic's value is still subtracted, but nothing is
# believed of it beyond that. *No clip*: epsilon so large that it never acts, so that nothing holds the policy back
# during eight passes over the same games. Expected before looking: whole returns slower in CartPole, where a long game
# has much luck to average out; without the clip unsteady, and worse at the end.

# %%
SMALL = TASKS[:2]
VARIANTS = {"as above": {}, "lambda 1": {"lam": 1.0}, "no clip": {"epsilon": 1000.0}}
if quick():
    VARIANTS.pop("lambda 1")
figure, panels = plt.subplots(1, len(SMALL), figsize=(4.5 * len(SMALL), 3), layout="constrained", squeeze=False)
for panel, task in zip(panels[0], SMALL, strict=True):
    for name, extra in VARIANTS.items():
        steps = 4096 if quick() else (STEPS | FIRST)[task]
        config = CONFIG | OWN.get(task, {}) | {"task": task, "steps": steps} | extra
        found = [
            training("parts.train:Training", config | {"seed": s}, steps=steps, name=task, show=False) for s in SEEDS
        ]
        at = found[0].column("score")[0][-1]
        grid = np.linspace(steps / 20, at, 60)
        curves = np.array([np.interp(grid, *run.column("score")) for run in found])
        panel.plot(grid, curves.mean(0), label=name)
        panel.fill_between(grid, curves.min(0), curves.max(0), alpha=0.2)
        last = [np.mean(run.column("score")[1][-5:]) for run in found]
        print(f"{task}, {name}: at the end {np.mean(last):.0f}, seeds {[f'{x:.0f}' for x in last]}")
    panel.set_title(task)
    panel.set_xlabel("environment steps")
    panel.set_ylabel("mean score of recent games")
    panel.legend()
figure.savefig("figures/ablation.png", dpi=100)
plt.show()

# %% [markdown]
# Of the two expectations one was wrong. Whole returns are not slower to speak of: in CartPole they are behind until
# 80,000 steps and then ahead, without the collapse of one seed; with three seeds that is no proof, but lambda 0.95 is
# certainly not needed there. Without the clip it is as expected: CartPole collapses in the middle (one seed down to 40)
# and ends at 286 instead of 384, and Acrobot is late by 20,000 steps. The ratio alone does not keep the policy near the
# one that played; the clip does.
#
# ## Where it fails
#
# LunarLander is what is missing. How do its games end? Landed, crashed, or neither: cut short after a thousand steps.

# %%
task = TASKS[-1]
env = make(task, 1, 0)
world, worst = gym.make(task), (np.inf, [], 0)
for seed, run in zip(SEEDS, runs[task], strict=True):
    net = ActorCritic(env.obs_shape[0], CONFIG["width"], env.num_actions)
    net.load_state_dict(run.state["weights"])
    ends = {"by its rules, the last reward good": [], "by its rules, the last reward bad": [], "by the time limit": []}
    for game in range(5 if quick() else 40):
        obs, over, score, expected = world.reset(seed=game)[0], False, 0.0, []
        while not over:
            seen = np.asarray(obs, np.float32)[None]
            with torch.no_grad():
                expected.append(float(net(torch.from_numpy(seen))[1]))
            obs, reward, terminated, truncated, _ = world.step(int(best(net, seen)[0]))
            score, over = score + float(reward), terminated or truncated
        good, bad, cut = ends.values()
        (cut if truncated else good if reward > 50 else bad).append(score)
        worst = min(worst, (score, expected, seed), key=lambda found: found[0])
    for how, those in ends.items():
        mean = f", score {np.mean(those):.0f}" if those else ""
        print(f"seed {seed}: {len(those):2} games end {how}{mean}")

# %% [markdown]
# In LunarLander a good last reward is a landing (100) and a bad one a crash (-100). A landing is worth 215 to 235 in
# every seed: whoever lands, lands well. The difference between seeds is how often. Seed 1 lands 36 of 40; seed 3 only
# 16, crashes 11 and hovers over the ground for a thousand steps in 13, as if it had learned that touching it is
# dangerous. That is a policy that does not dare, and it is what an agent looks like that has crashed often and landed
# seldom.
#
# The worst game of all, step by step: did the critic see it coming?

# %%
score, expected, seed = worst
plt.figure(figsize=(6, 2.5))
plt.plot(expected)
plt.title(f"{task}, seed {seed}: a game of score {score:.0f}", fontsize=9)
plt.xlabel("step")
plt.ylabel("value that the critic expects")
plt.savefig("figures/failure.png", dpi=100)
plt.show()

# %% [markdown]
# Half. It expects 105 at the start and sees for two hundred steps that things are not going well: the craft hovers, and
# burns fuel. Then, at step 300, it touches the ground, the value jumps up, and at the very end it expects 12 more
# points where -100 comes. The slow trouble is foreseen, the crash is not. More landings would have to be seen for that,
# which is again a matter of more steps: the first thing to try next.
#
# ## What it means for the system
#
# Nobody has told these policies how a pole is balanced; they were told what counts. Whoever puts such a part into a
# machine moves the work from the law to the score, and the mistakes with it. CartPole's score did not say that drifting
# is bad, only that the end is; a policy with 449 of 500 looked nearly perfect and was on its way off the track.
# LunarLander's score makes a crash so dear that one of three policies prefers to hover until the time is up, which no
# engineer would accept and no mean score shows. So what has to be designed is the score; what has to be watched are the
# ways in which games end, and not their mean; and what has to exist is a place where crashing is free, for all of this
# was learned by crashing.

# %% [markdown]
# # REINFORCE: more of what went well
#
# **What comes out.** A policy that catches every ball, learned from nothing but +1 and −1 at the end of a game. The
# picture's right panel shows the policy while a ball falls: it knows where to go when the ball is still far up. On the
# way we check the policy gradient theorem against an exact sum over all actions, and measure what a baseline is worth:
# the same gradient on average, with a fraction of the noise. A present of 5 points for every game, which does not
# change the best policy, nearly ruins learning without a baseline (orange).
#
# ![learning curves, and the policy while a ball falls](images/reinforce.png)
#
# Papers: Williams 1992, Machine Learning 8; Karpathy 2016, "Pong from Pixels". Page:
# [docs/algorithms/reinforce.md](../algorithms/reinforce.md). At full size: `tengen train CartPole-v1 --agent
# reinforce`.

# %% [markdown]
# ## What we need
#
# The environment comes from Tengen (`envs`), as do the two functions that we compare with. The rest is PyTorch.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from agents.common.losses import policy_gradient
from agents.common.returns import discounted_sum
from envs.toy import Catch

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## The idea, on a bandit with four arms
#
# With labels, you know the right answer and can raise its probability. Here you learn only how well it went, not what
# would have been right. The trick (the "score function") is to differentiate the *expectation*:
#
# $$\nabla_\theta \sum_a \pi_\theta(a) R(a) = \sum_a \pi_\theta(a) \, R(a) \, \nabla_\theta \log \pi_\theta(a)
#   = \mathbb{E}_{a \sim \pi}[R(a) \nabla \log \pi(a)]$$
#
# The right side is a mean over actions actually taken, so it can be estimated by acting. That is a strong claim, and
# with four actions we can check it: once by summing over all of them, once from 20,000 samples.

# %%
reward = torch.tensor([10.0, 11.0, 9.0, 12.0])  # of the four actions; all positive, which matters below
theta = torch.tensor([0.3, -0.2, 0.1, 0.0], requires_grad=True)

expected = (theta.softmax(0) * reward).sum()
(exact,) = torch.autograd.grad(expected, theta)

pi = theta.detach().softmax(0)
action = torch.multinomial(pi, 20_000, replacement=True)
score = nn.functional.one_hot(action, 4) - pi  # grad log pi(a) for a softmax: 1 at the action taken, minus pi
samples = reward[action][:, None] * score
print("exact     ", exact.numpy().round(3))
print("estimated ", samples.mean(0).numpy().round(3))

# %% [markdown]
# ## What a baseline does
#
# All four rewards are positive, so *every* action taken becomes more likely; only on average do the better ones win.
# Since the scores average to zero, you can subtract any number b from the reward without changing the expectation: E[b
# ∇ log π] = b ∇ Σ π = b ∇ 1 = 0. With b near the mean reward only the surprise is left. The mean of the estimate stays,
# its noise falls; and noise is what costs games.

# %%
centred = (reward[action] - reward[action].mean())[:, None] * score
for name, of in (("plain", samples), ("with baseline", centred)):
    print(f"{name:14} mean {of.mean(0).numpy().round(3)}, standard deviation of one sample {of.std(0).norm():.2f}")
print(f"plain takes {(samples.var(0).sum() / centred.var(0).sum()).item():.0f} times the games for equal precision")

# %% [markdown]
# ## A game of several steps
#
# `Catch`: a ball falls down ten rows; a paddle at the bottom moves left, stays or moves right. The last step pays +1
# for a catch and −1 for a miss; all others pay nothing. So the question is not only which action was good, but *when*.
# We play B games in parallel: a gradient needs many games anyway, and one forward pass serves them all.

# %%
GAMES = 64
world = Catch(GAMES)


def network():
    return nn.Sequential(nn.Flatten(), nn.Linear(50, 64), nn.ReLU(), nn.Linear(64, 3))


def as_input(obs):
    return torch.from_numpy(obs).float() / 255


def play(net, seed):
    """B games of nine steps each: observations [T, B, 1, 10, 5], actions [T, B], rewards [T, B]."""
    obs, kept = world.reset(seed), []
    for _ in range(9):
        with torch.no_grad():
            action = torch.distributions.Categorical(logits=net(as_input(obs))).sample()
        after = world.step(action.numpy())
        kept.append((as_input(obs), action, torch.from_numpy(after.reward)))
        obs = after.obs
    return [torch.stack(part) for part in zip(*kept, strict=True)]


# %% [markdown]
# ## Returns: what came after
#
# An action cannot have caused what came before it. So we weight each by the sum of the rewards *from its step on*,
# discounted by γ: $G_t = r_t + \gamma G_{t+1}$, computed backwards in one sweep. (Store `g[t]` one line too early, and
# the last action gets no credit.) Tengen's function, with a discount per step, must agree.


# %%
def returns(reward, gamma):  # [T, B] -> [T, B]
    g, following = torch.zeros_like(reward), torch.zeros_like(reward[0])
    for t in reversed(range(len(reward))):
        following = reward[t] + gamma * following
        g[t] = following
    return g


some = torch.randn(9, 4)
theirs = discounted_sum(some, torch.full_like(some, 0.9))
print("largest difference:", (returns(some, 0.9) - theirs).abs().max().item())
print("by hand:", returns(torch.tensor([[0.0], [0.0], [1.0]]), 0.9).flatten().tolist(), "should be 0.81, 0.9, 1")
assert torch.allclose(returns(some, 0.9), theirs, atol=1e-6)

# %% [markdown]
# ## A loss in name only
#
# We want to follow $\mathbb{E}[G \nabla \log \pi]$. An optimiser needs a scalar, so we give it −mean(G · log π): its
# *gradient* is the one we want; its *value* means nothing and need not fall. G is a constant here: no gradient flows
# through it.
#
# The baseline is the batch's mean return; dividing by the standard deviation fixes the scale, so that one learning rate
# suits all environments.


# %%
def loss_of(net, obs, action, g):
    log_pi = net(obs.flatten(0, 1)).log_softmax(1)  # [T B, 3]
    chosen = log_pi.gather(1, action.flatten()[:, None]).squeeze(1)
    return -(chosen * g.flatten()).mean()


def train(updates, baseline, present=0.0, seed=0):
    torch.manual_seed(seed)
    net = network()
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    scores = []
    for update in range(updates):
        obs, action, reward = play(net, seed=1000 * seed + update)
        given = reward.clone()
        given[-1] += present  # for every game, whatever was played
        g = returns(given, 0.97)
        if baseline:
            g = (g - g.mean()) / (g.std() + 1e-8)
        loss = loss_of(net, obs, action, g)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        scores.append(reward.sum(0).mean().item())
    return net, np.array(scores)


obs, action, reward = play(network(), seed=1)
net, g = network(), returns(reward, 0.97)
log_pi = torch.distributions.Categorical(logits=net(obs.flatten(0, 1))).log_prob(action.flatten())
theirs = policy_gradient(log_pi, g.flatten()).mean()
print("loss", round(loss_of(net, obs, action, g).item(), 6), "Tengen's", round(theirs.item(), 6))
assert torch.allclose(loss_of(net, obs, action, g), theirs, atol=1e-5)

# %% [markdown]
# ## Learning, three seeds each
#
# One curve says little in reinforcement learning: another seed may look quite different. So we draw three seeds of
# each. The rewards here are +1 and −1, already roughly centred, so a baseline has little to do. To see it work, two
# more trainings add a present of 5 at the end of each game, whatever was played. The best policy stays the same, and
# yet without a baseline every action taken is now reinforced.

# %%
UPDATES, SEEDS = (30, 1) if QUICK else (300, 3)
began = time.time()
ways = {
    "with baseline": (True, 0.0),
    "plain": (False, 0.0),
    "plain, and a present": (False, 5.0),
    "with baseline, and a present": (True, 5.0),
}
curves = {name: [train(UPDATES, *way, seed) for seed in range(SEEDS)] for name, way in ways.items()}
for name, runs in curves.items():
    print(f"{name:28} last scores", [round(float(scores[-10:].mean()), 2) for _, scores in runs])
print(f"{4 * SEEDS * UPDATES * GAMES:,} games in {time.time() - began:.0f} s")

# %% [markdown]
# ## What has it learned?
#
# The right panel shows the trained policy for each position of the ball, with the paddle in the middle. Rows are time,
# columns where the ball is, and the colour says where the paddle moves. A policy that reacted only at the end could not
# reach the outer columns: they are two moves away, and it has learned to make both in time. (A trained policy never
# gets into the positions of the lowest row, so its output there means nothing.)


# %% tags=["result"]
def smooth(scores, over=10):
    return np.convolve(scores, np.ones(over) / over, "valid")


figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained", width_ratios=[1.6, 1])
for (name, runs), colour in zip(curves.items(), ("#1b6ca8", "#d1495b", "#c97b12", "#2e8b57"), strict=True):
    for i, (_, scores) in enumerate(runs):
        left.plot(smooth(scores), color=colour, alpha=0.8, label=name if i == 0 else None)
left.axhline(1, color="#555555", linestyle=":", linewidth=1)
left.set(xlabel=f"updates of {GAMES} games", ylabel="mean score of a game", ylim=(-1, 1.1), title="learning")
left.legend(frameon=False, fontsize=8, loc="center right")

net = curves["with baseline"][0][0]
moves = np.zeros((9, 5))
for row in range(9):
    for ball in range(5):
        seen = np.zeros((1, 1, 10, 5), np.uint8)
        seen[0, 0, 9, 2] = seen[0, 0, row, ball] = 255
        p = net(as_input(seen)).softmax(1)[0].detach()
        moves[row, ball] = p[2] - p[0]  # right minus left
image = right.imshow(moves, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
figure.colorbar(image, label="left  …  right")
right.set(xlabel="column of the ball (paddle in the middle)", ylabel="row of the ball", title="the policy")
plt.show()

# %% [markdown]
# ## What it means for a larger system
#
# REINFORCE needs no model of the environment, no value function and no replay memory. It pays in games: each is used
# for one gradient step and thrown away, and each action is judged by everything that came after it, luck included. The
# next algorithms remove these costs one at a time: a learned value instead of the batch mean ([PPO](ppo.py) with its
# advantages), several steps on the same games (PPO's clipping), or learning from old games ([DQN](dqn.py)).
#
# ## Try
#
# 1. Set γ to 0.5. Which actions of a game still get credit, and what happens to the right panel's top rows?
# 2. Use the wrong returns on purpose: the game's total score at every step. Does it still learn? Why?
# 3. Make `GAMES` 4. How does the curve change, and how does that relate to the standard deviation measured above?
# 4. Write `returns` for games that end at different times: what must be masked, and where?

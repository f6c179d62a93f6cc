# %% [markdown]
# # PPO: many steps on one rollout, and not too far
#
# **What comes out.** A policy balances a pole for the full 500 steps after thirty updates. The picture shows the
# learning curve, and the reason for PPO's one idea: ten epochs on the same rollout *without* the clip carry the policy
# far from the one that played (in KL divergence), until it settles on one action for good and never recovers. With the
# clip each update stays near.
#
# ![learning curve, and KL with and without the clip](images/ppo.png)
#
# Papers: Schulman et al. 2017, [arXiv:1707.06347](https://arxiv.org/abs/1707.06347); for the advantages
# [arXiv:1506.02438](https://arxiv.org/abs/1506.02438). Page: [docs/algorithms/ppo.md](../algorithms/ppo.md). At full
# size: `tengen train pong`.

# %% [markdown]
# ## What we need
#
# The environment is Gymnasium's `CartPole-v1`: four observed numbers, two actions, a reward of 1 for each step that
# the pole stands, and a time limit of 500 steps. From Tengen we take the environment's adapter, and advantages and
# loss to compare with.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from agents.common.losses import clipped_surrogate
from agents.common.returns import gae as tengens_gae
from envs.gym import GymVec

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
GAMES, STEPS, GAMMA, LAMBDA = 16, 64, 0.98, 0.9
world = GymVec("CartPole-v1", GAMES)

# %% [markdown]
# ## Policy and value
#
# REINFORCE compared each return with the mean of the batch. It is better to compare with the return expected *in this
# state*, so a second network learns the value V(s). The policy's last layer starts near zero: all actions are alike.


# %%
class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.policy = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 2))
        self.value = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
        with torch.no_grad():
            self.policy[-1].weight *= 0.01

    def forward(self, obs):  # [..., 4] -> logits [..., 2], value [...]
        return self.policy(obs), self.value(obs).squeeze(-1)


# %% [markdown]
# ## A rollout
#
# A rollout is T steps in B games, from wherever the games are: nobody waits for a game to end. V stands in for the
# rewards after the end of the rollout (bootstrapping). Three arrays need care:
#
# * `discount` is γ, and 0 where a pole fell, since nothing follows. At 500 steps the game was only *cut off*; its last
#   state keeps its value, so the discount stays γ.
# * `valid` is false in the step after an end: the environment resets and ignores the action. There is nothing to learn
#   there, and nothing may flow across it.
# * log π of each action when it was sampled (`log_old` in `learn`). The loss will need it.


# %%
def rollout(net, obs):
    """Obs [T, B, 4], actions, log pi, rewards, discounts, valid, all [T, B]; values [T + 1, B]; next obs; scores."""
    kept, values, scores = [], [], []
    for _ in range(STEPS):
        with torch.no_grad():
            logits, value = net(obs)
        pi = torch.distributions.Categorical(logits=logits)
        action = pi.sample()
        t = world.step(action.numpy())
        discount = GAMMA * torch.from_numpy(t.discount)
        kept.append((obs, action, pi.log_prob(action), torch.from_numpy(t.reward), discount, torch.from_numpy(t.valid)))
        values.append(value)
        lengths[:] += t.valid
        scores += [int(n) for n in lengths[t.ended]]
        lengths[t.ended] = 0
        obs = torch.from_numpy(t.obs)
    with torch.no_grad():
        values.append(net(obs)[1])
    return [torch.stack(part) for part in zip(*kept, strict=True)], torch.stack(values), obs, scores


lengths = np.zeros(GAMES, int)  # of the games in progress

# %% [markdown]
# ## Advantages
#
# How much better was this action than expected? A one-step estimate is δ = r + γ V(s') − V(s): little noise, but wrong
# where V is wrong. The whole return needs no V: right on average, but with the luck of the whole game. Generalised
# advantage estimation sums this δ and all later ones with weights (γ λ)^k, computed backwards:
#
# $$A_t = \delta_t + \gamma \lambda A_{t+1}$$
#
# In the code `discount[t]` stands for γ and is 0 at an end, and `following` is $A_{t+1}$. λ = 0 is the one-step
# estimate; with λ = 1 the values in between cancel and A + V is the whole return. We check both limits below, and
# compare with Tengen's function on random numbers.


# %%
def gae(reward, discount, value, valid, lambda_):
    advantage, following = torch.zeros_like(reward), torch.zeros_like(reward[0])
    for t in reversed(range(len(reward))):
        delta = reward[t] + discount[t] * value[t + 1] - value[t]
        following = torch.where(valid[t], delta + discount[t] * lambda_ * following, torch.zeros(()))
        advantage[t] = following
    return advantage


reward, value, valid = torch.randn(9, 5), torch.randn(10, 5), torch.rand(9, 5) > 0.2
discount = 0.9 * (torch.rand(9, 5) > 0.2)
apart = (gae(reward, discount, value, valid, 0.8) - tengens_gae(reward, discount, value, valid, 0.8)).abs().max()
print("with ends and ignored rows: largest difference from Tengen's", apart.item())
everything = torch.ones(9, 5, dtype=torch.bool)
one_step = gae(reward, discount, value, everything, 0.0)
print("lambda 0 is one step:", torch.allclose(one_step, reward + discount * value[1:] - value[:-1]))
g = value[-1]
for t in reversed(range(9)):
    g = reward[t] + discount[t] * g
print(
    "lambda 1 is the return:", torch.allclose(gae(reward, discount, value, everything, 1.0)[0] + value[0], g, atol=1e-5)
)
assert apart < 1e-5

# %% [markdown]
# ## The clipped objective
#
# A rollout is expensive, so we want more than one gradient step from it. After the first, however, the policy is no
# longer the one that played. The ratio r = π(a|s) / π_old(a|s) corrects for that while it is near 1 (from here on r is
# this ratio and no longer the reward); far from 1 the correction is noise. PPO gives *no reason* to go far:
#
# $$L = \mathbb{E}[\min(r A, \; \mathrm{clip}(r, 1 - \epsilon, 1 + \epsilon) A)]$$
#
# For a good action (A > 0) nothing more is gained beyond 1 + ε, and the gradient is 0. The same holds for a bad one
# below 1 − ε. The minimum keeps the way *back* open: a bad action that has become more likely by mistake still has its
# full gradient. The plot is the paper's Figure 1.


# %%
def clipped(ratio, advantage, epsilon):
    return torch.minimum(ratio * advantage, ratio.clamp(1 - epsilon, 1 + epsilon) * advantage)


ratio, advantage, valid = torch.rand(50) * 2, torch.randn(50), torch.rand(50) > 0.2
theirs = clipped_surrogate(ratio, advantage, 0.2, valid)
assert torch.allclose(-clipped(ratio, advantage, 0.2)[valid].mean(), theirs, atol=1e-6)
r = torch.linspace(0, 2, 200)
figure, panels = plt.subplots(1, 2, figsize=(7, 2.2), layout="constrained")
for panel, a in zip(panels, (1.0, -1.0), strict=True):
    panel.plot(r, clipped(r, torch.tensor(a), 0.2), color="#1b6ca8")
    panel.set(xlabel="ratio r", title=f"A = {a:+.0f}", ylabel="objective")
plt.show()

# %% [markdown]
# ## Learning from a rollout
#
# K epochs over its T · B steps in shuffled minibatches. Advantages are normalised to mean 0 and standard deviation 1,
# so that the step does not depend on the scale of rewards; the value learns the λ-returns A + V; a small entropy bonus
# keeps the policy from committing too early. A and π_old stay fixed for all K epochs. We also estimate KL(π_old, π),
# how far the policy went: the mean of (r − 1) − log r over actions that π_old sampled. Its expectation is the KL
# divergence, because r has mean 1, and no term of it is negative.


# %%
def learn(net, optimiser, kept, values, clip, epochs, batch=256):
    obs, action, log_old, reward, discount, valid = kept
    advantage = gae(reward, discount, values, valid, LAMBDA)
    goal = advantage + values[:-1]
    rows = valid.flatten().nonzero().squeeze(1)
    obs, action, log_old, advantage, goal = (x.flatten(0, 1)[rows] for x in (obs, action, log_old, advantage, goal))
    for _ in range(epochs):
        for i in torch.randperm(len(rows)).split(batch):
            logits, value = net(obs[i])
            pi = torch.distributions.Categorical(logits=logits)
            ratio = (pi.log_prob(action[i]) - log_old[i]).exp()
            a = (advantage[i] - advantage[i].mean()) / (advantage[i].std() + 1e-8)
            loss = (
                -clipped(ratio, a, clip).mean() + 0.25 * (value - goal[i]).square().mean() - 0.005 * pi.entropy().mean()
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            optimiser.step()
    with torch.no_grad():
        log_ratio = torch.distributions.Categorical(logits=net(obs)[0]).log_prob(action) - log_old
        return (log_ratio.exp() - 1 - log_ratio).mean().item()


def train(updates, clip=0.2, epochs=10, seed=0):
    torch.manual_seed(seed)
    lengths[:] = 0
    net = ActorCritic()
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    obs, recent, curve, kls = torch.from_numpy(world.reset(seed)), [], [], []
    for update in range(updates):
        optimiser.param_groups[0]["lr"] = 2e-3 * (1 - update / updates)
        kept, values, obs, scores = rollout(net, obs)
        kls.append(learn(net, optimiser, kept, values, clip, epochs))
        recent = (recent + scores)[-30:]
        curve.append(np.mean(recent) if recent else 0.0)
    return net, np.array(curve), np.array(kls)


# %% [markdown]
# ## With and without the clip
#
# The same training twice, with ten epochs per rollout: once with ε = 0.2, once with an ε that never clips. The score
# counts steps until the pole fell, averaged over the last thirty games; it lags, since a long game counts only when
# over.

# %%
UPDATES = 4 if QUICK else 50
began = time.time()
runs = {"clip 0.2": train(UPDATES), "no clip": train(UPDATES, clip=1e9)}
for name, (_, curve, kls) in runs.items():
    print(
        f"{name:9} last 30 games {curve[-1]:.0f} steps,"
        f" KL of an update: median {np.median(kls):.4f}, largest {kls.max():.3f}"
    )
print(f"{UPDATES * STEPS * GAMES:,} environment steps each, {time.time() - began:.0f} s")

# %% [markdown]
# ## The picture
#
# Left, scores; right, how far each update moved the policy from the one that played. A KL of up to a few hundredths is
# a comfortable step, and with the clip none is larger. Far above that the rollout says nothing about the new policy,
# and whether it is better is luck. Where the red curve then drops to zero (drawn as 10⁻⁶), the policy has become
# certain: it never tries the other action again, so there is nothing left to learn from.

# %% tags=["result"]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
for (name, (_, curve, kls)), colour in zip(runs.items(), ("#1b6ca8", "#d1495b"), strict=True):
    x = STEPS * GAMES * np.arange(1, UPDATES + 1)
    left.plot(x, curve, color=colour, label=name)
    right.semilogy(x, np.maximum(kls, 1e-6), color=colour, label=name)
left.axhline(500, color="#555555", linestyle=":", linewidth=1)
left.set(xlabel="environment steps", ylabel="steps until the pole fell", title="the last 30 games", ylim=(0, 520))
right.set(xlabel="environment steps", ylabel="KL(old, new)", title="how far an update went")
left.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What it means for a larger system
#
# PPO needs little: a simulator, two networks that may share a trunk, no replay, no target network. It is on-policy, so
# every step is thrown away after a few epochs; where steps are cheap (many games on many cores) that is the right
# trade, and it is why `tengen train pong` uses it. Where each step is expensive, look at [DQN](dqn.py).
#
# The columns of a run (`approx_kl`, `clip_fraction`, `entropy`) are explained in [metrics](../learn/metrics.md#ppo).
#
# ## Try
#
# 1. Treat the limit of 500 steps as an end (`discount[t.ended] = 0`). What does V predict for a pole that stands well,
#    and what should it predict? (Without ends, 1 / (1 − γ) = 50. Project 3 of `tengen new bughunt` has the same bug.)
# 2. λ = 0 and λ = 1. Which curve is rougher, and which levels off lower?
# 3. One epoch instead of ten: how many more environment steps are needed?
# 4. Remove the minimum and only clip. For which r and which sign of A is the gradient that would lead back missing?
#    The plot of the objective shows it, and the comparison with Tengen's loss fails.

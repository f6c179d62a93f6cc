# %% [markdown]
# # PQN: Q-learning without a replay memory
#
# **What comes out.** DQN without its two crutches, replay and target network, balances a pole for 500 and 499 of 500
# steps after 256,000 training steps, which take half a minute. Three things replace them: many games in parallel,
# λ-returns, which carry a reward back through a whole rollout at once, and layer normalisation, which bounds the
# network's values. We leave out the last two in turn. The picture shows how far a reward travels in one rollout, what
# normalisation does to the values of inputs never seen, and the score.
#
# ![how far a reward travels, values far away, and the score](images/pqn.png)
#
# Paper: Gallici et al. 2024, [arXiv:2407.04811](https://arxiv.org/abs/2407.04811). Page:
# [docs/algorithms/pqn.md](../algorithms/pqn.md). At full size: `tengen train CartPole-v1 --agent pqn`.

# %% [markdown]
# ## What we need
#
# PyTorch, Gymnasium's CartPole through Tengen's adapter, and Tengen's λ-returns to compare with. Read [DQN](dqn.py)
# first: this notebook takes things away from it.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from agents.common.returns import lambda_returns as tengens_returns
from envs.gym import GymVec
from envs.toy import Corridor

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## λ-returns
#
# DQN's target looks one step ahead: r + γ max Q(s'). A rollout has T steps in a row, so we can do better. Going
# backwards, G_t mixes the network's own estimate of the next state with the return that really followed:
#
# $$G_t = r_t + \gamma_t \big((1 - \lambda)\,\max_a Q(s_{t+1}, a) + \lambda\, G_{t+1}\big)$$
#
# λ = 0 is DQN's target. λ = 1 uses the rewards of the whole rollout, and the network only at its end. Two places need
# care. γ_t is **0 where a game ended**: nothing follows. And the row *after* an end is not a step at all: the
# environment used it to reset (`valid` is false). The row before it, perhaps cut short by a time limit, must not use
# its return: there the network's estimate stands in.


# %%
def lambda_returns(reward, discount, best_after, valid, lam):
    """[T, B] all; best_after[t] is max_a Q of the state that row t leads to."""
    returns, following = torch.zeros_like(reward), best_after[-1]
    for t in reversed(range(len(reward))):
        returns[t] = reward[t] + discount[t] * ((1 - lam) * best_after[t] + lam * following)
        following = torch.where(valid[t], returns[t], best_after[t - 1])
    return returns


# %% [markdown]
# ## Is it right?
#
# By hand: two steps with rewards 1 and 2, discount ½, estimates 4 and 8 of the next states. λ = 0 gives 1 + ½ · 4 = 3
# and 2 + ½ · 8 = 6. For the first step λ = 1 gives 1 + ½ · 6 = 4, and λ = ½ the mean of both, 3.5. Then we compare
# with Tengen's function, with ends and invalid rows mixed in.

# %%
hand = [torch.tensor(column)[:, None] for column in ([1.0, 2.0], [0.5, 0.5], [4.0, 8.0])]
for lam in (0.0, 0.5, 1.0):
    print(f"λ = {lam}: {lambda_returns(*hand, torch.ones(2, 1, dtype=torch.bool), lam).flatten().tolist()}")
reward, best = torch.randn(2, 30, 5)
discount, valid = 0.9 * (torch.rand(30, 5) > 0.1), torch.rand(30, 5) > 0.1
apart = max(
    (lambda_returns(reward, discount, best, valid, lam) - tengens_returns(reward, discount, best, valid, lam))
    .abs()
    .max()
    .item()
    for lam in (0.0, 0.65, 1.0)
)
print(f"differs from Tengen's by at most {apart:.1e}")
assert apart < 1e-6

# %% [markdown]
# ## How far does a reward travel?
#
# In a corridor of eight cells only the last one pays. Nothing is known: all values are 0. After one rollout of walking
# right, what has each cell heard of the reward? With λ = 0 only the last step has, and each further rollout moves it
# by one cell. That is why DQN needs its replay: it goes over the same steps again and again. With λ = 0.95 the first
# cell hears of it at once.

# %%
world = Corridor(1)
world.reset(0)
steps = [world.step(np.array([1])) for _ in range(7)]
reward, discount = (torch.tensor([getattr(t, name)[0] for t in steps])[:, None] for name in ("reward", "discount"))
travelled = {
    lam: lambda_returns(reward, 0.98 * discount, torch.zeros(7, 1), torch.ones(7, 1, dtype=torch.bool), lam).flatten()
    for lam in (0.0, 0.5, 0.95)
}
for lam, returns in travelled.items():
    print(f"λ = {lam:4}: {[round(g, 2) for g in returns.tolist()]}")

# %% [markdown]
# ## What normalisation is for
#
# Bootstrapping has a well-known failure: the target contains max Q(s'), s' resembles s, so raising Q(s) raises the
# target too, and the values run away. It needs values that can grow without bound where no data hold them down. Layer
# normalisation before the last layer prevents that: whatever comes in, its output has length √n, so |Q| ≤ √n ‖w‖ +
# |b|. Larger values take larger last weights, and all data together hold those down.
#
# To see it, we ask an untrained network of each kind about states further and further out.


# %%
class QNet(nn.Module):
    def __init__(self, inputs, actions, norm, width=64):
        super().__init__()

        def layer(n):
            return [nn.Linear(n, width), *([nn.LayerNorm(width)] if norm else []), nn.ReLU()]

        self.layers = nn.Sequential(*layer(inputs), *layer(width), nn.Linear(width, actions))

    def forward(self, obs):
        return self.layers(obs)


far = torch.logspace(0, 4, 40)
direction = torch.randn(200, 4)
direction /= direction.norm(dim=1, keepdim=True)
with torch.no_grad():
    outside = {
        name: torch.stack([QNet(4, 2, norm)(scale * direction).abs().mean() for scale in far])
        for name, norm in (("with normalisation", True), ("without", False))
    }
for name, size in outside.items():
    print(f"{name:19} mean |Q| at distance 1: {size[0]:.2f}, at 10,000: {size[-1]:.2f}")

# %% [markdown]
# ## The algorithm
#
# Play T steps in B games, ε-greedily. Compute the λ-returns of the rollout with the current network. Train a few
# epochs on its T·B rows in random order, towards *those* numbers: they stay fixed meanwhile, which is a target network
# for one rollout, at no cost. Throw the rollout away. Thirty-two games at different stages do what the replay did:
# neighbours in a minibatch have little to do with each other.

# %%
T, GAMES, GAMMA = 32, 32, 0.98
env = GymVec("CartPole-v1", GAMES)


def train(norm, lam, rollouts, seed):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    q = QNet(4, 2, norm)
    optimiser = torch.optim.RAdam(q.parameters(), lr=1e-3)
    obs, playing, finished, curve = torch.from_numpy(env.reset(seed)).float(), np.zeros(GAMES), [], []
    for rollout in range(rollouts):
        epsilon = max(0.1, 1 - 5 * 0.9 * rollout / rollouts)
        rows = []
        for _ in range(T):
            with torch.no_grad():
                values = q(obs)
            greedy, chance = values.argmax(1).numpy(), random.random(GAMES) < epsilon
            action = np.where(chance, random.integers(2, size=GAMES), greedy)
            t = env.step(action)
            after = torch.from_numpy(t.obs).float()
            rows.append(
                (obs, torch.from_numpy(action), *map(torch.from_numpy, (t.reward, t.discount, t.valid)), values)
            )
            playing += t.reward
            finished += playing[t.terminated | t.truncated].tolist()
            playing[t.terminated | t.truncated] = 0
            obs = after
        seen, action, reward, discount, valid, values = (torch.stack(column) for column in zip(*rows, strict=True))
        with torch.no_grad():
            best = torch.cat([values, q(obs)[None]]).max(2).values  # [T + 1, B]
        target = lambda_returns(reward, GAMMA * discount, best[1:], valid, lam).flatten()
        seen, action, valid = seen.flatten(0, 1), action.flatten(), valid.flatten()
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * (1 - rollout / rollouts)
        for _ in range(4):
            for i in torch.randperm(T * GAMES).split(256):
                chosen = q(seen[i]).gather(1, action[i, None]).squeeze(1)
                loss = 0.5 * (valid[i] * (chosen - target[i]) ** 2).sum() / valid[i].sum()
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(q.parameters(), 10.0)
                optimiser.step()
        curve.append((np.mean(finished[-50:] or [0]), best.mean().item()))
    return q, np.array(curve)


# %% [markdown]
# ## With and without
#
# The pole, as above; with one-step targets (λ = 0); and without normalisation. We watch two curves: the score, and the
# mean of max Q. With γ = 0.98 no return exceeds 1 / (1 − γ) = 50, so a mean above that must be an overestimate.

# %%
ROLLOUTS, SEEDS = (25, 1) if QUICK else (250, 2)
began = time.time()
ways = {"PQN": (True, 0.95), "one step (λ = 0)": (True, 0.0), "no normalisation": (False, 0.95)}
runs = {name: [train(*options, ROLLOUTS, seed)[1] for seed in range(SEEDS)] for name, options in ways.items()}
for name, curves in runs.items():
    for curve in curves:
        print(
            f"{name:17} last 50 games {curve[-1, 0]:3.0f}, largest mean of max Q {curve[:, 1].max():.1f} (50 possible)"
        )
print(f"{ROLLOUTS * T * GAMES:,} steps per training, {time.time() - began:.0f} s in all")

# %% [markdown]
# Our runs gave: PQN 500 and 499; one-step targets 144 and 486; no normalisation 352 and 302. Two seeds each say that
# PQN is steadier, but not by how much. And *nothing diverged*: no mean rose above the possible 50. The pole bounds the
# states by itself, so the danger of the middle panel does not arise here, and normalisation only makes learning
# faster. Know which of its benefits you have seen.
#
# ## The picture
#
# Left, each corridor cell's target after a single rollout. In the middle, the bound. On the right, the pole; look at
# how the curves fall back as well as at where they end.

# %% tags=["result"]
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.5), layout="constrained")
for (lam, returns), colour in zip(travelled.items(), ("#d1495b", "#c97b12", "#1b6ca8"), strict=True):
    left.plot(range(7), returns, "o-", color=colour, label=f"λ = {lam:g}")
left.set(xlabel="cell", ylabel="its target after one rollout", title="how far a reward travels")
left.legend(frameon=False)
for (name, size), colour in zip(outside.items(), ("#1b6ca8", "#d1495b"), strict=True):
    middle.loglog(far, size, color=colour, label=name)
middle.set(xlabel="distance of the state from 0", ylabel="mean |Q|, untrained", title="values far away")
middle.legend(frameon=False)
for (name, curves), colour in zip(runs.items(), ("#1b6ca8", "#c97b12", "#d1495b"), strict=True):
    for i, curve in enumerate(curves):
        right.plot(np.arange(ROLLOUTS) * T * GAMES / 1000, curve[:, 0], color=colour, label=name if i == 0 else None)
right.set(xlabel="thousand steps", ylabel="score of the last 50 games", title="the pole")
right.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What it means for a larger system
#
# Without a replay nothing has to be stored, sampled and kept in step between machines: with an environment on the GPU
# the whole algorithm stays there, which is what the paper is about. The price is that every step is used a few times
# and forgotten; where steps are expensive (a robot, a slow game), a replay earns its keep.
#
# Tengen's PQN is this page with networks for screens, any number of games, and a run folder.
#
# ## Try
#
# 1. One game instead of 32, and 32 times as many rollouts. Which of the three replacements is gone?
# 2. λ = 1. Where does the network's estimate still enter, and is the score better or worse?
# 3. Take `with torch.no_grad()` away from `best`, and do not detach. Does anything change? Why not, and what would
#    have to be computed inside the loop for it to matter?
# 4. Multiply the observations by 100. Which of the variants still learns?

# %% [markdown]
# # V-trace: learning from games that older weights played
#
# **What comes out.** When many machines play while one learns, the games that arrive were played by weights that are
# out of date. This notebook measures what that does, in a corridor where every value can be computed, and how IMPALA's
# correction fixes it: twelve lines, with the same numbers as RLlib's where that is installed. Without it, a careful
# player's values, learned from a careless player's walks, are off by up to 0.40; with it by 0.03. The picture shows
# these values beside the exact ones, what the clipping buys, and an agent that learns with a long delay: with the
# correction it finds the best path, without it never does.
#
# ![values from another's walks, bias against variance, learning with a delay](images/rllib.png)
#
# Paper: Espeholt et al. 2018, [arXiv:1802.01561](https://arxiv.org/abs/1802.01561). Page:
# [docs/algorithms/rllib.md](../algorithms/rllib.md). At full size: `tengen train pong --engine rllib --algo impala`.

# %% [markdown]
# ## What we need
#
# numpy, and Tengen's corridor as RLlib sees it. The library provides the networks, actors and queues; the formula that
# makes playing elsewhere *possible* fits on a page.

# %%
import importlib.util
import os

import matplotlib.pyplot as plt
import numpy as np

from agents.engines.env import GymnasiumVector
from envs.toy import Corridor

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
GAMMA, CELLS = 0.95, 8

# %% [markdown]
# ## Which rows to learn from
#
# Before any formula: which rows of a game may you learn from? A batch of games never pauses, so after the last step of
# a game comes one that only resets the environment and ignores the action. Learn from that row, and you learn that the
# last cell leads to the first one. Tengen and RLlib both leave it out; below is what the adapter reports to RLlib for
# one game of walking right. It is also why nothing on this page is carried across a row whose discount is 0.

# %%
world = GymnasiumVector(Corridor(1), seed=0)
obs, _ = world.reset()
rows, over = [], False
for t in range(9):
    after, reward, terminated, truncated, _ = world.step(np.array([1]))
    rows.append((t, int(obs.argmax()), float(reward[0]), bool(terminated[0]), "reset, not learned" if over else ""))
    obs, over = after, bool(terminated[0] | truncated[0])
for row in rows:
    print("step {}  from cell {}  reward {:5.2f}  over {!s:5}  {}".format(*row))
assert [row[0] for row in rows if row[4]] == [7]

# %% [markdown]
# ## Two players and the truth
#
# We write the same corridor ourselves, so that we know everything about it: eight cells, left or right, each step costs
# 0.01, the last cell pays 1 and ends the game. The **behaviour** policy μ is an older player, who goes right in 6 of 10
# steps; the **target** policy π is the current one, 9 of 10. A policy's values solve linear equations, V = r_π + γ P_π
# V, and with eight cells we solve them. We want π's values; we have only μ's walks.


# %%
def step(cell, action, door=None):
    """Next cells, rewards and discounts; the last cell is the end. (The door on the left comes in later.)"""
    after = np.clip(cell + 2 * action - 1, 0, CELLS - 1)
    reward = np.where(after == CELLS - 1, 1.0, -0.01)
    if door is not None:
        leaves = (cell == 0) & (action == 0)
        after, reward = np.where(leaves, CELLS - 1, after), np.where(leaves, door, reward)
    return after, reward, np.where(after == CELLS - 1, 0.0, GAMMA)


def exact(policy, door=None):
    """Values [8] of a policy [8, 2]."""
    a, b = np.eye(CELLS), np.zeros(CELLS)
    for cell in range(CELLS - 1):
        for action in range(2):
            after, reward, discount = step(np.array(cell), np.array(action), door)
            a[cell, after] -= policy[cell, action] * discount
            b[cell] += policy[cell, action] * reward
    values = np.linalg.solve(a, b)
    values[-1] = 0
    return values


mu, pi = np.tile([0.4, 0.6], (CELLS, 1)), np.tile([0.1, 0.9], (CELLS, 1))
print("older player:  ", exact(mu).round(3)[:-1])
print("current player:", exact(pi).round(3)[:-1])

# %% [markdown]
# ## V-trace
#
# In a walk x_0, a_0, r_0, x_1, … of μ, each step's TD error δ is weighted by how much more likely π would have made it:
#
# $$v_s = V(x_s) + \sum_{t \ge s} \gamma^{t-s} \Big(\prod_{i=s}^{t-1} c_i\Big)\, \rho_t \, \delta_t, \qquad
# \delta_t = r_t + \gamma V(x_{t+1}) - V(x_t)$$
#
# with ρ_t = min(ρ̄, π/μ) and c_i = min(c̄, π/μ). Why two cuts? Without any, the product of twenty ratios is a number
# like 0.001 or 500: right on average, useless in practice. But the two do different things. **c** decides how far a TD
# error travels back: a smaller c̄ learns more slowly and ends at the same values. **ρ** decides *which values*: cut at
# ρ̄, the fixed point is no longer V^π but the value of a policy between the two, π_ρ̄ ∝ min(ρ̄ μ, π).
#
# Computed backwards, it is one line: v_s − V(x_s) = ρ_s δ_s + γ c_s (v_{s+1} − V(x_{s+1})).


# %%
def v_trace(reward, discount, value, last, ratio, rho_bar=1.0, c_bar=1.0):
    """v [T, B] and advantages [T, B] from rewards, discounts, values and ratios [T, B] and the last value [B]."""
    rho, c = np.minimum(rho_bar, ratio), np.minimum(c_bar, ratio)
    following = np.concatenate([value[1:], last[None]])
    delta = rho * (reward + discount * following - value)
    excess, v = np.zeros_like(last), np.zeros_like(value)
    for s in reversed(range(len(reward))):
        excess = delta[s] + discount[s] * c[s] * excess
        v[s] = value[s] + excess
    later = np.concatenate([v[1:], last[None]])
    return v, rho * (reward + discount * later - value)  # the second is what the policy gradient gets


# %% [markdown]
# ## Is it right?
#
# With all ratios 1 nothing is cut and the sum telescopes, so V-trace *is* the n-step return r_0 + γ r_1 + … + γⁿ
# V(x_n), whatever the values on the way. And with a ratio of 0 at a step, nothing after it counts. Then we compare with
# RLlib's own function on random numbers; its import takes longer than this notebook, so the quick form skips it.

# %%
rng = np.random.default_rng(0)
reward, value, last = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=3)
discount, ratio = np.full((5, 3), GAMMA), rng.lognormal(size=(5, 3))
v, _ = v_trace(reward, discount, value, last, np.ones((5, 3)))
n_step = sum(GAMMA**t * reward[t] for t in range(5)) + GAMMA**5 * last
print("with ratios of 1, off the five-step return by", np.abs(v[0] - n_step).max())
assert np.allclose(v[0], n_step)
stopped = ratio.copy()
stopped[2] = 0
other = reward.copy()
other[3:] += 100
assert np.allclose(
    v_trace(reward, discount, value, last, stopped)[0][:2], v_trace(other, discount, value, last, stopped)[0][:2]
)
if not QUICK and importlib.util.find_spec("ray"):
    import torch
    from ray.rllib.algorithms.impala.torch.vtrace_torch_v2 import vtrace_torch

    theirs = vtrace_torch(
        target_action_log_probs=torch.tensor(np.log(ratio)),
        behaviour_action_log_probs=torch.zeros(5, 3),
        discounts=torch.tensor(discount),
        rewards=torch.tensor(reward),
        values=torch.tensor(value),
        bootstrap_values=torch.tensor(last),
    )
    for name, mine, its in zip(("v", "advantage"), v_trace(reward, discount, value, last, ratio), theirs, strict=True):
        print(f"{name:9} off RLlib's by at most {np.abs(mine - its.numpy()).max():.1e}")
        assert np.allclose(mine, its.numpy())

# %% [markdown]
# ## One policy's values from another's walks
#
# We move a table of values towards the targets from many walks, in three ways. *As if nothing were wrong*: all
# ratios 1. *Cut at 1*, as IMPALA does. *Not cut at all*. Each has a fixed point that we can compute: V^μ, the values
# of π_ρ̄, and V^π. So we can say not only that the first is wrong, but that it is exactly as wrong as theory says.


# %%
def walks(policy, games, steps, rng, cell=None, door=None):
    """Cells [T + 1, B], actions, rewards and discounts [T, B]; after an arrival, a random cell."""
    cells, actions, rewards, discounts = [rng.integers(CELLS - 1, size=games) if cell is None else cell], [], [], []
    for _ in range(steps):
        action = (rng.random(games) < policy[cells[-1], 1]).astype(int)
        after, reward, discount = step(cells[-1], action, door)
        cells.append(np.where(after == CELLS - 1, rng.integers(CELLS - 1, size=games), after))
        actions.append(action)
        rewards.append(reward)
        discounts.append(discount)
    return np.array(cells), np.array(actions), np.array(rewards), np.array(discounts)


def learn_values(rho_bar, c_bar, batches, correct=True, seed=0, games=32, steps=20):
    rng, values, seen = np.random.default_rng(seed), np.zeros(CELLS), []
    for batch in range(batches):
        x, a, reward, discount = walks(mu, games, steps, rng)
        ratio = pi[x[:-1], a] / mu[x[:-1], a] if correct else np.ones(a.shape)
        v, _ = v_trace(reward, discount, values[x[:-1]], values[x[-1]], ratio, rho_bar, c_bar)
        moved, count = np.zeros(CELLS), np.zeros(CELLS)
        np.add.at(moved, x[:-1], v - values[x[:-1]])
        np.add.at(count, x[:-1], 1)
        values = values + 0.2 * moved / np.maximum(count, 1)
        if batch >= batches // 2:
            seen.append(values)
    return np.mean(seen, 0), np.std(seen, 0).mean()


BATCHES = 150 if QUICK else 1500
between = np.minimum(mu, pi)
between /= between.sum(1, keepdims=True)
ways = {
    "as if nothing were wrong": ((1, 1, BATCHES, False), exact(mu)),
    "cut at 1 (IMPALA)": ((1, 1, BATCHES), exact(between)),
    "not cut": ((np.inf, np.inf, BATCHES), exact(pi)),
}
learned = {}
for name, (options, expected) in ways.items():
    learned[name], noise = learn_values(*options)
    print(
        f"{name:25} off its fixed point by {np.abs(learned[name] - expected)[:-1].max():.3f}, off V of the current"
        f" player by {np.abs(learned[name] - exact(pi))[:-1].max():.3f}, jitter {noise:.4f}"
    )

# %% [markdown]
# ## Bias against variance
#
# Where should you cut? For each ρ̄ (with c̄ the same) we measure both costs: the distance of the fixed point from V^π,
# and the spread of the targets. In practice the two policies lie much closer together than ours, a few updates apart;
# then ρ̄ = 1 costs next to nothing, and that is the default everywhere.

# %%
cuts = [0.5, 0.75, 1.0, 1.25, 1.5, 3.0]
distance, jump = [], []
for cut in cuts:
    policy = np.minimum(cut * mu, pi)
    policy /= policy.sum(1, keepdims=True)
    distance.append(np.abs(exact(policy) - exact(pi))[:-1].mean())
    x, a, reward, discount = walks(mu, 4000, 20, np.random.default_rng(1), np.zeros(4000, int))
    v, _ = v_trace(reward, discount, exact(pi)[x[:-1]], exact(pi)[x[-1]], pi[x[:-1], a] / mu[x[:-1], a], cut, cut)
    jump.append(v[0].std())
    print(f"cut at {cut:4}: fixed point off by {distance[-1]:.3f}, standard deviation of a target {jump[-1]:.3f}")

# %% [markdown]
# ## A whole agent, with a delay
#
# Now we learn both policy and values, from batches played by the weights of thirty updates ago, as when actors fetch
# new weights only now and then. The policy is a table of logits; its gradient is Σ ρ (r + γ v' − V) ∇ log π. We compare
# no delay, the delay with the correction, and the delay without. The score is exact: the value of the current policy at
# the first cell.
#
# In the corridor so far a delay costs nothing: going right is right, whoever played. It costs something where *the best
# action depends on what you do afterwards*. So we put a door in the left wall that ends the game and pays 0.4. For a
# beginner, who strays, that is more than the far end is worth; for a good player it is far less. The beginner's values
# say "take the door", and a policy that trusts them for too long learns to take it.


# %%
def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def train(delay, correct, updates, seed, lr=30.0, games=16, steps=20):
    rng = np.random.default_rng(seed)
    logits, values, older, scores, cell = np.zeros((CELLS, 2)), np.zeros(CELLS), [], [], np.zeros(games, int)
    for _ in range(updates):
        older.append(softmax(logits))
        played_by, now = older[max(0, len(older) - 1 - delay)], older[-1]
        x, a, reward, discount = walks(played_by, games, steps, rng, cell, DOOR)
        cell = x[-1]
        ratio = now[x[:-1], a] / played_by[x[:-1], a] if correct else np.ones(a.shape)
        v, advantage = v_trace(reward, discount, values[x[:-1]], values[x[-1]], ratio)
        gradient, moved, count = np.zeros_like(logits), np.zeros(CELLS), np.zeros(CELLS)
        np.add.at(gradient, x[:-1], advantage[..., None] * (np.eye(2)[a] - now[x[:-1]]))
        np.add.at(moved, x[:-1], v - values[x[:-1]])
        np.add.at(count, x[:-1], 1)
        logits = logits + lr * gradient / a.size
        values = values + 0.3 * moved / np.maximum(count, 1)
        scores.append(exact(now, DOOR)[0])
    return scores


DOOR, DELAY = 0.4, 30
UPDATES, SEEDS = (100, 2) if QUICK else (200, 8)
ways_to_learn = {
    "no delay": (0, True),
    f"delay {DELAY}, V-trace": (DELAY, True),
    f"delay {DELAY}, uncorrected": (DELAY, False),
}
curves = {
    name: np.array([train(delay, correct, UPDATES, seed) for seed in range(SEEDS)])
    for name, (delay, correct) in ways_to_learn.items()
}
best = exact(np.tile([0.0, 1.0], (CELLS, 1)))[0]
for name, curve in curves.items():
    print(f"{name:24} mean over the training {curve.mean():.3f}, at the end {curve[:, -1].mean():.3f} of {best:.3f}")

# %% [markdown]
# ## The picture
#
# Left: crosses are learned values, lines exact ones; each way arrives at its own fixed point. Middle: what the cut
# costs and what it buys. Right: the agent with a delay.

# %% tags=["result"]
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
COLOURS = ("#d1495b", "#1b6ca8", "#2e8b57")
for (name, (_, expected)), colour in zip(ways.items(), COLOURS, strict=True):
    left.plot(expected[:-1], color=colour, linewidth=1)
    left.plot(learned[name][:-1], "x", color=colour, label=name)
left.set(xlabel="cell", ylabel="value", title="values from another's walks")
left.legend(frameon=False, fontsize=8)
middle.plot(cuts, distance, "o-", color="#d1495b", label="distance of the fixed point")
middle.plot(cuts, jump, "o-", color="#1b6ca8", label="deviation of a target")
middle.set(xlabel="cut ρ̄ = c̄", ylabel="in units of value", title="bias against variance", ylim=(0, None))
middle.legend(frameon=False, fontsize=8)
for (name, curve), colour in zip(curves.items(), ("#555555", "#1b6ca8", "#d1495b"), strict=True):
    right.plot(curve.mean(0), color=colour, label=name)
    right.fill_between(range(UPDATES), curve.min(0), curve.max(0), color=colour, alpha=0.12)
for level in (best, DOOR):
    right.axhline(level, color="#777777", linestyle=":")
right.set(xlabel="updates", ylabel="value of the policy at the start", title="learning with a delay")
right.legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# ## What it means for a larger system
#
# * You can separate playing from learning if the learner knows the probability with which each action was played. That
#   number must travel with the data: once those weights are gone, you cannot work it out.
# * A correction has limits. It handles a policy that is a few updates old; from a policy that never goes right, no
#   weighting can learn what lies there.
# * `--engine rllib --algo impala` or `appo` runs RLlib's V-trace with Tengen's environments, networks and run folder;
#   PPO's ratio answers the same question by never moving far.
#
# ## Try
#
# 1. Set ρ̄ = ∞ and c̄ = 1 in `learn_values`. Which fixed point is it now, and is the jitter closer to the cut or to the
#    uncut one?
# 2. μ = π in `learn_values`: which of the three ways differ?
# 3. Let μ never go right in cell 3. What do the three ways say about cells 0 to 3?
# 4. Use a discount of γ instead of 0 where a game ends. What are the values of the last cells then?

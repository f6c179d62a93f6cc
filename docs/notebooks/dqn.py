# %% [markdown]
# # DQN: values from memory
#
# **What comes out.** On FrozenLake, where the best values are known exactly, a network learns them from random samples
# of its own past steps. The picture shows its values beside the exact ones, cell by cell, and tests the paper's two
# inventions. Without the replay memory the same network ends three times as far from the truth (0.085 instead of
# 0.029). Without the target network it is no worse here, and faster at first: on sixteen cells the danger that it
# guards against does not arise.
#
# ![values learned and exact, and three ways to learn them](images/dqn.png)
#
# Paper: Mnih et al. 2015, Nature 518. Page: [docs/algorithms/dqn.md](../algorithms/dqn.md). At full size, from
# pixels: `tengen train pong --agent dqn`.

# %% [markdown]
# ## What we need
#
# The environment is Gymnasium's `FrozenLake-v1`: 16 cells, four holes, a goal worth 1, and ice on which two of three
# steps slip sideways. It is small on purpose, because for 16 cells we can compute the right answer. From Tengen we
# take the environment's adapter, and the target and the loss to compare with.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from agents.common.losses import huber
from agents.dqn.targets import double_q_target, dqn_target
from envs.gym import GymVec

QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})
GAMMA = 0.95

# %% [markdown]
# ## The right answer
#
# Q(s, a) is the expected discounted return of taking action a in s and the best actions from then on. It satisfies
# Bellman's equation Q(s, a) = E[r + γ max Q(s', ·)], and iterating that assignment converges to it. This needs the
# environment's transition table, which an agent does not have; we use it as the reference.

# %%
env = GymVec("FrozenLake-v1", 8)
table = env._env.envs[0].unwrapped.P  # cell -> action -> [(probability, next cell, reward, over)]
exact = np.zeros((16, 4))
for _ in range(500):
    exact = np.array(
        [
            [sum(p * (r + GAMMA * exact[s].max() * (not over)) for p, s, r, over in table[c][a]) for a in range(4)]
            for c in range(16)
        ]
    )
print("value of the start:", exact[0].max().round(3), "  of the cell before the goal:", exact[14].max().round(3))

# %% [markdown]
# ## A target that is a constant
#
# From one step (s, a, r, s') we get one sample of the right side of Bellman's equation:
#
# $$y = r + \gamma \max_{a'} Q_\text{target}(s', a')$$
#
# Three things are easy to get wrong. **Nothing follows a terminal state**: the discount is 0 there, and only there
# (not where a time limit cut the episode short). **y is a constant**: no gradient flows through it, or the values of
# neighbouring cells are pulled together. **The values in y come from an older copy** of the network, Q_target:
# otherwise each step towards the target also moves the target.


# %%
def target(reward, discount, later, q_target):
    with torch.no_grad():
        return reward + discount * q_target(later).max(1).values


def loss_of(q, obs, action, y):
    chosen = q(obs).gather(1, action[:, None]).squeeze(1)
    error = y - chosen
    return torch.where(error.abs() <= 1, 0.5 * error**2, error.abs() - 0.5).mean()  # Huber: the paper clips the error


# %% [markdown]
# ## Is it right?
#
# By hand: reward 1, discount ½, and next values (1, 3) give y = 1 + ½ · 3 = 2.5; at the end of an episode, y = 1. Then
# we compare with Tengen's functions on random numbers. Double Q-learning changes one thing: the newer network picks
# the action and the older one evaluates it, so that a value that is too high by chance is not also picked for it.

# %%
y = target(torch.ones(2), torch.tensor([0.5, 0.0]), torch.zeros(2), lambda _: torch.tensor([[1.0, 3.0], [1.0, 3.0]]))
print("by hand:", y.tolist())
old, new = nn.Linear(16, 4), nn.Linear(16, 4)
obs, later = torch.randn(5, 16), torch.randn(5, 16)
action, reward, discount = torch.randint(4, (5,)), torch.randn(5), torch.rand(5)
y = target(reward, discount, later, old)
theirs = dqn_target(reward, discount, later, new, old)
their_loss = huber(theirs.detach() - new(obs).gather(1, action[:, None]).squeeze(1)).mean()
print(
    "targets differ by",
    (y - theirs).abs().max().item(),
    "  losses by",
    abs(loss_of(new, obs, action, y) - their_loss).item(),
)
double = double_q_target(reward, discount, later, new, old)
print("double never above plain:", bool((double <= theirs + 1e-6).all()))
assert torch.allclose(y, theirs) and torch.allclose(loss_of(new, obs, action, y), their_loss, atol=1e-6)

# %% [markdown]
# ## A replay memory
#
# Consecutive steps resemble each other, and a network that learns from them in order forgets the other end of the
# lake. So every step goes into a ring buffer of the last N, and minibatches are drawn at random from all of it: old
# and new, from everywhere. This is allowed because Q-learning is *off-policy*: the target asks what the best action
# would be worth, not what the policy of the time did next.


# %%
class Replay:
    def __init__(self, size):
        self.obs, self.later = torch.zeros(2, size, 16)
        self.action, self.reward, self.discount = (
            torch.zeros(size, dtype=torch.long),
            torch.zeros(size),
            torch.zeros(size),
        )
        self.size, self.added = size, 0

    def add(self, obs, action, reward, discount, later):
        place = (self.added + torch.arange(len(obs))) % self.size  # the oldest are overwritten
        for kept, new in (
            (self.obs, obs),
            (self.action, action),
            (self.reward, reward),
            (self.discount, discount),
            (self.later, later),
        ):
            kept[place] = new
        self.added += len(obs)

    def draw(self, count):
        i = torch.randint(min(self.added, self.size), (count,))
        return self.obs[i], self.action[i], self.reward[i], self.discount[i], self.later[i]


# %% [markdown]
# ## Learning
#
# Take one step in each of eight lakes, ε-greedily: mostly the best-looking action, sometimes a random one, or the
# agent never finds out what else there is. Store the step. Then learn from a random minibatch. Every 200 steps, copy
# the network into the target network.
#
# (The step after the end of an episode resets the environment and ignores the action: `valid` is false, and we do not
# store it.)
#
# The network is larger than 16 cells need: the point is that the method works with a network, not only with a table.


# %%
def error_of(q):
    """Mean distance to the exact values, over the cells that are not terminal."""
    found = q(torch.eye(16)).detach().numpy()
    inner = [c for c in range(16) if exact[c].max() > 0]
    return float(np.abs(found - exact)[inner].mean())


def train(steps, memory=20_000, target_every=200, seed=0):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    q, q_target = (nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4)) for _ in range(2))
    q_target.load_state_dict(q.state_dict())
    optimiser = torch.optim.Adam(q.parameters(), lr=1e-3)
    replay, curve = Replay(memory), []
    obs = torch.from_numpy(env.reset(seed))
    for step in range(steps):
        epsilon = max(0.3, 1 - 2 * step / steps)
        with torch.no_grad():
            action = q(obs).argmax(1)
        explore = torch.from_numpy(random.random(8) < epsilon)
        action = torch.where(explore, torch.from_numpy(random.integers(4, size=8)), action)
        t = env.step(action.numpy())
        later, valid = torch.from_numpy(t.obs), torch.from_numpy(t.valid)
        reward, discount = torch.from_numpy(t.reward), GAMMA * torch.from_numpy(t.discount)
        replay.add(obs[valid], action[valid], reward[valid], discount[valid], later[valid])
        obs = later
        if step >= 20:
            seen, a, r, d, after = replay.draw(64)
            loss = loss_of(q, seen, a, target(r, d, after, q_target))
            optimiser.param_groups[0]["lr"] = 1e-3 * (1 - step / steps)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if step % target_every == 0:
            q_target.load_state_dict(q.state_dict())
        if step % (steps // 20) == 0 or step == steps - 1:
            curve.append((step, error_of(q)))
    return q, np.array(curve)


# %% [markdown]
# ## With and without
#
# The same training three times: as in the paper; with a "memory" of only the last 8 steps; with a target network that
# is copied after every step. We compare the distance to the exact values, not the score: an agent can score well by
# luck. Do not expect both to help: each guards against a danger that a small environment may not have. And with two
# seeds a small difference means nothing.

# %%
STEPS, SEEDS = (400, 1) if QUICK else (4000, 2)
began = time.time()
ways = {"as in the paper": {}, "no memory": {"memory": 8}, "no target network": {"target_every": 1}}
runs = {name: [train(STEPS, **options, seed=seed) for seed in range(SEEDS)] for name, options in ways.items()}
for name, found in runs.items():
    print(f"{name:18} distance to the exact values {np.mean([curve[-1, 1] for _, curve in found]):.3f}")
print(f"{STEPS * 8:,} environment steps per training, {time.time() - began:.0f} s in all")

# %% [markdown]
# ## The values on the map
#
# Left, the exact value of each cell and its best action; in the middle, what the network says. The arrows look odd
# until you remember the ice: beside a hole the best move is *into the wall*, because slipping then only leads along
# it. A policy that simply heads for the goal would fall in; this one has been there.


# %% tags=["result"]
def draw_map(axes, values, title):
    axes.imshow(np.where(exact.max(1) > 0, values.max(1), np.nan).reshape(4, 4), cmap="YlGn", vmin=0, vmax=1)
    for cell in range(16):
        row, column = divmod(cell, 4)
        if exact[cell].max() == 0:
            axes.text(column, row, "G" if cell == 15 else "hole", ha="center", va="center", fontsize=9, color="#777777")
        else:
            best = values[cell].argmax()
            axes.text(column, row + 0.18, f"{values[cell].max():.2f}", ha="center", va="center", fontsize=9)
            axes.text(column, row - 0.2, "←↓→↑"[best], ha="center", va="center", fontsize=15)
    axes.set(title=title, xticks=[], yticks=[])


figure, (one, two, three) = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained", width_ratios=[1, 1, 1.35])
draw_map(one, exact, "exact")
draw_map(two, runs["as in the paper"][0][0](torch.eye(16)).detach().numpy(), "the network")
for (name, found), colour in zip(runs.items(), ("#1b6ca8", "#d1495b", "#c97b12"), strict=True):
    for i, (_, curve) in enumerate(found):
        three.plot(8 * curve[:, 0], curve[:, 1], color=colour, label=name if i == 0 else None)
three.set(xlabel="environment steps", ylabel="distance to the exact values", title="with and without", ylim=(0, None))
three.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What it means for a larger system
#
# Every recorded step stays useful, whichever policy played it; so playing and learning can be separated, even on
# different machines (Ape-X). The price is a maximum over estimates, which favours overestimates, and values that chase
# each other. Watch the mean of `q` in any run: if it grows past the largest possible return, it is diverging.
#
# Tengen's DQN differs from this page only in scale: frames stored once and stacked when sampled, a replay on disk that
# survives a kill, and double, n-step, dueling and prioritised as options, each of which replaces one line of the
# above.
#
# ## Try
#
# 1. Take `torch.no_grad()` out of `target`. Compare the map.
# 2. Use the double target. On which cells are the plain values too high?
# 3. Store only the steps of episodes that reached the goal. Which values become wrong, and in which direction?
# 4. Prioritise: sample steps in proportion to their last error. Which steps of this lake are sampled most?

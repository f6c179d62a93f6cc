# %% [markdown]
# # AlphaZero: a teacher made of the pupil
#
# **What comes out.** A small network teaches itself noughts and crosses from random weights: no human games, no
# knowledge but the rules. In all positions that can occur we know the right moves, so we can say in what fraction of
# them it is right: the bare network rises from 60 % to 96 %, with a search of 25 simulations it is ahead all the way,
# from 93 % to 98 %. The picture shows that gap, which is what it learns from, and what it thinks of the first move
# after every stage.
#
# ![right moves by iteration, and the first move](images/alphazero.png)
#
# Paper: Silver et al. 2018, Science 362. Page: [docs/algorithms/alphazero.md](../algorithms/alphazero.md). Larger:
# `tengen train tictactoe`, `connect4`, `go9`.

# %% [markdown]
# ## What we need
#
# The search is the one that [the notebook on search](search.py) writes by hand and compares; here Tengen's compiled
# version of it runs 64 games at once. The loop around it, network, self-play, targets and loss, is written here. One
# of Tengen's losses comes in to compare.

# %%
import os
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from agents.alphazero.losses import policy_loss
from agents.search.evaluators import Evaluation
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.lines import tictactoe
from envs.boards.solve import solve

game = tictactoe()
QUICK = os.environ.get("QUICK") == "1"
torch.manual_seed(0)
rng = np.random.default_rng(0)
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## The yardstick: every position there is
#
# Self-play needs something outside of itself to be measured by: two copies that both get worse still win half of
# their games. Here we can list all positions that are not over, and for each the moves that keep its value.

# %%
known, positions, right = {}, [], []
layer, seen = game.new(1), set()
while len(layer):
    following = []
    for state in np.split(layer, len(layer)):
        if game.ended(state)[0] or (key := int(game.keys(state)[0])) in seen:
            continue
        seen.add(key)
        actions = np.flatnonzero(game.legal(state)[0])
        after = np.repeat(state, len(actions))
        game.play(after, actions)
        values = np.array([-solve(game, child, known) for child in np.split(after, len(actions))])
        keeps = np.zeros(9, bool)
        keeps[actions[values == values.max()]] = True
        positions.append(state)
        right.append(keeps)
        following.append(after)
    layer = np.concatenate(following) if following else layer[:0]
positions, right = np.concatenate(positions), np.stack(right)
chance = (right.sum(1) / game.legal(positions).sum(1)).mean()
print(f"{len(positions):,} positions; a random move keeps the value in {chance:.0%} of them")

# %% [markdown]
# ## One network, two opinions
#
# The network sees the board from the side of whoever is to move and says two things: which moves look good (logits
# p), and how it will end (v between −1 and 1). Both come from one trunk, because both need to understand the same
# thing.


# %%
class Net(nn.Module):
    def __init__(self, width=96):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(18, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.policy, self.value = nn.Linear(width, 9), nn.Linear(width, 1)

    def forward(self, x):  # [B, 18] -> logits [B, 9], value [B]
        hidden = self.trunk(x)
        return self.policy(hidden), torch.tanh(self.value(hidden)).squeeze(1)


def see(states):
    """The stones of the player to move and those of the other, [B, 18]."""
    return torch.from_numpy(game.encode(states)[:, :2].reshape(len(states), 18)).float()


class Judge:
    """The network as the search wants it: states -> logits and values of whoever is to move."""

    def __init__(self, net):
        self.net = net

    @torch.no_grad()
    def __call__(self, states):
        logits, value = self.net(see(states))
        return Evaluation(logits.numpy(), value.numpy())


# %% [markdown]
# ## Self-play
#
# 64 games side by side. Before each move, a search of a few dozen simulations: the network's policy is the prior, its
# value judges the leaves. What comes back, the shares of the visits, is a *better* policy than the one that went in.
# That is the target π, and the move is drawn from it. Noise at the root makes sure that every move is tried once in a
# while; without it a prejudice could never be unlearned.


# %%
def self_play(net, games, simulations, seed):
    """Boards seen [N, 18], search policies [N, 9], and how it ended for whoever was to move there [N]."""
    config = SearchConfig(c_init=1.25, noise=0.25, noise_total=9.0)
    states = game.new(games)
    boards, policies, movers, owners = [], [], [], []
    while (going := np.flatnonzero(~game.ended(states))).size:
        roots = states[going]
        search = Search(
            GameModel(game, Judge(net), roots), len(going), simulations, config, [seed + int(i) for i in going]
        )
        search.begin(np.arange(len(going)), simulations)
        policy = search.run(np.arange(len(going))).policy
        boards.append(see(roots))
        policies.append(policy)
        movers.append(game.to_move(roots))
        owners.append(going)
        seed += 1000
        actions = np.array([rng.choice(9, p=p.astype(float) / p.astype(float).sum()) for p in policy])
        game.play(roots, actions)
        states[going] = roots
    black = game.result(states)  # as the first player sees it
    outcome = np.concatenate([black[owner] * mover for owner, mover in zip(owners, movers, strict=True)])
    return torch.cat(boards), torch.from_numpy(np.concatenate(policies)), torch.from_numpy(outcome).float()


# %% [markdown]
# ## The loss
#
# $$\ell = (z - v)^2 - \sum_a \pi(a) \log p(a)$$
#
# The value learns how it ended, z; the policy learns what the search thought, π. The second term is a cross-entropy
# between *distributions*: it never gets below the entropy of π, and that is no failure. We subtract it to see how far
# the policy is from its teacher. Tengen's loss of the policy must be the same number.


# %%
def loss_of(net, board, pi, z):
    logits, v = net(board)
    policy = -(pi * logits.log_softmax(1)).sum(1).mean()
    return policy + (z - v).square().mean(), policy


logits, pi = torch.randn(6, 9), torch.rand(6, 9).softmax(1)
mine = -(pi * logits.log_softmax(1)).sum(1).mean()
print("largest difference:", abs(mine - policy_loss(logits, pi)).item())
assert torch.allclose(mine, policy_loss(logits, pi))

# %% [markdown]
# ## How good is it?
#
# Over all positions: does the likeliest legal move keep the value? Once for the bare policy, once after a search with
# it. The difference is what the policy can still learn from the search; where it is gone, so is the progress.


# %%
def measure(net, simulations):
    with torch.no_grad():
        logits, _ = net(see(positions))
    bare = np.where(game.legal(positions), logits.numpy(), -np.inf).argmax(1)
    sample = np.arange(len(positions)) if not QUICK else rng.choice(len(positions), 400, replace=False)
    search = Search(
        GameModel(game, Judge(net), positions[sample]), len(sample), simulations, SearchConfig(), [0] * len(sample)
    )
    search.begin(np.arange(len(sample)), simulations)
    best = search.run(np.arange(len(sample))).best
    return right[np.arange(len(positions)), bare].mean(), right[sample, best].mean()


# %% [markdown]
# ## The loop
#
# Play, learn from the last few thousand positions, play with the new network. Positions are turned and mirrored at
# random when they are learned from: the rules do not care how the board lies, and so the network need not find that
# out eight times.

# %%
SIMULATIONS, ITERATIONS = 25, 2 if QUICK else 30
turns = torch.from_numpy(game.action_symmetries.copy())  # [8, 9] where each cell goes


def turned(board, pi):
    """Boards and policies, each turned or mirrored at random."""
    source = torch.argsort(turns[torch.randint(8, (len(pi),))], 1)  # [B, 9]
    return torch.cat([board[:, :9].gather(1, source), board[:, 9:].gather(1, source)], 1), pi.gather(1, source)


net = Net()
optimiser = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
window, found, openings, apart = [], [measure(net, SIMULATIONS)], [], []
began = time.time()
for iteration in range(ITERATIONS):
    window = [*window, self_play(net, 64, SIMULATIONS, seed=10**6 * iteration)][-8:]
    board, pi, z = (torch.cat(part) for part in zip(*window, strict=True))
    distances = []
    for i in torch.randperm(len(z)).repeat(4).split(128):
        loss, policy = loss_of(net, *turned(board[i], pi[i]), z[i])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        distances.append(policy.item() - torch.distributions.Categorical(probs=pi[i]).entropy().mean().item())
    apart.append(np.mean(distances))
    found.append(measure(net, SIMULATIONS))
    with torch.no_grad():
        openings.append(net(see(game.new(1)))[0].softmax(1)[0].numpy())
found = np.array(found)
print(f"{64 * ITERATIONS:,} games in {time.time() - began:.0f} s")
print(
    f"right moves: the bare network {found[0, 0]:.0%} -> {found[-1, 0]:.1%},"
    f" with search {found[0, 1]:.0%} -> {found[-1, 1]:.1%}"
)
print(f"distance of the policy from its teacher: {apart[0]:.2f} -> {apart[-1]:.2f} nats")

# %% [markdown]
# ## The picture
#
# The search is ahead of the bare network at all times, and the network follows it up: the pupil becomes its own,
# better, teacher. Many of the positions counted here never occur between good players, and so are hardly learned; in
# games it is far better than these numbers. On the right, what it thinks of the first move.

# %% tags=["result"]
stages = sorted({0, len(openings) // 4, len(openings) - 1})
figure, panels = plt.subplots(
    1, 1 + len(stages), figsize=(11, 3), layout="constrained", width_ratios=[2.2, *[1] * len(stages)]
)
panels[0].plot(found[:, 1], color="#2e8b57", label=f"with {SIMULATIONS} simulations")
panels[0].plot(found[:, 0], color="#1b6ca8", label="the bare network")
panels[0].axhline(chance, color="#555555", linestyle=":", linewidth=1, label="random moves")
panels[0].set(
    xlabel="iterations of 64 games", ylabel="moves that keep the value", ylim=(0.4, 1.02), title="all positions"
)
panels[0].legend(frameon=False)
for panel, stage in zip(panels[1:], stages, strict=True):
    panel.imshow(openings[stage].reshape(3, 3), cmap="Blues", vmin=0, vmax=1)
    for cell, p in enumerate(openings[stage]):
        panel.text(cell % 3, cell // 3, f"{p:.0%}", ha="center", va="center", color="white" if p > 0.5 else "black")
    panel.set(title=f"first move, iteration {stage + 1}", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## What it means for a larger system
#
# There is no opponent, no data set and no reward but the rules; what limits it is computing. Nearly all of it goes
# into self-play, which is why Tengen puts so much into batching evaluations and searching many games at once. On 9x9
# Go the same loop reached 88 % against GNU Go in 6.4 hours; what each addition of KataGo's is worth there is measured
# in [docs/results/selfplay.md](../results/selfplay.md).
#
# ## Try
#
# 1. `SIMULATIONS = 2`. How much can a search of two moves teach? (Gumbel's search was made for this question.)
# 2. No noise at the root. Does the first move still change?
# 3. Let z be the value of the search instead of how it ended. Which is noisier, which can fool itself?
# 4. In which positions is the trained policy still wrong? Print ten of them. Would a good player ever get there?

# %% [markdown]
# # AlphaZero: a teacher made of the pupil
#
# **What comes out.** A small network teaches itself noughts and crosses from random weights: no human games, no
# knowledge but the rules. The right moves are known in every position, so we can measure how often it finds one: the
# bare network improves from 60 % to 96 %; with a search of 25 simulations it stays ahead, from 93 % to 98 %. The
# picture shows that gap, which is what the network learns from, and its policy for the first move at several stages.
#
# ![right moves by iteration, and the first move](images/alphazero.png)
#
# Paper: Silver et al. 2018, Science 362. Page: [docs/algorithms/alphazero.md](../algorithms/alphazero.md). Larger:
# `tengen train tictactoe`, `connect4`, `go9`.

# %% [markdown]
# ## What we need
#
# [The notebook on search](search.py) writes the search by hand; here Tengen's compiled version searches 64 games at
# once. We write everything around it: the network, self-play, targets and loss. One of Tengen's losses is imported for
# comparison.

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
# ## The reference: every position there is
#
# Self-play needs an outside reference: two copies that both get worse still win half of their games. Here we can list
# all unfinished positions, and for each the moves that keep its value.

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
# ## One network, two heads
#
# The network sees the board from the side of the player to move and has two outputs: which moves look good (logits p),
# and how the game will end (v between −1 and 1). Both heads share a trunk, because they need the same features.


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
    """The stones of the player to move and of the opponent, [B, 18]."""
    return torch.from_numpy(game.encode(states)[:, :2].reshape(len(states), 18)).float()


class Judge:
    """The network as the search calls it: states -> logits and values for the player to move."""

    def __init__(self, net):
        self.net = net

    @torch.no_grad()
    def __call__(self, states):
        logits, value = self.net(see(states))
        return Evaluation(logits.numpy(), value.numpy())


# %% [markdown]
# ## Self-play
#
# 64 games run in parallel. Before each move comes a search of 25 simulations: the network's policy is the prior, its
# value evaluates the leaves. The search returns its visit shares, a *better* policy than the prior. These shares are
# the target π, and the move is sampled from them. Noise at the root ensures that every move is tried now and then;
# without it the network could never unlearn a prejudice.


# %%
def self_play(net, games, simulations, seed):
    """Boards [N, 18], search policies [N, 9], and outcomes for the player to move [N]."""
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
    black = game.result(states)  # from the first player's side
    outcome = np.concatenate([black[owner] * mover for owner, mover in zip(owners, movers, strict=True)])
    return torch.cat(boards), torch.from_numpy(np.concatenate(policies)), torch.from_numpy(outcome).float()


# %% [markdown]
# ## The loss
#
# $$\ell = (z - v)^2 - \sum_a \pi(a) \log p(a)$$
#
# The value learns the outcome z; the policy learns the search's policy π. The second term is a cross-entropy between
# *distributions*: it cannot fall below the entropy of π. We subtract that entropy to see how far the policy is from
# its teacher. Tengen's policy loss must give the same number.


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
# Over all positions: does the preferred legal move keep the value? We measure the bare policy, and the search that
# uses it. The difference is what the policy can still learn from the search; once it is gone, progress stops.


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
# Play, train on the last few thousand positions, play with the new network. Training positions are rotated and
# mirrored at random: the rules are symmetric, so the network need not learn each pattern eight times.

# %%
SIMULATIONS, ITERATIONS = 25, 2 if QUICK else 30
turns = torch.from_numpy(game.action_symmetries.copy())  # [8, 9] where each cell goes


def turned(board, pi):
    """Boards and policies, each rotated or mirrored at random."""
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
# The search stays ahead of the bare network, and the network follows it up: the pupil becomes its own, better teacher.
# Many of the positions counted here never occur between good players, so the network hardly trains on them; in real
# games it is far better than these numbers. On the right, its policy for the first move.

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
# The method needs no opponent, no data set and no reward but the rules; its limit is compute. Nearly all of that goes
# into self-play, which is why Tengen puts so much into batching evaluations and searching many games at once. On 9x9
# Go the same loop reached 88 % against GNU Go in 6.4 hours; [docs/results/selfplay.md](../results/selfplay.md)
# measures what each of KataGo's additions is worth there.
#
# ## Try
#
# 1. `SIMULATIONS = 2`. How much can a search of two simulations teach? (Gumbel's search was made for this question.)
# 2. Remove the noise at the root. Does the first move still change?
# 3. Let z be the value of the search instead of the outcome. Which is noisier, and which can fool itself?
# 4. In which positions is the trained policy still wrong? Print ten of them. Would a good player ever get there?

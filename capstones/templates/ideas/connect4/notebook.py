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
# heard of it: what is decided, why looking at all continuations is out of the question, and where else such decisions
# occur.*
#
# Everything that plays and learns is written in `parts/`, in plain PyTorch and NumPy: the network, the tree search,
# self-play. Tengen provides the rules of the game and the referee.

# %% [markdown]
# ## The tools
#
# `quick()` is true in the quick form (`QUICK=1`), which runs within seconds; its figures mean nothing. `training`
# starts a training run in its own process, or finds it if it has run before: executing the notebook again does not
# train again. `match` plays two players against each other: a function, an object with `choose`, or a name such as
# `uct:1000`, a search that evaluates positions by random rollouts, 1,000 per move.

# %%
import matplotlib.pyplot as plt
import numpy as np
import player
import torch

from capstones import match, quick, ready, training, write_card
from parts.game import BOARD, GAME, position
from parts.loss import policy_loss, value_loss
from parts.model import Block, Evaluator, Net
from parts.search import backup, descend, noisy, puct, search
from parts.selfplay import choose, mirrored, value_targets, visit_policy
from parts.train import gradient_step

SEEDS = (1,) if quick() else (1, 2, 3)
GAMES = 4 if quick() else 100
THINKING = 16 if quick() else 400  # simulations a move, in matches
OPPONENT = "uct:20" if quick() else "uct:1000"
CONFIG = {"channels": 32, "blocks": 3, "games": 128, "simulations": 32, "keep": 60_000, "batch": 256, "reuse": 3}
CONFIG |= {"lr": 0.05, "weight_decay": 1e-4, "steps": 600_000}
if quick():
    CONFIG |= {"channels": 8, "blocks": 1, "games": 8, "simulations": 8, "batch": 32, "steps": 400}
print("quick: a few games only" if quick() else "in full")

# %% [markdown]
# ## The game
#
# Two players take turns to drop stones into seven columns; four in a row win. With best play the first player wins
# (Allis 1988), so it is known how good a player can become. *To do: look at this position. Who wins, and how many moves
# ahead did you have to look?*

# %%
here = position("4444325")
print(GAME.draw(here[0]))
print("to move:", "first" if GAME.to_move(here)[0] == 1 else "second", "player; over:", bool(GAME.ended(here)[0]))

# %% [markdown]
# The network's input is a stack of planes from the point of view of the player to move: their own stones, the
# opponent's, and whether the first player is to move. Except for that last plane, a position and the same position with
# colours swapped look the same.

# %%
figure, panels = plt.subplots(1, 2, figsize=(6, 2.6), layout="constrained")
for panel, plane, name in zip(panels, GAME.encode(here)[0], ("own stones", "the opponent's"), strict=False):
    panel.imshow(plane, cmap="Blues", vmin=0, vmax=1)
    panel.set_title(name)
    panel.set_xlabel("column")
    panel.set_ylabel("row from the top")
figure.savefig("figures/planes.png", dpi=100)
plt.show()

# %% [markdown]
# ## The baseline
#
# A player that moves at random, against the opponent that you have to beat in the end. The player below has to do
# better than that.

# %%
baseline = match("random", OPPONENT, board=BOARD, games=GAMES, boards=32)
print(baseline.describe())

# %% [markdown]
# ## The network
#
# One tower of convolutions, because a row of four looks the same wherever it is, and two heads: one for the moves that
# are worth looking at, one for who will win. *To do: why one tower for both, and why a tanh at the end of one of them?*

# %%
if ready(Block, Net):
    torch.manual_seed(0)
    net = Net(CONFIG["channels"], CONFIG["blocks"])
    prior, value = Evaluator(net)(np.concatenate([position(""), here]))
    print(f"{sum(p.numel() for p in net.parameters()):,} weights")
    print("untrained, priors of the empty board:", prior[0].round(2).tolist(), "value:", round(float(value[0]), 2))

# %% [markdown]
# ## The search
#
# The search improves on the network's policy by looking ahead where it matters: it visits moves that look good or have
# turned out well more often, and all others now and then. The picture shows a search that knows only the rules: every
# move has the same prior, every position the value 0, and only ends of games carry information. It is the first
# player's turn, and column 4 wins at once.
#
# *To do: say in your own words what the two terms of `puct` do, and what a search becomes with `c = 0`.*

# %%
SEARCH = (puct, descend, backup, noisy)
if ready(*SEARCH):

    def uniform(states):
        legal = GAME.legal(states)
        return (legal / legal.sum(1, keepdims=True)).astype(np.float32), np.zeros(len(states), np.float32)

    plt.figure(figsize=(6, 2.5))
    for simulations in (10, 30, 100):
        visits = search(position("112233"), uniform, simulations)[0]
        plt.plot(range(1, 8), visits / visits.sum(), marker="o", label=f"{simulations} simulations")
    plt.xlabel("column")
    plt.ylabel("fraction of the visits")
    plt.legend()
    plt.savefig("figures/search.png", dpi=100)
    plt.show()

# %% [markdown]
# ## Self-play
#
# The search prefers better moves than the network alone. So the network learns to prefer the search's moves, and the
# next search starts from there. The winner of each game tells it what the positions were worth. There are two sources
# of randomness: noise at the roots, so that unlikely moves are tried too, and opening moves sampled by visits, so that
# games differ. A Connect 4 position and its mirror image are equivalent: twice the examples, for free.
#
# *To do: why is the value that of the player to move, and not of the first player?*

# %%
LEARNING = (visit_policy, choose, value_targets, mirrored, policy_loss, value_loss, gradient_step)
runs = []
if ready(Block, Net, *SEARCH, *LEARNING):
    for seed in SEEDS:
        config = CONFIG | {"seed": seed}
        runs.append(training("parts.train:Training", config, steps=CONFIG["steps"], name="connect4"))
    figure, panels = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    for panel, name in zip(panels, ("loss/policy", "loss/value"), strict=True):
        for seed, run in zip(SEEDS, runs, strict=True):
            panel.plot(*run.column(name), label=f"seed {seed}")
        panel.set_xlabel("positions of self-play")
        panel.set_ylabel(name)
        panel.legend()
    figure.savefig("figures/curves.png", dpi=100)
    plt.show()

# %% [markdown]
# A loss that does not fall is no bad sign here: the games become better, and so harder to predict. What counts is who
# wins. *To do: what would you have to see in these curves to suspect a mistake?*

# %% [markdown]
# ## The result
#
# A hundred games of each network against 1,000 random rollouts per move. Games come in pairs with the same two random
# first moves and colours swapped, so neither an easy opening nor the first move favours anybody.

# %%
cards = []
for run in runs:
    net = Net(CONFIG["channels"], CONFIG["blocks"])
    net.load_state_dict(run.state["weights"])
    mine = player.Player(GAME, net, THINKING)
    cards.append(match(mine.choose, OPPONENT, board=BOARD, games=GAMES, boards=32, name=run.path.name))
    print(cards[-1].describe())
if cards:
    write_card(
        metric="games lost of 100",
        higher_is_better=False,
        seeds=SEEDS,
        values=[100 * card.losses / card.games for card in cards],
        measured_on=f"{GAMES} games a seed against {OPPONENT}, {THINKING} simulations a move, 2 random opening moves",
        baseline={"name": "random player", "value": 100 * baseline.losses / baseline.games},
        published={
            "value": 0.0,
            "source": "Allis 1988, A Knowledge-based Approach of Connect-Four: the first player wins",
            "protocol": "best play as first player from the empty board; here: both sides, after two random moves",
        },
        command="tengen notebook .",
    )

# %% [markdown]
# The best of them is saved: `tengen match python:player.py:Player uct:1000 --board connect4` plays another match with
# it, and `tengen play python:player.py:Player --board connect4` lets you play against it.

# %%
if cards:
    chosen = min(range(len(cards)), key=lambda i: cards[i].losses)
    net = Net(CONFIG["channels"], CONFIG["blocks"])
    net.load_state_dict(runs[chosen].state["weights"])
    if not quick():
        player.save(net, CONFIG["channels"], CONFIG["blocks"])
    print("kept: seed", SEEDS[chosen])

# %% [markdown]
# ## Ablation: without looking ahead
#
# The same network, with 1 simulation instead of 400: the policy on its own. *To do: say before you look how much of its
# strength is the search. Then remove something from the training instead (the noise, the mirror), and compare at the
# same number of positions.*

# %%
if cards:
    sight = player.Player(GAME, net, 1)
    print(match(sight.choose, OPPONENT, board=BOARD, games=GAMES, boards=32, name="1 simulation").describe())

# %% [markdown]
# ## Where it fails
#
# The first player has a stone in column 3 and is to move. With two more beside it there is a row of three with both
# ends open, which cannot be stopped. What does the network prefer without search, and what after how many simulations?
# *To do: find a position where it is wrong, and say why it could not know better.*

# %%
if runs:
    plt.figure(figsize=(6, 2.5))
    asked = position("37")  # the first player is to move, with a stone in column 3
    for simulations in (1, 16, 64) if quick() else (1, 16, 64, 256, 1024):
        visits = search(asked, Evaluator(net), simulations)[0]
        plt.plot(range(1, 8), visits / visits.sum(), marker="o", label=f"{simulations} simulations")
    plt.xlabel("column")
    plt.ylabel("fraction of the visits")
    plt.legend()
    plt.savefig("figures/failure.png", dpi=100)
    plt.show()

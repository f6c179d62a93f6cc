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
# heard of it: a rating is a recommendation. Who uses one, and what does it cost when a single number is not enough?*
#
# Everything that learns is written in `parts/`, in plain PyTorch. The idea comes from Balduzzi, Tuyls, Perolat and
# Graepel (2018, arXiv:1806.02643): a rating says who is stronger, and a low-rank part says who beats whom all the same.

# %% [markdown]
# ## The tools
#
# `quick()` is true in the quick form (`QUICK=1`), which runs within seconds; its figures mean nothing. `training`
# starts a training run in its own process, or finds it if it has run before. `--data` points to your own games: a CSV
# file `first,second,score`, or the folder that `tengen rate … --out FOLDER` wrote.

# %%
import matplotlib.pyplot as plt
import numpy as np

from capstones import data_folder, quick, ready, training, write_card
from parts.anatomy import cycles, cyclic, transitive
from parts.data import load
from parts.loss import log_loss
from parts.model import Ratings
from parts.train import HELD_OUT, gradient_step, held_out_loss

SEEDS = (1,) if quick() else (1, 2, 3)
RANKS = (0, 1) if quick() else (0, 1, 2, 4)
CONFIG = {"steps": 200 if quick() else 3000, "batch": 512, "lr": 0.03, "weight_decay": 0.1}
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The games
#
# Before anything else, look at the games: how many does a player have, and how many of all pairs have met at all? A
# recommendation is for pairs that have never met.

# %%
games = load(data_folder(), quick())
players = len(games.names)
met = np.zeros((players, players))
np.add.at(met, (games.first, games.second), 1)
met += met.T
print(games.about)
print(
    f"games a player: {met.sum(1).mean():.0f}; pairs that have met: {(met[np.triu_indices(players, 1)] > 0).mean():.1%}"
)
plt.figure(figsize=(4, 3.4))
plt.imshow(met, cmap="Blues")
plt.colorbar(label="games")
plt.xlabel("player")
plt.ylabel("player")
plt.savefig("figures/met.png", dpi=100)
plt.show()

# %% [markdown]
# ## The baseline
#
# A coin flip: every game is even. It costs log 2 = 0.693 nats per game, whoever plays. Where the true probabilities are
# known, as for the generated games, there is also a floor that no model can beat: the entropy of the results.

# %%
baseline = float(np.log(2))
print(f"a coin: {baseline:.4f} nats a game")
if games.truth is not None:
    p = games.truth[games.first, games.second]
    floor = float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).mean())
    print(f"the true chances: {floor:.4f} nats a game")

# %% [markdown]
# ## The model and its loss
#
# With rank 0 the model is Elo's: one number per player. Each further rank adds a plane in which players stand around a
# point, and beat those that stand a quarter of a turn behind them. *To do: why does an order never need that, and why
# can rock, paper and scissors never do without it?*

# %%
if ready(Ratings, log_loss):
    model = Ratings(players, 1)
    print(f"{sum(p.numel() for p in model.parameters())} numbers for {players} players")
    print(f"before training: {held_out_loss(model, games):.4f} nats a game")

# %% [markdown]
# ## The training
#
# A fifth of the games is held out; the seed decides the split, the initial weights and the order of the games. Rank 0
# is trained on the same games in the same way, so any difference is due to the model and not to how it was fitted.

# %%
runs = {}
if ready(Ratings, log_loss, gradient_step):
    for rank in RANKS:
        configs = [CONFIG | {"seed": seed, "rank": rank} for seed in SEEDS]
        options = {"steps": CONFIG["steps"], "name": f"rank-{rank}", "watch": "held-out"}
        runs[rank] = [training("parts.train:Training", config, **options) for config in configs]
    plt.figure(figsize=(6, 3))
    for rank in RANKS:
        plt.plot(*runs[rank][0].column("held-out"), label="Elo (rank 0)" if rank == 0 else f"rank {rank}")
    plt.xlabel("gradient steps")
    plt.ylabel("log-loss of held-out games, nats")
    plt.legend()
    plt.savefig("figures/curves.png", dpi=100)
    plt.show()

# %% [markdown]
# ## The result
#
# The log-loss on held-out games, beside Elo's on the same games. *To do: how large is the difference in words? 0.01
# nats are little for one game; what are they over a season?*

# %%
trained = {}
if runs:
    losses = {}
    for rank in RANKS:
        trained[rank] = []
        for seed, run in zip(SEEDS, runs[rank], strict=True):
            model = Ratings(players, rank)
            model.load_state_dict(run.state["weights"])
            trained[rank].append((model, held_out_loss(model, games.split(HELD_OUT, seed)[1])))
        losses[rank] = [loss for _, loss in trained[rank]]
        print(f"rank {rank}: {np.mean(losses[rank]):.4f} nats, seeds {[round(x, 4) for x in losses[rank]]}")
    write_card(
        metric="log-loss of held-out games, nats",
        higher_is_better=False,
        seeds=SEEDS,
        values=losses[1],
        measured_on=f"{round(HELD_OUT * len(games.score)):,} held-out games a seed, {games.about.split(':')[0]}",
        baseline={"name": "Elo (rank 0), the same games", "value": float(np.mean(losses[0]))},
        published={
            "value": None,
            "source": "Balduzzi, Tuyls, Perolat & Graepel 2018, arXiv:1806.02643",
            "protocol": "other players and other games: log-losses of different records cannot be compared",
        },
        command="tengen notebook .",
    )

# %% [markdown]
# ## Rock, paper, scissors
#
# The generated games include these three as players, all equally strong. Elo's model has to call each of their games
# even. *To do: with your own games, choose three players who each seem to beat the next.*

# %%
if trained:
    three = [games.names.index(name) for name in ("rock", "paper", "scissors") if name in games.names] or [0, 1, 2]
    figure, panels = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    for panel, rank in zip(panels, (0, 1), strict=True):
        chances = trained[rank][0][0].chances().numpy()[np.ix_(three, three)]
        panel.imshow(chances, cmap="RdBu", vmin=0, vmax=1)
        for i in range(3):
            for j in range(3):
                panel.text(j, i, f"{chances[i, j]:.2f}", ha="center", va="center")
        panel.set_xticks(range(3), [games.names[k] for k in three])
        panel.set_yticks(range(3), [games.names[k] for k in three])
        panel.set_title("Elo" if rank == 0 else f"rank {rank}")
        panel.set_xlabel("against")
        panel.set_ylabel("expected score of")
    figure.savefig("figures/rock-paper-scissors.png", dpi=100)
    plt.show()

# %% [markdown]
# ## What an order cannot say
#
# The model's log-odds split in two: the ratings that explain most of them, and the rest. Cycles are triples in which
# each player beats the next; an order has none.

# %%
if trained and ready(transitive, cyclic, cycles):
    chances = trained[1][0][0].chances().numpy()
    odds = np.log(chances) - np.log(1 - chances)
    rest = cyclic(odds)
    part = (rest**2).sum() / (odds**2).sum()
    print(f"of the squared log-odds {1 - part:.1%} are an order, {part:.1%} are not; {cycles(chances)} cycles")
    order = np.argsort(-transitive(odds))
    print("strongest:", ", ".join(games.names[i] for i in order[:5]))
    plt.figure(figsize=(4, 3.4))
    plt.imshow(rest[np.ix_(order, order)], cmap="RdBu")
    plt.colorbar(label="log-odds beside the order")
    plt.xlabel("player, strongest first")
    plt.ylabel("player, strongest first")
    plt.savefig("figures/beside-the-order.png", dpi=100)
    plt.show()

# %% [markdown]
# ## Ablation: how many ranks
#
# More ranks can express more, and overfit more. *To do: which rank would you choose if you did not know how the games
# were generated, and by which number?*

# %%
if trained:
    plt.figure(figsize=(5, 3))
    plt.errorbar(RANKS, [np.mean(losses[r]) for r in RANKS], [np.std(losses[r]) for r in RANKS], marker="o", capsize=3)
    plt.xlabel("rank (0 is Elo)")
    plt.ylabel("log-loss of held-out games, nats")
    plt.savefig("figures/ranks.png", dpi=100)
    plt.show()

# %% [markdown]
# ## Where it fails
#
# The games the model was most wrong about. *To do: are they surprises, or does the model not know these players? Look
# at how many games they have played.*

# %%
if trained:
    _, held_out = games.split(HELD_OUT, SEEDS[0])
    expected = trained[1][0][0].chances().numpy()[held_out.first, held_out.second]
    for i in np.argsort(-np.abs(expected - held_out.score))[:5]:
        one, other = held_out.first[i], held_out.second[i]
        print(
            f"{games.names[one]} against {games.names[other]}: expected {expected[i]:.2f}, came {held_out.score[i]:g};"
            f" they have {met[one].sum():.0f} and {met[other].sum():.0f} games"
        )

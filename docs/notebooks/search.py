# %% [markdown]
# # Tree search: thinking ahead, in forty lines
#
# **What comes out.** A Monte Carlo tree search whose visit counts agree with Tengen's compiled one, simulation by
# simulation. Fed nothing but random games, it finds the only right move in half of 150 positions of noughts and crosses
# after 10 simulations, and in 99 % after 1,000; the picture shows how its visits gather on that move as it thinks, and
# that more thinking solves more puzzles.
#
# ![visits of a search as it thinks, and puzzles solved by simulations](images/search.png)
#
# Papers: Kocsis & Szepesvari 2006 (UCT); Silver et al. 2017, Nature 550 (PUCT). Page:
# [docs/algorithms/search.md](../algorithms/search.md). To see it play: `tengen match uct:1000 random --board
# tictactoe`.

# %% [markdown]
# ## What we need
#
# The rules of a game, numpy for the priors, the standard library for random numbers. From Tengen come the same game and
# its search, to compare with.

# %%
import math
import os
import random
import time
from functools import cache

import matplotlib.pyplot as plt
import numpy as np

from agents.search.evaluators import Evaluation
from agents.search.model import GameModel
from agents.search.search import Search, SearchConfig
from envs.boards.lines import tictactoe

QUICK = os.environ.get("QUICK") == "1"
plt.rcParams.update({"figure.figsize": (8, 3), "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## A game, seen by the player to move
#
# A position is nine numbers: 1 for stones of the player *to move*, −1 for the other's. After a move all signs flip.
# That looks odd and prevents half of all mistakes: every value below is "for the player to move here", and a value
# changes sign at each step up the tree.

# %%
LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]
EMPTY = (0,) * 9


def moves(board):
    return [cell for cell in range(9) if board[cell] == 0]


def play(board, cell):
    return tuple(-1 if i == cell else -stone for i, stone in enumerate(board))


def result(board):
    """For the player to move: −1 if the other has three in a row, 0 for a draw, None while the game goes on."""
    if any(board[a] == board[b] == board[c] == -1 for a, b, c in LINES):
        return -1
    return None if 0 in board else 0


@cache
def exact(board):
    """The value with perfect play, by trying everything: 1, 0 or −1 for the player to move."""
    end = result(board)
    return end if end is not None else max(-exact(play(board, cell)) for cell in moves(board))


print("the empty board is worth", exact(EMPTY), "after looking at", exact.cache_info().currsize, "positions")

# %% [markdown]
# ## The tree
#
# In Go, "trying everything" gets no further than a few moves. A search looks at a few thousand positions and must
# choose them well. Each node keeps, for each of its moves: how good it looked at first (prior P), how often it was
# tried (n), and the sum of the values it led to (W, for the player to move *at this node*).


# %%
class Node:
    def __init__(self, board, prior, value):
        self.board, self.prior, self.value = board, prior, value  # prior: cell -> P;  value: its own evaluation
        self.visits = dict.fromkeys(prior, 0)
        self.total = dict.fromkeys(prior, 0.0)
        self.children = {}


# %% [markdown]
# ## Which move to follow: good, or hardly tried?
#
# $$\mathrm{argmax}_a \; Q(a) + c \, P(a) \frac{\sqrt{N}}{1 + n(a)}$$
#
# Q is the mean value of a so far; the second term is large for moves with a good prior and few tries, and falls with
# every try. N counts the node's own evaluation too. An untried move has no Q: we use the node's mean (other programs
# use a little less, or a loss; see "first-play urgency" on the page).


# %%
def choose(node, c=1.25):
    n = 1 + sum(node.visits.values())
    mean = (node.value + sum(node.total.values())) / n

    def score(a):
        q = node.total[a] / node.visits[a] if node.visits[a] else mean
        return q + c * node.prior[a] * math.sqrt(n) / (1 + node.visits[a])

    return max(node.prior, key=score)


# %% [markdown]
# ## A simulation: down, evaluate, back up
#
# Go down until a move leads to a position that is not in the tree yet. Ask the *evaluator* about it: which moves look
# good, and what is it worth? Then update every node on the path. **The sign flips at each step**: what is good for the
# player to move at the leaf is bad for the one who moved there. (Leave that out, and the search assumes an opponent who
# helps.)


# %%
def expand(board, evaluate):
    """A new node with its value; at the end of a game, the result and no moves."""
    end = result(board)
    prior, value = evaluate(board) if end is None else ({}, float(end))
    return Node(board, prior, value)


def simulate(root, evaluate):
    path, node = [], root
    while node.prior:
        a = choose(node)
        path.append((node, a))
        if a not in node.children:
            node.children[a] = node = expand(play(node.board, a), evaluate)
            break
        node = node.children[a]
    value = node.value
    for above, a in reversed(path):
        value = -value
        above.visits[a] += 1
        above.total[a] += value


def search(board, simulations, evaluate):
    root = expand(board, evaluate)
    for _ in range(simulations):
        simulate(root, evaluate)
    return root


# %% [markdown]
# ## Is it right?
#
# A search with a small bug still plays, a little worse, and raises no error. So we give both searches the same
# evaluator, an arbitrary function of the board, and compare the visits to each move after 1 to 200 simulations. A wrong
# sign or an N that is off by one shows within ten.

# %%
weights = np.random.default_rng(0).normal(size=(9, 10))


def arbitrary(board):
    logits, value = np.array(board) @ weights[:, :9], 0.7 * np.tanh(np.array(board) @ weights[:, 9])
    free = moves(board)
    p = np.exp(logits[free] - logits[free].max())
    return dict(zip(free, (p / p.sum()).tolist(), strict=True)), float(value)


class ForTengen:
    def __call__(self, states):
        planes = game.encode(states).reshape(len(states), 3, 9)
        boards = (planes[:, 0] - planes[:, 1]).astype(float)  # own stones minus the opponent's
        return Evaluation(
            (boards @ weights[:, :9]).astype(np.float32), (0.7 * np.tanh(boards @ weights[:, 9])).astype(np.float32)
        )


game = tictactoe()
config = SearchConfig(c_init=1.25, c_base=1e12, fpu=0.0, fpu_root=0.0)
agreeing = 0
for opening in ([], [4], [0, 4], [0, 1, 4, 8]):
    board, state = EMPTY, game.new(1)
    for cell in opening:
        board = play(board, cell)
        game.play(state, np.array([cell]))
    for simulations in (1, 2, 5, 10, 50, 200):
        theirs = Search(GameModel(game, ForTengen(), state), 1, simulations, config, [0])
        theirs.begin(np.arange(1), simulations)
        visits = theirs.run(np.arange(1)).visits[0]
        mine = search(board, simulations, arbitrary).visits
        agreeing += [mine.get(cell, 0) for cell in range(9)] == visits.tolist()
print(f"equal visits in {agreeing} of 24 searches")
assert agreeing == 24

# %% [markdown]
# ## An evaluator that knows nothing: random games
#
# Before networks, a position was evaluated by playing it to its end at random. One such rollout is nearly worthless,
# their mean is not: the side that stands better wins more of them. All moves get the same prior. This is UCT, the first
# method that played Go decently.


# %%
def rollouts(seed):
    rng = random.Random(seed)

    def evaluate(board):
        free, sign = moves(board), 1
        prior = dict.fromkeys(free, 1 / len(free))
        while (end := result(board)) is None:
            board, sign = play(board, rng.choice(moves(board))), -sign
        return prior, float(sign * end)

    return evaluate


# %% [markdown]
# ## Puzzles
#
# To measure a player without an opponent, we use positions in which exactly one of several moves keeps the value;
# `exact` knows which. In half of them a threat must be met, so the search has to see what the *other* side would do.


# %%
def puzzles(count, seed=0):
    rng, found = random.Random(seed), {}
    while len(found) < count:
        board = EMPTY
        for _ in range(rng.randrange(2, 6)):
            if result(board) is None:
                board = play(board, rng.choice(moves(board)))
        right = [cell for cell in moves(board) if -exact(play(board, cell)) == exact(board)]
        if result(board) is None and len(right) == 1 and len(moves(board)) > 2:
            found[board] = right[0]
    return list(found.items())


def most_visited(root):
    return max(root.visits, key=root.visits.get)


tasks = puzzles(30 if QUICK else 150)
numbers = [10, 30, 100] if QUICK else [10, 30, 100, 300, 1000]
began = time.time()
solved = [
    float(np.mean([most_visited(search(board, n, rollouts(i))) == right for i, (board, right) in enumerate(tasks)]))
    for n in numbers
]
for n, share in zip(numbers, solved, strict=True):
    print(f"{n:5} simulations: {share:.0%} of {len(tasks)} puzzles")
print(f"{time.time() - began:.0f} s")

# %% [markdown]
# ## Watching it think
#
# Crosses are to move and must stop a threat. A cell's colour is its share of the visits. At first all moves look alike;
# then the search finds the reply that refutes each of the others, and returns to the only move that holds.

# %% tags=["result"]
position = (1, 0, 0, 0, -1, 0, 0, 0, 0)  # crosses in the corner, noughts in the centre; after two more moves:
position = play(play(position, 8), 1)  # crosses in the opposite corner, noughts beside the first: they threaten 7
figure, panels = plt.subplots(1, 4, figsize=(11, 3), layout="constrained", width_ratios=[1, 1, 1, 1.7])
for panel, simulations in zip(panels, (10, 40, 300), strict=False):
    root = search(position, simulations, rollouts(1))
    share = np.array([root.visits.get(cell, 0) for cell in range(9)]) / simulations
    panel.imshow(share.reshape(3, 3), cmap="Blues", vmin=0, vmax=1)
    for cell in range(9):
        row, column = divmod(cell, 3)
        stone = {1: "×", -1: "○", 0: f"{share[cell]:.0%}"}[position[cell]]
        colour = "white" if share[cell] > 0.5 else "black"
        panel.text(column, row, stone, ha="center", va="center", fontsize=22 if position[cell] else 10, color=colour)
    panel.set(title=f"{simulations} simulations", xticks=[], yticks=[])
panels[3].semilogx(numbers, solved, "o-", color="#1b6ca8")
panels[3].set(xlabel="simulations a move", ylabel="puzzles solved", ylim=(0, 1.03), title="does thinking help?")
plt.show()
print("the right move is", [cell for cell in moves(position) if -exact(play(position, cell)) == exact(position)])

# %% [markdown]
# ## What it means for a larger system
#
# Search turns a weak policy into a stronger one: the visits are a better policy than the prior they came from. This
# drives [AlphaZero](alphazero.py), where a network replaces the random games and then learns from the visits.
#
# Tengen's search does the same on arrays: B trees at once, one network call for all their leaves, compiled, with
# proofs, reused subtrees, and Gumbel's schedule as an option. It is some thousand times as fast.
#
# ## Try
#
# 1. Take out `value = -value`. What happens to the puzzles, and to the picture?
# 2. c = 0.1 and c = 10: which of the two never changes its mind, and which never makes it up?
# 3. Use `exact` as the evaluator's value. How many simulations are needed now?
# 4. Play against it: print the board, read a cell, call `search`. Can you win a single game at 1,000 simulations?

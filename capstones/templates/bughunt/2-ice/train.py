"""Q-learning over slippery ice: from S to G without falling through a hole H.

    S . . .        A step up, right, down or left goes that way with probability 1/3,
    . H . H        and slips to one of the two sides otherwise. G is worth 1 and ends
    . . . H        the walk; a hole ends it with nothing.
    H . . G

Every action is tried equally often from every cell, so exploration plays no part here; the action values are learned
by gradient descent on the squared error against

    y = r + gamma max_a' Q(s', a')                            (Watkins 1989)

    python train.py     a few seconds
"""

from pathlib import Path

import numpy as np
import torch

ICE = "S...", ".H.H", "...H", "H..G"
CELLS = "".join(ICE)
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))
GAMMA = 0.97
ENDS = np.array([cell in "HG" for cell in CELLS])  # [16]


def beside(cell, move):
    """The cell that a step leads to; a step over the edge stays where it is."""
    row, column = divmod(cell, 4)
    down, right = MOVES[move % 4]
    return 4 * min(max(row + down, 0), 3) + min(max(column + right, 0), 3)


REACHED = np.array([[[beside(s, a + slip) for slip in (-1, 0, 1)] for a in range(4)] for s in range(16)])  # [16, 4, 3]


def experience(count, rng):
    """Cells, actions, rewards, next cells, and whether the walk ended there: five arrays [N]."""
    s = rng.choice(np.flatnonzero(~ENDS), count)
    a = rng.integers(4, size=count)
    later = REACHED[s, a, rng.integers(3, size=count)]
    reward = np.array([float(CELLS[cell] == "G") for cell in later], np.float32)
    return tuple(torch.from_numpy(each) for each in (s, a, reward, later, ENDS[later]))


def loss_of(q, s, a, reward, later, ended):
    """Mean squared error of the action values q [16, 4] on N steps."""
    chosen = q[s, a]
    following = q[later].amax(1)
    target = reward + GAMMA * following * ~ended
    return ((target - chosen) ** 2).mean()


def worth(policy):
    """The probability that the walk from S reaches G with `policy` [16], computed exactly."""
    value = np.array([float(cell == "G") for cell in CELLS])
    for _ in range(400):
        value = np.where(ENDS, value, value[REACHED[np.arange(16), policy]].mean(1))
    return float(value[0])


def train(steps=1000, seed=0):
    """The action values [16, 4] and the curve: steps, the probability of reaching G, the loss, the value of S."""
    rng = np.random.default_rng(seed)
    q = torch.full((16, 4), 0.5, requires_grad=True)
    optimiser = torch.optim.SGD([q], lr=4.0)
    x, y = [], {"reaches the goal": [], "loss": [], "value of the start": []}
    losses = []
    for step in range(steps + 1):
        optimiser.param_groups[0]["lr"] = 4.0 * (1 - step / (steps + 1))
        loss = loss_of(q, *experience(512, rng))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if step % 100 == 0:
            x.append(step)
            y["reaches the goal"].append(worth(q.detach().numpy().argmax(1)))
            y["loss"].append(float(np.mean(losses[-50:])))
            y["value of the start"].append(q[0].max().item())
    return q.detach(), x, y


if __name__ == "__main__":
    from curve import show

    _, x, y = train()
    show(Path(__file__).parent, x, y)

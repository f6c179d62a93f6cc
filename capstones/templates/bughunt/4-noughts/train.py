"""Noughts and crosses by tree search: UCT (Kocsis & Szepesvari 2006) with random rollouts.

Each simulation walks down the tree to a new position, plays it out at random, and backs the result up to every
position on the way. At a node it follows the move with the largest

    mean result + c sqrt(ln(visits of the node) / visits of the move)

so it prefers moves that did well or have hardly been tried.

The curve shows the fraction of puzzles solved (positions in which only one move is right) over simulations per move.

    python train.py     a few seconds
"""

import math
import random
from functools import cache
from pathlib import Path

LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
EMPTY = (0,) * 9  # a position: nine cells of 0, 1 (crosses, which begin) or -1 (noughts)


def to_move(board):
    return -1 if sum(board) else 1


def result(board):
    """1 or -1 if that side has three in a row, 0 for a draw, None while the game goes on."""
    for a, b, c in LINES:
        if board[a] and board[a] == board[b] == board[c]:
            return board[a]
    return None if 0 in board else 0


def moves(board):
    return [cell for cell in range(9) if not board[cell]]


def play(board, cell):
    return (*board[:cell], to_move(board), *board[cell + 1 :])


def play_out(board, rng):
    while (end := result(board)) is None:
        board = play(board, rng.choice(moves(board)))
    return end


class Node:
    def __init__(self, board, mover):
        self.board, self.mover = board, mover  # the mover made the move that led here
        self.visits, self.total, self.children = 0, 0.0, {}

    def best(self, c=1.0):
        """The child to walk to."""
        log = math.log(self.visits)
        return max(self.children.values(), key=lambda n: n.total / n.visits + c * math.sqrt(log / n.visits))


def simulate(root, rng):
    """One walk down the tree, one random rollout, and its result backed up."""
    path = [root]
    while result(path[-1].board) is None:
        node = path[-1]
        untried = [cell for cell in moves(node.board) if cell not in node.children]
        if untried:
            cell = rng.choice(untried)
            node.children[cell] = Node(play(node.board, cell), to_move(node.board))
            path.append(node.children[cell])
            break
        path.append(node.best())
    end = play_out(path[-1].board, rng)
    for node in path:
        node.visits += 1
        node.total += end * to_move(root.board)


def choose(board, simulations, rng):
    """The most visited cell."""
    root = Node(board, -to_move(board))
    for _ in range(simulations):
        simulate(root, rng)
    return max(root.children, key=lambda cell: root.children[cell].visits)


@cache
def solved(board):
    """The result of a position under perfect play: 1, 0 or -1 for crosses."""
    if (end := result(board)) is not None:
        return end
    best = max if to_move(board) == 1 else min
    return best(solved(play(board, cell)) for cell in moves(board))


def puzzles(count, rng):
    """Positions in which exactly one of several moves is right, each with its right move."""
    found = {}
    while len(found) < count:
        board = EMPTY
        for _ in range(rng.randrange(2, 6)):
            if result(board) is None:
                board = play(board, rng.choice(moves(board)))
        right = [cell for cell in moves(board) if solved(play(board, cell)) == solved(board)]
        if result(board) is None and len(right) == 1:
            found[board] = right[0]
    return list(found.items())


def train(seed=0, count=60):
    """`choose` and the curve: simulations per move, and the fraction of puzzles solved."""
    rng = random.Random(seed)
    x, tasks = [25, 50, 100, 200, 400], puzzles(count, rng)
    solutions = [sum(choose(board, n, rng) == right for board, right in tasks) / count for n in x]
    return choose, x, {"puzzles solved": solutions}


if __name__ == "__main__":
    from curve import show

    _, x, y = train()
    show(Path(__file__).parent, x, y)

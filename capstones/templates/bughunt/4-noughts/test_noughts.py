"""A node's mean is from the point of view of whoever chose to go there, and puzzles are solved."""

import random

from train import EMPTY, Node, choose, moves, play, puzzles, result, simulate, to_move


def searched(board, simulations, rng):
    root = Node(board, -to_move(board))
    for _ in range(simulations):
        simulate(root, rng)
    return root


def positions(rng, count):
    for _ in range(count):
        board = EMPTY
        for _ in range(rng.randrange(6)):
            if result(board) is None:
                board = play(board, rng.choice(moves(board)))
        if result(board) is None:
            yield board


def test_a_finished_game_is_worth_one_to_whoever_won_it():
    rng = random.Random()

    def check(node):
        end = result(node.board)
        if end is not None:
            assert node.total == node.visits * end * node.mover
        for child in node.children.values():
            check(child)

    for board in positions(rng, 20):
        check(searched(board, 100, rng))


def test_what_is_good_for_one_is_bad_for_the_other():
    rng = random.Random()
    for board in positions(rng, 10):
        root = searched(board, 50, rng)
        replies = [child.total for child in root.children.values()]
        assert sum(child.visits for child in root.children.values()) == root.visits
        assert root.total == -sum(replies)


def test_the_healthy_curve_is_reached():
    rng = random.Random()
    tasks = puzzles(40, rng)
    assert sum(choose(board, 400, rng) == right for board, right in tasks) >= 34

"""Win rates over a game, and its turning points, by hand."""

from __future__ import annotations

from envs.boards.catalogue import make_game
from envs.boards.game import BLACK, WHITE
from selfplay.board.review import black_wins, turns
from selfplay.board.tree import GameTree
from selfplay.thinking import Analysis, MoveAnalysis


def found(to_play: int, value: float, best: int, *moves: tuple[int, float]) -> Analysis:
    analysed = tuple(MoveAnalysis(a, 10, v, 0.1, -1.0, (a,)) for a, v in moves)
    return Analysis(to_play, 100, value, value, analysed, best, 1.0)


def test_win_rates_are_blacks() -> None:
    tree = GameTree(make_game("go5"))
    one = tree.add(tree.root, 12)
    two = tree.add(one, 7)
    assert black_wins(tree, one) is None
    tree.root.found = found(BLACK, 0.2, 12, (12, 0.2), (11, -0.4))
    assert black_wins(tree, tree.root) == 0.6
    assert black_wins(tree, one) == 0.6  # from the move's own value, until it is searched
    one.found = found(WHITE, 0.5, 6)
    assert black_wins(tree, one) == 0.25
    assert black_wins(tree, two) is None


def test_the_worst_moves_come_first_and_the_best_move_is_none_of_them() -> None:
    tree = GameTree(make_game("go5"))
    line = [tree.root]
    for action in (12, 7, 17):
        line.append(tree.add(line[-1], action))
    values = [(BLACK, 0.0, 12), (WHITE, 0.2, 6), (BLACK, 0.6, 11), (WHITE, 0.4, 8)]
    for node, (to_play, value, best) in zip(line, values, strict=True):
        node.found = found(to_play, value, best)
    # Black: 50 % -> 40 % with the best move; White's 7 -> Black 80 %; Black's 17 -> 30 %
    worst = turns(tree, line)
    assert [(t.node.action, round(t.loss, 3), t.better) for t in worst] == [(17, 0.5, 11), (7, 0.4, 6)]
    assert turns(tree, line, least=0.45)[0].node.action == 17 and len(turns(tree, line, least=0.45)) == 1


def test_the_result_is_certain() -> None:
    tree = GameTree(make_game("go5"))
    node = tree.root
    for action in (12, 25, 25):
        node = tree.add(node, action)
    assert black_wins(tree, node) == 1.0

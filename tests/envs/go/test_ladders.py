"""Ladders, against a slow reader and by hand."""

from __future__ import annotations

import numpy as np

from envs.boards.game import BLACK, WHITE
from envs.go import board
from envs.go.game import Go
from tests.envs.go.test_features import group_of, plane
from tests.envs.go.test_rules import draw, plain_play


def caught(stones: np.ndarray, point: tuple[int, int], attacker_first: bool, forks: int = 0) -> bool:
    """Read a ladder by flood fill and recursion, with the kernel's bound on forks; no ko."""
    size = len(stones)
    colour = stones[point]
    group, liberties = group_of(stones, point)
    if attacker_first:
        options = []
        for move, other in (tuple(liberties), tuple(liberties)[::-1]):
            around = [(other[0] + d, other[1] + e) for d, e in ((-1, 0), (1, 0), (0, -1), (0, 1))]
            free = sum(0 <= r < size and 0 <= c < size and stones[r, c] == 0 and (r, c) != move for r, c in around)
            if free < 3:
                options.append(move)
    else:
        found = set(liberties)
        for r, c in group:
            for q in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if 0 <= q[0] < size and 0 <= q[1] < size and stones[q] == -colour:
                    theirs = group_of(stones, q)[1]
                    found |= theirs if len(theirs) == 1 else set()
        options = list(found)
    forks += len(options) > 1
    if forks > 4 or len(options) >= 8:
        return False
    for r, c in options:
        mover = -colour if attacker_first else colour
        after = plain_play(stones, r * size + c, mover)
        if after[r, c] == 0:
            continue  # suicide
        left = len(group_of(after, point)[1]) if after[point] == colour else 0
        if attacker_first:
            if left == 0 or (left == 1 and caught(after, point, False, forks)):
                return True
        elif left > 2 or (left == 2 and not caught(after, point, True, forks)):
            return False
    return not attacker_first


def test_ladders_equal_a_slow_reader() -> None:
    game = Go(6, "chinese")
    yes = no = 0
    for seed in range(25):
        random = np.random.default_rng(seed)
        state = game.new(1)
        for number in range(30):
            if number > 5 and number % 3 == 0:
                stones = game.stones(state)[0]
                marked = game.encode(state)[0, game.planes.index("caught in a ladder")]
                for r, c in np.argwhere(stones):
                    libs = len(group_of(stones, (r, c))[1])
                    if libs <= 2 and not state["meta"][0, board.KO] and not (state["seen"][0].any() and number > 22):
                        expected = caught(stones, (r, c), libs == 2)
                        assert marked[r, c] == expected, (
                            seed,
                            number,
                            game.action_name(int(r * 6 + c)),
                            game.draw(state[0]),
                        )
                        yes, no = yes + expected, no + (not expected)
            game.play(state, np.array([random.choice(np.flatnonzero(game.legal(state)[0, :-1]))]))
    assert yes > 30 and no > 30


def test_a_ladder_and_its_breaker() -> None:
    picture = """
        . . . . . . .
        . . . O . . .
        . . O X . . .
        . . . O . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        """
    game, state = draw(picture, BLACK)
    assert plane(game, state, "caught in a ladder") == []  # E5 gives three liberties
    closed = picture.replace(". . . O . . .\n        . . O X", ". . . O O . .\n        . . O X")
    game, state = draw(closed, BLACK)
    assert plane(game, state, "caught in a ladder") == ["D5"]  # E5, then E4, F5, F6 or so, to the edge
    broken = closed.replace(
        ". . . . . . .\n        . . . . . . .\n        . . . . . . .",
        ". . . . . X .\n        . . . . . . .\n        . . . . . . .",
    )
    game, state = draw(broken, BLACK)
    assert plane(game, state, "caught in a ladder") == []


def test_a_chain_in_atari_on_the_edge_cannot_run() -> None:
    game, state = draw(
        """
        X O . . .
        . . . . .
        . . . . .
        . . . . .
        . . . . .
        """,
        BLACK,
    )
    assert plane(game, state, "caught in a ladder") == ["A5"]  # A4, and White follows along the edge
    game, state = draw(
        """
        X O . . .
        . . . . .
        X . . . .
        . . . . .
        . . . . .
        """,
        BLACK,
    )
    assert plane(game, state, "caught in a ladder") == []  # A4 joins a stone with liberties


def test_alphago_ladder_planes() -> None:
    picture = """
        X O . . .
        . . . . .
        . . . . .
        . . . . .
        . . . . .
        """
    game, state = draw(picture, BLACK, features="alphago")
    assert plane(game, state, "ladder escape") == []
    game, state = draw(
        picture.replace(
            ". . . . .\n        . . . . .\n        . . . . .\n        . . . . .",
            ". . . . .\n        X . . . .\n        . . . . .\n        . . . . .",
        ),
        BLACK,
        features="alphago",
    )
    assert plane(game, state, "ladder escape") == ["A4"]
    game, state = draw(picture.replace("X O", "X ."), WHITE, features="alphago")
    assert plane(game, state, "ladder capture") == ["A4", "B5"]

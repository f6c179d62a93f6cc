"""Every plane by name, against a slow reference on random games; ladders and living chains on drawn boards."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE
from envs.go.game import FEATURES, Go
from tests.envs.go.test_rules import plain_play


def group_of(stones: np.ndarray, point: tuple[int, int]) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The chain at `point` and its liberties, by flood fill."""
    size = len(stones)
    group, liberties, edge = {point}, set(), [point]
    while edge:
        r, c = edge.pop()
        for q in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if 0 <= q[0] < size and 0 <= q[1] < size:
                if stones[q] == 0:
                    liberties.add(q)
                elif stones[q] == stones[point] and q not in group:
                    group.add(q)
                    edge.append(q)
    return group, liberties


def reference(game: Go, boards: list[np.ndarray], put_at: np.ndarray, legal: np.ndarray) -> dict[str, np.ndarray]:
    """Planes by name, from all boards so far, the move that placed each stone, and the legal points."""
    size, now, moves = game.size, boards[-1], len(boards) - 1
    mover = BLACK if moves % 2 == 0 else WHITE
    planes: dict[str, np.ndarray] = {}

    def plane(name: str) -> np.ndarray:
        return planes.setdefault(name, np.zeros((size, size), int))

    def nth(name: str, n: int) -> str:
        return f"{name} {min(n, 8)}{' or more' if n >= 8 else ''}"

    plane("own stones")[now == mover] = 1
    plane("opponent stones")[now == -mover] = 1
    plane("empty")[now == 0] = 1
    plane("ones")[:] = 1
    plane("board")[:] = 1
    plane("zeros")
    plane("black to move")[:] = mover == BLACK
    for t in range(8):
        past = boards[-1 - t] if t < len(boards) else np.zeros_like(now)
        plane(f"own stones {t} moves ago")[past == mover] = 1
        plane(f"opponent stones {t} moves ago")[past == -mover] = 1
    for r in range(size):
        for c in range(size):
            if now[r, c]:
                plane(nth("turns since", moves - put_at[r, c] + 1))[r, c] = 1
                count = len(group_of(now, (r, c))[1])
                plane(nth("liberties", count))[r, c] = 1
                if count <= 3:
                    plane({1: "one liberty", 2: "two liberties", 3: "three liberties"}[count])[r, c] = 1
            elif legal[r * size + c]:
                after = plain_play(now, r * size + c, mover)
                taken = int((now == -mover).sum() - (after == -mover).sum())
                plane("capture size 8 or more" if taken >= 7 else f"capture size {taken + 1}")[r, c] = 1
                if after[r, c]:
                    group, liberties = group_of(after, (r, c))
                    plane(nth("liberties after move", len(liberties)))[r, c] = 1
                    if len(liberties) == 1:
                        plane(nth("self-atari size", len(group)))[r, c] = 1
                plane("sensible")[r, c] = not eye(now, r, c, mover)
    return planes


def eye(stones: np.ndarray, r: int, c: int, colour: int) -> bool:
    size = len(stones)

    def inside(q: tuple[int, int]) -> bool:
        return 0 <= q[0] < size and 0 <= q[1] < size

    sides = [q for q in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)) if inside(q)]
    corners = [q for q in ((r - 1, c - 1), (r - 1, c + 1), (r + 1, c - 1), (r + 1, c + 1)) if inside(q)]
    if any(stones[q] != colour for q in sides):
        return False
    return sum(stones[q] == -colour for q in corners) + (len(corners) < 4) < 2


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("size", [5, 9])
def test_planes_equal_a_slow_reference(features: str, size: int) -> None:
    game = Go(size, features=features)
    by_name = {name: i for i, name in enumerate(game.planes)}
    checked: set[str] = set()
    nonzero: set[str] = set()
    for seed in range(4):
        random = np.random.default_rng(seed)
        state = game.new(1)
        boards, put_at, last = [np.zeros((size, size), int)], np.zeros((size, size), int), []
        for number in range(1, 3 * size * size):
            legal = game.legal(state)[0]
            if number % 7 == 1:
                planes = game.encode(state)[0]
                for name, expected in reference(game, boards, put_at, legal).items():
                    if name in by_name:
                        assert np.array_equal(planes[by_name[name]], expected), (name, seed, number)
                        checked.add(name)
                        if expected.any():
                            nonzero.add(name)
                if features == "compact":
                    for i in range(1, 6):
                        expected = np.zeros(size * size, int)
                        if i <= len(last) and last[-i] < size * size:
                            expected[last[-i]] = 1
                        assert np.array_equal(planes[by_name[f"move {i} ago"]].ravel(), expected)
                    passed = bool(last) and last[-1] == size * size
                    assert (planes[by_name["last move was a pass"]] == passed).all()
                    sign = 1 if game.to_move(state)[0] == BLACK else -1
                    assert (planes[by_name["komi"]] == sign * 15).all()
                    bans = np.flatnonzero(planes[by_name["banned by ko or superko"]].ravel())
                    assert all(not legal[b] and boards[-1].flat[b] == 0 for b in bans)
            points = np.flatnonzero(legal[:-1])
            action = int(random.choice(points)) if len(points) and random.random() > 0.03 else size * size
            mover = BLACK if number % 2 else WHITE
            game.play(state, np.array([action]))
            boards.append(plain_play(boards[-1], action, mover))
            last.append(action)
            assert np.array_equal(game.stones(state)[0], boards[-1])
            put_at[boards[-1] == 0] = 0
            if action < size * size:
                put_at.flat[action] = number
            if game.ended(state)[0]:
                break
    rest = set(by_name) - checked
    tested_elsewhere = {n for n in by_name if "ladder" in n or "alive" in n or n.startswith(("move", "banned", "komi"))}
    assert rest <= tested_elsewhere | {"last move was a pass"} | {
        n for n in by_name if " or more" in n or n[-1:].isdigit()
    }
    assert len(nonzero) > len(checked) * 0.6


def plane(game: Go, state: np.ndarray, name: str) -> list[str]:
    """The vertices at which a plane is non-zero."""
    values = game.encode(state)[0, game.planes.index(name)].ravel()
    return sorted(game.action_name(int(a)) for a in np.flatnonzero(values))

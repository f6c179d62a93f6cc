"""Every plane by name: against a slow reference on random games, and ladders and living chains on drawn boards."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE
from envs.go import board
from envs.go.game import FEATURES, Go
from tests.envs.go.test_rules import draw, plain_play


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
    """Planes by name, from the list of all boards so far, when each stone was put, and the legal points."""
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
    """The vertices where a plane is not zero."""
    values = game.encode(state)[0, game.planes.index(name)].ravel()
    return sorted(game.action_name(int(a)) for a in np.flatnonzero(values))


def caught(stones: np.ndarray, point: tuple[int, int], attacker_first: bool, forks: int = 0) -> bool:
    """A ladder read by flood fill and recursion, with the kernel's bound on forks; no ko."""
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


def test_unconditionally_alive_chains() -> None:
    # Black's corner has two one-point eyes; White's has one eye of two points, which can be filled.
    game, state = draw(
        """
        . X . X O
        X X X X O
        O O O O O
        O O O O O
        . . O O O
        """
    )
    owner = game.alive(state)[0]
    assert (owner[:2, :4] == 1).all() and (owner[2:] == 0).all()
    game, state = draw(
        """
        . X . X O
        X X X X O
        O O O O O
        O O O O O
        . O . O O
        """
    )
    owner = game.alive(state)[0]
    assert (owner[:2, :4] == 1).all() and (owner[2:] == -1).all() and (owner[:2, 4] == -1).all()
    assert plane(game, state, "own alive area")[:2] == ["A4", "A5"]
    assert game.decided(state)[0] == WHITE  # 8 points to 17, with komi 7.5 more


def test_shared_eyes_make_two_chains_alive() -> None:
    game, state = draw(
        """
        . X . O .
        X . X . .
        . X X . .
        X X . . .
        . . . . .
        """
    )
    # A5 touches B5 and A4, B4 touches B5, A4, C4 and B3, A3 touches A4, B3 and A2: every chain has two vital
    # regions whose borders live.
    owner = game.alive(state)[0]
    assert (owner[0, :2] == 1).all() and owner[1, 1] == 1 and owner[2, 0] == 1
    assert owner[0, 3] == 0


def test_no_move_kills_what_benson_calls_alive() -> None:
    """Whatever is played, by the attacker alone and as often as it likes, the marked chains stay."""
    game = Go(5)
    random = np.random.default_rng(0)
    claims = 0
    for _ in range(300):
        state = game.new(1)
        for _ in range(int(random.integers(20, 60))):
            points = np.flatnonzero(game.legal(state)[0, :-1])
            if len(points) == 0 or game.ended(state)[0]:
                break
            game.play(state, np.array([random.choice(points)]))
        for colour in (BLACK, WHITE):
            alive = (game.alive(state)[0] == colour) & (game.stones(state)[0] == colour)
            if not alive.any():
                continue
            claims += 1
            attacked = state.copy()
            for _ in range(60):
                meta = attacked["meta"][0]
                meta[board.END] = board.PLAYING
                meta[board.PASSES] = 0
                meta[board.TO_MOVE] = board.WHITE if colour == BLACK else board.BLACK
                points = np.flatnonzero(game.legal(attacked)[0, :-1])
                if len(points) == 0 or meta[board.MOVES] >= game.max_moves - 1:
                    break
                game.play(attacked, np.array([random.choice(points)]))
                assert (game.stones(attacked)[0][alive] == colour).all()
    assert claims > 30

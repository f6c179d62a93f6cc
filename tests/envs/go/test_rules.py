"""The rules of Go on drawn boards."""

from __future__ import annotations

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE, IllegalMove, Position
from envs.go import board, coords
from envs.go.game import RULES, Go
from envs.go.prove import count_legal_positions
from tengen.errors import UserError
from tests.long import takes_long


def draw(text: str, to_move: int = BLACK, **options: object) -> tuple[Go, np.ndarray]:
    """A game and a state [1] from a diagram of X, O and dots."""
    rows = [line.split() for line in text.strip().splitlines()]
    size = len(rows)
    flat = [mark for row in rows for mark in row]
    assert len(flat) == size * size
    game = Go(size, **options)  # type: ignore[arg-type]
    black = [i for i, mark in enumerate(flat) if mark == "X"]
    white = [i for i, mark in enumerate(flat) if mark == "O"]
    return game, game.with_setup(black, white, to_move)


def at(game: Go, vertex: str) -> int:
    return game.parse_action(vertex)


def legal(game: Go, state: np.ndarray, vertex: str) -> bool:
    return bool(game.legal(state)[0, at(game, vertex)])


def test_capture_of_a_chain_and_prisoners() -> None:
    game, state = draw(
        """
        . X X .
        X O O .
        . X X .
        . . . .
        """
    )
    game.play(state, np.array([at(game, "D3")]))
    assert game.stones(state)[0, 1].tolist() == [1, 0, 0, 1]
    assert state["meta"][0, board.CAPTURED_WHITE] == 2


def test_a_capture_comes_before_suicide() -> None:
    game, state = draw(
        """
        . O X .
        O X . X
        . O X .
        . . . .
        """,
        rule_set="chinese",
    )
    # C3 is surrounded by stones; White playing there captures B3 and lives.
    state["meta"][:, board.TO_MOVE] = board.WHITE
    assert legal(game, state, "C3")
    game.play(state, np.array([at(game, "C3")]))
    assert game.stones(state)[0, 1].tolist() == [-1, 0, -1, 1]


@pytest.mark.parametrize(("name", "allowed"), [("tromp-taylor", True), ("cgos", False), ("japanese", False)])
def test_suicide(name: str, allowed: bool) -> None:
    game, state = draw(
        """
        . X O .
        X O O .
        O O . .
        . . . .
        """,
        rule_set=name,
    )
    assert legal(game, state, "A4") == allowed  # suicide of three black stones
    single, corner = draw(". O .\nO . .\n. . .", rule_set=name)
    assert not legal(single, corner, "A3")  # suicide of one stone: the board would not change
    if allowed:
        game.play(state, np.array([at(game, "A4")]))
        assert (game.stones(state) == 1).sum() == 0 and state["meta"][0, board.CAPTURED_BLACK] == 3


KO = """
    . X O . .
    X . X O .
    . X O . .
    . . . . .
    . . . . .
    """


@pytest.mark.parametrize("name", RULES)
def test_simple_ko_holds_under_all_rules(name: str) -> None:
    game, state = draw(KO, WHITE, rule_set=name)
    game.play(state, np.array([at(game, "B4")]))  # White takes C4
    assert game.stones(state)[0, 1, 2] == 0
    assert not legal(game, state, "C4")
    with pytest.raises(IllegalMove, match=r"move 2, Black C4: .*(ko|repeats)"):
        game.play(state, np.array([at(game, "C4")]))
    game.play(state, np.array([at(game, "A1")]))
    game.play(state, np.array([at(game, "E1")]))
    assert legal(game, state, "C4"), "after an exchange elsewhere the ko may be taken back"


def brute_force_legal(game: Go, moves: list[int]) -> list[bool]:
    """Legality by definition: play the move on a plain board and compare with every earlier position."""
    size = game.size
    stones = np.zeros((size, size), int)
    seen = [(stones.tobytes(), BLACK)]
    mover = BLACK
    for move in moves:
        stones = plain_play(stones, move, mover)
        mover = -mover
        seen.append((stones.tobytes(), mover))
    answers = []
    for action in range(size * size):
        if stones.flat[action]:
            answers.append(False)
            continue
        after = plain_play(stones, action, mover)
        suicide = after.flat[action] == 0
        if game.rules.ko == "positional":
            repeats = any(after.tobytes() == s for s, _ in seen)
        else:
            repeats = (after.tobytes(), -mover) in seen
        answers.append(not repeats and (game.rules.suicide or not suicide))
    return answers


def plain_play(stones: np.ndarray, action: int, colour: int) -> np.ndarray:
    """Play a move by flood fill: no chains, no hashes, no code shared with the kernels."""
    size = len(stones)
    stones = stones.copy()
    if action == size * size:
        return stones
    stones.flat[action] = colour
    for victim in (-colour, colour):
        dead = []
        for start in np.argwhere(stones == victim):
            group, edge, free = {tuple(start)}, [tuple(start)], False
            while edge:
                r, c = edge.pop()
                for q in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                    if 0 <= q[0] < size and 0 <= q[1] < size:
                        if stones[q] == 0:
                            free = True
                        elif stones[q] == victim and q not in group:
                            group.add(q)
                            edge.append(q)
            if not free:
                dead += list(group)
        for point in dead:
            stones[point] = 0
    return stones


@pytest.mark.parametrize("rule_set", ["tromp-taylor", "cgos", "aga"])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_legality_with_superko_equals_its_definition(rule_set: str, size: int) -> None:
    game = Go(size, rule_set, max_moves=200)
    bans = 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        state, moves = game.new(1), []
        for _ in range(60):
            if game.ended(state)[0]:
                break
            mask = game.legal(state)[0]
            assert mask[:-1].tolist() == brute_force_legal(game, moves), (moves, game.draw(state[0]))
            empty = (game.stones(state)[0].ravel() == 0).sum()
            bans += int(empty - mask[:-1].sum())
            points = np.flatnonzero(mask[:-1])
            action = int(random.choice(points)) if len(points) and random.random() > 0.1 else size * size
            game.play(state, np.array([action]))
            moves.append(action)
    assert bans > 20, "this test never met a ban"


def test_two_passes_end_the_game_and_a_cut_game_has_no_result() -> None:
    p = Position.start(Go(5)).play_all(["C3", "pass", "pass"])
    assert p.ended and p.result == BLACK
    with pytest.raises(IllegalMove, match="move 4, White pass: the game is over"):
        p.play("pass")
    game = Go(5, max_moves=3)
    cut = Position.start(game).play_all(["A1", "B1", "C1"])
    assert cut.ended and np.isnan(cut.result) and game.cut_short(cut.state)[0]


def test_resignation() -> None:
    game = Go(5)
    states = game.new(2)
    game.resign(states[:1], BLACK)
    assert game.ended(states).tolist() == [True, False]
    assert game.result(states)[0] == WHITE and np.isnan(game.result(states)[1])


def test_area_territory_and_dead_stones() -> None:
    picture = """
        . X . O .
        X X . O O
        . X . O .
        . X O O .
        . X X O O
        """
    game, state = draw(picture, komi=0)
    # Black: 7 stones, A5 and A1–A3 (A3, A2, A1, A5): 4 points; White: 8 stones and E5, E3, E2; C3–C5 is neutral.
    score, owner = game.count(state)
    assert score[0] == (7 + 4) - (8 + 3) and (owner == 0).sum() == 3
    japanese, same = draw(picture, rule_set="japanese", komi=0.5)
    assert japanese.score(same)[0] == 4 - 3 - 0.5
    invaded, state = draw(picture.replace(". X . O .\n        . X O O .", "O X . O .\n        . X O O ."), komi=0)
    dead = np.zeros((1, 25), bool)
    dead[0, invaded.parse_action("A3")] = True
    assert invaded.score(state)[0] == 7 - 9 - 3 + 1  # A5 is Black's; the white stone invalidates the rest
    assert invaded.score(state, dead)[0] == (7 + 4) - (8 + 3)
    prisoner, state = draw(
        picture.replace(". X . O .\n        . X O O .", "O X . O .\n        . X O O ."), rule_set="japanese", komi=0
    )
    assert prisoner.score(state, dead)[0] == 4 + 1 - 3  # territory, and the dead stone as a prisoner


def test_handicap() -> None:
    game = Go(19, "chinese")
    state = game.handicap(4)
    assert game.to_move(state)[0] == WHITE
    assert sorted(game.action_name(int(a)) for a in np.flatnonzero(game.stones(state)[0])) == ["D16", "D4", "Q16", "Q4"]
    assert game.score(state)[0] == 361 - 7.5 - 4
    assert Go(19, "aga").score(Go(19, "aga").handicap(4))[0] == 361 - 7.5 - 3
    free = Go(9).handicap([at(Go(9), "C3"), at(Go(9), "G7")])
    assert Go(9).stones(free).sum() == 2
    with pytest.raises(UserError, match="no fixed placement of 12"):
        game.handicap(12)


def test_rubbish_is_refused_with_one_line() -> None:
    for size in (1, 26, -3):
        with pytest.raises(UserError, match="sizes from 2 to 25"):
            Go(size)
    with pytest.raises(UserError, match="tromp-taylor"):
        Go(9, "tromptaylor")
    with pytest.raises(UserError, match="half points"):
        Go(9, komi=7.3)
    game = Go(9)
    states = game.new(3)
    before = states.tobytes()
    with pytest.raises(IllegalMove, match="move 1: 82 is not an action on a 9x9 board"):
        game.play(states, np.array([0, 1, 82]))
    assert states.tobytes() == before, "half a batch was played"
    with pytest.raises(ValueError, match="expected one action for each of 3 states"):
        game.play(states, np.array([0]))
    with pytest.raises(UserError, match="used twice"):
        game.with_setup([0], [0])
    with pytest.raises(UserError, match="no liberty"):
        Go(2).with_setup([0, 1, 2], [3])
    for text in ("I5", "K1", "A0", "A10", "", "5E", "E", "passé", "E٣"):
        with pytest.raises(UserError, match="is no point on a 9x9 board"):
            game.parse_action(text)


@pytest.mark.parametrize("size", [2, 9, 19, 25])
def test_coordinates_agree(size: int) -> None:
    for action in range(size * size + 1):
        assert coords.from_vertex(coords.to_vertex(action, size), size) == action
        assert coords.from_sgf(coords.to_sgf(action, size), size) == action
        if action < size * size:
            assert coords.from_point(coords.to_point(action, size), size) == action
    assert coords.to_vertex(0, 19) == "A19" and coords.to_sgf(60, 19) == "dd" and coords.to_vertex(60, 19) == "D16"


@pytest.mark.parametrize(("size", "count"), [(2, 57), (3, 12_675), pytest.param(4, 24_318_165, marks=takes_long)])
def test_tromps_counts_of_legal_positions(size: int, count: int) -> None:
    assert count_legal_positions(size) == count

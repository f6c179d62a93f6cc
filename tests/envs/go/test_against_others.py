"""Our rules against GNU Go's (over GTP) and OpenSpiel's, move by move."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import numpy as np
import pytest

from envs.boards.game import BLACK, WHITE
from envs.go import board
from envs.go.game import Go
from envs.go.playout import playouts
from envs.go.rules import Rules
from envs.go.states import words

GNUGO = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")
LONG = bool(os.environ.get("TENGEN_LONG"))


class Gtp:
    """A GTP program, queried line by line."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __call__(self, line: str) -> str:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = []
        while (text := self._process.stdout.readline().rstrip("\n")) or not answer:
            if text:
                answer.append(text)
        assert answer[0].startswith("="), f"{line}: {answer}"
        return "\n".join(answer)[1:].strip()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(params=["--simple-ko", "--positional-superko"])
def gnugo(request: pytest.FixtureRequest) -> Iterator[tuple[Gtp, str]]:
    if GNUGO is None:
        pytest.skip("GNU Go is not installed (Debian: apt-get install gnugo)")
    engine = Gtp(GNUGO, "--mode", "gtp", "--chinese-rules", request.param)
    yield engine, request.param
    engine.close()


@pytest.mark.slow
def test_legality_and_captures_equal_gnu_gos(gnugo: tuple[Gtp, str]) -> None:
    engine, ko = gnugo
    rules = Rules(ko="simple" if ko == "--simple-ko" else "positional", suicide=False)
    positions = 0
    for seed in range(200 if LONG else 24):
        size = (4, 5, 9, 13)[seed % 4]
        game = Go(size, rules, max_moves=1000)
        random = np.random.default_rng(seed)
        state = game.new(1)
        engine(f"boardsize {size}")
        engine("clear_board")
        for _ in range(3 * size * size):
            mover = "black" if game.to_move(state)[0] == BLACK else "white"
            legal = game.legal(state)[0, :-1]
            ours = {game.action_name(int(a)) for a in np.flatnonzero(legal)}
            assert set(engine(f"all_legal {mover}").split()) - {"PASS"} == ours, game.draw(state[0])
            for colour, stone in (("black", BLACK), ("white", WHITE)):
                here = np.flatnonzero(game.stones(state)[0].ravel() == stone)
                assert set(engine(f"list_stones {colour}").split()) == {game.action_name(int(a)) for a in here}
            positions += 1
            if not ours:
                break
            action = int(random.choice(np.flatnonzero(legal)))
            engine(f"play {mover} {game.action_name(action)}")
            game.play(state, np.array([action]))
        for index, colour in ((board.CAPTURED_BLACK, "white"), (board.CAPTURED_WHITE, "black")):
            assert int(engine(f"captures {colour}")) == state["meta"][0, index]
    assert positions > 1000


@pytest.mark.slow
def test_final_scores_equal_gnu_gos_where_no_stone_is_dead() -> None:
    if GNUGO is None:
        pytest.skip("GNU Go is not installed (Debian: apt-get install gnugo)")
    engine = Gtp(GNUGO, "--mode", "gtp", "--chinese-rules", "--positional-superko", "--level", "1")
    agreed = 0
    game = Go(5, "cgos", komi=0.5)
    try:
        for seed in range(60 if LONG else 20):
            state = played_out(game, seed)
            engine("boardsize 5")
            engine("clear_board")
            engine("komi 0.5")
            for colour, stone in (("black", BLACK), ("white", WHITE)):
                for action in np.flatnonzero(game.stones(state)[0].ravel() == stone):
                    engine(f"play {colour} {game.action_name(int(action))}")
            if engine("final_status_list dead") or engine("final_status_list seki"):
                continue
            winner, _, margin = engine("final_score").partition("+")
            assert (1 if winner == "B" else -1) * float(margin) == game.score(state)[0], game.draw(state[0])
            agreed += 1
    finally:
        engine.close()
    assert agreed >= 5


def played_out(game: Go, seed: int) -> np.ndarray:
    """A state [1] after random play that fills no eyes, by the kernels' own rules."""
    random = np.random.default_rng(seed)
    state = game.new(1)
    while not game.ended(state)[0]:
        legal = game.legal(state)[0]
        eyes = eye_points(game.stones(state)[0], int(game.to_move(state)[0]))
        legal[:-1] &= ~eyes.ravel()
        points = np.flatnonzero(legal[:-1])
        game.play(state, np.array([random.choice(points) if len(points) else game.size**2]))
    return state


def eye_points(stones: np.ndarray, colour: int) -> np.ndarray:
    from tests.envs.go.test_features import eye

    size = len(stones)
    return np.array([[stones[r, c] == 0 and eye(stones, r, c, colour) for c in range(size)] for r in range(size)])


@pytest.mark.slow
@pytest.mark.parametrize("size", [5, 9, 19])
def test_captures_and_area_equal_open_spiels(size: int) -> None:
    pyspiel = pytest.importorskip("pyspiel", reason="OpenSpiel is not installed")
    game = Go(size, "cgos", komi=0.0)
    for seed in range(40 if LONG else 6):
        random = np.random.default_rng(seed)
        state = game.new(1)
        moves = []
        while game.moves(state)[0] < 2 * size * size:
            points = np.flatnonzero(game.legal(state)[0, :-1])
            if len(points) == 0 or game.ended(state)[0]:
                break
            action = int(random.choice(points))
            moves.append(action)
            game.play(state, np.array([action]))
        score = float(game.score(state)[0])
        for komi, expected in ((score - 0.5, 1.0), (score + 0.5, -1.0)):
            peer = pyspiel.load_game("go", {"board_size": size, "komi": komi, "max_game_length": 4 * size * size})
            other = peer.new_initial_state()
            for action in moves:
                row, column = divmod(action, size)
                other.apply_action((size - 1 - row) * size + column)  # OpenSpiel counts rows from the bottom
                if other.is_terminal():
                    break
            if other.is_terminal():
                break  # OpenSpiel's repetition rule differs
            assert board_of(other, size).tolist() == game.stones(state)[0].tolist()
            other.apply_action(size * size)
            other.apply_action(size * size)
            assert other.is_terminal() and other.returns()[0] == expected


def board_of(state: object, size: int) -> np.ndarray:
    """Parse OpenSpiel's board from its text."""
    rows = [line.split()[-1] for line in str(state).splitlines() if line.strip()[:1].isdigit()]
    marks = {"X": 1, "O": -1, "+": 0}
    return np.array([[marks[mark] for mark in row] for row in rows]).reshape(size, size)


def test_playouts_follow_the_same_rules_as_play() -> None:
    """Mean score and length of kernel playouts against the same policy played move by move."""
    game = Go(5)
    scores = np.array([game.score(played_out(game, seed))[0] + 7.5 for seed in range(300)])
    kernel, owners = np.empty(4000, np.float32), np.empty(game.new(1)["colour"].shape[1], np.float32)
    total, cut = playouts(*words(game.new(1)), 0, 5, 4000, kernel, owners)
    assert cut == 0 and 20 < total / 4000 < 60
    error = np.hypot(scores.std() / 300**0.5, kernel.std() / 4000**0.5)
    assert abs(scores.mean() - kernel.mean()) < 4 * error
    again = np.empty_like(kernel)
    playouts(*words(game.new(1)), 0, 5, 4000, again, owners)
    assert np.array_equal(kernel, again), "the same seed gives the same games"

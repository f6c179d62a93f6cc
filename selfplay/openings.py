"""Match openings: a few random moves, each opening different from all others, or openings from a file.

Repeated games would make a match look more certain than it is. A game may restrict the actions used in openings; in Go
they are off the first line, and from 9x9 on off the second too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from envs.boards.game import WHITE, Game
from tengen.errors import UserError
from tengen.files import read_bytes
from tengen.plural import counted

_DRAWS = 60  # attempts before we conclude that no new opening of this length is left
_LONGER = 3  # extra moves, at most, if there are too few openings of the requested length


def openings(game: Game, moves: int, seed: int, pairs: int, stones: Sequence[int] = ()) -> list[list[int]]:
    """Random legal actions that start both games of each pair, after the handicap `stones`.

    No two are equal, even up to board symmetry. If there are too few with `moves` actions (two on 9x9 Go: 85), the rest
    are longer. The opening of a pair does not depend on later pairs. UserError if games seldom last that long.
    """
    if moves == 0:
        return [[] for _ in range(pairs)]
    start = game.new(1)
    symmetries = game.action_symmetries
    if stones:
        assert game.can.setup is not None
        start, symmetries = game.can.setup(list(stones), [], WHITE, len(stones)), symmetries[:1]
    drawn: list[list[int]] = []
    known: set[int] = set()
    length = moves
    for pair in range(pairs):
        random, draws = np.random.default_rng([seed, pair]), 0
        while True:
            opening = _opening(game, start, length, random)
            key = _key_of_all(game, start, symmetries, opening)
            if len(opening) >= moves and key not in known:
                break
            draws += 1
            if draws % _DRAWS == 0:
                if length == moves + _LONGER:
                    break  # the game has so few openings that they repeat
                length += 1
        if len(opening) < moves:
            raise UserError(f"--opening {moves}: random games of {game.name} rarely last that long; use fewer moves")
        drawn.append(opening)
        known.add(key)
    return drawn


def read_openings(game: Game, path: Path, longest: int | None = None) -> list[list[int]]:
    """The openings in `path`: a text file with the moves of one opening per line (`D4 E5 C3`; # starts a comment), an
    SGF file, or a folder of SGF files; at most `longest` moves of each. UserError for illegal moves."""
    try:
        files = sorted(path.glob("*.sgf")) if path.is_dir() else [path]
        lines: list[tuple[str, list[int | str]]] = []
        for file in files:
            if file.suffix.lower() == ".sgf":
                lines.append((str(file), list(_main_line(game, file))))
            else:
                for number, text in enumerate(read_bytes(file).decode(errors="replace").splitlines(), 1):
                    if words := text.partition("#")[0].replace(",", " ").split():
                        lines.append((f"{file}, line {number}", list(words)))
    except OSError as error:
        raise UserError(f"--openings {path}: {error.strerror}") from error
    if not lines:
        raise UserError(f"--openings {path} holds no opening: write one per line, such as D4 E5, or use SGF files")
    return [_legal(game, where, moves[:longest]) for where, moves in lines]


def _main_line(game: Game, file: Path) -> list[int]:
    from envs.go.sgf import LARGEST, read_sgf

    if game.can.sgf is None:
        raise UserError(f"--openings {file}: games of {game.name} have no SGF; write the moves in a text file")
    record = read_sgf(read_bytes(file, LARGEST), str(file))
    if (record.size, record.size) != game.board_shape or record.black_setup or record.white_setup:
        raise UserError(f"--openings {file}: expected a game from the empty board of {game.name}")
    return [move.action for move in record.moves]


def _legal(game: Game, where: str, moves: Sequence[int | str]) -> list[int]:
    state = game.new(1)
    actions: list[int] = []
    for move in moves:
        try:
            action = game.parse_action(move) if isinstance(move, str) else move
            game.play(state, np.array([action]))
        except (UserError, ValueError) as error:
            raise UserError(f"--openings {where}: {error}") from error
        if game.ended(state)[0]:
            raise UserError(
                f"--openings {where}: the game is over after {counted(len(actions) + 1, 'moves')}; use --opening N"
            )
        actions.append(action)
    return actions


def _key_of_all(game: Game, start: np.ndarray, symmetries: np.ndarray, opening: Sequence[int]) -> int:
    """A key shared by an opening and its images under the `symmetries` of the board."""
    states = np.repeat(start, len(symmetries))
    for action in opening:
        game.play(states, symmetries[:, action])
    return int(game.keys(states).min())


def _opening(game: Game, start: np.ndarray, moves: int, random: np.random.Generator) -> list[int]:
    state, chosen = start.copy(), []
    for _ in range(moves):
        legal = game.legal(state)[0]
        if game.can.opening_points is not None:
            legal &= game.can.opening_points
        if not legal.any():
            break
        action = int(random.choice(np.flatnonzero(legal)))
        game.play(state, np.array([action]))
        chosen.append(action)
        if game.ended(state)[0]:
            return chosen[:-1]
    return chosen

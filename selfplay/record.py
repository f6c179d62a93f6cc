"""Games of self-play on disk: what was played, what the searches found, how it ended.

    games/turn-000012.npz     all games that ended in one turn of self-play, arrays end to end

Files are written whole under a temporary name, hold plain arrays only (nothing is unpickled) and carry their own
check sums (zip's). One that is damaged is passed over and counted.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tengen.errors import UserError
from tengen.files import write_bytes


@dataclass(frozen=True)
class GameRecord:
    """One game of L moves, of which F were fully searched."""

    number: int  # of the game in its run
    network: int  # gradient steps of the network that began it
    komi: float
    moves: np.ndarray  # [L] int16 actions
    full: np.ndarray  # [L] bool: this move was fully searched
    policy: np.ndarray  # [F, A] float16 what the full searches made of the policy
    value: np.ndarray  # [L] float32 the root's value, as the mover saw it
    result: float  # as Black sees it; NaN for a game without result
    score: float  # Black's points less White's and komi; NaN where the board was not counted
    ownership: np.ndarray  # [H * W] int8 at the end: 1 Black's, -1 White's, 0 nobody's or not counted
    why: str  # points, decided, resignation, move limit, the end
    resign_wrong: int = -1  # in games that were played on: 1 if giving up would have been wrong, 0 if right, -1 no case


_RAGGED = ("moves", "full", "policy", "value", "ownership")
_PLAIN = ("number", "network", "komi", "result", "score", "resign_wrong")


def write_turn(folder: Path, turn: int, records: Iterable[GameRecord]) -> Path:
    """Write the games of one turn."""
    games = list(records)
    arrays: dict[str, np.ndarray] = {name: np.array([getattr(g, name) for g in games], np.float64) for name in _PLAIN}
    arrays["why"] = np.array([g.why for g in games], "U32")
    arrays["actions"] = np.array([g.policy.shape[1] for g in games], np.int64)  # boards may differ in size
    for name in _RAGGED:
        parts = [getattr(g, name).ravel() for g in games]
        arrays[name] = np.concatenate(parts) if parts else np.empty(0, np.int8)
        arrays[f"{name}_lengths"] = np.array([len(p) for p in parts], np.int64)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    path = folder / f"turn-{turn:06}.npz"
    folder.mkdir(exist_ok=True)
    write_bytes(path, stream.getvalue())
    return path


def read_turn(path: Path) -> list[GameRecord]:
    """The games of one turn; UserError if the file is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        cuts = {name: np.cumsum(arrays[f"{name}_lengths"])[:-1] for name in _RAGGED}
        split = {name: np.split(arrays[name], cuts[name]) for name in _RAGGED}
        records = []
        for i in range(len(arrays["number"])):
            fields: dict[str, Any] = {name: arrays[name][i].item() for name in _PLAIN}
            fields |= {name: split[name][i] for name in _RAGGED}
            fields |= {name: int(fields[name]) for name in ("number", "network", "resign_wrong")}
            fields["policy"] = fields["policy"].reshape(-1, int(arrays["actions"][i]))
            if not len(fields["moves"]) == len(fields["full"]) == len(fields["value"]) or fields["full"].sum() != len(
                fields["policy"]
            ):
                raise ValueError("lengths differ")
            records.append(GameRecord(**fields, why=str(arrays["why"][i])))
        return records
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UserError(f"{path} is damaged ({error})") from error


def turns(folder: Path) -> list[tuple[int, Path]]:
    """(turn, path) of every file of games, oldest first."""
    if not folder.is_dir():
        return []
    found = [(int(p.stem[5:]), p) for p in folder.glob("turn-*.npz") if p.stem[5:].isdigit()]
    return sorted(found)

"""Self-play games on disk: the moves, the results of the searches, the outcome.

    games/iteration-000012.npz     all games that ended in one iteration, arrays end to end

Files are written completely under a temporary name, hold plain arrays only (nothing is unpickled) and have their own
checksums (zip's). A damaged one is skipped and counted. Files of older runs are called turn-….
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tengen.errors import UserError, first_line
from tengen.files import ARRAY_DAMAGE, write_bytes


@dataclass(frozen=True)
class GameRecord:
    """One game of L moves, of which F were fully searched."""

    number: int  # of the game in its run
    network: int  # gradient steps of the network that began it
    komi: float
    moves: np.ndarray  # [L] int16 actions
    full: np.ndarray  # [L] bool: this move was fully searched
    policy: np.ndarray  # [F, A] float16 the policy targets of the full searches
    value: np.ndarray  # [L] float32 the root's value, as the player to move saw it
    result: float  # as Black sees it; NaN for a game without result
    score: float  # Black's points less White's and komi; NaN where the board was not counted
    ownership: np.ndarray  # [H * W] int8 at the end: 1 Black's, -1 White's, 0 nobody's or not counted
    why: str  # points, decided, resignation, move limit, the end
    resign_wrong: int = -1  # where nobody may resign: 1 if resigning would have been wrong, 0 if right; else -1


_RAGGED = {"moves": np.int16, "full": np.bool_, "policy": np.float16, "value": np.float32, "ownership": np.int8}
_LARGEST = 1 << 31  # bytes of the arrays in one file
_PLAIN = ("number", "network", "komi", "result", "score", "resign_wrong")


def write_iteration(folder: Path, iteration: int, records: Iterable[GameRecord]) -> Path:
    """Write the games that ended in one iteration."""
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
    path = folder / f"iteration-{iteration:06}.npz"
    folder.mkdir(exist_ok=True)
    write_bytes(path, stream.getvalue())
    return path


def read_iteration(path: Path) -> list[GameRecord]:
    """The games of one iteration; UserError if the file is damaged.

    Whether they are games of a board is for selfplay/checked.py to say.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            if sum(info.file_size for info in file.zip.infolist()) > _LARGEST:
                raise ValueError(f"larger than {_LARGEST:,} bytes")
            arrays = {name: file[name] for name in file.files}
        cuts = {name: np.cumsum(arrays[f"{name}_lengths"])[:-1] for name in _RAGGED}
        split = {name: np.split(arrays[name], cuts[name]) for name in _RAGGED}
        records = []
        for i in range(len(arrays["number"])):
            fields: dict[str, Any] = {name: float(arrays[name][i]) for name in _PLAIN}
            fields |= {name: split[name][i].astype(kind) for name, kind in _RAGGED.items()}
            fields |= {name: int(fields[name]) for name in ("number", "network", "resign_wrong")}
            fields["policy"] = fields["policy"].reshape(-1, int(arrays["actions"][i]))
            if not len(fields["moves"]) == len(fields["full"]) == len(fields["value"]) or fields["full"].sum() != len(
                fields["policy"]
            ):
                raise ValueError("lengths differ")
            records.append(GameRecord(**fields, why=str(arrays["why"][i])))
        return records
    except ARRAY_DAMAGE as error:
        raise UserError(f"{path} is damaged ({first_line(error)})") from error


def iterations(folder: Path) -> list[tuple[int, Path]]:
    """(iteration, path) of every file of games, oldest first."""
    found: dict[int, Path] = {}
    for name in ("turn", "iteration"):  # a newer file of the same iteration counts
        for path in folder.glob(f"{name}-*.npz"):
            number = path.stem.removeprefix(f"{name}-")
            if number.isdigit():
                found[int(number)] = path
    return sorted(found.items())


def summary(records: Sequence[GameRecord]) -> dict[str, float]:
    """Metrics of the games that ended in an iteration; empty where none did."""
    if not records:
        return {}
    metrics = {
        "length": float(np.mean([len(g.moves) for g in records])),
        "black_wins": float(np.mean([g.result == 1 for g in records])),
        "draws": float(np.mean([g.result == 0 for g in records])),
        "without_result": float(np.mean([np.isnan(g.result) for g in records])),
        "decided": float(np.mean([g.why == "decided" for g in records])),
        "resigned": float(np.mean([g.why == "resignation" for g in records])),
    }
    if judged := [g.resign_wrong for g in records if g.resign_wrong >= 0]:
        metrics["resign_wrong"] = float(np.mean(judged))
    return metrics

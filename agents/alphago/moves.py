"""Go games as sequences of moves, for move embeddings (Act2Vec: Tennenholtz & Mannor 2019, arXiv:1902.01119)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from envs.go.collection import WHITE_ENTRY, collect
from envs.go.game import Go
from tengen.files import cache_folder


def sequences(path: Path, size: int, say: Callable[[str], None]) -> tuple[np.ndarray, list[str], str]:
    """Read the records below `path`: (points played, -1 between games; names of the points; summary).

    Passes and setup stones are omitted; a point is the same token whichever colour plays there.
    """
    collection = collect(path, size, cache_folder("games"), say)
    made: list[np.ndarray] = []
    for game in collection.games:
        first = int(game["first"]) + int(game["setup"])
        moves = (collection.entries[first : first + int(game["moves"])] & (WHITE_ENTRY - 1)).astype(np.int32)
        made += [moves[moves < size * size], np.array([-1], np.int32)]
    names = [Go(size).action_name(point) for point in range(size * size)]
    return np.concatenate(made), names, str(collection)

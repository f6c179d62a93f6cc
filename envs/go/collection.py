"""Game records as training data: millions of positions at two bytes each, memory-mapped.

Games are stored, two bytes per move, not positions: a kernel replays the game up to the requested position
(about ten microseconds on 19x19, where a training step takes milliseconds per sample). So one collection
serves every set of input planes, and ten million positions take twenty megabytes.

    collection/
      about.json    board size, counts, games left out and why, the source, checksums
      games.npy     one `GAME` record per game
      entries.npy   uint16 per entry: action, + 1024 if White's; set-up stones first, then moves

A hash of its moves assigns each game to training or held-out data, so a duplicate never lands on both sides
and adding records moves no game from one side to the other.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from envs.boards.game import BLACK, turn_planes
from envs.go import board, kernels
from envs.go.archive import Report, read_records
from envs.go.game import Go
from envs.go.records import LENIENT
from envs.go.sgf import GoRecord
from envs.go.states import words
from tengen.errors import UserError
from tengen.files import ARRAY_DAMAGE, write_folder
from tengen.jit import spread
from tengen.plural import counted

GAME = np.dtype(
    [
        ("first", "<i8"),  # index of its first entry
        ("setup", "<i2"),  # number of set-up stones
        ("moves", "<i2"),
        ("komi2", "<i2"),  # twice the komi
        ("handicap", "<i2"),
        ("winner", "<i2"),  # 1 Black, -1 White, 0 drawn, 2 unknown
        ("held_out", "?"),
    ]
)
VERSION = 2  # 2: with checksums
UNKNOWN = 2
HELD_OUT = 50  # one game in 50 is held out
WHITE_ENTRY = 1024
_FEWEST = 10  # minimum moves in a game worth learning from
_MOST = 1000


class Collection:
    """The games of one board size."""

    def __init__(self, folder: Path) -> None:
        try:
            self.about = json.loads((folder / "about.json").read_text())
            self.size = int(self.about["size"])
            if self.about["sums"] != _sums(folder):  # the kernels do not check bounds
                raise ValueError("its checksums do not match")
            self.games = np.load(folder / "games.npy", mmap_mode="r", allow_pickle=False)
            self.entries = np.load(folder / "entries.npy", mmap_mode="r", allow_pickle=False)
            whole = int(self.games["setup"].sum(dtype=np.int64) + self.games["moves"].sum(dtype=np.int64))
        except ARRAY_DAMAGE as error:
            raise UserError(f"the collection in {folder} is damaged ({error}); delete it to rebuild it") from error
        if self.games.dtype != GAME or whole != len(self.entries):
            raise UserError(f"the collection in {folder} is damaged; delete it to rebuild it")
        self.folder = folder
        as_they_lie = self.about["sums"]["games.npy"][:8] + self.about["sums"]["entries.npy"][:8]
        # Hash of the games in any order / in this order (tengen/learned_from.py).
        self.fingerprint = f"{_set_sum(self.games, self.entries)}/{as_they_lie}"

    def __str__(self) -> str:
        out = int(self.games["held_out"].sum())
        moves = int(self.games["moves"].sum(dtype=np.int64))
        games = f"{counted(len(self.games), 'games')} of {self.size}x{self.size}, {counted(moves, 'moves')}"
        return f"{games}; {counted(out, 'games')} held out"


def collect(path: Path, size: int, cache: Path, say: Callable[[str], None] = lambda text: None) -> Collection:
    """The collection of the records below `path`, built once and cached in `cache`."""
    if not path.exists():
        raise UserError(f"no file or folder {path}; --records takes an SGF file, or a folder or archive of them")
    folder = cache / f"go{size}-{_fingerprint(path)}"
    if not (folder / "about.json").exists():
        _make(path, size, folder, say)
    return Collection(folder)


def _fingerprint(path: Path) -> str:
    """Hash of file names, sizes and modification times; hashing gigabytes of content would be slow."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256(f"{VERSION}".encode())
    for file in files:
        status = file.stat()
        digest.update(f"{file.resolve()}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def _sums(folder: Path) -> dict[str, str]:
    """SHA-256 of the two arrays; takes 0.02 s for ten million positions."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("games.npy", "entries.npy")}


def _set_sum(games: np.ndarray, entries: np.ndarray) -> str:
    """Order-independent hash of the games, 16 hex digits; takes half a second for half a million games."""
    table = np.array(games)
    first, count = table["first"].copy(), table["setup"].astype(np.int64) + table["moves"]
    table["first"] = 0
    raw, rows = table.tobytes(), np.array(entries).tobytes()
    wide = GAME.itemsize
    each = [
        hashlib.blake2b(raw[i * wide : (i + 1) * wide] + rows[2 * start : 2 * (start + n)], digest_size=16).digest()
        for i, (start, n) in enumerate(zip(first.tolist(), count.tolist(), strict=True))
    ]
    return hashlib.sha256(b"".join(sorted(each))).hexdigest()[:16]


def _make(path: Path, size: int, folder: Path, say: Callable[[str], None]) -> None:
    report = Report()
    games: list[tuple[int, int, int, int, int, int, bool]] = []
    parts: list[np.ndarray] = []
    known: set[bytes] = set()
    left_out: Counter[str] = Counter()
    length = 0
    check = _Checker(size)
    for record in read_records(path, report):
        if report.read % 5000 == 0:
            say(f"reading {path.name}: {report.read:,} games, {length:,} moves")
        if record.size != size:
            left_out[f"another board ({record.size}x{record.size})"] += 1
            continue
        if not _FEWEST <= len(record.moves) <= _MOST:
            left_out[f"fewer than {_FEWEST} or more than {_MOST} moves"] += 1
            continue
        entries = encode_game(record)
        setup = len(entries) - len(record.moves)
        digest = hashlib.blake2b(entries.tobytes(), digest_size=8).digest()
        if digest in known:
            left_out["the same moves as another game"] += 1
            continue
        known.add(digest)
        if check(entries, setup) < len(record.moves):
            left_out["an illegal move"] += 1
            continue
        komi = record.komi if record.komi is not None and abs(record.komi) <= 1000 else 0.0
        winner = UNKNOWN if record.winner is None else record.winner
        held_out = int.from_bytes(digest, "little") % HELD_OUT == 0
        games.append((length, setup, len(record.moves), round(2 * komi), record.handicap, winner, held_out))
        parts.append(entries)
        length += len(entries)
    for reason, count in report.skipped.items():
        left_out[reason] += count
    table = np.array(games, GAME)
    if table["held_out"].sum() == 0 or table["held_out"].all():
        reasons = "; ".join(f"{n} × {reason}" for reason, n in left_out.most_common(3)) or "nothing there"
        raise UserError(f"{path} has too few games of {size}x{size} to learn from: {len(games)} ({reasons})")
    about = {
        "version": VERSION,
        "size": size,
        "source": path.name,
        "games": len(games),
        "moves": int(table["moves"].sum(dtype=np.int64)),
        "left_out": dict(left_out.most_common()),
    }

    def fill(temporary: Path) -> None:
        np.save(temporary / "games.npy", table)
        np.save(temporary / "entries.npy", np.concatenate(parts))
        (temporary / "about.json").write_text(json.dumps(about | {"sums": _sums(temporary)}, indent=2))

    folder.parent.mkdir(parents=True, exist_ok=True)
    write_folder(folder, fill)
    for reason, count in left_out.most_common(5):
        say(f"left out {count:,}: {reason}")


class _Checker:
    """Counts a game's legal moves up to the first illegal one (simple ko, suicide allowed)."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.words = words(Go(size, LENIENT, max_moves=_MOST + 1).new(1))
        self.played = np.zeros(1, np.int64)

    def __call__(self, entries: np.ndarray, setup: int) -> int:
        stones = entries[:setup] & (WHITE_ENTRY - 1)
        if len(np.unique(stones)) < setup or (stones >= self.size**2).any():
            return -1
        moves = len(entries) - setup
        padded = np.append(entries, entries[-1:])  # the kernel reads the colour to move after the last move
        one, many = np.zeros(1, np.int64), np.array([moves])
        kernels.retrace(*self.words, 0, 1, padded, one, np.array([setup]), many, self.size, True, self.played)
        return int(self.played[0])


def encode_game(record: GoRecord) -> np.ndarray:
    """[set-up stones + moves] uint16, as stored in `entries.npy`."""
    white = [a + WHITE_ENTRY for a in record.white_setup]
    moves = [m.action + (0 if m.colour == BLACK else WHITE_ENTRY) for m in record.moves]
    return np.array([*record.black_setup, *white, *moves], np.uint16)


class Positions:
    """Every position of a collection in which a move was played: training data for a policy network.

    `batch` returns planes and targets, from the mover's point of view:
        policy   [B] the move played
        reply    [B] the move after it, IGNORED at a game's end
        outcome  [B] 0 the mover won, 1 a draw, 2 the mover lost, IGNORED where the winner is unknown
    """

    IGNORED = -100  # as in supervised.data.source, which envs must not import

    def __init__(self, collection: Collection, held_out: bool, features: str = "compact", threads: int = 1) -> None:
        self.collection = collection
        chosen = np.flatnonzero(collection.games["held_out"] == held_out)
        self.games = np.array(collection.games[chosen])
        self.ends = np.cumsum(self.games["moves"], dtype=np.int64)  # positions up to and including each game
        longest = int(self.games["moves"].max())
        self.game = Go(collection.size, LENIENT, features=features, max_moves=max(64, longest + 1), threads=threads)

    def __len__(self) -> int:
        return int(self.ends[-1])

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return (len(self.game.planes), *self.game.board_shape)

    def find(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(row of each position's game [B], number of moves before the position [B])."""
        row = np.searchsorted(self.ends, indices, side="right")
        return row, indices - (self.ends[row] - self.games["moves"][row])

    def states(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(states [B], rows of their games [B], number of moves played [B])."""
        row, ply = self.find(indices)
        games = self.games[row]
        states = self.game.new(len(indices))
        meta = states["meta"]
        meta[:, board.KOMI2] = games["komi2"]
        s16, s64 = words(states)
        first, setup, played = games["first"], games["setup"].astype(np.int64), np.empty(len(indices), np.int64)
        spread(
            lambda i, j: kernels.retrace(
                s16, s64, i, j, self.collection.entries, first, setup, ply, self.game.size, False, played
            ),
            len(indices),
            self.game.threads,
            32,
        )
        meta[:, board.HANDICAP] = games["handicap"]
        return states, row, ply

    def batch(
        self, indices: np.ndarray, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The positions `indices` [B]; with `rng`, each is transformed by a random board symmetry."""
        states, row, ply = self.states(indices)
        games = self.games[row]
        planes = self.game.encode(states)  # [B, C, H, W], channels last in memory
        at = games["first"] + games["setup"] + ply
        entries = self.collection.entries
        policy = (entries[at] & (WHITE_ENTRY - 1)).astype(np.int64)
        last = ply + 1 >= games["moves"]
        reply = (entries[np.where(last, at, at + 1)] & (WHITE_ENTRY - 1)).astype(np.int64)
        if rng is not None:
            turn = rng.integers(0, 8, len(indices))
            planes = turn_planes(self.game, planes, turn)
            policy = self.game.action_symmetries[turn, policy]
            reply = self.game.action_symmetries[turn, reply]
        seen = games["winner"] * self.game.to_move(states)  # 1 if the mover won, -1 if it lost
        outcome = np.where(games["winner"] == UNKNOWN, self.IGNORED, 1 - seen).astype(np.int64)
        return planes, {"policy": policy, "reply": np.where(last, self.IGNORED, reply), "outcome": outcome}

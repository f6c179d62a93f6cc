"""Garbage, absurd numbers, wrong order: every command line gets one answer, and the engine carries on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from selfplay.gtp.commands.catalogue import COMMANDS
from selfplay.gtp.protocol import parse
from tests.long import takes_long
from tests.selfplay.gtp.talking import talk

_QUIET = [name for name in COMMANDS if name not in ("quit", "list_commands", "help")]
_WORDS = (
    *(
        "b",
        "w",
        "black",
        "WHITE",
        "purple",
        "D4",
        "e5",
        "I5",
        "Z99",
        "pass",
        "resign",
        "A0",
        "T19",
        "5",
        "0",
        "-1",
        "9",
    ),
    *(
        "13",
        "19",
        "25",
        "1e308",
        "nan",
        "inf",
        "-inf",
        "99999999999999999999",
        "0x10",
        "1.5",
        "²",
        "٣",
        "true",
        "{",
        "}",
    ),
    *(
        '{"ko":"SIMPLE"}',
        '{"ko":[[[]]]}',
        "[" * 500,
        "chinese",
        "japanese",
        "dead",
        "alive",
        "seki",
        "absolute",
        "none",
    ),
    *(
        "byoyomi",
        "canadian",
        "interval",
        "avoid",
        "allow",
        "maxmoves",
        "ownership",
        "/dev/zero",
        "/etc/passwd",
        "../..",
        ".",
    ),
    *(
        "\x00",
        "\xff",
        "é",
        "'",
        '"',
        "\\",
        "%s%n",
        "$(id)",
        "`id`",
        ";",
        "|",
        "*",
        "~",
        "A" * 300,
        "#",
        "\t",
        "\x1b[2J",
    ),
)


def fuzzed(random: np.random.Generator, files: list[str]) -> bytes:
    """A line that is almost a command, or not one at all."""
    kind = random.random()
    if kind < 0.1:
        return bytes(random.integers(0, 256, random.integers(0, 200), dtype=np.uint8)).replace(b"\n", b"") + b"\n"
    name = str(random.choice(_QUIET)) if kind < 0.95 else str(random.choice(_WORDS))
    words = [str(w) for w in random.choice([*_WORDS, *files], random.integers(0, 5))]
    line = " ".join([*([str(random.integers(10**6))] if random.random() < 0.3 else []), name, *words])
    data = bytearray(line.encode("utf-8", "replace"))
    if kind > 0.85 and data:  # change one byte
        data[random.integers(len(data))] = random.integers(256)
    return bytes(data).replace(b"\n", b"") + b"\n"


def converse(player: str, lines: int, seed: int, folder: Path, size: int) -> None:
    """Every command line gets an answer; no file is created."""
    record = folder / "record.sgf"
    record.write_bytes(b"(;SZ[5];B[aa];W[bb])")
    random = np.random.default_rng(seed)
    sent = [fuzzed(random, [str(record)]) for _ in range(lines)]
    sent = [line for line in sent if not _changes_size(player, line)]
    before = sorted(os.listdir(folder)), sorted(os.listdir("."))
    answers = talk(*sent, "999 protocol_version", player=player, size=size, simulations=2)
    commands = [line for line in map(parse, sent) if line is not None]
    assert len(answers) == len(commands) + 1 and answers[-1] == "=999 2"
    for line, answer in zip(commands, answers, strict=False):
        assert answer[1:].startswith(line.id), (line, answer)
        assert "internal error" not in answer, (line, answer)
    assert (sorted(os.listdir(folder)), sorted(os.listdir("."))) == before


def _changes_size(player: str, line: bytes) -> bool:
    """Loading a network for another board takes seconds: once is enough."""
    return player != "random" and any(
        word in line for word in (b"boardsize", b"loadsgf", b"kata-set-rule", b"kgs-rules")
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_fuzzed_lines(seed: int, tmp_path: Path) -> None:
    converse("random", 500, seed, tmp_path, 9)


def test_fuzzed_lines_with_a_search(tmp_path: Path) -> None:
    converse("uct:2", 150, 3, tmp_path, 5)


@takes_long
@pytest.mark.parametrize(("player", "size"), [("random", 19), ("uct:2", 5), ("go5-alphazero:2", 5)])
def test_ten_thousand_fuzzed_lines(player: str, size: int, tmp_path: Path) -> None:
    for seed in range(10):
        converse(player, 1000, 100 + seed, tmp_path, size)


@takes_long
def test_a_thousand_mutated_records(tmp_path: Path) -> None:
    """`loadsgf` answers whatever the file contains."""
    good = b"(;GM[1]FF[4]SZ[9]KM[6.5]HA[2]AB[cc][gg]PB[First]RE[B+R];W[ee];B[ed](;W[dd];B[cb])(;W[ii];B[]))"
    random = np.random.default_rng(1)
    for number in range(1000):
        data = bytearray(good)
        for _ in range(random.integers(1, 8)):
            at = int(random.integers(len(data)))
            kind = random.integers(4)
            if kind == 0:
                data[at] = random.integers(256)
            elif kind == 1:
                del data[at : at + int(random.integers(1, 12))]
            elif kind == 2:
                data[at:at] = data[: int(random.integers(1, 40))]
            else:
                data[at:at] = bytes(random.choice(list(b"[]();\\AWBSZ0"), int(random.integers(1, 60))).astype(np.uint8))
        (tmp_path / f"{number}.sgf").write_bytes(bytes(data))
    answers = talk(*(f"loadsgf {tmp_path}/{number}.sgf" for number in range(1000)), "showboard")
    assert len(answers) == 1001 and not any("internal error" in answer for answer in answers)

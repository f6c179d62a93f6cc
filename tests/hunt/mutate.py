"""Seeded random mutations of valid bytes and values."""

from __future__ import annotations

import random
from typing import Any

_SHORT = """0 -0 -1 1 2 3 7 -9999999999 4294967296 2147483648 18446744073709551616 1e308 -1e308 1e-320 nan inf -inf
0x10 1_000 ² ٣ 1e5 1e999 0.0 .5 5. 1/2 --1 +1 1,5 1.5.2 12345678901234567890"""
NUMBERS = [*_SHORT.split(), "9" * 5000, ""]
TEXTS = [
    *("", " ", ".", "..", "-", "--", "-1", "last", "none", "null", "true", "a,b", ",", ":", "::", "a:", ":1"),
    *("/dev/null", "/dev/zero", "/dev/full", "/proc/self/mem", "~", "~nobody/x", "$HOME", "*", "a\nb", "a\tb", "a\rb"),
    *("../other/passwd", "a/b/c", "\x1b[31mred", "[bold]x[/bold]", "{x}", "%s%n", "é", "日本", "\u202e", "\udcff"),
    *("a" * 256, "a" * 5000, "a/" * 2000, "[" * 3000, "uct:1", "uct:²", "policy:", "gtp:", "python:", "random:1", "-h"),
    *("gtp:\"bash -c 'cat'\"", "gtp:'", "gtp:/nowhere", "python:x.py:P", "tower0x0", "tower99999x1", "mlp", "cpu:foo"),
    *("cuda:99", "go0", "go99", "go-1", "go9x", "5m+10s", "0m", "auto", "corridor", "lr=1", "lr=", "=1", "x=y=z"),
]  # fmt: skip
KEYS = ["", "task", "agent", "kind", "settings", "config", "step", "@array", "number", "weights"]


def value(dice: random.Random) -> str:
    """A value that an option should reject, or barely accept."""
    return dice.choice(NUMBERS if dice.random() < 0.5 else TEXTS)


def spoilt(data: bytes, dice: random.Random) -> bytes:
    """`data` with a few errors."""
    for _ in range(dice.choice((1, 1, 1, 2, 5))):
        at = dice.randrange(len(data) + 1)
        way = dice.randrange(9)
        some = min(len(data) - at, dice.choice((1, 2, 4, 16, 200)))
        if way == 0:
            data = data[:at]
        elif way == 1:
            data = data[:at] + bytes(b ^ (1 << dice.randrange(8)) for b in data[at : at + some]) + data[at + some :]
        elif way == 2:
            data = data[:at] + dice.randbytes(some) + data[at + some :]
        elif way == 3:
            data = data[:at] + data[at + some :]
        elif way == 4:
            data = data[:at] + data[at : at + some] * dice.choice((2, 3, 50)) + data[at + some :]
        elif way == 5:
            data = data[:at] + dice.choice(TEXTS + NUMBERS).encode("utf-8", "surrogatepass") + data[at:]
        elif way == 6:
            data = data[:at] + dice.choice((b"\0", b"\xff", b"\x80", b"\xfe\xff", b"((((", b"[[[[", b"\\", b"\n")) * 50
        elif way == 7:
            data = data[:at] + dice.choice((b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\xff" * 8)) + data[at + 4 :]
        else:
            other = dice.randrange(len(data) + 1)
            data = data[:at] + data[other : other + some] + data[at:]
    return data[: 4 << 20]


def changed(tree: Any, dice: random.Random) -> Any:
    """A JSON-like `tree` with one element replaced, removed or added."""
    if isinstance(tree, dict) and tree and dice.random() < 0.85:
        key = dice.choice(list(tree))
        way = dice.random()
        if way < 0.12:
            return {k: v for k, v in tree.items() if k != key}
        if way < 0.18:
            return tree | {dice.choice(KEYS): odd(dice)}
        return tree | {key: changed(tree[key], dice)}
    if isinstance(tree, list) and tree and dice.random() < 0.7:
        at = dice.randrange(len(tree))
        return [*tree[:at], changed(tree[at], dice), *tree[at + 1 :]]
    return odd(dice)


def odd(dice: random.Random) -> Any:
    """An unexpected value."""
    deep: Any = 1
    for _ in range(dice.choice((1, 40, 400))):
        deep = [deep]
    plain = [None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 0.5, float("nan"), float("inf"), -1e308]
    return dice.choice([*plain, "", [], {}, [1, 2], {"a": 1}, "x", deep, dice.choice(TEXTS), dice.choice(NUMBERS)])

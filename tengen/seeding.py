"""One master seed, named child generators.

`Seeds(7).numpy("actions")` is the same generator in every run with seed 7, whatever other parts of
the program draw and in whatever order they were made. Children are derived with NumPy's
`SeedSequence` from the seed and the name's bytes.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Seeds:
    """The root of all randomness in a run."""

    master: int

    def integer(self, name: str, index: int = 0) -> int:
        """A 31-bit seed for libraries that take a plain number (ALE, Gymnasium)."""
        sequence = np.random.SeedSequence([self.master, zlib.crc32(name.encode()), index])
        return int(sequence.generate_state(1)[0]) & 0x7FFF_FFFF

    def numpy(self, name: str) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(self.integer(name)))

    def torch(self, name: str) -> torch.Generator:
        import torch

        return torch.Generator().manual_seed(self.integer(name))


def generator_state(generator: np.random.Generator) -> dict[str, Any]:
    """The state of a NumPy generator as plain JSON (its 128-bit integers as text)."""
    state: Any = generator.bit_generator.state
    return {
        "state": str(state["state"]["state"]),
        "inc": str(state["state"]["inc"]),
        "has_uint32": int(state["has_uint32"]),
        "uinteger": int(state["uinteger"]),
    }


def restore_generator(generator: np.random.Generator, saved: dict[str, Any]) -> None:
    """Put `generator_state`'s answer back into a PCG64 generator."""
    generator.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": int(saved["state"]), "inc": int(saved["inc"])},
        "has_uint32": saved["has_uint32"],
        "uinteger": saved["uinteger"],
    }

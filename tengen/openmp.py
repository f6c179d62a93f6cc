"""Set how long PyTorch's idle threads spin before they sleep. No torch in here: this must run before its import.

GNU OpenMP's threads spin for some milliseconds after each operation, in case the next one comes at once. That takes a
core away from the emulator, search and compiled kernels, which have their own threads: on two cores self-play with
Winograd's kernels made a fifth more evaluations a second with short waits, the Atari emulator a quarter to a third more
steps, while learning alone lost 5 to 10 % (medians of alternating runs, two cores).
"""

from __future__ import annotations

import os

_VARIABLE = "GOMP_SPINCOUNT"
_SPINS = "3000"


def wait_briefly() -> None:
    """Before torch is imported; what the user has set stays."""
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault(_VARIABLE, _SPINS)


def untouched() -> dict[str, str]:
    """The environment without this, for other people's programs in a benchmark."""
    return {name: value for name, value in os.environ.items() if (name, value) != (_VARIABLE, _SPINS)}

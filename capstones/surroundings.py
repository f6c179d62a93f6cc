"""What a project is told from outside, by environment variables: `tengen notebook` and `tengen check` set them.

QUICK=1             everything in seconds: fewer steps, less data; part of the configuration of trainings
TENGEN_DATA=PATH    a file or folder of data that is here already (`--data PATH`)
"""

from __future__ import annotations

import os
from pathlib import Path

from tengen.errors import UserError


def quick() -> bool:
    """Whether a notebook is executed in its quick form, which shows that it works and proves nothing."""
    return os.environ.get("QUICK", "") not in ("", "0")


def data_folder() -> Path | None:
    """The file or folder that `--data PATH` named; None where none was named. UserError if it is not there."""
    named = os.environ.get("TENGEN_DATA", "")
    if not named:
        return None
    path = Path(named).expanduser()
    if not path.exists():
        raise UserError(f"--data {named}: there is no such file or folder (TENGEN_DATA says so)")
    return path

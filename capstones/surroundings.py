"""A notebook's settings from outside: where the data are (TENGEN_DATA, set by `--data`), and quick mode (QUICK=1)."""

from __future__ import annotations

import os

from tengen.errors import UserError


def data_folder() -> str:
    """The file or folder that `--data` named; "" where none was: then a download or a generated set has to do.

    UserError where it does not exist.
    """
    path = os.environ.get("TENGEN_DATA", "")
    if path and not os.path.exists(path):
        raise UserError(f"no file or folder {path} (named by --data or TENGEN_DATA)")
    return path


def quick() -> bool:
    """Whether this notebook should finish within 20 seconds: fewer examples, a few steps, no figure to be believed."""
    return os.environ.get("QUICK", "") not in ("", "0")

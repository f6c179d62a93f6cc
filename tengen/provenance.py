"""What makes a score reproducible: versions, machine, the command that started the run (meta.json)."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def metadata(compute: dict[str, Any], measured: dict[str, float], argv: Sequence[str] | None = None) -> dict[str, Any]:
    """What a score needs to be believed: versions, machine, how it was started (`argv` None: by this very command)."""
    from tengen.device import cores, cpu_name

    packages = ("tengen", "torch", "numpy", "gymnasium", "ale-py", "wandb")
    versions = {}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "absent"
    commit, dirty = git_state()
    return {
        "argv": ["tengen", *sys.argv[1:]] if argv is None else list(argv),
        "started": datetime.now().isoformat(timespec="seconds"),
        "git_commit": commit,
        "git_dirty": dirty,
        "python": platform.python_version(),
        "versions": versions,
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": cores(),
        "compute": compute,
        "samples_per_second": {k: round(v, 1) for k, v in measured.items()},
    }


def git_state() -> tuple[str | None, bool | None]:
    """(commit, dirty) of the checkout that this code runs from; (None, None) outside of one.

    An installation inside another repository (its .venv) is not a checkout of ours.
    """

    def git(*args: str) -> str:
        where = Path(__file__).resolve().parent
        done = subprocess.run(["git", *args], cwd=where, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout.strip()

    try:
        git("ls-files", "--error-unmatch", Path(__file__).name)
        return git("rev-parse", "HEAD"), bool(git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None, None

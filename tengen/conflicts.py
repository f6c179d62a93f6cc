"""Our top-level packages have common names (`agents`, `scripts`): find other packages that clash with them.

`openai-agents`, for one, installs a package `agents`: in the same environment its files and ours share a folder.
"""

from __future__ import annotations

from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("agents", "capstones", "envs", "scripts", "selfplay", "supervised", "tengen")
_OURS = Path(__file__).resolve().parent.parent
_WAY_OUT = "install Tengen into its own virtual environment (python -m venv)"


def name_conflicts() -> list[str]:
    """A line for each of our packages that another distribution owns too, or that Python finds elsewhere."""
    owners = packages_distributions()
    found = []
    for package in PACKAGES:
        others = sorted({name for name in owners.get(package, []) if name.lower() != "tengen"})
        folders = _folders(package)
        if others:
            found.append(f"{', '.join(others)} also installs a package `{package}`; {_WAY_OUT}")
        elif _OURS / package not in folders:
            where = ", ".join(map(str, folders)) or "nowhere"
            found.append(f"`{package}` is imported from {where}, not from {_OURS}; {_WAY_OUT}")
    return found


def _folders(package: str) -> list[Path]:
    """Where Python looks for the modules of `package`."""
    spec = find_spec(package)
    return [Path(folder).resolve() for folder in (spec.submodule_search_locations or [])] if spec else []

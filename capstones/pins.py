"""A project's constraints.txt: the versions of its dependencies on this machine, where it was made and runs."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

_ROOTS = (
    *(
        "numpy",
        "torch",
        "matplotlib",
        "gymnasium",
        "ale-py",
        "pillow",
        "scikit-learn",
        "safetensors",
        "pyyaml",
        "numba",
    ),
    *("jupytext", "nbclient", "nbconvert", "ipykernel", "pytest"),
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def pins() -> str:
    """Lines `name==version` of the packages that a project needs, and of all that those need, in order.

    A local part (2.9.0+cpu) is left out: package indexes do not have it.
    """
    found: dict[str, str] = {}
    waiting = list(_ROOTS)
    while waiting:
        name = _folded(waiting.pop())
        if name in found:
            continue
        try:
            there = distribution(name)
        except PackageNotFoundError:
            continue  # an extra that is not here, or for another system
        found[name] = there.version.partition("+")[0]
        for line in there.requires or ():
            if "extra ==" not in line and (wanted := _NAME.match(line)):
                waiting.append(wanted[0])
    lines = [f"{name}=={version}" for name, version in sorted(found.items())]
    return "\n".join(("# pip install -c constraints.txt …: the versions that this project was made with", *lines, ""))


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

"""The process that executes a notebook: IPython's kernel, guarded if the notebook belongs to a project.

`capstones/notebook.py` starts it as `python -m capstones.kernel -f CONNECTION`. Compiled cells are named
`notebook.py[3]`, so that no warning or traceback shows local paths.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from capstones.check.audit import CELL, install_from_environment


def main() -> None:
    _name_the_cells()
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    config = Config()
    config.InlineBackend.figure_formats = {"retina"}  # twice as many pixels: sharp on today's screens
    config.InlineBackend.rc = {"figure.figsize": (7.0, 4.0), "figure.dpi": 80}
    app: Any = IPKernelApp.instance(config=config)
    app.initialize(sys.argv[1:])
    install_from_environment(app.shell)
    app.start()


def _name_the_cells() -> None:
    from ipykernel.compiler import XCachingCompiler

    def get_code_name(self: Any, raw_code: str, code: str, number: int) -> str:
        return f"{CELL}[{number}]"

    XCachingCompiler.get_code_name = get_code_name  # type: ignore[method-assign]
    os.environ.pop("IPYKERNEL_CELL_NAME", None)


if __name__ == "__main__":
    main()

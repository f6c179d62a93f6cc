"""Execute one notebook in one fresh kernel, with limits on time and output, and shut the kernel down."""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import capstones
from capstones.ending import handlers_kept
from tengen.errors import UserError, first_line

_MOST_OUTPUT = 20_000_000  # bytes a notebook may print and show
_OURS = KernelSpec(
    argv=[sys.executable, "-m", "capstones.kernel", "-f", "{connection_file}"],
    display_name="Python 3",
    language="python",
)


class _Manager(AsyncKernelManager):
    """Starts this Python, regardless of the kernels installed on this machine, with its files in `folder`."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return _OURS


class Client(NotebookClient):
    """nbclient's client, with one time limit for the whole notebook and one limit for all its output."""

    def __init__(
        self,
        notebook: Any,
        scratch: Path,
        seconds: float,
        started: Callable[[Any], None],
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(
            notebook,
            kernel_manager_class=_Manager,
            shutdown_kernel="immediate",
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            timeout_func=self._left,
            skip_cells_with_tag="",
            force_raise_errors=True,
            on_cell_execute=self._begin,
            on_cell_executed=self._end,
        )
        self.scratch, self.seconds, self.started, self.stopped = scratch, seconds, started, stopped
        self.cell: Any = None
        self.took: dict[int, float] = {}  # cell's number -> seconds
        self.printed, self.flooded = 0, False

    def create_kernel_manager(self) -> Any:
        self.km = _Manager(connection_file=str(self.scratch / "connection.json"))
        return self.km

    async def _async_check_alive(self) -> None:
        if self.stopped():
            raise DeadKernelError("stopped")
        await super()._async_check_alive()

    def _left(self, cell: Any) -> int:
        return max(1, int(self.until - time.monotonic()))

    def _begin(self, cell: Any, cell_index: int) -> None:
        self.cell, self.begun = cell, time.monotonic()
        self.started(cell)

    def _end(self, cell: Any, cell_index: int, execute_reply: Any) -> None:
        self.took[cell.metadata["number"]] = time.monotonic() - self.begun

    def output(self, outs: list[Any], msg: Any, display_id: Any, cell_index: int) -> Any:
        content = msg["content"]
        self.printed += len(content.get("text", "")) + sum(len(str(v)) for v in content.get("data", {}).values())
        if self.printed > _MOST_OUTPUT:
            if not self.flooded and self.km is not None:
                self.flooded = True
                self.end = asyncio.ensure_future(_stop(self.km))
            return None
        return super().output(outs, msg, display_id, cell_index)

    def run(self, folder: Path, environment: Mapping[str, str]) -> str:
        """Execute all cells in `folder`; what went wrong, in one line: "" where nothing did.

        UserError where no kernel could be started at all.
        """
        self.until = time.monotonic() + self.seconds
        log = self.scratch / "kernel.log"
        with log.open("w") as errors:
            try:
                self._execute(folder, _environment(environment, self.scratch), errors)
            except CellTimeoutError:
                return f"{self._where()} was still running after {self.seconds / 60:.3g} minutes for the notebook"
            except CellExecutionError as error:
                return f"{self._where()}: {error.ename}: {_first(error.evalue)}".rstrip(": ")
            except DeadKernelError:
                if self.stopped():
                    return "it was stopped"
                if self.flooded:
                    return f"{self._where()} printed and showed more than {_MOST_OUTPUT // 1_000_000} MB"
                return f"{self._where()} ended the kernel (out of memory, or it called exit)"
            except RuntimeError as error:  # it never came up
                atexit.unregister(self._cleanup_kernel)
                said = log.read_text().strip().splitlines()
                raise UserError(f"the kernel did not start: {said[-1] if said else first_line(error)}") from error
        return ""

    def _where(self) -> str:
        return (
            "the first cell"
            if self.cell is None
            else f"code cell {self.cell.metadata['number']} (line {self.cell.metadata['line']})"
        )

    def _execute(self, folder: Path, environment: dict[str, str], errors: Any) -> None:
        try:
            with handlers_kept():
                self.execute(cwd=str(folder), env=environment, stdout=errors, stderr=errors)
        except BaseException as error:
            if getattr(self, "_async_cleanup_kernel_future", None) is not None:  # Ctrl-C, by which nbclient falls
                raise KeyboardInterrupt from error
            raise


async def _stop(manager: Any) -> None:
    await manager.shutdown_kernel(now=True)


def _environment(more: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """This process's environment, with nothing that would write into a home folder."""
    ours = {"PYTHONPATH": search_path(), "IPYTHONDIR": str(scratch / "ipython"), "TMPDIR": str(scratch / "tmp")}
    ours["MPLBACKEND"] = (
        "module://matplotlib_inline.backend_inline"  # whatever this shell has: figures belong on the page
    )
    (scratch / "tmp").mkdir(exist_ok=True)
    return {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1", **ours, **more}


def search_path() -> str:
    """PYTHONPATH of a process that has to find this Tengen, whatever folder it starts in."""
    room = str(Path(capstones.__file__).resolve().parent.parent)
    return os.pathsep.join(path for path in (room, os.environ.get("PYTHONPATH", "")) if path)


def _first(text: str) -> str:
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[0][:200] if lines else ""

"""`tengen notebook NAME`: execute notebooks in fresh kernels; write each as .ipynb and as an HTML page to share."""

from __future__ import annotations

from typing import Any

from tengen.config import Amount, Count
from tengen.errors import UserError
from tengen.options import Parser, number
from tengen.plural import counted
from tengen.terminal import passing


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("names", nargs="+", metavar="NAME", help="a project's folder, or a script of percent cells")
    parser.add_argument("--quick", action="store_true", help="quick mode, which takes seconds (QUICK=1)")
    parser.add_argument("--data", default="", metavar="PATH", help="the data set's folder or file")
    parser.add_argument(
        "--minutes", type=number(Amount), metavar="N", help="time limit of a notebook (default: 60; with --quick: 5)"
    )
    parser.add_argument("--rehearse", action="store_true", help="execute, save nothing and print the times")
    parser.add_argument(
        "--jobs", type=number(Count), default=1, metavar="N", help="notebooks to run in parallel (with --rehearse)"
    )
    options = parser.parse_all(args)
    from capstones.ending import ends_tidily
    from capstones.notebook import Form

    form = Form(options.quick, options.data, options.minutes or 0)
    with ends_tidily():
        return _rehearse(options.names, form, options.jobs) if options.rehearse else _execute(options.names, form)


def _execute(names: list[str], form: Any) -> int:
    from capstones.notebook import run_notebook

    for name in names:
        done, files = run_notebook(name, form, _progress)
        passing("")
        print(f"{name}: {counted(len(done.took), 'code cells')} in {done.seconds:.1f} s; {done.slowest()}".rstrip("; "))
        if done.problem:
            raise UserError(f"{name}: {done.problem}; all of it: {files[1]}")
        print("  " + "\n  ".join(map(str, files)))
    return 0


def _progress(cell: Any) -> None:
    passing(f"code cell {cell.metadata['number']} (line {cell.metadata['line']}) …")


def _rehearse(names: list[str], form: Any, jobs: int) -> int:
    from capstones.rehearsal import rehearse_all

    failed = 0
    for row in rehearse_all(names, form, jobs):
        failed += bool(row.problem)
        print(
            f"{'failed' if row.problem else 'ok':6}  {row.seconds:6.1f} s  {row.name}  {row.problem or row.slowest}",
            flush=True,
        )
    print(f"{len(names) - failed} of {counted(len(names), 'notebooks')} ran through")
    return 1 if failed else 0

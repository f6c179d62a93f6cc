"""`tengen plot RUN…`: the curves of runs in one figure, and pictures of what a single run learned."""

from __future__ import annotations

from pathlib import Path

from tengen.options import Parser


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("run", nargs="+", help="runs, by name or folder")
    parser.add_argument("--out", default=None, metavar="FILE", help="the figure to write (png, svg or pdf)")
    options = parser.parse_all(args)
    from tengen.description import Description
    from tengen.kinds import the_kind
    from tengen.run import Run, known_run

    runs = [known_run(Path(options.runs), name) for name in options.run]
    kind = the_kind(Description.of_run(Run.open(path)).kind for path in runs)
    out = Path(options.out) if options.out else (runs[0] / "curve.png" if len(runs) == 1 else Path("curves.png"))
    kind.draw(runs, out)
    files = [out]
    if len(runs) == 1 and not options.out:
        files += kind.pictures(runs[0])
    print("wrote " + ", ".join(str(file) for file in files))
    return 0

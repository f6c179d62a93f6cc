"""`tengen check NAME`: check a project against the rubric, and list the criteria that are left for people."""

from __future__ import annotations

from typing import Any

from tengen.config import Amount
from tengen.options import Parser, number
from tengen.terminal import passing, plain


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("name", nargs="?", default=".", help="the project's folder")
    parser.add_argument("--quick", action="store_true", help="run the notebook in quick mode (QUICK=1)")
    parser.add_argument("--from-scratch", action="store_true", help="also refuse nn.LSTM, nn.Transformer and the like")
    parser.add_argument(
        "--strict", action="store_true", help="exit status 1 unless every automatic criterion has passed"
    )
    parser.add_argument("--data", default="", metavar="PATH", help="the data set's folder or file")
    parser.add_argument(
        "--minutes", type=number(Amount), metavar="N", help="time limit of the notebook (default: 60; with --quick: 5)"
    )
    options = parser.parse_all(args)
    from capstones.check.judge import check, folder_in_words
    from capstones.check.rubric import MACHINE, people
    from capstones.ending import ends_tidily
    from capstones.notebook import Form

    form = Form(options.quick, options.data, options.minutes or 0, options.from_scratch)
    with ends_tidily():
        judged = check(options.name, form, _progress, _line)
    passing("")
    print("\nYours to judge:")
    questions = people(judged.project.kind)
    for question in questions:
        print(f"  - {question}")
    print(f"\n{plain(judged.project.name)}: machine {judged.passed} of {len(MACHINE)}, yours to judge {len(questions)}")
    print(f"type next:\n  {judged.next_step(folder_in_words(judged.project))}")
    return 1 if options.strict and judged.passed < len(MACHINE) else 0


def _line(name: str, verdict: Any) -> None:
    """Print a verdict as soon as it is known."""
    passing("")
    print(f"  {verdict.status:7} {name:10} {plain(verdict.said, keep='')}", flush=True)
    if verdict.way_out:
        print(f"{'':21}-> {verdict.way_out}", flush=True)


def _progress(text: str) -> None:
    passing(f"{text} …")

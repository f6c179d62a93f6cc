"""The command `tengen`. Each subcommand is a file beside this one, imported only when it runs, so `--help` is quick."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from itertools import pairwise

from tengen import __version__
from tengen.errors import UserError, unknown
from tengen.openmp import wait_briefly
from tengen.options import Parser
from tengen.terminal import any_terminal, nobody_reads, plain

_PATHS = ("--runs", "--out", "--data", "--records", "--positions", "--openings", "--trunk", "--resume", "show")
COMMANDS = {
    "train": "train an agent on a task: tengen train pong",
    "sweep": "train with many settings and report which mattered: tengen sweep CartPole-v1 --over lr=1e-3,3e-3",
    "resume": "continue a stopped run exactly where it left off",
    "eval": "evaluate an agent, a classifier or a board game player, and print its score card",
    "play": "play an agent at a board in the browser, or review a game: tengen play --board go9",
    "watch": "record an agent playing, as mp4 and gif",
    "sample": "generate text, a translation or pictures with a trained model: tengen sample text-gpt --prompt ROMEO",
    "plot": "plot the curves of one or more runs, and what a supervised network learned",
    "runs": "list the runs in the runs folder",
    "zoo": "list the trained networks that come with Tengen",
    "match": "play a match between two players: tengen match policy:go9-policy random --board go9",
    "gtp": "run a player as a GTP engine, for Sabaki, GoGui, Lizzie and servers",
    "gtp-check": 'test whether an engine conforms to GTP: tengen gtp-check "gnugo --mode gtp"',
    "rate": "rate players by Elo: tengen rate random uct:100 uct:1000 --board go9, or tengen rate RUN",
    "games": "list the board games and the rules of Go",
    "show": "print a position of a game record: tengen show game.sgf --move 57",
    "notebook": "execute a notebook in a fresh kernel and write it as .ipynb and as an HTML page to share",
    "check": "check a project against the rubric: the automatic criteria, and the questions left for you",
    "new": "start a project of your own from a template: tengen new capstone-supervised my-digits --idea digits",
    "papers": "the reading list: each paper, its code in Tengen, and our result beside the published one",
    "doctor": "describe this machine, what Tengen will use, and how fast it is",
    "bench": "measure speed, compared with other frameworks",
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 2 for a mistake of the user, 130 for Ctrl-C."""
    args = sys.argv[1:] if argv is None else argv
    wait_briefly()
    any_terminal()
    try:
        return _dispatch(args)
    except UserError as error:
        print(f"tengen: {plain(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as error:
        print(f"tengen: {plain(str(error)) or 'interrupted'}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `tengen runs | head`
        nobody_reads()
        return 0
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        print(f"tengen: {plain(str(error.filename))[:40]}… is too long for a path", file=sys.stderr)
        return 2


def _check_paths(args: list[str]) -> None:
    """UserError for an impossible path, before anything asks the system about it."""
    for option, typed in pairwise(args):
        name, equals, after = option.partition("=")
        text = after if equals else typed
        if name in _PATHS and (
            len(os.fsencode(text)) > 4000 or any(len(os.fsencode(p)) > 255 for p in text.split("/"))
        ):
            raise UserError(f"{name}: '{text[:40]}…' is too long: a name has at most 255 bytes, a path 4,000")


def _dispatch(args: list[str]) -> int:
    if not args or args[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if args[0] in ("-V", "--version"):
        print(f"tengen {__version__}")
        return 0
    name = args[0]
    _check_paths([*args, ""])
    if name not in COMMANDS:
        raise unknown("command", name, COMMANDS, "(see tengen --help)")
    parser = Parser(prog=f"tengen {name}", description=COMMANDS[name])
    parser.add_argument("--runs", default="runs", metavar="FOLDER", help="folder of the runs")
    status: int = importlib.import_module(f"scripts.{name.replace('-', '_')}").run(parser, args[1:])
    return status


def _overview() -> str:
    lines = ["usage: tengen COMMAND …   (tengen COMMAND --help for its options)", ""]
    lines += [f"  {name:9} {text}" for name, text in COMMANDS.items()]
    lines += ["", "start with:  tengen train pong      or, without training anything:  tengen watch pong"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

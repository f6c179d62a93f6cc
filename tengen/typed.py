"""Parse a training's command line, `tengen train TASK [options]`, for the command and for the trials of a sweep."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tengen.errors import UserError
from tengen.kinds import Kind, Training, all_kinds, training_for
from tengen.options import HelpAll, Parser, add_options, from_options, given_option


class TypedTraining(NamedTuple):
    """The parsed command line of a training."""

    kind: Kind
    preset: Training  # of the task, before the options
    training: Training
    options: argparse.Namespace


def with_run_named(args: Sequence[str], runs: Path) -> list[str]:
    """`args` with `--trunk last` naming the run that is the newest under `runs` now.

    The configuration of the new run then says which one it was, and a resume finds that one again.
    """
    named = list(args)
    if given_option(named, "--trunk") != "last":
        return named
    from tengen.run import find_run  # with torch, which `--help` does without

    if run := find_run(runs, "last"):
        at = next(i for i, arg in enumerate(named) if arg == "--trunk" or arg.startswith("--trunk="))
        named[at : at + 1 + (named[at] == "--trunk")] = ["--trunk", run.name]
    return named


def read_training(parser: Parser, args: Sequence[str], also: Iterable[str] = ()) -> TypedTraining:
    """The training that `args` describe: a task, then options. UserError if anything is wrong with them.

    `parser` may have options of its own; `also` names more options for "did you mean".
    """
    args = list(args)
    task = args[0] if args and not args[0].startswith("-") else None
    if task is None and not {"-h", "--help", "--help-all"} & set(args):
        raise UserError(f"which task? it comes first: {parser.prog} pong (see {parser.prog} --help)")
    if task is not None and not task.strip():
        raise UserError(f"the task's name is empty; for example: {parser.prog} pong (see {parser.prog} --help)")
    kind, preset = training_for(task or "pong", lambda option: given_option(args, option))
    parser.usage = f"{parser.prog} {preset.task if task else 'TASK'} [options]"
    parser.add_argument("task", help="; ".join(each.tasks for each in reversed(all_kinds())))
    parser.add_argument("--help-all", action=HelpAll, nargs=0, help="show every option and exit")
    if preset.agents:
        parser.add_argument("--agent", default=preset.agent, metavar="|".join(preset.agents), help="learning algorithm")
    without = {*preset.without, *_without_processes(kind, preset)}
    add_options(parser, preset.settings, "the training", without)
    add_options(parser, preset.config, preset.title, without)
    options = parser.parse_all(args, also)
    settings, config = from_options(preset.settings, options), from_options(preset.config, options)
    _check_workers(settings, args, without)
    return TypedTraining(kind, preset, replace(preset, settings=settings, config=config), options)


def _without_processes(kind: Kind, preset: Training) -> set[str]:
    """The settings of several processes that trainings of this kind do not have."""
    learners = set() if kind.shares else {"learners", "learner_gpus"}
    return learners if kind.shares or hasattr(preset.settings, "workers") else learners | {"ray", "ray_no_token"}


def _check_workers(settings: object, args: Sequence[str], without: Collection[str]) -> None:
    """UserError for worker options without workers: the user would think that a cluster is at work."""
    engine, learners = getattr(settings, "engine", "tengen"), getattr(settings, "learners", 1)
    if getattr(settings, "workers", 0) or engine == "rllib":
        return
    for option in ("--ray", "--sync", "--max-staleness", "--worker-cpus", "--worker-gpus", "--worker-patience"):
        given = any(arg == option or arg.startswith(f"{option}=") for arg in args)
        if given and not (option == "--ray" and learners > 1):
            if option == "--ray" and "ray" in without:
                raise UserError(
                    "--ray is for trainings with --workers or --learners; this one has neither, leave it out"
                )
            needed = "--workers" if hasattr(settings, "workers") else "--learners"
            raise UserError(f"{option} does nothing without {needed}: add {needed} 2, for example")

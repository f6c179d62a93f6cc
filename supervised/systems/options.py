"""Reject options that have no effect on a system, so that nobody believes they had one."""

from __future__ import annotations

from dataclasses import asdict, fields

from supervised.systems.settings import SystemSettings
from supervised.systems.study import SampleOptions
from supervised.systems.system import System
from tengen.errors import UserError
from tengen.kinds import Training

_DATA = {"data": "a file or folder of its own", "records": "games of Go; tengen train words --net act2vec reads them"}


def check_training(system: System, training: Training) -> None:
    """UserError for an option of `training` that `system` does not use."""
    settings: SystemSettings = training.settings
    plain = system.training(training.task)
    for name in system.of_others:
        if getattr(settings, name) != getattr(plain.settings, name):
            raise UserError(
                f"{_option(name)} is for tasks with labels and for agents; {system.name} has its own network"
            )
    if settings.freeze_trunk and not settings.trunk:
        raise UserError("--freeze-trunk needs --trunk NAME")
    if settings.learners > 1:
        raise UserError(f"{system.name} learns in one process; --learners is for labels and self-play")
    for name, about in _DATA.items():
        if getattr(settings, name) and name not in system.reads:
            instead = "".join(f", or give {_option(other)} PATH" for other in system.reads)
            raise UserError(f"{_option(name)} names {about}: {system.name} reads none; leave it out{instead}")
    given, usual = (asdict(one.settings) | asdict(one.config) for one in (training, plain))
    for name in system.of_trunk if settings.trunk else ():
        if given[name] != usual[name]:
            raise UserError(f"{_option(name)} has no effect with --trunk: {settings.trunk} has its own; leave it out")
    for name in system.unused:
        if given.get(name) != usual.get(name) and not (name == "steps" and not given[name]):
            raise UserError(f"{_option(name)} has no effect for {system.option} {system.name}; leave it out")


def check_sample(system: System, options: SampleOptions, name: str) -> None:
    """UserError for an option of `tengen sample` that the model `name` of `system` does not use."""
    for field in fields(options):
        if field.name in (*system.steers, "seed") or getattr(options, field.name) == field.default:
            continue
        known = ", ".join(_option(one) for one in system.steers) or "none of these options"
        raise UserError(f"{name} is a {system.name}, which takes {known}; leave out {_option(field.name)}")


def _option(name: str) -> str:
    return "--" + name.removeprefix("of_").replace("_", "-")

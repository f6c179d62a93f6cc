"""Systems by task and name: the rows of the reading list that train. No torch in here.

Adding one takes a file in `supervised/sequence`, `generative` or `classical`, and a line in that room's catalogue.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from supervised.systems.system import System
from tengen.errors import UserError, unknown
from tengen.kinds import Given, Kind, Training, later
from tengen.lookup import find

ROOMS = ("supervised.sequence", "supervised.generative", "supervised.classical")
_SHARED_OPTIONS = ("--net", "--impl")  # which mean something else for tasks learned from labels


def all_systems() -> list[System]:
    found: list[System] = []
    for room in ROOMS:
        found += importlib.import_module(f"{room}.catalogue").SYSTEMS
    return found


def find_system(task: str, name: str) -> System:
    """The system called `name` that learns `task`. UserError where this version has none."""
    known = [system for system in all_systems() if system.learns(task)]
    for system in known:
        if system.name == name:
            return system
    raise unknown(f"system for {task}", name, [system.name for system in known])


def _preset(task: str, given: Given) -> Training | None:
    known = [system for system in all_systems() if system.learns(task)]
    own = next((system for system in known if system.default), None)  # None: the task is one with labels, too
    typed = {option: name for option in dict.fromkeys(s.option for s in known) if (name := given(option)) is not None}
    chosen = [system for system in known if typed.get(system.option) == system.name]
    for option, name in typed.items():
        there = [system.name for system in known if system.option == option]
        if name not in there and (own or option not in _SHARED_OPTIONS):
            _of_other_data(option, name, task, there)
            raise unknown(option.removeprefix("--"), name, there, f"(for {task})")
    if not chosen:
        return own.training(task) if own else None
    system = chosen[0]
    _no_agent(system, task, given("--agent"))
    _no_second(system, task, typed if own else typed | {o: n for o in _SHARED_OPTIONS if (n := given(o)) is not None})
    return system.training(task)


def _no_second(system: System, task: str, typed: Mapping[str, str]) -> None:
    """UserError for two options of `typed` that each say what learns: neither has the other's options."""
    for option, name in typed.items():
        if option != system.option and not hasattr(find(system.config), option.removeprefix("--")):
            first, second = f"{system.option} {system.name}", f"{option} {name}"
            raise UserError(
                f"{first} and {second} each choose what learns; leave one out: tengen train {task} {first}, or"
                f" tengen train {task} {second}"
            )


def _no_agent(system: System, task: str, agent: str | None) -> None:
    """UserError for --agent together with a system: the learner is already chosen."""
    if agent is not None:
        chosen = f"{system.option} {system.name}"
        raise UserError(f"{chosen} is {system.about}; leave out --agent: tengen train {task} {chosen}")


def _of_other_data(option: str, name: str, task: str, here: list[str]) -> None:
    """UserError if `name` is a system that does not learn from the data of `task`."""
    for system in all_systems():
        if (system.option, system.name) == (option, name):
            tasks = system.task.split("|")
            raise UserError(
                f"{name} learns from {' or '.join(tasks)}, not from {task}: tengen train {tasks[0]} {option} {name};"
                f" for {task} there are {', '.join(sorted(here))}"
            )


def _names() -> list[str]:
    return sorted(
        {system.task for system in all_systems() if system.default and system.task.replace("-", "").isalnum()}
    )


def _headline(training: Training) -> str:
    system = find_system(training.task, training.agent)
    return f"{training.task}: {training.agent}, {system.about}"


def _diagnose(say: object) -> None:
    """Nothing: each system has its own speed."""


KIND = Kind(
    name="system",
    tasks="systems of the reading list (tengen papers): " + ", ".join(_names()),
    names=_names,
    preset=_preset,
    headline=_headline,
    metric="test/score",
    session=later("supervised.systems.session:SystemSession"),
    session_of_run=later("supervised.systems.session:session_of_run"),
    evaluate=later("supervised.systems.evaluate:evaluate"),
    film=later("supervised.evaluate:no_film"),
    show=later("supervised.systems.evaluate:pictures_of_session"),
    draw=later("supervised.systems.curves:draw"),
    pictures=later("supervised.systems.evaluate:pictures_of_run"),
    ship=later("supervised.systems.trained:ship"),
    sample=later("supervised.systems.trained:sample"),
    diagnose=_diagnose,
)

"""The data sets by name, and the default settings for learning from them. No torch in here.

Adding one takes a function that reads it and one line in `DATA_SETS` (docs/development.md).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from supervised import config
from supervised.settings import LabelSettings
from tengen.errors import unknown
from tengen.kinds import Given, Kind, Training, later
from tengen.plural import counted


@dataclass(frozen=True)
class DataSet:
    """What a data set is, and which function reads it."""

    about: str
    pictures: str = ""  # module:function (data, say) -> supervised.data.sets.Pictures
    examples: str = ""  # module:function (task, settings, config, say) -> supervised.tasks.Examples, for all else
    shown: str = ""  # its name in help and documents; empty: its own
    needs: str = ""  # an option; without it the task is of another kind
    preset: str = ""  # of supervised/config.py, where the task has none of its own
    settings: Mapping[str, Any] = field(default_factory=dict)
    refuses: tuple[str, ...] = ("records", "features")  # settings of other data, which the help leaves out


DATA_SETS = {
    "digits": DataSet(
        "1,797 handwritten digits of 8x8, from scikit-learn",
        "supervised.data.sets:digits",
        refuses=("data", "records", "features"),
    ),
    "mnist": DataSet("70,000 handwritten digits of 28x28", "supervised.data.sets:mnist"),
    "fashion-mnist": DataSet("70,000 pictures of clothing of 28x28", "supervised.data.sets:fashion_mnist"),
    "cifar10": DataSet("60,000 colour pictures of 32x32", "supervised.data.sets:cifar10"),
    "images": DataSet("your own pictures, in folders", "supervised.data.sets:images"),
    r"go\d{1,2}": DataSet(
        "Go positions from game records, with --records PATH",
        examples="agents.alphago.records:examples",
        shown="go9, go19 …",
        needs="--records",
        preset="go",
        settings={"test_every": 50_000, "test_examples": 5_000, "card_examples": 20_000},
        refuses=("data",),
    ),
}


def find_data_set(task: str) -> DataSet | None:
    """The data set that `task` names; names are patterns."""
    return next((found for name, found in DATA_SETS.items() if re.fullmatch(name, task.lower())), None)


def _other_learners(task: str) -> str:
    """A line for the help: the options by which a system of the reading list learns `task` instead."""
    from supervised.systems.catalogue import all_systems

    named: dict[str, list[str]] = {}
    for system in all_systems():
        if system.learns(task):
            named.setdefault(system.option, []).append(system.name)
    options = " or ".join(f"{option} {'|'.join(sorted(names))}" for option, names in named.items())
    return "\n" + textwrap.fill(f"other systems for {task}: {options}", 78, break_on_hyphens=False) if options else ""


def recipe(task: str, net: str = "") -> Training:
    """The default settings for learning from `task`, given the network `net`."""
    data_set = find_data_set(task)
    if data_set is None:
        raise unknown("data set", task, DATA_SETS)
    chosen = config.preset(task if task in config.PRESETS else data_set.preset or "images", net)
    title = f"learning from labels (preset for {task}{', ' + net if net else ''})" + _other_learners(task)
    settings = LabelSettings(**data_set.settings)
    return Training("labels", task, chosen.net, settings, chosen, title, without=data_set.refuses)


def _preset(task: str, given: Given) -> Training | None:
    data_set = find_data_set(task)
    if data_set is None or (data_set.needs and not (given(data_set.needs) or given("--games"))):
        return None
    return recipe(task, given("--net") or "")


def _headline(training: Training) -> str:
    """`mnist: lenet, 12 epochs`; with --trunk the network is what that run has, whatever --net says."""
    given = training.settings.trunk
    net = f"the trunk of {given}" if given else training.config.net
    return f"{training.task}: {net}, {counted(training.config.epochs, 'epochs')}"


KIND = Kind(
    name="labels",
    tasks="with labels: digits, mnist, fashion-mnist, cifar10, images, go9 or go19 with --records PATH",
    names=lambda: [name for name in DATA_SETS if name.replace("-", "").isalnum()],
    preset=_preset,
    headline=_headline,
    metric="test/accuracy",
    session=later("supervised.session:LabelSession"),
    session_of_run=later("supervised.session:session_of_run"),
    evaluate=later("supervised.evaluate:evaluate"),
    film=later("supervised.evaluate:no_film"),
    show=later("supervised.pictures:pictures_of_session"),
    draw=later("supervised.curves:draw"),
    pictures=later("supervised.pictures:pictures_of_run"),
    ship=later("supervised.evaluate:ship"),
    diagnose=later("supervised.diagnose:diagnose"),
    shares=True,
)

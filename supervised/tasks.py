"""The tasks with labels: their examples, heads and class names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from supervised.catalogue import find_data_set
from supervised.config import Config
from supervised.data.images import Images
from supervised.data.sets import Pictures
from supervised.data.source import Source
from supervised.settings import LabelSettings
from tengen.errors import UserError
from tengen.kinds import later

Say = Callable[[str], None]


class Examples(NamedTuple):
    """The examples and heads of a task with labels."""

    train: Source
    test: Source
    heads: dict[str, Any]  # head -> size; the main head, whose accuracy is reported, comes first
    classes: Sequence[str]  # names, empty for board points
    trunk: dict[str, Any]  # the task's additions to the trunk's spec
    about: str
    fingerprint: str = ""  # of all examples (supervised/data/known.py)


def load_examples(
    task: str, settings: LabelSettings, config: Config, say: Say = lambda text: print(text, flush=True)
) -> Examples:
    """The examples of `task`; `say` prints messages, such as downloads."""
    data_set = find_data_set(task)
    if data_set is None:
        raise UserError(f"task '{task}' is not known to this version")
    if data_set.examples and settings.data:
        raise UserError("--data takes pictures; give games of Go with --records PATH")
    if data_set.examples:
        examples: Examples = later(data_set.examples)(task, settings, config, say)
        return examples
    if settings.records or settings.features != "compact":
        option = "--records" if settings.records else "--features"
        raise UserError(f"{option} is for Go: tengen train go9 --records PATH; {task} uses pictures")
    if config.augment == "symmetries":
        raise UserError("--augment symmetries is for boards; for pictures use none, crop, crop-flip or crop-flip-cut")
    return of_pictures(later(data_set.pictures)(settings.data, say), config.augment)


def of_pictures(found: Pictures, augment: str) -> Examples:
    train = Images(*found.train, tuple(found.classes), augment)
    test = Images(*found.test, tuple(found.classes))
    height, width = train.input_shape[1:]
    about = f"{len(train):,} pictures of {width}x{height} to learn from, {len(test):,} to test"
    return Examples(train, test, {"classes": len(train.classes)}, train.classes, {}, about, found.fingerprint)

"""The tasks with labels: which examples, which heads, which names for the classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scripts.recipes import go_board
from supervised.config import Config
from supervised.data import sets
from supervised.data.source import Source
from supervised.settings import LabelSettings
from tengen.device import cores
from tengen.errors import UserError
from tengen.files import cache_folder


class Examples(NamedTuple):
    """What a task with labels is made of."""

    train: Source
    test: Source
    heads: dict[str, Any]  # head -> size, the one whose accuracy counts first
    classes: Sequence[str]  # names, empty for board points
    trunk: dict[str, Any]  # what the task adds to the trunk's description
    about: str


def load_examples(
    task: str, settings: LabelSettings, config: Config, say: Callable[[str], None] = lambda text: None
) -> Examples:
    if size := go_board(task):
        return _go(size, settings, config, say)
    if config.augment == "symmetries":
        raise UserError("--augment symmetries turns boards; for pictures use none, crop, crop-flip or crop-flip-cut")
    train, test = sets.load(task, settings.data, config.augment, say)
    height, width = train.input_shape[1:]
    about = f"{len(train):,} pictures of {width}x{height} to learn from, {len(test):,} to test"
    return Examples(train, test, {"classes": len(train.classes)}, train.classes, {}, about)


def _go(size: int, settings: LabelSettings, config: Config, say: Callable[[str], None]) -> Examples:
    from envs.boards.game import plane_factors
    from envs.go.collection import Positions, collect

    if config.augment not in ("none", "symmetries"):
        raise UserError(f"--augment {config.augment} moves pictures; boards know none and symmetries")
    if config.mixup:
        raise UserError("--mixup mixes pictures; positions of Go cannot be mixed")
    if config.test_mirrored:
        raise UserError("--test-mirrored is for pictures: a mirrored board has mirrored moves")
    if not config.net.startswith(("tower", "alphago")):
        raise UserError(f"--net {config.net} sees no board; use --net tower48x6 or alphago64x6")
    collection = collect(Path(settings.games), size, cache_folder("games"), say)
    threads = settings.threads or cores()
    train = Positions(collection, False, settings.features, threads)
    test = Positions(collection, True, settings.features, threads)
    actions = train.game.num_actions
    heads: dict[str, Any] = {"policy": actions, "reply": actions, "outcome": 3}
    if config.net.startswith("alphago"):  # the paper's last layer
        heads |= {name: {"kind": "points", "size": actions} for name in ("policy", "reply")}
    return Examples(train, test, heads, (), {"factors": plane_factors(train.game)}, str(collection))

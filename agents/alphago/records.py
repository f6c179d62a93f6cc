"""Go positions from game records as examples: the moves played, the replies to them, and the winner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envs.boards.game import plane_factors
from envs.go.collection import Positions, collect
from supervised.config import Config
from supervised.nets.catalogue import reads
from supervised.settings import LabelSettings
from supervised.tasks import Examples, Say
from tengen.device import cores
from tengen.errors import UserError
from tengen.files import cache_folder


def examples(task: str, settings: LabelSettings, config: Config, say: Say) -> Examples:
    """The positions of `settings.records` on the board of `task` (go9, go19 …)."""
    size = int(task.lower().removeprefix("go"))
    if config.augment not in ("none", "symmetries"):
        raise UserError(f"--augment {config.augment} is for pictures; for boards use none or symmetries")
    if config.mixup:
        raise UserError("--mixup mixes pictures; Go positions cannot be mixed")
    if config.test_mirrored:
        raise UserError("--test-mirrored is for pictures: a mirrored board has mirrored moves")
    if reads(config.net) != "boards":
        raise UserError(f"--net {config.net} cannot read boards; use --net tower48x6 or alphago64x6")
    collection = collect(Path(settings.records), size, cache_folder("games"), say)
    threads = settings.threads or cores()
    train = Positions(collection, False, settings.features, threads)
    test = Positions(collection, True, settings.features, threads)
    actions = train.game.num_actions
    heads: dict[str, Any] = {"policy": actions, "reply": actions, "outcome": 3}
    if config.net.startswith("alphago"):  # the paper's last layer
        heads |= {name: {"kind": "points", "size": actions} for name in ("policy", "reply")}
    trunk = {"factors": plane_factors(train.game)}
    return Examples(train, test, heads, (), trunk, str(collection), collection.fingerprint)

"""Labels of runs in one figure: what is trained, the options in which they differ, and the seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from tengen.description import Description
from tengen.run import Run
from tengen.settings import Distributed

_HOW = {field.name for field in fields(Distributed)} - {"trunk", "keep_heads", "freeze_trunk", "workers", "sync"}
_HOW |= {"test_every", "test_examples", "card_examples", "final_games"}  # these change no curve; and the seed


class Legend(NamedTuple):
    """The label of a run; runs that differ only in the seed have the same `name`."""

    name: str
    seed: int

    def __str__(self) -> str:
        return f"{self.name} s{self.seed}"


def legends(runs: Sequence[Path]) -> list[Legend]:
    """A legend for each of `runs`. Of runs of one task and agent it names the options that are not the same in all."""
    told = [Description.of_run(Run.open(path)) for path in runs]
    several_tasks = len({what.task for what in told}) > 1
    short, whole = list[str](), list[str]()
    for what in told:
        kin = [_options(other) for other in told if (other.task, other.agent) == (what.task, what.agent)]
        own = _options(what)
        differ = [name for name in own if any(other.get(name, own[name]) != own[name] for other in kin)]
        begin = f"{what.task} {what.agent}" if several_tasks else what.agent
        short.append(", ".join([begin, *(_spoken(name, own[name]) for name in differ)]))
        whole.append(", ".join([begin, *(f"{name} {own[name]!r}" for name in differ)]))  # /a/bits.npz, /b/bits.npz
    meant = {name: {w for s, w in zip(short, whole, strict=True) if s == name} for name in short}
    names = [s if len(meant[s]) == 1 else w for s, w in zip(short, whole, strict=True)]
    made = [Legend(name, what.seed) for name, what in zip(names, told, strict=True)]
    same = {legend for legend, count in Counter(made).items() if count > 1}
    folders = [path.name for path in runs]
    return [
        Legend(f"{legend.name} ({folder})", legend.seed) if legend in same else legend
        for legend, folder in zip(made, folders, strict=True)
    ]


def _options(what: Description) -> dict[str, Any]:
    """Those that may change a curve."""
    found = {name: value for name, value in (what.settings | what.config).items() if name not in _HOW}
    return {name: value for name, value in found.items() if not isinstance(value, dict | list)}


def _spoken(name: str, value: Any) -> str:
    """`lr 0.001`, `double`, `no double`, `data shakespeare.txt`."""
    said = name.replace("_", " ")
    if isinstance(value, bool):
        return said if value else f"no {said}"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{said} {Path(text).name if '/' in text else text or 'none'}"

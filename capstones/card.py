"""card.json: a project's result with its protocol, a baseline and a published figure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from capstones.surroundings import quick
from tengen.errors import UserError
from tengen.files import read_yaml, write_json
from tengen.statistics import student


class Baseline(TypedDict):
    name: str
    value: float


class Published(TypedDict):
    """A published figure; its protocol decides whether the two may be compared."""

    value: float | None  # None where nobody has published one: `protocol` then says why
    source: str
    protocol: str


def write_card(
    *,
    metric: str,
    higher_is_better: bool,
    seeds: Sequence[int],
    values: Sequence[float],
    measured_on: str,
    baseline: Baseline,
    published: Published,
    command: str,
    ci95: tuple[float, float] | None = None,
    minutes: float | None = None,
    folder: str | Path = ".",
) -> dict[str, Any]:
    """Write card.json into the project's folder and return what it holds.

    `values` has a result a seed; `value` is their mean. `ci95` is its 95 % interval: by default Student's t over the
    seeds, which says how much another training would differ, not how well the test set was sampled.
    `minutes`: how long a seed's training took (`Found.seconds / 60`).
    With QUICK=1 the figures are those of a few steps: the card says so, and one that was measured in full is kept.

    UserError where seeds and values do not fit together or are no numbers.
    """
    if len(seeds) != len(values) or len(set(seeds)) != len(seeds) or not values:
        raise UserError(f"a card needs one value for each of several seeds: {len(seeds)} seeds, {len(values)}")
    numbers = [float(value) for value in values]
    if not all(map(math.isfinite, numbers)):
        raise UserError(f"the values of a card must be finite numbers, not {numbers}")
    about = read_yaml(Path(folder) / "capstone.yaml")
    mean = sum(numbers) / len(numbers)
    interval = ci95 or student(numbers)
    card = {
        "project": about["name"],
        "idea": about["idea"],
        "metric": metric,
        "higher_is_better": higher_is_better,
        "seeds": [int(seed) for seed in seeds],
        "values": numbers,
        "value": mean,
        "ci95": interval and list(interval),
        "measured_on": measured_on,
        "baseline": dict(baseline),
        "published": dict(published),
        "command": command,
        "minutes": None if minutes is None else round(minutes, 1),
        "quick": quick(),
    }
    path = Path(folder) / "card.json"
    if quick() and path.exists() and not json.loads(path.read_text()).get("quick", True):
        print("QUICK=1: the card of the full measurement stays")
    else:
        write_json(path, card)
    spread = f"[{interval[0]:.4g}, {interval[1]:.4g}], {len(numbers)} seeds" if interval else "of one seed"
    print(f"{metric}: {mean:.4g} {spread}, {measured_on}")
    print(f"baseline ({baseline['name']}): {baseline['value']:.4g}")
    figure = "none" if published["value"] is None else f"{published['value']:.4g}"
    print(f"published ({published['source']}): {figure}; {published['protocol']}")
    return card

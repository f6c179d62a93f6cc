"""card.json: a credible number has an interval, seeds, a baseline, and a published figure to compare with."""

from __future__ import annotations

import json
import math
from typing import Any

from capstones.cells import read_text
from capstones.check.rubric import Verdict, failed, passed, to_do
from capstones.project import Project

SEEDS = 3  # at least
_MAKE = "the notebook writes it (write_card): tengen notebook {name}"
_TO_DO = "to do"


def judge_card(project: Project) -> Verdict:
    path = project.folder / "card.json"
    make = _MAKE.format(name=project.name)
    if not path.exists():
        return to_do("there is no card.json yet", make)
    try:
        card = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        return failed(f"card.json is not valid JSON ({str(error)[:60]})", make)
    if not isinstance(card, dict):
        return failed("card.json is not a JSON object", make)
    if card.get("quick"):
        return to_do("card.json is from a quick run", f"measure in full: tengen notebook {project.name}")
    problem = problem_of(card)
    if problem.startswith(_TO_DO):
        return to_do(problem.removeprefix(f"{_TO_DO}: "), make)
    if problem:
        return failed(f"card.json: {problem}", make)
    low, high = card["ci95"]
    seeds, published = len(card["seeds"]), card["published"]
    said = f"{card['metric']} {card['value']:.4g} [{low:.4g}, {high:.4g}], {seeds} seeds"
    said += f", baseline {card['baseline']['value']:.4g}"
    return passed(said + (f", published {published['value']:.4g}" if published.get("value") is not None else ""))


def problem_of(card: dict[str, Any]) -> str:
    """What is wrong with a card, in words; it begins with "to do" if something still has to be written."""
    if not _text(card.get("metric")):
        return "it names no metric"
    seeds, values = card.get("seeds"), card.get("values")
    if not (isinstance(seeds, list) and isinstance(values, list) and len(seeds) == len(values)):
        return "it needs a value for each seed (seeds, values)"
    if len(set(map(str, seeds))) < max(SEEDS, len(seeds)):
        return f"{len(set(map(str, seeds)))} different seeds; it takes three or more to see how much is luck"
    if not (all(map(_number, values)) and _number(card.get("value"))):
        return "values and value must be finite numbers"
    ends = card.get("ci95")
    if not (isinstance(ends, list) and len(ends) == 2 and all(map(_number, ends))):
        return "it has no interval (ci95: [low, high])"
    low, high = ends
    if not low <= card["value"] <= high:
        return f"its interval [{low:.4g}, {high:.4g}] does not contain its value {card['value']:.4g}"
    if not min(values) <= card["value"] <= max(values):
        return f"its value {card['value']:.4g} is outside the range of its seeds' values"
    if low == high and len(set(values)) > 1:
        return "its interval has no width although the seeds differ"
    return _beside(card)


def _beside(card: dict[str, Any]) -> str:
    """What is wrong with the baseline, the published figure or the measurement's description."""
    baseline, published = card.get("baseline"), card.get("published")
    if not (isinstance(baseline, dict) and _text(baseline.get("name")) and _number(baseline.get("value"))):
        return "it has no baseline with a name and a value"
    if not isinstance(published, dict):
        return "it has no published figure (value, source, protocol)"
    for key in ("source", "protocol"):
        if str(published.get(key, "")).strip().lower() in ("", _TO_DO, "todo"):
            return f"{_TO_DO}: the published figure in card.json has no {key}"
    if published.get("value") is not None and not _number(published["value"]):
        return "the published figure must be a finite number, or null with a protocol that says why there is none"
    if published.get("value") is None and len(str(published["protocol"]).split()) < 5:
        return "there is no published figure, and its protocol does not say why"
    if not _text(card.get("measured_on")):
        return "it does not say what it was measured on"
    if not _text(card.get("command")):
        return "it does not say which command reproduces it"
    return ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.strip().lower() != _TO_DO

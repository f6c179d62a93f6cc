"""Descriptions of trained models that contradict their weights: `tengen sample` rejects impossible ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch

from supervised.sequence.translation.pieces import Pieces
from supervised.sequence.translation.translate import Translator
from supervised.systems.catalogue import all_systems
from supervised.systems.study import SampleOptions
from tengen.bounds import weights_in, within
from tengen.checkpoint import DamagedCheckpoint, taken_from
from tengen.errors import UserError
from tengen.lookup import find
from tests.long import takes_long
from tests.supervised.generative.small import CHANGES, study

ODD: list[Any] = [
    *(None, True, 0, -1, 1, 2, 2**31, 10**30, 0.5, float("nan"), 1e308, "", "x", [], {}, [1, 2], ["a"], {"a": 1}),
    *([-1, -1], [0, 0], [2**31, 2**31], ...),  # ...: the key is missing
]


@cache
def trained(name: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """(description, weights) of a small model of the system `name`."""
    if name == "transformer":
        text = ["ein haus am see", "ein see am haus"]
        pieces = Pieces.learn(text, 4).to_json()
        options = {"width": 8, "layers": 1, "heads": 2, "feed_forward": 8, "dropout": 0.0, "impl": "library"}
        network = {"net": name, "languages": ["de", "en"], "source": pieces, "target": pieces, "options": options}
        network |= {"beam": 2, "length_penalty": 1.0}
        return network, dict(Translator(network).net.state_dict())
    with TemporaryDirectory() as folder:
        state = study(name, Path(folder)).state()
    return state["network"], state["weights"]


def sampled(name: str, **change: Any) -> None:
    """Sample as `tengen sample` does (supervised/systems/trained.py)."""
    system = next(system for system in all_systems() if system.name == name and system.sample)
    network, weights = trained(name)
    network = {key: value for key, value in (network | change).items() if value is not ...}
    with taken_from(name), within(weights_in(weights, name)):
        model = find(system.model)(network, weights)
    options = SampleOptions(count=1, prompt="ein haus" if name == "transformer" else "")
    with torch.no_grad():
        if name != "made":  # one pass for each of 784 pixels
            find(system.sample)(model, options, lambda text: None)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("diffusion", {"steps": 10**7}),
        ("diffusion", {"times": 10**7}),
        ("diffusion", {"times": 0}),
        ("diffusion", {"side": [2000, 28]}),
        ("diffusion", {"side": [0, 0]}),
        ("diffusion", {"guidance": "x"}),
        ("latent-diffusion", {"eta": [1, 2]}),
        ("latent-diffusion", {"model": None}),
        ("transformer", {"beam": 10**4}),
        ("transformer", {"beam": "5"}),
        ("transformer", {"beam": 0}),
        ("transformer", {"length_penalty": 1e308}),
        ("transformer", {"languages": 5}),
        ("made", {"masks": 2**31}),
        ("made", {"dropout": "x"}),
    ],
    ids=str,
)
def test_numbers_that_no_weight_bears_out(name: str, change: dict[str, Any]) -> None:
    with pytest.raises((UserError, DamagedCheckpoint)):
        sampled(name, **change)


@pytest.mark.parametrize("name", ["diffusion", "latent-diffusion", "transformer", "made"])
def test_as_it_was_written_it_is_sampled_from(name: str) -> None:
    sampled(name)


@takes_long
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", [*CHANGES, "transformer"])
def test_each_entry_with_whatever_there_may_stand(name: str) -> None:
    for key in trained(name)[0]:
        for odd in ODD:
            try:
                sampled(name, **{key: odd})
            except (UserError, DamagedCheckpoint):
                continue

"""`tengen train sentences --trunk RUN`: start from the word vectors and filters of an earlier run on sentences.

Known words keep their vectors; new words are appended with random ones. The filters do not depend on the vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

from supervised.data.sentences import Sentences, encode
from supervised.nets.headed import HeadedNet, load_weights
from supervised.sequence.sentences.config import Config
from supervised.trunks import known_origin
from tengen.checkpoint import Tree, read_newest
from tengen.errors import UserError
from tengen.run import Run
from tengen.zoo import locate

_VECTORS = "vectors.weight"


class Given(NamedTuple):
    """A trunk from another training."""

    spec: dict[str, Any]  # of the trunk
    words: list[str]  # number -> word
    weights: dict[str, torch.Tensor]  # of the trunk's module
    origin: dict[str, Any]  # where it comes from


def given_trunk(name: str, runs: Path, anew: Mapping[str, Any] | None = None) -> Given:
    """The trunk of the sentence CNN called `name`. UserError for any other network; `anew` as for other trunks."""
    found = locate(name, runs)
    tree = read_newest(Run.open(found.run).checkpoint_folder)[1] if found.run else {}
    network = tree.get("network", {})
    if "words" not in network or "trunk" not in tree:
        raise UserError(f"{name} was not trained on sentences; --trunk needs a run of `tengen train sentences` here")
    weights = {key.removeprefix("trunk."): value for key, value in tree["trunk"]["weights"].items()}
    return Given(network["trunk"], list(network["words"]), weights, known_origin(found, name, weights, anew))


def renumbered(sentences: Sentences, words: list[str]) -> Sentences:
    """`sentences` renumbered to match `words`, with new words appended."""
    old = set(words)
    every = [*words, *(word for word in sentences.words[2:] if word not in old)]
    number = {word: i for i, word in enumerate(every) if i > 1}
    return sentences._replace(numbers=[encode(text, number) for text in sentences.texts], words=every)


def spec_of(config: Config, sentences: Sentences, given: Given | None) -> dict[str, Any]:
    """The network's description (nets/headed.py), for words that are already renumbered to match a given trunk."""
    longest = max(len(one) for one in sentences.numbers)
    trunk = {"kind": "sentence-cnn", "width": config.width, "filters": config.filters}
    trunk |= given.spec if given else {}
    trunk |= {"input_shape": [longest], "words": len(sentences.words), "dropout": config.dropout}
    return {"trunk": trunk, "heads": {"classes": len(sentences.classes)}}


def put_under(given: Given, net: HeadedNet, freeze: bool) -> None:
    """Load the given filters strictly, and the given word vectors before those of new words."""
    vectors = net.trunk.state_dict()[_VECTORS].clone()  # [V, W]
    vectors[: len(given.words)] = given.weights[_VECTORS]
    load_weights(net.trunk, given.weights | {_VECTORS: vectors}, "the given trunk")
    if freeze:
        net.trunk.requires_grad_(False)


def remark_on(given: Given, name: str, sentences: Sentences, freeze: bool) -> str:
    """A line for people on the trunk called `name`; `sentences` are already renumbered to match it."""
    frozen = ", frozen" if freeze else ""
    new = len(sentences.words) - len(given.words)
    return f"trunk of {name}: {len(given.words) - 2:,} words{frozen}; {new:,} are new"


def trunk_of(spec: dict[str, Any], net: HeadedNet) -> Tree:
    """The trunk of `net`, for another run's --trunk."""
    weights = {f"trunk.{name}": value for name, value in net.trunk.state_dict().items()}
    return {"network": {"trunk": spec["trunk"], "heads": {}}, "weights": weights}

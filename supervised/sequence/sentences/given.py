"""`tengen train sentences --trunk RUN`: start from the vectors and filters of another training on sentences.

Words that it knew keep their vectors; new ones get random vectors after them. Its filters fit any words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

from supervised.data.sentences import Sentences, encode
from supervised.nets.headed import HeadedNet, load_weights
from supervised.trunks import known_origin
from tengen.checkpoint import read_newest
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
    """The trunk of the sentence CNN that `name` means. UserError for any other network; `anew` as for other trunks."""
    found = locate(name, runs)
    tree = read_newest(Run.open(found.run).checkpoint_folder)[1] if found.run else {}
    network = tree.get("network", {})
    if "words" not in network or "trunk" not in tree:
        raise UserError(f"{name} has not learned from sentences; --trunk names a run of `tengen train sentences` here")
    weights = {key.removeprefix("trunk."): value for key, value in tree["trunk"]["weights"].items()}
    return Given(network["trunk"], list(network["words"]), weights, known_origin(found, name, weights, anew))


def renumbered(sentences: Sentences, words: list[str]) -> Sentences:
    """`sentences` with the numbers of `words`, behind which come those that are new."""
    old = set(words)
    every = [*words, *(word for word in sentences.words[2:] if word not in old)]
    number = {word: i for i, word in enumerate(every) if i > 1}
    return sentences._replace(numbers=[encode(text, number) for text in sentences.texts], words=every)


def put_under(given: Given, net: HeadedNet, freeze: bool) -> None:
    """Load the given filters strictly, and the given vectors in front of those of words that are new."""
    vectors = net.trunk.state_dict()[_VECTORS].clone()  # [V, W]
    vectors[: len(given.words)] = given.weights[_VECTORS]
    load_weights(net.trunk, given.weights | {_VECTORS: vectors}, "the given trunk")
    if freeze:
        net.trunk.requires_grad_(False)

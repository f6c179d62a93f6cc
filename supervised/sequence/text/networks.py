"""Build a character network from its description, which is saved with the weights."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from supervised.data.text import Alphabet
from supervised.sequence.text.config import Config
from supervised.sequence.text.recurrent import RecurrentText
from supervised.sequence.text.transformer import GPTText
from tengen.bounds import bounded
from tengen.errors import UserError

Net = RecurrentText | GPTText
"""`net(tokens [B, T], memory) -> logits [B, T, V], memory`; `net.start(B)` is the memory of nothing."""


class Trained(NamedTuple):
    net: Net
    alphabet: Alphabet


def describe(config: Config, alphabet: Alphabet) -> dict[str, Any]:
    """JSON from which `build` makes the network again."""
    network: dict[str, Any] = {"net": config.net, "alphabet": alphabet.known}
    network |= {"hidden": config.hidden, "layers": config.layers}
    if alphabet.encoding != "utf-8":
        network["encoding"] = alphabet.encoding
    if config.net == "gpt":
        return network | {"heads": config.heads, "context": config.length}
    return network | {"embedding": config.embedding}


def build(network: dict[str, Any], dropout: float = 0.0, impl: str = "library") -> Net:
    """The network that `describe` described, with new weights."""
    n = network
    if n["net"] == "gpt":
        if n["hidden"] % n["heads"]:
            raise UserError(f"--hidden {n['hidden']} is not a multiple of --heads {n['heads']}")
        sizes = (len(n["alphabet"]), n["hidden"], n["heads"], n["layers"], n["context"])
        return bounded(lambda: GPTText(*sizes, dropout, impl))
    return bounded(
        lambda: RecurrentText(n["net"], len(n["alphabet"]), n["embedding"], n["hidden"], n["layers"], dropout, impl)
    )


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> Trained:
    """The trained network and its alphabet."""
    net = build(network)
    net.load_state_dict(weights)
    single = network.get("encoding") == "latin-1"
    return Trained(net.eval(), Alphabet(network["alphabet"], "latin-1" if single else "utf-8"))

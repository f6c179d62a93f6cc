"""`HeadedNet`: a trunk and its heads, built from a plain description that is saved with the weights.

    spec = {"trunk": {"kind": "nature", "input_shape": [4, 84, 84]}, "heads": {"policy": 6, "value": 1}}
    net = build(spec);  net(obs)["policy"]  # [B, 6]

The description rebuilds the network from its file, so whoever loads weights needs no other knowledge. A head's
entry is its size; `{"kind": "points", "size": 362}` takes another kind of head under the same name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_file, save
from torch import nn

from supervised.nets import board_heads, heads
from supervised.nets.airbench import Airbench
from supervised.nets.cnn import ScreenCNN
from supervised.nets.impala import Impala
from supervised.nets.lenet import LeNet
from supervised.nets.mlp import MLP
from supervised.nets.resnet import ResNet
from supervised.nets.tower import AlphaGo, Tower
from supervised.nets.vgg import VGG
from tengen.errors import UserError, unknown
from tengen.files import write_bytes, write_json

Spec = dict[str, Any]

TRUNKS: dict[str, Callable[..., nn.Module]] = {
    "mlp": MLP,
    "small": partial(ScreenCNN, variant="small"),
    "nature": partial(ScreenCNN, variant="nature"),
    "impala": Impala,
    "lenet": LeNet,
    "vgg": VGG,
    "resnet": ResNet,
    "airbench": Airbench,
    "tower": Tower,
    "alphago": AlphaGo,
}
ANY_BOARD = ("tower", "alphago")  # trunks that take boards of every size
HEADS: dict[str, Callable[..., nn.Module]] = {  # from [B, features]
    "classes": heads.Classes,
    "policy": heads.Policy,
    "value": heads.Value,
    "q": heads.Q,
    "dueling": heads.Dueling,
}
BOARD_HEADS: dict[str, Callable[..., nn.Module]] = {  # from features of every point
    "policy": board_heads.BoardPolicy,
    "reply": board_heads.BoardPolicy,
    "points": board_heads.Points,
    "moves": board_heads.Moves,
    "outcome": board_heads.Outcome,
    "value": board_heads.BoardValue,
    "score": board_heads.Score,
    "ownership": board_heads.Ownership,
}


class HeadedNet(nn.Module):
    """One trunk, several heads. [B, *input_shape] -> {head: its output}."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        kind, options = spec["trunk"]["kind"], {k: v for k, v in spec["trunk"].items() if k != "kind"}
        if kind not in TRUNKS:
            raise unknown("network", kind, TRUNKS)
        self.spec = spec
        try:
            self.trunk = TRUNKS[kind](**options)
        except RuntimeError as error:  # a convolution larger than what is left of the picture
            raise UserError(
                f"inputs {options['input_shape']} are too small for a {kind} trunk; use another --net"
            ) from error
        out_shape = cast(tuple[int, ...], self.trunk.out_shape)  # (features,), or (C, H, W) of a board
        known = HEADS if len(out_shape) == 1 else BOARD_HEADS
        self.heads = nn.ModuleDict()
        for name, wanted in spec["heads"].items():
            kind, size = (name, wanted) if isinstance(wanted, int) else (wanted["kind"], wanted["size"])
            if kind not in known:
                raise unknown("head", kind, known, f"for a {spec['trunk']['kind']} trunk")
            more = (out_shape[1] * out_shape[2],) if kind == "moves" else ()
            self.heads[name] = known[kind](out_shape[0], size, *more)

    def forward(self, obs: torch.Tensor) -> dict[str, torch.Tensor]:
        features = self.trunk(obs)  # [B, features], or a BoardFeatures
        return {name: head(features) for name, head in self.heads.items()}


def build(spec: Spec, seed: int | None = None) -> HeadedNet:
    """The network that `spec` describes; with `seed`, its initial weights depend on nothing else."""
    if seed is None:
        return HeadedNet(spec)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return HeadedNet(spec)


def save_network(folder: Path, net: HeadedNet, dtype: torch.dtype = torch.float32) -> None:
    """Write `network.json` and `weights.safetensors` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.detach().cpu().to(dtype).contiguous() for k, v in net.state_dict().items()}
    write_bytes(folder / "weights.safetensors", save(weights))
    write_json(folder / "network.json", net.spec)


def load_network(folder: Path) -> HeadedNet:
    """The network saved in `folder`, in float32."""
    try:
        spec = json.loads((folder / "network.json").read_text())
        weights = load_file(folder / "weights.safetensors")
    except FileNotFoundError as error:
        raise UserError(f"no network in {folder}: {Path(error.filename or '').name} is missing") from error
    except Exception as error:  # safetensors and JSON each raise their own kinds
        raise UserError(f"the network in {folder} is damaged ({error}); copy it again") from error
    net = build(spec)
    load_weights(net, weights, str(folder))
    return net


def load_weights(net: nn.Module, weights: dict[str, torch.Tensor], where: str) -> None:
    """Load `weights` strictly; a name or shape that does not fit is said in one line."""
    expected = net.state_dict()
    for name in expected.keys() | weights.keys():
        want = tuple(expected[name].shape) if name in expected else "nothing"
        came = tuple(weights[name].shape) if name in weights else "nothing"
        if want != came:
            raise UserError(f"the weights in {where} do not fit: {name} should be {want} and is {came}")
    net.load_state_dict({k: v.to(expected[k].dtype) for k, v in weights.items()})

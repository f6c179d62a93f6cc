"""`--trunk NAME`: a trained trunk under new heads, or with `--keep-heads` under its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from supervised.data.known import fingerprint
from supervised.nets.catalogue import reads_any_size
from supervised.nets.headed import HeadedNet, load_weights
from supervised.trained import net_at
from tengen.errors import UserError
from tengen.settings import Common
from tengen.zoo import Located, locate, origin


class Given(NamedTuple):
    """The network given by `--trunk`, and its origin."""

    net: HeadedNet
    origin: dict[str, Any]


def given_trunk(
    settings: Common, runs: Path, input_shape: Sequence[int], anew: Mapping[str, Any] | None = None
) -> Given | None:
    """The network given by `--trunk`, if its trunk accepts [*input_shape]; None without the option.

    `anew`: the origin recorded by a run that starts over (`Run.anew`); UserError if the network has changed since.
    Board trunks and a U-Net's contracting path work on any size: only the number of planes has to match.
    """
    name = settings.trunk
    if not name:
        if settings.freeze_trunk or settings.keep_heads:
            option = "--freeze-trunk" if settings.freeze_trunk else "--keep-heads"
            raise UserError(f"{option} needs --trunk NAME")
        return None
    found = locate(name, runs)
    net = net_at(found)
    began = known_origin(found, name, dict(net.state_dict()), anew)
    takes, gets = net.spec["trunk"]["input_shape"], list(input_shape)
    if takes != gets:
        if not reads_any_size(net.spec["trunk"]["kind"]) or len(gets) != 3 or takes[0] != gets[0]:
            raise UserError(
                f"the trunk of {name} expects inputs {_shape(takes)} and this task gives {_shape(gets)}; "
                "name a run that was trained on the same kind of input"
            )
        net.spec["trunk"]["input_shape"] = gets
    return Given(net, began)


def known_origin(
    found: Located, name: str, weights: Mapping[str, torch.Tensor], anew: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The origin of the network given by `--trunk`, with the fingerprint of its `weights`; see `given_trunk`."""
    now = fingerprint(*(weights[key].detach().cpu().float().numpy() for key in sorted(weights)))
    if (then := (anew or {}).get("fingerprint", now)) != now:
        raise UserError(
            f"the run started from the trunk of {name} as it was then (weights {then}), and has no checkpoint yet;"
            f" {name} has changed since (weights {now}): start a new training with --trunk {name}"
        )
    return origin(found, name) | {"fingerprint": now}


def hand_over(given: HeadedNet, net: HeadedNet, keep_heads: bool = False) -> None:
    """Load `given`'s trunk weights into `net`, strictly; with `keep_heads`, also those of heads that both have."""
    load_weights(net.trunk, dict(given.trunk.state_dict()), "the given trunk")
    if not keep_heads:
        return
    kept = [name for name, wanted in net.spec["heads"].items() if given.spec["heads"].get(name) == wanted]
    if not kept:
        raise UserError(
            f"--keep-heads: the given network has the heads {given.spec['heads']} and this task needs "
            f"{net.spec['heads']}; omit the option to start with new heads"
        )
    for name in kept:
        load_weights(net.heads[name], dict(given.heads[name].state_dict()), f"the given head '{name}'")


def has_batch_statistics(net: nn.Module) -> bool:
    return any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())


def describe_trunk(settings: Common, net: HeadedNet) -> str:
    spec: dict[str, Any] = net.spec["trunk"]
    count = sum(p.numel() for p in net.trunk.parameters())
    frozen = ", frozen" if settings.freeze_trunk else ""
    heads = "its own heads where they fit" if settings.keep_heads else "new heads"
    return f"trunk of {settings.trunk}: {spec['kind']}, {count:,} weights{frozen}; {heads}"


def _shape(shape: Sequence[int]) -> str:
    return "[" + ", ".join(str(n) for n in shape) + "]"

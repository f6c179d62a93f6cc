"""`--trunk NAME`: the trunk of a trained network under new heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from scripts.players import load_net
from supervised.nets.headed import ANY_BOARD, HeadedNet, load_weights
from tengen.errors import UserError


def given_trunk(name: str, runs: Path, input_shape: Sequence[int]) -> HeadedNet:
    """The network that `name` (a run or an entry of the zoo) means, if its trunk takes [*input_shape].

    Board trunks work on every size: only their planes have to be the same.
    """
    net = load_net(name, runs)
    takes, gets = net.spec["trunk"]["input_shape"], list(input_shape)
    if takes == gets:
        return net
    if net.spec["trunk"]["kind"] in ANY_BOARD and len(gets) == 3 and takes[0] == gets[0]:
        net.spec["trunk"]["input_shape"] = gets
        return net
    raise UserError(
        f"the trunk of {name} expects inputs {_shape(takes)} and this task gives {_shape(gets)}; "
        "name a run that was trained on the same kind of input"
    )


def hand_over(given: HeadedNet, net: HeadedNet) -> None:
    """Load the weights of `given`'s trunk into `net`'s, strictly."""
    load_weights(net.trunk, dict(given.trunk.state_dict()), "the given trunk")


def has_batch_statistics(net: nn.Module) -> bool:
    return any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())


def describe_trunk(name: str, net: HeadedNet, frozen: bool) -> str:
    spec: dict[str, Any] = net.spec["trunk"]
    count = sum(p.numel() for p in net.trunk.parameters())
    return f"trunk of {name}: {spec['kind']}, {count:,} weights{', frozen' if frozen else ''}; new heads"


def _shape(shape: Sequence[int]) -> str:
    return "[" + ", ".join(str(n) for n in shape) + "]"

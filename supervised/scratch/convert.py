"""`--impl scratch`: replace the library's layers of a network by this folder's; weights and names stay the same."""

from __future__ import annotations

from torch import nn

from supervised.scratch.dropout import Dropout
from supervised.scratch.norms import BatchNorm2d, GroupNorm, LayerNorm


def from_scratch(net: nn.Module) -> nn.Module:
    """Replace, in place, each norm and dropout that has a counterpart here. Board norms, which use a mask, stay."""
    for name, child in net.named_children():
        twin = _twin(child)
        if twin is None:
            from_scratch(child)
            continue
        twin.load_state_dict(child.state_dict())
        twin.train(child.training)
        for own, given in zip(twin.parameters(), child.parameters(), strict=True):
            own.requires_grad_(given.requires_grad)
        setattr(net, name, twin)
    return net


def _twin(layer: nn.Module) -> nn.Module | None:
    if type(layer) is nn.BatchNorm2d:
        assert layer.momentum is not None
        return BatchNorm2d(layer.num_features, layer.eps, layer.momentum)
    if type(layer) is nn.LayerNorm:
        return LayerNorm(layer.normalized_shape, layer.eps)
    if type(layer) is nn.GroupNorm:
        return GroupNorm(layer.num_groups, layer.num_channels, layer.eps)
    if type(layer) is nn.Dropout:
        return Dropout(layer.p)
    return None

"""Optimisers by name, averaged weights (EMA), and the state of both as a tree that a checkpoint can hold."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from supervised.config import Config
from tengen.checkpoint import Tree
from tengen.errors import UserError


def parameter_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """`net`'s trainable parameters for an optimiser: biases and norms (vectors) are exempt from weight decay."""
    trained = [p for p in net.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return [g for g in groups if g["params"]]


def make_optimiser(config: Config, net: nn.Module) -> torch.optim.Optimizer:
    """The optimiser that `config` names."""
    groups = parameter_groups(net, config.weight_decay)
    if config.impl == "scratch":
        from supervised.scratch import optim as by_hand

        return by_hand.make(config.optimiser, groups, config.lr, config.momentum, config.nesterov)
    if config.optimiser == "sgd":
        nesterov = config.nesterov and config.momentum > 0
        return torch.optim.SGD(groups, lr=config.lr, momentum=config.momentum, nesterov=nesterov, fused=True)
    if config.optimiser == "rmsprop":
        return torch.optim.RMSprop(groups, lr=config.lr, momentum=config.momentum)
    kind = torch.optim.AdamW if config.optimiser == "adamw" else torch.optim.Adam
    return kind(groups, lr=config.lr, fused=True)


def optimiser_state(optimiser: torch.optim.Optimizer) -> Tree:
    """The moments of each parameter and the options of each parameter group, with text for keys."""
    state: dict[str, Any] = optimiser.state_dict()
    groups = [{k: v for k, v in group.items() if k != "params"} for group in state["param_groups"]]
    return {"moments": {str(k): v for k, v in state["state"].items()}, "groups": groups}


def load_optimiser(optimiser: torch.optim.Optimizer, tree: Tree) -> None:
    """The reverse of `optimiser_state`. UserError where the moments are those of other parameters."""
    current = optimiser.state_dict()
    _check_moments(optimiser, tree)
    groups = [
        saved | {"params": own["params"]} for saved, own in zip(tree["groups"], current["param_groups"], strict=True)
    ]
    for saved, own in zip(groups, current["param_groups"], strict=True):
        for name, value in own.items():  # tuples came back as lists
            if isinstance(value, tuple):
                saved[name] = tuple(saved[name])
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    moments = {
        int(k): {n: _laid_out_as(parameters[int(k)], m) for n, m in v.items()} for k, v in tree["moments"].items()
    }
    optimiser.load_state_dict({"state": moments, "param_groups": groups})


def _check_moments(optimiser: torch.optim.Optimizer, tree: Tree) -> None:
    """Fused kernels trust the sizes: moments that do not fit would be read beyond their memory."""
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    fits = len(tree["groups"]) == len(optimiser.param_groups)
    for key, moments in tree["moments"].items():
        shape = parameters[int(key)].shape if int(key) < len(parameters) else None
        fits &= all(m.shape in (shape, torch.Size()) for m in moments.values() if isinstance(m, torch.Tensor))
    if not fits:
        raise UserError("the checkpoint's moments belong to another network: was config.yaml changed?")


def _laid_out_as(parameter: torch.Tensor, moment: Any) -> Any:
    """A moment with its parameter's strides: fused kernels walk both as flat memory."""
    if not isinstance(moment, torch.Tensor) or moment.shape != parameter.shape:
        return moment
    return torch.empty_like(parameter, dtype=moment.dtype).copy_(moment)


def make_ema(net: nn.Module, decay: float) -> AveragedModel | None:
    """An exponential moving average of `net`'s weights and buffers; None for decay 0.

    After n steps the decay is at most (1 + n) / (10 + n), as in TensorFlow's ExponentialMovingAverage: the weights
    from before anything was learned are forgotten first.
    """

    def update(averages: Any, weights: Any, count: torch.Tensor | int) -> None:
        n = int(count)
        get_ema_multi_avg_fn(min(decay, (1 + n) / (10 + n)))(averages, weights, count)

    return AveragedModel(net, multi_avg_fn=update, use_buffers=True) if decay else None


def ema_state(net: nn.Module, ema: AveragedModel | None) -> Tree:
    """What a checkpoint needs beside the averaged weights, which it keeps as the network's."""
    return {} if ema is None else {"raw": dict(net.state_dict()), "averaged": ema.n_averaged}


def load_ema(net: nn.Module, ema: AveragedModel | None, tree: Tree) -> None:
    """The reverse of `ema_state`."""
    if ema is not None:
        net.load_state_dict(tree["raw"])
        ema.n_averaged.copy_(tree["averaged"])

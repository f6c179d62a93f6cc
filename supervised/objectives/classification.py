"""Classification with one or several heads: cross-entropy, label smoothing, mixup."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch.nn import functional

from supervised.data.source import IGNORED
from supervised.objectives.objective import Batch, Forward, Shares

Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]  # logits [B, K], target [B], smoothing -> mean


def cross_entropy(logits: torch.Tensor, target: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """Mean of -log p(target) over the examples with a target; 0 if there are none.

    `logits` [B, K], `target` [B] class or IGNORED. With `smoothing` s the target is 1 - s + s / K on the class
    and s / K on the others (Szegedy 2016, section 7).
    """
    total = functional.cross_entropy(logits, target, ignore_index=IGNORED, label_smoothing=smoothing, reduction="sum")
    return total / (target != IGNORED).sum().clamp(min=1)


def classification(
    net: Forward,
    batch: Batch,
    rng: np.random.Generator,
    *,
    main: str,
    weights: Mapping[str, float],
    smoothing: float = 0.0,
    mixup_alpha: float = 0.0,
    loss_of: Loss = cross_entropy,
    shares: Shares | None = None,
) -> tuple[torch.Tensor, dict[str, float]]:
    """(weighted sum of the heads' losses, metrics): an `Objective` once the options other than `shares` are bound.

    `main` is the head whose accuracy is reported; `weights`: of the heads' losses, default 1. With `mixup_alpha` the
    inputs are bytes and are mixed in pairs; the losses are mixed likewise (Zhang 2018, section 2).
    """
    x, targets = batch
    partner, fraction = None, 1.0
    if mixup_alpha:
        x, partner, fraction = mixup(x.float() / 255, mixup_alpha, rng)
    out = net(x)  # head -> [B, K]
    metrics: dict[str, float] = {}
    loss = torch.zeros((), device=x.device)
    for name, logits in out.items():
        head_loss = loss_of(logits, targets[name], smoothing)
        if partner is not None:
            head_loss = fraction * head_loss + (1 - fraction) * loss_of(logits, targets[name][partner], smoothing)
        share = shares.targets[name] if shares else 1.0
        loss = loss + weights.get(name, 1.0) * share * head_loss
        metrics["loss" if name == main else f"loss/{name}"] = head_loss.item() * share
    accuracy = (out[main].argmax(1) == targets[main]).float().mean().item()
    metrics["accuracy"] = accuracy * (shares.examples if shares else 1.0)
    return loss, metrics


def mixup(x: torch.Tensor, alpha: float, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, float]:
    """(fraction * x + (1 - fraction) * x[partner], partner [B], fraction ~ Beta(alpha, alpha)). `x` [B, ...] float."""
    fraction = float(rng.beta(alpha, alpha))
    partner = torch.from_numpy(rng.permutation(len(x)))
    return fraction * x + (1 - fraction) * x[partner], partner, fraction


def scores(found: Mapping[str, tuple[torch.Tensor, torch.Tensor]], main: str) -> dict[str, float]:
    """Loss, accuracy and top-5 accuracy of the `main` head; accuracy of the others.

    `found`: head -> (logits [N, K], targets [N] class or IGNORED).
    """
    logits, target = found[main]
    known = target != IGNORED
    top = logits[known].topk(min(5, logits.shape[1]), dim=1).indices == target[known, None]
    result = {
        "loss": cross_entropy(logits, target).item(),
        "accuracy": top[:, 0].float().mean().item(),
        "top5": top.any(1).float().mean().item(),
        "examples": int(known.sum()),
    }
    for name, (logits, target) in found.items():
        known = target != IGNORED
        if name != main and known.any():
            result[f"{name}_accuracy"] = (logits.argmax(1) == target)[known].float().mean().item()
    return result

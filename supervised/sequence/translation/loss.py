"""The loss of translators, teacher forcing with smoothed cross-entropy, and a training step for timing."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from supervised.sequence.translation.batches import Batch
from supervised.sequence.translation.config import Config
from supervised.sequence.translation.pieces import PAD
from supervised.sequence.translation.translate import NETS
from tengen.bounds import bounded
from tengen.device import Compute


def cross_entropy(model: Any, batch: Batch, compute: Compute, smoothing: float) -> tuple[torch.Tensor, float]:
    """(mean smoothed cross-entropy of the target's pieces, the same without smoothing).

    Logits are computed for real pieces only; padding costs nothing.
    """
    source, before, after = (part.to(compute.device) for part in batch)
    real = after != PAD  # [B, T]
    with compute.autocast():
        logits = model.output(model.hidden(source, before)[real]).float()  # [N, V]
    log_p = logits.log_softmax(1)
    nats = functional.nll_loss(log_p, after[real])
    loss = (1 - smoothing) * nats - smoothing * log_p.mean()
    return loss, nats.item()


def trial(network: dict[str, Any], batch: Batch, config: Config, compute: Compute) -> Any:
    """A training step of a separate network, for timing."""
    with torch.random.fork_rng(devices=[]):
        sizes = [4 + len(network[side]["characters"]) + len(network[side]["merges"]) for side in ("source", "target")]
        model = compute.place(bounded(lambda: NETS[config.net](*sizes, **network["options"])))

    def step() -> None:
        model.zero_grad()
        cross_entropy(model, batch, compute, config.label_smoothing)[0].backward()

    return step

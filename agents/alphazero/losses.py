"""AlphaZero's losses: policy and outcome (Silver et al. 2017, Eq. 1), and KataGo's auxiliary targets.

    policy      - sum_a pi(a) log p(a)          pi: the policy as improved by search
    outcome     - log p(won, drawn or lost)     the paper squares the difference of values; this is its
                                                cross-entropy form, with draws apart (supervised/objectives)
    reply       - log p(the opponent's move)    Wu 2019, section 4.1 (the same)
    ownership   cross-entropy a point           section 4.1, with (1 + tanh) / 2 as the probability
    score       Huber, in points                appendix B, simplified: the mean only

Each is the mean over the positions that have such a target; the others contribute no gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from agents.alphazero.batch import Batch
from supervised.data.source import IGNORED
from supervised.objectives.classification import cross_entropy


class Targets(NamedTuple):
    """Of B positions, as the player to move sees them; the tensors of a `Batch`."""

    policy: torch.Tensor  # [B, A] sums to 1
    outcome: torch.Tensor  # [B] 0 won, 1 drawn, 2 lost, IGNORED
    reply: torch.Tensor  # [B] action, IGNORED
    ownership: torch.Tensor  # [B, H, W] 1, -1, 0 for nobody's
    score: torch.Tensor  # [B] points
    counted: torch.Tensor  # [B] bool: ownership and score are known
    on_board: torch.Tensor  # [B, H, W] 1 on the board, 0 beyond a smaller one

    @classmethod
    def of(cls, batch: Batch, masked: bool, device: str) -> Targets:
        """`masked`: boards of several sizes, with the first plane 1 on the board."""
        on_board = batch.planes[:, 0] if masked else np.ones_like(batch.ownership)
        policy, outcome, reply, ownership, score, counted, mask = (
            torch.from_numpy(array).to(device) for array in (*batch[1:], on_board)
        )
        return cls(policy, outcome, reply, ownership, score, counted, mask)


def losses(out: Mapping[str, torch.Tensor], t: Targets) -> dict[str, torch.Tensor]:
    """The loss of each head in `out` that has one, before weights."""
    parts = {"policy": policy_loss(out["policy"], t.policy), "outcome": cross_entropy(out["outcome"], t.outcome)}
    if "reply" in out:
        parts["reply"] = cross_entropy(out["reply"], t.reply)
    if "ownership" in out:
        parts["ownership"] = ownership_loss(out["ownership"], t.ownership, t.counted, t.on_board)
    if "score" in out:
        parts["score"] = score_loss(out["score"], t.score, t.counted)
    return parts


def counts(t: Targets) -> dict[str, float]:
    """Over how many positions, or points of their boards, each loss is the mean."""
    found = {
        "policy": torch.ones_like(t.score),
        "outcome": t.outcome != IGNORED,
        "reply": t.reply != IGNORED,
        "ownership": t.on_board * t.counted[:, None, None],
        "score": t.counted,
    }
    return {name: float(known.sum()) for name, known in found.items()}


def policy_loss(logits: torch.Tensor, pi: torch.Tensor) -> torch.Tensor:
    return -(pi * logits.log_softmax(1)).sum(1).mean()


def entropy(pi: torch.Tensor) -> torch.Tensor:
    """The least that `policy_loss` can be: the targets' own entropy."""
    return -torch.where(pi > 0, pi * pi.clamp(min=1e-12).log(), torch.zeros_like(pi)).sum(1).mean()


def ownership_loss(
    owner: torch.Tensor, target: torch.Tensor, counted: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """`owner` and `target` [B, H, W] in [-1, 1], `mask` [B, H, W] 1 on the board."""
    p = ((1 + owner) / 2).clamp(1e-4, 1 - 1e-4)
    q = (1 + target) / 2
    each = -(q * p.log() + (1 - q) * (1 - p).log()) * mask * counted[:, None, None]
    return each.sum() / (mask * counted[:, None, None]).sum().clamp(min=1)


def score_loss(score: torch.Tensor, target: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Huber with a knee at 10 points."""
    each = functional.huber_loss(score, target, reduction="none", delta=10.0) * counted
    return each.sum() / counted.sum().clamp(min=1)

"""The heads of a board network computed together, for small batches: a few matrix products, not some sixty operations.

A search in one game asks for 8 to 32 positions at a time, where launching an operation costs more than its arithmetic.
All heads start with 1x1 convolutions of the same features: one product. Those that pool do so together; the next layer
is one product for all of them, with zeros where one head's weights meet another's values.

    x [B P, C] ── one product ──▶ [B P, K] ┬─ mean, max over points ── product ─┬─ policy's bias and pass
                                           ├─ + bias ── policy                  └─ relu ── product ── outcome, score
                                           └─ ownership
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from supervised.nets.board_heads import BoardPolicy, BoardValue, Outcome, Ownership, Score
from supervised.nets.tower import BoardFeatures

_WHOLE = {"outcome": Outcome, "value": BoardValue, "score": Score}


def can_join(heads: Mapping[str, nn.Module]) -> bool:
    """Whether `heads`, folded (supervised/kernels/fold.py), are of the kinds that can be computed together."""
    kinds = {**_WHOLE, "policy": BoardPolicy, "ownership": Ownership}
    return "policy" in heads and all(name in kinds and type(head) is kinds[name] for name, head in heads.items())


class JoinedHeads:
    """`heads` for boards without a mask: features -> {head: output}, the same numbers up to rounding."""

    def __init__(self, heads: Mapping[str, nn.Module]) -> None:
        policy = heads["policy"]
        assert can_join(heads) and isinstance(policy, BoardPolicy)
        wholes = {name: head for name, head in heads.items() if isinstance(head, Outcome | BoardValue | Score)}
        owner = heads.get("ownership")
        self.whole = {name: head.out.out_features for name, head in wholes.items()}
        pooled = [policy.whole, *(head.conv for head in wholes.values())]
        convs = [*pooled, *([owner.inner] if isinstance(owner, Ownership) else []), policy.points]
        self.pooled, self.inner = sum(conv.out_channels for conv in pooled), policy.points.out_channels
        self.weight = torch.cat([conv.weight.flatten(1) for conv in convs]).t().contiguous()  # [C, K]
        self.shift = torch.cat([_bias(conv) for conv in convs])  # [K]
        to_policy = nn.Linear(policy.bias.in_features, self.inner + 1)
        to_policy.weight.data = torch.cat([policy.bias.weight, policy.to_pass.weight])
        to_policy.bias.data = torch.cat([policy.bias.bias, policy.to_pass.bias])
        hidden = [to_policy, *(head.hidden for head in wholes.values())]
        parts = [layer.weight.unflatten(1, (3, -1)) for layer in hidden]  # each [H, 3, inner]: mean, scaled mean, max
        self.of_mean, self.of_scaled, self.of_max = (
            torch.block_diag(*(part[:, i] for part in parts)).t().contiguous() for i in range(3)
        )
        self.hidden_bias = torch.cat([layer.bias for layer in hidden])
        self.last = torch.block_diag(*(head.out.weight for head in wholes.values())).t().contiguous()
        self.last_bias = torch.cat([head.out.bias for head in wholes.values()])
        self.to_points = policy.out.weight.flatten()
        self.to_owner = (owner.out.weight.flatten(), _bias(owner.out)) if isinstance(owner, Ownership) else None

    def __call__(self, board: BoardFeatures) -> dict[str, torch.Tensor]:
        x = board.x.permute(0, 2, 3, 1)  # [B, H, W, C]
        batch, height, width, channels = x.shape
        y = torch.addmm(self.shift, x.reshape(-1, channels), self.weight).view(batch, height * width, -1)  # [B, P, K]
        relued = y[:, :, : -self.inner].relu()
        pooled = relued[:, :, : self.pooled]
        edge = ((height * width) ** 0.5 - 14) / 10
        hidden = torch.addmm(self.hidden_bias, pooled.mean(1), self.of_mean + edge * self.of_scaled)
        hidden.addmm_(pooled.amax(1), self.of_max)  # [B, inner + 1 + hidden layers]
        points = (y[:, :, -self.inner :] + hidden[:, None, : self.inner]).relu_()
        out = {"policy": torch.cat([points @ self.to_points, hidden[:, self.inner : self.inner + 1]], 1)}
        last = torch.addmm(self.last_bias, hidden[:, self.inner + 1 :].relu(), self.last)
        for (name, size), found in zip(self.whole.items(), last.split(list(self.whole.values()), 1), strict=True):
            out[name] = found if size > 1 else found.squeeze(1)
        if "value" in out:
            out["value"] = out["value"].tanh()
        if "score" in out:
            out["score"] = 20 * out["score"]
        if self.to_owner is not None:
            weight, bias = self.to_owner
            assert bias is not None
            out["ownership"] = (relued[:, :, self.pooled :] @ weight + bias).tanh().view(batch, height, width)
        return out


def _bias(conv: nn.Conv2d) -> torch.Tensor:
    return torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()

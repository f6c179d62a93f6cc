"""Wraps `HeadedNet` as a `TorchRLModule`, with which RLlib acts and learns. The network is ours, kernels included.

    model_config = {"spec": network, "compute": Compute as plain values, "freeze_trunk": bool}

A run's checkpoints hold the weights of `module.net`; RLlib's own checkpoints are not used.
"""

from __future__ import annotations

from typing import Any

import torch
from ray.rllib.algorithms.dqn.dqn_learner import QF_NEXT_PREDS, QF_PREDS, QF_TARGET_NEXT_PREDS
from ray.rllib.core.columns import Columns
from ray.rllib.core.learner.utils import make_target_network
from ray.rllib.core.rl_module.apis import (
    TARGET_NETWORK_ACTION_DIST_INPUTS,
    InferenceOnlyAPI,
    QNetAPI,
    TargetNetworkAPI,
    ValueFunctionAPI,
)
from ray.rllib.core.rl_module.torch import TorchRLModule
from ray.rllib.utils.schedules.scheduler import Scheduler
from torch import nn

from supervised.kernels.learning import for_learning
from supervised.nets.headed import HeadedNet, build
from supervised.trunks import has_batch_statistics
from tengen.config import from_dict
from tengen.device import Compute

_CHUNK = 256  # rows of a forward pass without gradients


class _Net(TorchRLModule, InferenceOnlyAPI, TargetNetworkAPI):
    """A network and, if the algorithm needs one, its target network."""

    model_config: Any

    def setup(self) -> None:
        compute = from_dict(Compute, self.model_config["compute"])
        if self.inference_only and compute.device != "cpu":
            compute = Compute(threads=compute.threads)  # runners may have no GPU
        self.compute = compute
        self.net: HeadedNet = build(self.model_config["spec"])
        self.net.trunk.requires_grad_(not self.model_config["freeze_trunk"])
        self._keeps_statistics = has_batch_statistics(self.net)
        for_learning(self.net, compute)

    def train(self, mode: bool = True) -> _Net:
        """As in Tengen's agents: keep the batch statistics stored in the trunk."""
        super().train(mode and not self._keeps_statistics)
        return self

    def outputs(self, obs: torch.Tensor, net: nn.Module | None = None) -> dict[str, torch.Tensor]:
        """The output of each head for observations [B, *obs_shape], in float32."""
        with self.compute.autocast():
            out = (net or self.net)(obs)
        return {name: head.float() for name, head in out.items()}

    def get_non_inference_attributes(self) -> list[str]:
        return ["target"]

    def make_target_networks(self) -> None:
        self.target = make_target_network(self.net)

    def get_target_network_pairs(self) -> list[tuple[nn.Module, nn.Module]]:
        return [(self.net, self.target)]


class PolicyNet(_Net, ValueFunctionAPI):
    """Policy and value: PPO, IMPALA, APPO."""

    def _forward(self, batch: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {Columns.ACTION_DIST_INPUTS: self.outputs(batch[Columns.OBS])["policy"]}  # [B, A]

    def _forward_train(self, batch: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        out = self.outputs(batch[Columns.OBS])
        return {Columns.ACTION_DIST_INPUTS: out["policy"], Columns.EMBEDDINGS: out["value"]}

    def compute_values(self, batch: dict[str, Any], embeddings: torch.Tensor | None = None) -> torch.Tensor:
        """Values [B]: from the training forward pass, or, for advantages, without gradient."""
        if embeddings is not None:
            return embeddings
        with torch.inference_mode():
            return torch.cat([self.outputs(obs)["value"] for obs in batch[Columns.OBS].split(_CHUNK)])

    def forward_target(self, batch: dict[str, Any]) -> dict[str, Any]:
        with torch.no_grad():
            return {TARGET_NETWORK_ACTION_DIST_INPUTS: self.outputs(batch[Columns.OBS], self.target)["policy"]}


class ValueNet(_Net, QNetAPI):
    """Action values: DQN, epsilon-greedy by the schedule in model_config["epsilon"]."""

    def setup(self) -> None:
        super().setup()
        (self._head,) = self.net.heads
        self._epsilon = Scheduler(self.model_config["epsilon"], framework="torch")

    def compute_q_values(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {QF_PREDS: self.outputs(batch[Columns.OBS])[self._head]}  # [B, A]

    def forward_target(self, batch: dict[str, Any]) -> dict[str, Any]:
        with torch.no_grad():
            return {QF_PREDS: self.outputs(batch[Columns.OBS], self.target)[self._head]}

    def _forward(self, batch: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {Columns.ACTIONS: self.compute_q_values(batch)[QF_PREDS].argmax(1)}

    def _forward_exploration(self, batch: dict[str, Any], t: int, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        with torch.no_grad():
            q = self.compute_q_values(batch)[QF_PREDS]
        self._epsilon.update(t)
        random = torch.randint(q.shape[1], (len(q),), device=q.device)
        explores = torch.rand(len(q), device=q.device) < float(self._epsilon.get_current_value())
        return {Columns.ACTIONS: torch.where(explores, random, q.argmax(1))}

    def _forward_train(self, batch: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        q = self.compute_q_values(batch)[QF_PREDS]
        following = {Columns.OBS: batch[Columns.NEXT_OBS]}
        out = {QF_PREDS: q, QF_TARGET_NEXT_PREDS: self.forward_target(following)[QF_PREDS]}
        if self.model_config["double"]:
            with torch.no_grad():
                out[QF_NEXT_PREDS] = self.compute_q_values(following)[QF_PREDS]
        return out

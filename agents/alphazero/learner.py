"""AlphaZero's learner: the network, its moving average, and the gradient steps.

SGD with Nesterov momentum; the exponential moving average (EMA) of the weights is the network that plays.
"""

from __future__ import annotations

import torch
from torch.nn.utils import clip_grad_norm_

from agents.alphazero.batch import Batch
from agents.alphazero.config import Config
from agents.alphazero.losses import Targets, counts, entropy, losses
from supervised.kernels.shared_norm import share_norms
from supervised.nets.headed import HeadedNet, load_weights
from supervised.optim import (
    ema_state,
    load_ema,
    load_optimiser,
    make_ema,
    optimiser_state,
    parameter_groups,
)
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.learners.group import ALONE, Group

_DECAY = 0.15  # of the training, at its end: the learning rate falls to a tenth
_MAX_NORM = 5.0  # of the gradient


class Learner:
    """`learn(batch, step)` makes one gradient step; `playing_net` is the network that plays."""

    def __init__(self, config: Config, net: HeadedNet, compute: Compute, total_steps: int) -> None:
        """`total_steps`: moves of self-play in the whole training, for the learning rate."""
        self.config, self.net, self.compute, self.total_steps = config, net, compute, total_steps
        groups = parameter_groups(net, config.weight_decay)
        self.optimiser = torch.optim.SGD(groups, lr=config.lr, momentum=0.9, nesterov=True, fused=True)
        self.ema = make_ema(net, config.ema)
        self.gradient_steps = 0
        self.group: Group = ALONE  # of learners, each of which has a part of every batch
        self._weights = {
            "policy": 1.0,
            "outcome": config.outcome_weight,
            "reply": config.reply_weight,
            "ownership": config.ownership_weight,
            "score": config.score_weight,
        }

    @property
    def playing_net(self) -> HeadedNet:
        return self.ema.module if self.ema is not None else self.net  # type: ignore[return-value]

    def lr(self, step: int) -> float:
        """The learning rate after `step` moves: rises with the gradient steps, stays, and falls to a tenth."""
        left = (self.total_steps - step) / max(1.0, _DECAY * self.total_steps)
        risen = min(1.0, (self.gradient_steps + 1) / max(1, self.config.lr_warmup))
        return self.config.lr * risen * min(1.0, max(0.1, left))

    def learn(self, batch: Batch, step: int) -> dict[str, float]:
        """One gradient step; its metrics."""
        parts = [(Batch(*(array[part] for array in batch)), step) for part in self.group.parts(len(batch.planes))]
        return self.follow(self.group.deal(parts))

    def join(self, group: Group) -> None:
        """Be one of several learners, all in the same state."""
        self.group = group
        share_norms(self.net, group)

    def follow(self, work: tuple[Batch, int]) -> dict[str, float]:
        """The gradient step of this learner's part of a batch; metrics of the whole."""
        batch, step = work
        device = self.compute.device
        targets = Targets.of(batch, bool(self.config.sizes), device)
        for group in self.optimiser.param_groups:
            group["lr"] = self.lr(step)
        with self.compute.autocast():
            out = self.net(torch.from_numpy(batch.planes).to(device))
        out = {name: value.float() for name, value in out.items()}
        parts = losses(out, targets)
        shares = self._shares(targets)
        loss = torch.stack([self._weights[name] * shares[name] * part for name, part in parts.items()]).sum()
        self.optimiser.zero_grad()
        loss.backward()
        self.group.add_gradients(self.net.parameters())
        clip_grad_norm_(self.net.parameters(), _MAX_NORM)
        self.optimiser.step()
        if self.ema is not None:
            self.ema.update_parameters(self.net)
        self.gradient_steps += 1
        metrics = {f"loss/{name}": part.item() * shares[name] for name, part in parts.items()}
        least = entropy(targets.policy).item() * shares["policy"]
        metrics["kl"] = metrics["loss/policy"] - least  # of the policy to its target
        accuracy = (out["outcome"].argmax(1) == targets.outcome).float().mean().item()
        metrics["outcome_accuracy"] = accuracy * shares["policy"]
        return self.group.total(metrics)

    def _shares(self, targets: Targets) -> dict[str, float]:
        """loss -> what its mean over this learner's part counts in that of the whole batch."""
        if self.group.size == 1:
            return dict.fromkeys(self._weights, 1.0)
        own = counts(targets)
        whole = self.group.total(own)
        return {name: count / max(1.0, whole[name]) for name, count in own.items()}

    # --- saving -----------------------------------------------------------------------------------------------

    def state(self) -> Tree:
        return {
            "network": self.net.spec,
            "weights": dict(self.playing_net.state_dict()),
            "optimiser": optimiser_state(self.optimiser),
            "gradient_steps": self.gradient_steps,
            "own": ema_state(self.net, self.ema),
        }

    def load(self, tree: Tree) -> None:
        load_weights(self.playing_net, tree["weights"], "the checkpoint")
        load_ema(self.net, self.ema, tree["own"])
        load_optimiser(self.optimiser, tree["optimiser"])
        self.gradient_steps = tree["gradient_steps"]

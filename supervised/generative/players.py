"""Generator and discriminator, each with its optimiser, and one turn of their game."""

from __future__ import annotations

import math
from typing import Any

import torch

from supervised.generative.config import GanConfig
from supervised.generative.gan import (
    Discriminator,
    Generator,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from supervised.optim import ema_state, load_ema, load_optimiser, make_ema, optimiser_state
from tengen.bounds import bounded
from tengen.checkpoint import Tree
from tengen.device import Compute
from tengen.errors import UserError

_GROUP = 8  # pictures that the discriminator compares with each other


class Players:
    """Both networks, their optimisers, and the average of the generator's weights (`best`)."""

    def __init__(self, network: dict[str, Any], config: GanConfig, compute: Compute, seed: int) -> None:
        torch.manual_seed(seed)
        self.config, self.compute = config, compute
        self.generator = bounded(lambda: Generator(**network))
        self.discriminator = bounded(lambda: self._discriminator(**network))
        for net in (self.generator, self.discriminator):
            compute.place(net)
        betas = (config.beta1, config.beta2)
        self.of_d = torch.optim.Adam(self.discriminator.parameters(), config.lr, betas, fused=True)
        self.of_g = torch.optim.Adam(self.generator.parameters(), config.lr, betas, fused=True)
        self.ema = make_ema(self.generator, config.ema)

    def _discriminator(self, noise: int, planes: int, side: int, width: int) -> Discriminator:
        return Discriminator(planes, side, width, group=math.gcd(self.config.batch, _GROUP))

    @property
    def best(self) -> torch.nn.Module:
        return self.ema.module if self.ema is not None else self.generator

    def turn(self, x: torch.Tensor, lr: float, penalise: bool) -> dict[str, float]:
        """One step of D on real pictures `x` [B, C, H, W] and as many generated ones, then one of G against it."""
        c = self.config
        for group in (*self.of_d.param_groups, *self.of_g.param_groups):
            group["lr"] = lr
        self.generator.train()
        with self.compute.autocast():
            made = self.generator(torch.randn(len(x), c.noise).to(x.device))
            real, fake = self.discriminator(torch.cat([x, made.detach().to(x.dtype)])).float().chunk(2)
        loss_d = discriminator_loss(real, fake)
        penalty = torch.zeros(())
        if penalise:
            x = x.detach().requires_grad_()
            penalty = gradient_penalty(self.discriminator(x), x)
        self.of_d.zero_grad()
        (loss_d + c.penalty * c.penalty_every * penalty).backward()
        self.of_d.step()
        with self.compute.autocast():
            loss_g = generator_loss(self.discriminator(made).float())
        if not torch.isfinite(loss_d + loss_g):
            raise UserError("a loss is NaN or inf: the training diverged; try a lower --lr")
        self.of_g.zero_grad()
        loss_g.backward()
        self.of_g.step()
        if self.ema is not None:
            self.ema.update_parameters(self.generator)
        right = 0.5 * (real > 0).float().mean() + 0.5 * (fake < 0).float().mean()
        return {"loss/d": loss_d.item(), "loss/g": loss_g.item(), "d_accuracy": right.item()}

    def state(self) -> Tree:
        return {
            "weights": dict(self.best.state_dict()),
            "discriminator": dict(self.discriminator.state_dict()),
            "of_d": optimiser_state(self.of_d),
            "of_g": optimiser_state(self.of_g),
            "own": ema_state(self.generator, self.ema),
        }

    def load(self, tree: Tree) -> None:
        self.best.load_state_dict(tree["weights"])
        load_ema(self.generator, self.ema, tree["own"])
        self.discriminator.load_state_dict(tree["discriminator"])
        load_optimiser(self.of_d, tree["of_d"])
        load_optimiser(self.of_g, tree["of_g"])

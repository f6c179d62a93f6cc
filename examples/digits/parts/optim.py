"""The optimiser: Nesterov momentum, weight decay, and a learning rate with warmup and cosine decay."""

import math
from collections.abc import Iterable

import torch


def learning_rate(step: int, steps: int, highest: float, warmup: float) -> float:
    """The learning rate of gradient step number `step` of `steps`, counted from 0.

    Over the first fraction `warmup` of all steps it rises linearly from 0 to `highest`; from there it falls along half
    a cosine, and would reach 0 at step number `steps` (Loshchilov & Hutter 2017,
    arXiv:1608.03983, equation 5).
    With steps = 100, highest = 1, warmup = 0.2: step 10 has 0.5, step 20 has 1, step 60 has 0.5.
    """
    rising = warmup * steps
    if step < rising:
        return highest * step / rising
    fallen = (step - rising) / (steps - rising)
    return highest * (1 + math.cos(math.pi * fallen)) / 2


class Momentum:
    """Gradient descent with Nesterov momentum and weight decay (Sutskever et al. 2013), as in torch.optim.SGD.

        g <- gradient + weight_decay * w        v <- momentum * v + g        w <- w - lr * (g + momentum * v)

    `lr` is an attribute, which the training loop changes at every step.
    """

    def __init__(
        self, parameters: Iterable[torch.nn.Parameter], lr: float, momentum: float = 0.9, weight_decay: float = 0.0
    ) -> None:
        self.parameters = list(parameters)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.velocity = [torch.zeros_like(p) for p in self.parameters]

    def zero_grad(self) -> None:
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient, and its velocity, in place, by the three equations above."""
        for p, v in zip(self.parameters, self.velocity, strict=True):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            v.mul_(self.momentum).add_(g)
            p.sub_(self.lr * (g + self.momentum * v))

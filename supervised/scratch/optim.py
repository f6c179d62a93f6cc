"""Optimisers from scratch. g is the gradient, theta the weights, eta the learning rate, lambda the weight decay.

SGD       v <- mu v + g + lambda theta
          theta <- theta - eta v                        Nesterov: theta - eta (g + lambda theta + mu v)
RMSProp   s <- alpha s + (1 - alpha) g^2                theta <- theta - eta g / (sqrt(s) + eps)
          (Tieleman, Hinton 2012, lecture 6.5), with momentum on the quotient
Adam      m <- beta1 m + (1 - beta1) g                  m^ = m / (1 - beta1^t)
          v <- beta2 v + (1 - beta2) g^2                v^ = v / (1 - beta2^t)
          theta <- theta - eta m^ / (sqrt(v^) + eps)    (Kingma, Ba 2015, arXiv:1412.6980, algorithm 1)
AdamW     theta <- theta - eta lambda theta first, and no lambda in g
          (Loshchilov, Hutter 2019, arXiv:1711.05101, algorithm 2)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch


class _Optimiser(torch.optim.Optimizer):
    """Calls `follow(theta, g, state, group)` for each weight with a gradient; g includes coupled weight decay."""

    coupled_decay = True

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for theta in group["params"]:
                if theta.grad is None:
                    continue
                g = theta.grad
                if group["weight_decay"] and self.coupled_decay:
                    g = g + group["weight_decay"] * theta
                self.follow(theta, g, self.state[theta], group)

    def follow(self, theta: torch.Tensor, g: torch.Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        raise NotImplementedError


class SGD(_Optimiser):
    def __init__(
        self, params: Iterable[Any], lr: float, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay})

    def follow(self, theta: torch.Tensor, g: torch.Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        mu = group["momentum"]
        v = mu * state["velocity"] + g if "velocity" in state else g.clone()
        state["velocity"] = v
        theta -= group["lr"] * (g + mu * v if group["nesterov"] else v)


class RMSprop(_Optimiser):
    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
        )

    def follow(self, theta: torch.Tensor, g: torch.Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        alpha = group["alpha"]
        s = state.get("square", torch.zeros_like(theta))
        state["square"] = s = alpha * s + (1 - alpha) * g.square()
        velocity = state.get("velocity", torch.zeros_like(theta))
        state["velocity"] = velocity = group["momentum"] * velocity + g / (s.sqrt() + group["eps"])
        theta -= group["lr"] * velocity


class Adam(_Optimiser):
    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def follow(self, theta: torch.Tensor, g: torch.Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        beta1, beta2 = group["betas"]
        state["step"] = t = state.get("step", 0) + 1
        m = state.get("first", torch.zeros_like(theta))
        v = state.get("second", torch.zeros_like(theta))
        state["first"] = m = beta1 * m + (1 - beta1) * g
        state["second"] = v = beta2 * v + (1 - beta2) * g.square()
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta -= group["lr"] * m_hat / (v_hat.sqrt() + group["eps"])


class AdamW(Adam):
    coupled_decay = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def follow(self, theta: torch.Tensor, g: torch.Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        theta *= 1 - group["lr"] * group["weight_decay"]
        super().follow(theta, g, state, group)


def make(name: str, groups: list[Any], lr: float, momentum: float, nesterov: bool) -> torch.optim.Optimizer:
    """The optimiser `name`, with settings as in the library's."""
    if name == "sgd":
        return SGD(groups, lr, momentum, nesterov and momentum > 0)
    if name == "rmsprop":
        return RMSprop(groups, lr, momentum=momentum)
    return (AdamW if name == "adamw" else Adam)(groups, lr)

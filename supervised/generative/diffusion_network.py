"""The description of a diffusion model that is saved with its weights, and the network built from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import torch
from torch import nn

from supervised.generative import diffusion as ddpm
from supervised.generative.denoiser import Denoiser
from supervised.generative.judged import load
from supervised.generative.latent import LatentDiffusion
from tengen.bounds import bounded
from tengen.config import Amount, Fraction, Range, check_described

_Side = Annotated[int, Range(1, 1024)]
_Times = Annotated[int, Range(1, 1_000_000)]
_OF_NO_WEIGHT: dict[str, Any] = {  # entries of a description that sampling uses and loading the weights cannot check
    "model": Literal["diffusion", "latent-diffusion"],
    "noise": Literal["linear", "cosine"],
    "times": _Times,
    "steps": _Times,
    "guidance": Amount,
    "eta": Fraction,
    "height": _Side,
    "width": _Side,
}


def schedule(network: dict[str, Any]) -> torch.Tensor:
    """alpha_bar [T + 1]."""
    return (ddpm.cosine_schedule if network["noise"] == "cosine" else ddpm.linear_schedule)(network["times"])


def build(network: dict[str, Any]) -> nn.Module:
    planes, classes, channels = network["planes"], len(network["classes"]), tuple(network["channels"])
    if network["model"] == "diffusion":
        return bounded(lambda: Denoiser(planes, classes, channels, network["depth"]))
    latent, width = network["latent"], network["first_width"]
    return bounded(lambda: LatentDiffusion(planes, classes, latent, width, channels, network["depth"]))


def shape_of(network: dict[str, Any]) -> tuple[int, ...]:
    """Shape of the tensor that is denoised: a picture or its code."""
    height, width = network["side"]
    if network["model"] == "diffusion":
        return (network["planes"], height, width)
    return (network["latent"], height // 4, width // 4)


def _denoiser(model: Any, network: dict[str, Any]) -> Any:
    return model.denoiser if network["model"] == "latent-diffusion" else model


def multiplications(network: dict[str, Any]) -> int:
    """Multiplications in one denoising step of one picture."""
    from torch.utils.flop_counter import FlopCounterMode

    net = _denoiser(build(network).eval(), network)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, *shape_of(network)), torch.ones(1).long(), torch.zeros(1).long())
    return counter.get_total_flops() // 2


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> nn.Module:
    told = {**network, "height": network["side"][0], "width": network["side"][1]}
    check_described(told, _OF_NO_WEIGHT)
    if not all(isinstance(name, str) for name in network["classes"]):
        raise TypeError("the names of classes must be strings")
    with torch.device("meta"), torch.no_grad():  # check that the network accepts pictures of this size
        _denoiser(build(network), network)(torch.zeros(1, *shape_of(network)), *torch.zeros(2, 1).long())
    made: nn.Module = load(build(network), weights)
    made.description = network  # type: ignore[assignment]
    return made

"""Two models of binary pictures (kind.py) with a code: the autoencoder and the VAE."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from supervised.generative import autoencoder as ae
from supervised.generative import vae
from supervised.generative.blocks import normal
from supervised.generative.kind import Kind, Network
from supervised.nets.catalogue import trunk_spec
from supervised.systems.gradient import Metrics


def _autoencoder_network(config: Any, shape: tuple[int, ...]) -> Network:
    hidden = [config.hidden] * 2
    return {
        "model": config.model,
        "trunk": trunk_spec(config.net, shape),
        "latent": config.latent,
        "hidden": hidden,
    }


def _autoencoder_loss(
    model: ae.Autoencoder, x: torch.Tensor, rng: np.random.Generator, config: Any, progress: float
) -> tuple[torch.Tensor, Metrics]:
    return ae.reconstruction(model, x).mean(), {}


def _fit_codes(model: ae.Autoencoder, x: torch.Tensor) -> None:
    with torch.no_grad():
        model.fit_codes(torch.cat([model.encode(part).float() for part in x.split(500)]))


def _decoded(model: Any, count: int, rng: np.random.Generator, temperature: float) -> torch.Tensor:
    noise = temperature * normal(rng, count, model.decoder[0].in_features, like=model.decoder[0].weight)
    return model.decode(model.latents(noise)).float().sigmoid()


def _vae_loss(
    model: vae.VAE, x: torch.Tensor, rng: np.random.Generator, config: Any, progress: float
) -> tuple[torch.Tensor, Metrics]:
    beta = min(1.0, progress / config.kl_warmup) if config.kl_warmup else 1.0
    loss, nats, kl = vae.negative_elbo(model, x, normal(rng, len(x), model.latent, like=x), beta)
    return loss.mean(), {"reconstruction": nats.mean().item(), "kl": kl.mean().item()}


def _vae_nats(model: vae.VAE, x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    return vae.negative_elbo(model, x, normal(rng, len(x), model.latent, like=x))[0]


AUTOENCODING = {
    "autoencoder": Kind(
        _autoencoder_network,
        lambda n: ae.Autoencoder(n["trunk"], n["latent"], n["hidden"]),
        _autoencoder_loss,
        lambda model, x, rng: ae.reconstruction(model, x),
        _decoded,
        "nats lost per image",
        "-log p(x | code of x): what the code does not say, not a likelihood",
        settle=_fit_codes,
    ),
    "vae": Kind(
        _autoencoder_network,
        lambda n: vae.VAE(n["trunk"], n["latent"], n["hidden"]),
        _vae_loss,
        _vae_nats,
        _decoded,
        "nats per image (-ELBO)",
        "-ELBO with one draw of the code for each picture",
    ),
}

"""The models of binary pictures: the network, loss, test and sampler of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from supervised.generative import ais, rbm, vae
from supervised.generative import autoencoder as ae
from supervised.generative.blocks import bits_of, normal, uniform
from supervised.generative.made import MADE
from supervised.nets.catalogue import trunk_spec
from supervised.systems.gradient import Metrics
from tengen.bounds import repeated

Network = dict[str, Any]
ROUGHLY = (20, 2000)  # chains and temperatures of annealing during the training of a Boltzmann machine
_GIBBS = 2000  # rounds of Gibbs sampling from noise to a sample of a Boltzmann machine


class Kind(NamedTuple):
    """A model of bits. Pictures x are bytes [B, 1, 28, 28]; nats are per picture."""

    network: Callable[[Any, tuple[int, ...]], Network]  # configuration, picture shape -> description for `build`
    build: Callable[[Network], nn.Module]
    loss: Callable[[Any, torch.Tensor, np.random.Generator, Any, float], tuple[torch.Tensor, Metrics]]
    nats: Callable[[Any, torch.Tensor, np.random.Generator], torch.Tensor]  # [B], on held-out pictures
    sample: Callable[[Any, int, np.random.Generator, float], torch.Tensor]  # [count, D] probabilities or bits
    metric: str
    protocol: str
    prepare: Callable[[Any, torch.Tensor], None] = lambda model, x: None  # before training, with training pictures
    settle: Callable[[Any, torch.Tensor], None] = lambda model, x: None  # before testing, with training pictures


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


def _made_network(config: Any, shape: tuple[int, ...]) -> Network:
    return {
        "model": "made",
        "pixels": int(np.prod(shape)),
        "hidden": repeated(config.hidden, config.layers),
        "masks": config.masks,
        "dropout": config.dropout,
    }


def _made_loss(
    model: MADE, x: torch.Tensor, rng: np.random.Generator, config: Any, progress: float
) -> tuple[torch.Tensor, Metrics]:
    return model.nats(bits_of(x), int(rng.integers(model.masks))).mean(), {}


def _made_sample(model: MADE, count: int, rng: np.random.Generator, temperature: float) -> torch.Tensor:
    return model.sample(uniform(rng, count, model.pixels, like=model.layers[0].weight), 0, temperature)  # type: ignore[arg-type]


def _rbm_loss(
    model: rbm.RBM, x: torch.Tensor, rng: np.random.Generator, config: Any, progress: float
) -> tuple[torch.Tensor, Metrics]:
    bits = bits_of(x)
    loss = rbm.contrastive_divergence(model, bits, config.gibbs, config.chains == "persistent", rng)
    return loss, {"wrong_bits": rbm.reconstruction(model, bits)}


def _rbm_sample(model: rbm.RBM, count: int, rng: np.random.Generator, temperature: float) -> torch.Tensor:
    start = (uniform(rng, count, len(model.mean), like=model.mean) < model.mean).float()
    v = model.gibbs(start, _GIBBS, rng)
    return model.visible_given(model.hidden_given(v))  # probabilities of a last round: they look smoother than bits


def _rbm_nats(model: rbm.RBM, x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """-log p(x) = F(x) + log Z, with log Z from few chains: for the learning curve, not for the card."""
    return model.free_energy(bits_of(x)) + ais.log_partition(model, *ROUGHLY, np.random.default_rng(0)).log_z


KINDS = {
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
    "made": Kind(
        _made_network,
        lambda n: MADE(n["pixels"], n["hidden"], n["masks"], n["dropout"]),
        _made_loss,
        lambda model, x, rng: model.mixture_nats(bits_of(x)),
        _made_sample,
        "nats per image",
        "exact -log p(x)",
    ),
    "rbm": Kind(
        lambda config, shape: {
            "model": "rbm",
            "pixels": int(np.prod(shape)),
            "hidden": config.hidden,
            "chains": config.batch,
        },
        lambda n: rbm.RBM(n["pixels"], n["hidden"], n["chains"]),
        _rbm_loss,
        _rbm_nats,
        _rbm_sample,
        "nats per image",
        "-log p(x) with log Z by annealed importance sampling",
        prepare=lambda model, x: model.calibrate(bits_of(x).mean(0)),
    ),
}

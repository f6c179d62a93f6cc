"""The models of binary pictures (kind.py): MADE and the Boltzmann machine here, the others in autoencoding.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from supervised.generative import ais, rbm
from supervised.generative.autoencoding import AUTOENCODING
from supervised.generative.blocks import bits_of, uniform
from supervised.generative.kind import Kind, Network
from supervised.generative.made import MADE
from supervised.systems.gradient import Metrics
from tengen.bounds import repeated

ROUGHLY = (20, 2000)  # chains and temperatures of annealing during the training of a Boltzmann machine
_GIBBS = 2000  # rounds of Gibbs sampling from noise to a sample of a Boltzmann machine


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
    **AUTOENCODING,
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

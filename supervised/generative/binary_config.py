"""Settings of the models of bits: autoencoder, VAE, MADE, Boltzmann machine. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class AutoencoderConfig(Descent):
    """Also the VAE's."""

    MAIN: ClassVar[tuple[str, ...]] = ("model", "net", "latent", "lr", "batch")

    model: str = "autoencoder"
    """What learns: autoencoder, vae, made, rbm."""
    net: str = "mlp500x2"
    """The encoder: any trunk for pictures; another training can reuse it with --trunk."""
    latent: Count = 32
    """Dimension of the code."""
    hidden: Count = 500
    """Units in each of the decoder's two hidden layers."""
    batch: Count = 200
    """Pictures per gradient step."""
    kl_warmup: Fraction = 0.0
    """VAE: fraction of the training over which the weight of the KL rises from 0 to 1."""
    lr: Amount = 1e-3
    """Peak learning rate (AdamW)."""
    ema: Fraction = 0.999
    """Decay of the moving average of the weights, which is tested and saved; 0: no average."""


@dataclass(frozen=True)
class MadeConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("model", "hidden", "layers", "masks", "lr", "batch")

    model: str = "made"
    """What learns: autoencoder, vae, made, rbm."""
    hidden: Count = 2000
    """Units per hidden layer."""
    layers: Count = 1
    """Number of hidden layers."""
    masks: Count = 1
    """Orderings learned in turn; their mixture is tested."""
    dropout: Fraction = 0.3
    """Dropout: the fraction of hidden units dropped in training."""
    batch: Count = 200
    """Pictures per gradient step."""
    lr: Amount = 1e-3
    """Peak learning rate (AdamW)."""
    ema: Fraction = 0.9995
    """Decay of the moving average of the weights, which is tested and saved; 0: no average."""


@dataclass(frozen=True)
class RbmConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("model", "hidden", "chains", "gibbs", "lr", "batch")

    model: str = "rbm"
    """What learns: autoencoder, vae, made, rbm."""
    hidden: Count = 500
    """Hidden units."""
    chains: Literal["persistent", "data"] = "persistent"
    """Where Gibbs sampling starts: where the last gradient step left it (PCD), or at the data (CD)."""
    gibbs: Count = 1
    """Gibbs steps per gradient step: the k of CD-k."""
    batch: Count = 100
    """Pictures per gradient step, and number of persistent chains."""
    lr: Amount = 1e-3
    """Peak learning rate (AdamW)."""


AUTOENCODER = AutoencoderConfig()
VAE = AutoencoderConfig(model="vae", latent=40, kl_warmup=0.1)
MADE = MadeConfig()
RBM = RbmConfig()

"""Settings of the generative systems. No torch in here: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from supervised.systems.settings import Descent
from tengen.config import Amount, Count, Fraction, Range, Whole


@dataclass(frozen=True)
class AutoencoderConfig(Descent):
    """Also the VAE's."""

    MAIN: ClassVar[tuple[str, ...]] = ("model", "net", "latent", "lr", "batch")

    model: str = "autoencoder"
    """What learns: autoencoder, vae, made, rbm."""
    net: str = "mlp500x2"
    """The encoder: any trunk for pictures; it can be handed on with --trunk."""
    latent: Count = 32
    """Numbers in a code."""
    hidden: Count = 500
    """Units in each of the decoder's two hidden layers."""
    batch: Count = 200
    """Pictures in a gradient step."""
    kl_warmup: Fraction = 0.0
    """VAE: fraction of the training over which the weight of the KL rises from 0 to 1."""
    lr: Amount = 1e-3
    """Highest learning rate (AdamW)."""
    ema: Fraction = 0.999
    """Decay of the moving average of the weights that is tested and kept; 0 has none."""


@dataclass(frozen=True)
class MadeConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("model", "hidden", "layers", "masks", "lr", "batch")

    model: str = "made"
    """What learns: autoencoder, vae, made, rbm."""
    hidden: Count = 2000
    """Units in a hidden layer."""
    layers: Count = 1
    """Hidden layers."""
    masks: Count = 1
    """Orderings that are learned in turn; their mixture is tested."""
    dropout: Fraction = 0.3
    """Fraction of hidden units left out in a gradient step."""
    batch: Count = 200
    """Pictures in a gradient step."""
    lr: Amount = 1e-3
    """Highest learning rate (AdamW)."""
    ema: Fraction = 0.9995
    """Decay of the moving average of the weights that is tested and kept; 0 has none."""


@dataclass(frozen=True)
class RbmConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("model", "hidden", "chains", "gibbs", "lr", "batch")

    model: str = "rbm"
    """What learns: autoencoder, vae, made, rbm."""
    hidden: Count = 500
    """Hidden bits."""
    chains: Literal["persistent", "data"] = "persistent"
    """Where Gibbs sampling starts: where it was at the last gradient step (PCD), or at the data (CD)."""
    gibbs: Count = 1
    """Rounds of Gibbs sampling in a gradient step: the k of CD-k."""
    batch: Count = 100
    """Pictures in a gradient step, and persistent chains."""
    lr: Amount = 1e-3
    """Highest learning rate (AdamW)."""


@dataclass(frozen=True)
class GanConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("model", "noise", "width", "lr", "batch")

    model: str = "gan"
    """What learns: gan."""
    noise: Count = 64
    """Numbers that a picture is made from."""
    width: Count = 64
    """Channels at half a picture's sides; twice as many at a quarter."""
    batch: Count = 64
    """Real pictures, and as many made ones, in a step of the discriminator."""
    penalty: Amount = 0.2
    """Weight of R1: the discriminator's gradient at real pictures, squared."""
    penalty_every: Count = 8
    """Steps between two penalties, each of which then counts so many times."""
    lr: Amount = 1e-3
    """Highest learning rate of both networks (Adam)."""
    beta1: Fraction = 0.5
    """Adam: decay of the first moment; DCGAN's."""
    beta2: Fraction = 0.99
    """Adam: decay of the second moment."""
    ema: Fraction = 0.999
    """Decay of the moving average of the generator's weights, which is tested and kept."""


@dataclass(frozen=True)
class ScenesConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("net", "width", "levels", "lr", "batch")

    net: str = "unet"
    """The network: unet."""
    width: Count = 16
    """Channels of the first level; each further one has twice as many."""
    levels: Annotated[int, Range(1, 7)] = 4
    """Levels of resolution; a scene has 64 pixels a side, which can be halved six times."""
    batch: Count = 16
    """Scenes in a gradient step."""
    lr: Amount = 4e-3
    """Highest learning rate (AdamW)."""
    warmup: Fraction = 0.05
    """Fraction of the training over which the learning rate rises to its highest value."""
    ema: Fraction = 0.995
    """Decay of the moving average of the weights that is tested and kept; 0 has none."""


@dataclass(frozen=True)
class DiffusionConfig(Descent):
    """Also latent diffusion's."""

    MAIN: ClassVar[tuple[str, ...]] = ("model", "width", "times", "guidance", "sampling_steps", "lr", "batch")

    model: str = "diffusion"
    """What learns: diffusion, latent-diffusion."""
    width: Count = 32
    """Channels of the denoiser's first level; the others have twice as many."""
    depth: Count = 1
    """Blocks in the middle of the denoiser."""
    times: Count = 1000
    """T, the number of times between a picture and noise."""
    schedule_of_noise: Literal["linear", "cosine"] = "linear"
    """How noise grows with time: Ho's linear betas, or Nichol's squared cosine."""
    without_class: Fraction = 0.1
    """Fraction of pictures whose class is hidden, so that guidance has something to compare with."""
    guidance: Amount = 1.0
    """Usual weight w of the class when sampling: 0 is the conditional model alone."""
    sampling_steps: Count = 50
    """Usual number of denoising steps when sampling."""
    eta: Fraction = 0.0
    """Noise that sampling adds on its way: 0 none (DDIM), 1 as much as the paper's."""
    latent: Count = 4
    """Latent diffusion: planes of a code."""
    first_stage: Fraction = 0.3
    """Latent diffusion: fraction of the steps that train the autoencoder."""
    first_width: Count = 32
    """Latent diffusion: channels of the autoencoder at half a picture's sides."""
    kl_weight: Amount = 1e-3
    """Latent diffusion: weight of the KL in the autoencoder's loss."""
    batch: Count = 64
    """Pictures in a gradient step."""
    judged: Whole = 500
    """Pictures made for the card, which the classifier judges."""
    lr: Amount = 1e-3
    """Highest learning rate (AdamW)."""
    warmup: Fraction = 0.02
    """Fraction of the training over which the learning rate rises to its highest value."""
    ema: Fraction = 0.999
    """Decay of the moving average of the weights that is tested and kept; 0 has none."""


AUTOENCODER = AutoencoderConfig()
VAE = AutoencoderConfig(model="vae", latent=40, kl_warmup=0.1)
MADE = MadeConfig()
RBM = RbmConfig()
GAN = GanConfig()
SCENES = ScenesConfig()
DIFFUSION = DiffusionConfig()
LATENT_DIFFUSION = DiffusionConfig(model="latent-diffusion", width=64, batch=128)

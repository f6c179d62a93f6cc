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


@dataclass(frozen=True)
class GanConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("model", "noise", "width", "lr", "batch")

    model: str = "gan"
    """What learns: gan."""
    noise: Count = 64
    """Dimension of the noise from which the generator makes a picture."""
    width: Count = 64
    """Channels at half resolution; twice as many at a quarter."""
    batch: Count = 64
    """Real pictures, and as many generated ones, per step of the discriminator."""
    penalty: Amount = 0.2
    """Weight of the R1 penalty: the squared norm of the discriminator's gradient at real pictures."""
    penalty_every: Count = 8
    """Steps between R1 penalties; each is multiplied by this number."""
    lr: Amount = 1e-3
    """Peak learning rate of both networks (Adam)."""
    beta1: Fraction = 0.5
    """Adam: decay of the first moment, as in DCGAN."""
    beta2: Fraction = 0.99
    """Adam: decay of the second moment."""
    ema: Fraction = 0.999
    """Decay of the moving average of the generator's weights, which is tested and saved."""


@dataclass(frozen=True)
class ScenesConfig(Descent):
    MAIN: ClassVar[tuple[str, ...]] = ("net", "width", "levels", "lr", "batch")

    net: str = "unet"
    """The network: unet."""
    width: Count = 16
    """Channels of the first level; each further level has twice as many as the one before."""
    levels: Annotated[int, Range(1, 7)] = 4
    """Levels of resolution; a scene has 64 pixels a side, which can be halved six times."""
    batch: Count = 16
    """Scenes per gradient step."""
    lr: Amount = 4e-3
    """Peak learning rate (AdamW)."""
    warmup: Fraction = 0.05
    """Fraction of the training over which the learning rate rises to its peak."""
    ema: Fraction = 0.995
    """Decay of the moving average of the weights, which is tested and saved; 0: no average."""


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
    """T, the number of noise levels between a picture and pure noise."""
    schedule_of_noise: Literal["linear", "cosine"] = "linear"
    """Noise schedule: Ho's linear betas, or Nichol's squared cosine."""
    without_class: Fraction = 0.1
    """Fraction of training pictures whose class is hidden, which classifier-free guidance needs."""
    guidance: Amount = 1.0
    """Default guidance weight w when sampling: 0 is the conditional model alone."""
    sampling_steps: Count = 50
    """Default number of denoising steps when sampling."""
    eta: Fraction = 0.0
    """Noise added in each sampling step: 0 none (DDIM), 1 as much as DDPM."""
    latent: Count = 4
    """Latent diffusion: channels of the code."""
    first_stage: Fraction = 0.3
    """Latent diffusion: fraction of the steps that train the autoencoder."""
    first_width: Count = 32
    """Latent diffusion: channels of the autoencoder at half resolution."""
    kl_weight: Amount = 1e-3
    """Latent diffusion: weight of the KL in the autoencoder's loss."""
    batch: Count = 64
    """Pictures per gradient step."""
    judged: Whole = 500
    """Pictures generated for the card and classified."""
    lr: Amount = 1e-3
    """Peak learning rate (AdamW)."""
    warmup: Fraction = 0.02
    """Fraction of the training over which the learning rate rises to its peak."""
    ema: Fraction = 0.999
    """Decay of the moving average of the weights, which is tested and saved; 0: no average."""


AUTOENCODER = AutoencoderConfig()
VAE = AutoencoderConfig(model="vae", latent=40, kl_warmup=0.1)
MADE = MadeConfig()
RBM = RbmConfig()
GAN = GanConfig()
SCENES = ScenesConfig()
DIFFUSION = DiffusionConfig()
LATENT_DIFFUSION = DiffusionConfig(model="latent-diffusion", width=64, batch=128)

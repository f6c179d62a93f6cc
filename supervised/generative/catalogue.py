"""The systems of this room, by task and name. No torch in here."""

from __future__ import annotations

from supervised.systems.system import System

_HERE = "supervised.generative"


def _bits(name: str, about: str, config: str, steps: int, *, default: bool = False) -> System:
    return System(
        "binary-mnist",
        "--model",
        name,
        about,
        f"{_HERE}.binary_config:{config}",
        f"{_HERE}.binary:study",
        model=f"{_HERE}.binary:model",
        sample=f"{_HERE}.binary:sample",
        settings={"steps": steps},
        default=default,
        unused=("kl_warmup",) if name == "autoencoder" else (),
        steers=("count",) if name == "rbm" else ("count", "temperature"),
    )


def _denoiser(name: str, about: str, config: str, steps: int) -> System:
    return System(
        "mnist|fashion-mnist",
        "--model",
        name,
        about,
        f"{_HERE}.diffusion_config:{config}",
        f"{_HERE}.denoising:study",
        model=f"{_HERE}.diffusion_network:model",
        sample=f"{_HERE}.denoised:sample",
        settings={"steps": steps},
        unused=("latent", "first_stage", "first_width", "kl_weight") if name == "diffusion" else (),
        steers=("of_class", "count", "steps", "guidance", "temperature"),
    )


SYSTEMS: tuple[System, ...] = (
    _bits("vae", "a variational autoencoder", "VAE", 40_000, default=True),
    _bits("autoencoder", "an autoencoder with a narrow code", "AUTOENCODER", 15_000),
    _bits("made", "a masked autoencoder that computes exact densities", "MADE", 14_000),
    _bits("rbm", "a restricted Boltzmann machine", "RBM", 40_000),
    System(
        "mnist|fashion-mnist",
        "--model",
        "gan",
        "a generator against a discriminator",
        f"{_HERE}.gan_config:GAN",
        f"{_HERE}.game:Game",
        model=f"{_HERE}.generated:model",
        sample=f"{_HERE}.generated:sample",
        settings={"steps": 12_000},
        unused=("weight_decay", "max_grad_norm"),
        steers=("count", "temperature"),
    ),
    System(
        "scenes",
        "--net",
        "unet",
        "the class of every pixel",
        f"{_HERE}.unet_config:SCENES",
        f"{_HERE}.segmentation:study",
        model=f"{_HERE}.segmentation:model",
        sample=f"{_HERE}.segmentation:sample",
        settings={"steps": 5000},
        default=True,
        steers=("count",),
    ),
    _denoiser("diffusion", "pictures from noise, denoised step by step", "DIFFUSION", 6000),
    _denoiser("latent-diffusion", "the same on the codes of an autoencoder", "LATENT_DIFFUSION", 5_000),
)

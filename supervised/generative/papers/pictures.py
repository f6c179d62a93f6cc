"""Rows of the reading list: GAN, U-Net and diffusion."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("generative models", "supervised/generative", "docs/algorithms")


PAPERS: tuple[Paper, ...] = (
    _row(
        "gan",
        "Goodfellow et al. 2014, Generative adversarial nets; Radford, Metz & Chintala 2015, DCGAN",
        2014,
        "hard",
        "a generator learns to fool a discriminator that tells its pictures from real ones",
        """D estimates the probability that a picture is real; G makes pictures from noise to fool D.
The best D is p_data / (p_data + p_G); against it G minimises the Jensen-Shannon divergence.
In practice G maximises log D(G(z)): its gradient is strong while D is ahead.
No likelihood, no Markov chain: one pass samples a picture.
Training may cycle, and G may drop whole classes: look for what is missing, not only at what is there.""",
        "gan.py",
        "gan.md",
        "tengen train fashion-mnist --model gan",
        exercise="train 3,000 steps with --penalty 1 and with --penalty 0: what becomes of the card's rarest class?",
        result="71.0 % [70.1, 71.8] confidently classified (real pictures: 80.5 %), each class 8.9 to 11.2 %;"
        " 12,000 steps, 58 minutes on a core with other work",
        takes="58 minutes on a core with other work",
    ),
    _row(
        "unet",
        "Ronneberger, Fischer & Brox 2015, U-Net: convolutional networks for biomedical image segmentation",
        2015,
        "middle",
        "the way down sees what is in the picture, skip connections say where",
        """A contracting path of convolutions and pooling sees much of the picture.
An expanding path brings the result back to full resolution.
Skip connections concatenate the features of each level, so that borders stay sharp.
Few pictures suffice with augmentation by random deformations.
Every pixel gets a class; later the same architecture denoises in diffusion models.""",
        "unet.py",
        "unet.md",
        "tengen train scenes --steps 9000",
        result="mean IoU 0.930 [0.923, 0.936] on 1,000 scenes, 9,000 steps, 19 minutes on one core",
        exercise="in a copy of unet.py replace the skip connections by zero tensors: how much IoU does it cost?",
        takes="19 minutes on one core",
    ),
    _row(
        "diffusion",
        "Ho, Jain & Abbeel 2020, Denoising diffusion probabilistic models",
        2020,
        "hard",
        "learn to remove a little noise, then start from pure noise",
        """Noise is added in T small steps until nothing of the picture is left; x_t has a closed form.
A network learns to predict the noise in x_t: a squared error, nothing adversarial.
From pure noise, T steps back give a picture; each is a small Gaussian step.
Fewer deterministic steps do as well (DDIM, Song 2020).
Guidance extrapolates from the noise predicted without a class to that with it (Ho & Salimans 2022).""",
        "diffusion.py",
        "diffusion.md",
        "tengen train mnist --model diffusion",
        exercise="tengen sample RUN --guidance 0, 1 and 5: what is gained, what is lost? And --steps 5, 20, 200?",
        result="99.8 % [98.9, 100.0] of 500 classified as requested, 6,000 steps, 50 minutes on one core",
        takes="50 minutes on one core",
    ),
    _row(
        "latent-diffusion",
        "Rombach, Blattmann, Lorenz, Esser & Ommer 2022, High-resolution image synthesis with latent diffusion models",
        2022,
        "hard",
        "diffuse the code of an autoencoder instead of the pixels",
        """Most bits of a picture are imperceptible details; diffusion on pixels spends its time on them.
First train an autoencoder that keeps what matters in a small grid of codes.
Then train a diffusion model on the codes, scaled to variance 1.
A denoising step costs a fraction; the decoder runs once at the end.
A weak KL penalty (or quantisation) keeps the codes from growing.""",
        "latent.py",
        "diffusion.md",
        "tengen train mnist --model latent-diffusion",
        exercise="compare the card's multiplications a step with diffusion's; then train with --latent 1, 4 and 8",
        result="96.6 % [94.6, 97.9] of 500 classified as requested, a step costs 23 % of diffusion's,"
        " 11 minutes on one core",
        takes="11 minutes on one core",
    ),
)

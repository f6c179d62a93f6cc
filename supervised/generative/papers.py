"""The rows of the reading list that this room has."""

from __future__ import annotations

from tengen.papers import Paper, Shelf

_row = Shelf("generative models", "supervised/generative", "docs/algorithms")

PAPERS: tuple[Paper, ...] = (
    _row(
        "autoencoder",
        "Hinton & Salakhutdinov 2006, Reducing the dimensionality of data with neural networks",
        2006,
        "first steps",
        "squeeze a picture through a few numbers and reconstruct it",
        """A network with a narrow middle layer learns to reproduce its input; the middle layer is a code.
With linear layers the code spans PCA's subspace; nonlinear layers hold far more.
Deep ones could not be trained then: the paper pre-trains them layer by layer, as Boltzmann machines.
Thirty numbers are enough for a recognisable digit, two for a map of all of them.
The codes have no prescribed distribution: decoding a random one shows nothing in particular.""",
        "autoencoder.py",
        "autoencoders.md",
        "tengen train binary-mnist --model autoencoder",
        result="48.9 [48.5, 49.3] nats of reconstruction error per image (no likelihood), 15,000 steps,"
        " 6 minutes on one core",
        exercise="train with --latent 2 and with --latent 32; compare the reconstruction errors and pictures/plane.png",
        takes="6 minutes on one core",
    ),
    _row(
        "vae",
        "Kingma & Welling 2013, Auto-encoding variational Bayes",
        2013,
        "middle",
        "an autoencoder whose codes have a known distribution, so that you can sample from it",
        """log p(x) is bounded from below by E_q log p(x|z) - KL(q(z|x) || p(z)), the ELBO.
One encoder gives q(z|x) for every picture, instead of a separate optimisation for each.
Noise enters as z = mean + deviation * noise, so that gradients pass through the sampling.
The KL of two Gaussians has a closed form; the rest is an ordinary reconstruction loss.
Samples from N(0, I) decode to new pictures.""",
        "vae.py",
        "autoencoders.md",
        "tengen train binary-mnist --model vae",
        result="-ELBO 94.2 [93.7, 94.7] nats, 40,000 steps, 12 minutes on one core",
        published="87 to 106 nats in later papers, by size of network",
        published_on="binary-mnist",
        exercise="the card gives -ELBO and a tighter bound; train 3,000 steps with --latent 2 and"
        " 40: which gap is wider?",
        takes="12 minutes on one core",
    ),
    _row(
        "made",
        "Germain, Gregor, Murray & Larochelle 2015, MADE: masked autoencoder for distribution estimation",
        2015,
        "middle",
        "masks turn an autoencoder into a product of conditionals, an exact density",
        """Order the inputs: any p(x) is a product of conditionals p(x_d | x_<d).
Give each hidden unit a degree m and mask every connection that would let it see later inputs.
Then one pass yields all conditionals, and -log p(x) is exactly the usual cross-entropy.
Sampling takes one pass per pixel.
Training over many orders and masks regularises, and their mixture beats each of them.""",
        "made.py",
        "made.md",
        "tengen train binary-mnist --model made",
        result="88.7 [88.3, 89.2] nats, one mask, dropout 0.3, 14,000 steps, 14 minutes on one core beside other work",
        published="88.4 nats with one mask, 86.6 with 32 (Germain et al. 2015; not checked in the paper itself)",
        published_on="binary-mnist",
        exercise="change >= to > for the hidden layers in a copy of made.py: which test of"
        " tests/.../test_made.py fails?",
        takes="14 minutes on one core beside other work",
    ),
    _row(
        "rbm",
        "Salakhutdinov & Murray 2008, On the quantitative analysis of deep belief networks; Hinton 2002",
        2008,
        "hard",
        "binary units with pairwise couplings; the partition function is estimated",
        """A Boltzmann machine gives each picture a free energy F; p(v) = exp(-F(v)) / Z.
The gradient lowers F at the data and raises it at the model's own samples.
Contrastive divergence takes a few Gibbs steps for these samples; persistent chains mix further.
Z sums over 2^784 pictures: annealed importance sampling estimates it, starting from an easy model.
Then a Boltzmann machine can be compared with other models in nats.""",
        "rbm.py",
        "boltzmann.md",
        "tengen train binary-mnist --model rbm",
        result="88.7 [88.2, 89.3] nats by AIS, log Z between 399.6 and 401.9; 9.5 minutes on one core",
        published="86.3 nats with 500 hidden units and CD-25"
        " (Salakhutdinov & Murray 2008; not checked in the paper itself)",
        published_on="binary-mnist",
        exercise="train 5,000 steps with --chains data and --chains persistent: which has the better likelihood?",
        takes="10 minutes on one core",
    ),
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
        result="68.4 % [67.4, 69.3] confidently classified (real pictures: 80.5 %), each class 7.9 to 10.9 %;"
        " 12,000 steps, 56 minutes on a core with other work",
        takes="56 minutes on a core with other work",
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

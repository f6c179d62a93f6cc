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
        "squeeze a picture through a few numbers and unfold it again",
        """A network with a narrow middle learns to repeat its input; the middle is a code.
With linear layers the code is PCA's; with more layers it bends and holds far more.
Deep ones did not train then: the paper builds them up from Boltzmann machines, one layer at a time.
Thirty numbers are enough for a recognisable digit, two for a map of all of them.
A code is no distribution: decoding a random one shows nothing in particular.""",
        "autoencoder.py",
        "autoencoders.md",
        "tengen train binary-mnist --model autoencoder",
        result="48.9 [48.5, 49.3] nats lost a picture (no likelihood), 15,000 steps, 6 minutes on one core",
        exercise="train with --latent 2 and with --latent 32; compare the nats lost and pictures/plane.png",
        takes="6 minutes on one core",
    ),
    _row(
        "vae",
        "Kingma & Welling 2013, Auto-encoding variational Bayes",
        2013,
        "middle",
        "an autoencoder whose codes have a distribution, so that one can draw from it",
        """log p(x) is bounded from below by E_q log p(x|z) - KL(q(z|x) || p(z)), the ELBO.
An encoder gives q(z|x) for all pictures at once instead of an optimisation for each.
Noise enters as z = mean + deviation * noise, so that gradients pass through the sampling.
The KL of two Gaussians has a closed form; the rest is an ordinary reconstruction loss.
Draws from N(0, I) decode to pictures that were never seen.""",
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
        """Any p(x) is a product of p(x_d | x_<d): give the inputs an order.
Give each hidden unit a degree m and cut every connection that would let it see later inputs.
Then one pass yields all conditionals, and -log p(x) is the usual cross-entropy, exactly.
Sampling takes one pass a pixel.
Training over many orders and masks regularises, and their mixture does better than each.""",
        "made.py",
        "made.md",
        "tengen train binary-mnist --model made",
        result="88.7 [88.3, 89.2] nats, one mask, dropout 0.3, 14,000 steps, 14 minutes on one core beside other work",
        published="88.4 nats with one mask, 86.6 with 32 (Germain 2015, quoted at second hand)",
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
        "bits that like or dislike each other; the sum over all pictures is estimated",
        """A Boltzmann machine gives each picture an energy; p(v) = exp(-F(v)) / Z.
The gradient lowers F at the data and raises it where the model itself is.
Contrastive divergence takes a few Gibbs steps for the second part; persistent chains come further.
Z sums over 2^784 pictures: annealed importance sampling estimates it, walking from an easy machine.
Then a Boltzmann machine can be compared with other models in nats.""",
        "rbm.py",
        "boltzmann.md",
        "tengen train binary-mnist --model rbm",
        result="88.7 [88.2, 89.3] nats by AIS, log Z between 399.6 and 401.9; 9.5 minutes on one core",
        published="86.3 nats with 500 hidden bits and CD-25 (Salakhutdinov & Murray 2008, quoted at second hand)",
        published_on="binary-mnist",
        exercise="train 5,000 steps with --chains data and --chains persistent: which has the better likelihood?",
        takes="10 minutes on one core",
    ),
    _row(
        "gan",
        "Goodfellow et al. 2014, Generative adversarial nets; Radford, Metz & Chintala 2015, DCGAN",
        2014,
        "hard",
        "a maker of pictures learns from whoever tells them from real ones",
        """D says how probably a picture is real; G makes pictures from noise that D should take for real.
The best D is p_data / (p_data + p_G); against it G minimises the Jensen-Shannon divergence.
In practice G maximises log D(G(z)): its gradient is strong while D is ahead.
No likelihood, no Markov chain: one pass draws a picture.
The game may cycle, and G may forget whole classes: look at what is missing, not only at what is there.""",
        "gan.py",
        "gan.md",
        "tengen train fashion-mnist --model gan",
        exercise="train 3,000 steps with --penalty 1 and with --penalty 0: what becomes of the card's rarest class?",
        result="68.4 % [67.4, 69.3] surely some class (of real pictures 80.5 %), each class 7.9 to 10.9 %;"
        " 12,000 steps, 56 minutes on a core with other work",
        takes="56 minutes on a core with other work",
    ),
    _row(
        "unet",
        "Ronneberger, Fischer & Brox 2015, U-Net: convolutional networks for biomedical image segmentation",
        2015,
        "middle",
        "the way down sees what is there, copies across say where",
        """A contracting path of convolutions and pooling sees much of the picture.
An expanding path brings the result back to the picture's size.
Copies of each level are put beside it, so that borders are sharp.
Few pictures suffice if they are deformed in many ways.
Every pixel gets a class; the same shape of network later removes noise in diffusion models.""",
        "unet.py",
        "unet.md",
        "tengen train scenes --steps 9000",
        result="mean IoU 0.930 [0.923, 0.936] on 1,000 scenes, 9,000 steps, 19 minutes on one core",
        exercise="leave out the copies (a zero tensor in their place) in a copy of unet.py: how"
        " much IoU do borders cost?",
        takes="19 minutes on one core",
    ),
    _row(
        "diffusion",
        "Ho, Jain & Abbeel 2020, Denoising diffusion probabilistic models",
        2020,
        "hard",
        "learn to take a little noise off, then begin with nothing but noise",
        """Noise is added in T small steps until nothing of the picture is left; x_t has a closed form.
A network learns to say which noise is in x_t: a squared error, nothing adversarial.
From pure noise, T steps back give a picture; each is a small Gaussian step.
Fewer steps without noise on the way do as well (DDIM, Song 2020).
Noise with and without a class, extrapolated, gives pictures surely of it (Ho & Salimans 2022).""",
        "diffusion.py",
        "diffusion.md",
        "tengen train mnist --model diffusion",
        exercise="tengen sample RUN --guidance 0, 1 and 5: what is gained, what is lost? And --steps 5, 20, 200?",
        result="99.8 % [98.9, 100.0] of 500 read as asked, 6,000 steps, 50 minutes on one core",
        takes="50 minutes on one core",
    ),
    _row(
        "latent-diffusion",
        "Rombach, Blattmann, Lorenz, Esser & Ommer 2022, High-resolution image synthesis with latent diffusion models",
        2022,
        "hard",
        "diffuse the code of an autoencoder instead of the pixels",
        """Most bits of a picture are details that no one sees; diffusion spends its time on them.
First train an autoencoder that keeps what matters in a small grid of codes.
Then train a diffusion model on the codes, scaled to variance 1.
A denoising step costs a fraction; the decoder runs once at the end.
A weak KL (or quantisation) keeps the codes tame.""",
        "latent.py",
        "diffusion.md",
        "tengen train mnist --model latent-diffusion",
        exercise="compare the card's multiplications a step with diffusion's; then train with --latent 1, 4 and 8",
        result="96.6 % [94.6, 97.9] of 500 read as asked, a step costs 23 % of diffusion's, 11 minutes on one core",
        takes="11 minutes on one core",
    ),
)

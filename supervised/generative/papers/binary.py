"""Rows of the reading list: models of binary pictures."""

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
        exercise="change > to >= at the outputs (Eq. 13) in made.py and run `python -m pytest"
        " tests/supervised/generative/test_made.py`: which tests fail, and why? Then change it back",
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
)

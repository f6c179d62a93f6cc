"""The rows of the reading list about networks, how they are trained, and pictures."""

from __future__ import annotations

from tengen.papers import Level, Paper

_TRAINING, _PICTURES = "networks and their training", "pictures"
_PAGE = "docs/supervised.md"


def _training(
    name: str,
    paper: str,
    year: int,
    idea: str,
    says: str,
    file: str,
    command: str,
    exercise: str,
    level: Level,
    result: str = "",
) -> Paper:
    where = f"supervised/{file}"
    return Paper(name, paper, year, _TRAINING, level, idea, says, where, _PAGE, command, result, "", exercise)


PAPERS: tuple[Paper, ...] = (
    _training(
        "momentum",
        "Polyak 1964; Sutskever, Martens, Dahl & Hinton 2013, On the importance of initialization and momentum",
        2013,
        "a heavy ball rolls along ravines in which gradient descent zigzags",
        """The velocity is a decaying sum of past gradients: v <- mu v + g.
Along a ravine its terms add up, across it they cancel.
Nesterov's form takes the gradient at the point where the velocity is about to lead.
With good initial weights it trains deep networks that were thought to need second-order methods.
mu should rise during training and fall at the end.""",
        "scratch/optim.py",
        "tengen train digits --optimiser sgd --momentum 0.9 --lr 0.05",
        "train digits with --momentum 0, 0.9 and 0.99 at the same --lr; which one diverges first as --lr grows?",
        "first steps",
        "94.7 % [91.9, 96.6] of 359 held-out digits, 40 epochs, one core",
    ),
    _training(
        "adam",
        "Kingma & Ba 2015, Adam: a method for stochastic optimization",
        2015,
        "a separate step size for each weight, from the first two moments of its gradient",
        """Keep a moving average m of the gradient and v of its square.
Both start at 0, so divide them by 1 - beta^t: without that the first steps would be three times too long.
The step is m / (sqrt(v) + eps): about the learning rate, whatever the gradient's scale.
Rescaling the loss changes nothing; sparse gradients get larger steps.
Weight decay belongs outside the quotient (AdamW, Loshchilov & Hutter 2019).""",
        "scratch/optim.py",
        "tengen train digits --impl scratch",
        "leave out the bias correction in a copy of scratch/optim.py; what do the first ten steps do?",
        "first steps",
        "97.2 % [94.9, 98.5] of 359 held-out digits, 40 epochs, one core",
    ),
    _training(
        "sgdr",
        "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts",
        2017,
        "the learning rate falls along half a cosine",
        """A large learning rate explores and a small one settles.
Half a cosine spends its time at both ends and passes the middle quickly.
The paper restarts the cosine several times; the end of each cycle gives a usable network.
Nearly all later recipes keep the cosine and drop the restarts.
A linear rise at the start (warm-up) protects the first steps.""",
        "schedules.py",
        "tengen train digits --schedule cosine --warmup 0.1",
        "compare --schedule constant, step, cosine and one-cycle on digits with three seeds each (tengen sweep)",
        "first steps",
        "97.2 % [94.9, 98.5] of 359 held-out digits, 40 epochs, one core",
    ),
    _training(
        "initialisation",
        "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
        2010,
        "initial weights that preserve the scale of signals and gradients from layer to layer",
        """A layer multiplies the variance of its inputs by fan_in times the variance of its weights.
If that product is not 1, signals die out or explode with depth; backwards, fan_out counts.
2 / (fan_in + fan_out) is a compromise between the two directions.
ReLU halves the variance, so He et al. 2015 take 2 / fan_in.
Orthogonal weights keep lengths exactly (Saxe 2014).""",
        "scratch/init.py",
        "tengen train lesson --lesson vanishing-gradients",
        "measure the standard deviation of each layer of a ten-layer perceptron for variance 0.5, 1 and 2 over fan_in",
        "middle",
        "20 layers: a gradient is multiplied by 1.00 a layer with ReLU and He's variance, 0.92 with tanh (a second)",
    ),
    _training(
        "relu",
        "Nair & Hinton 2010; Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks",
        2011,
        "max(0, x): cheap, sparse, and its gradient does not vanish",
        """tanh and the sigmoid are flat at both ends, and products of small slopes vanish with depth.
A rectifier has slope 1 wherever it is active: gradients pass unchanged.
About half of the units are exactly 0, so representations are sparse.
Networks train without unsupervised pre-training.
A unit that is never active stops learning.""",
        "nets/lenet.py",
        "tengen train digits --net lenet-modern",
        "train digits with --net lenet (tanh) and lenet-modern (ReLU) for the same epochs and plot both",
        "first steps",
        "97.5 % [95.3, 98.7] of 359 held-out digits, 40 epochs, one core",
    ),
    _training(
        "dropout",
        "Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, Dropout: a simple way to prevent overfitting",
        2014,
        "units are dropped at random in training, so that none can rely on another",
        """Each unit is kept with probability p at every training step.
That trains exponentially many thinned networks that share their weights.
At test time all units are used, scaled so that the expectation is the same.
Each feature must be useful by itself instead of co-adapting with others.
It helps where data are scarce and layers are wide.""",
        "scratch/dropout.py",
        "tengen train digits --net vgg --dropout 0.2 --impl scratch",
        "train digits --net vgg with --dropout 0, 0.2, 0.5, 0.8: where do the training and test curves diverge?",
        "first steps",
        "98.6 % [96.8, 99.4] of 359 held-out digits, 40 epochs, half a minute on one core",
    ),
    _training(
        "batchnorm",
        "Ioffe & Szegedy 2015, Batch normalization",
        2015,
        "normalise every channel to mean 0 and variance 1 over the batch",
        """The inputs of a layer shift while the layers below it learn.
Normalise them over the batch, then let a learned gain and bias rescale them.
Higher learning rates work, and initial weights matter less.
At test time, running averages replace the batch statistics.
Beware of small batches, where the statistics are noisy, and of acting agents, where they are stale.""",
        "scratch/norms.py",
        "tengen train digits --net vgg --impl scratch",
        "write the gradient of (x - mean) / std with respect to x, and check it against autograd",
        "middle",
        "98.9 % [97.2, 99.6] of 359 held-out digits, 40 epochs, half a minute on one core",
    ),
    _training(
        "layernorm",
        "Ba, Kiros & Hinton 2016, Layer normalization",
        2016,
        "normalise over the features of one example instead of over the batch",
        """The same formula as batch normalisation, with mean and variance of one example's features.
Nothing depends on the batch: training and testing compute the same.
It suits recurrent networks, where statistics differ from step to step.
Transformers are built on it; GroupNorm (Wu & He 2018) lies between the two.
Parallelised Q-learning uses it to do without a target network.""",
        "scratch/norms.py",
        "tengen train CartPole-v1 --agent pqn",
        "train CartPole-v1 --agent pqn with --no-norm and three seeds; what happens?",
        "middle",
        "500 on CartPole-v1 in 45 s on one core (PQN, whose networks have it)",
    ),
    _training(
        "label-smoothing",
        "Szegedy, Vanhoucke, Ioffe, Shlens & Wojna 2016, Rethinking the Inception architecture",
        2016,
        "a slightly uncertain target keeps the logits finite",
        """With one-hot targets the loss keeps falling as the logits grow without bound.
Give the true class 1 - s + s/K and each of the others s/K.
The optimal logits are then finite, and the network stays adaptable.
Accuracy rises a little; probabilities are better calibrated.
The smallest possible cross-entropy is no longer 0: do not compare losses for different s.""",
        "scratch/losses.py",
        "tengen train digits --label-smoothing 0.1 --impl scratch",
        "what is the smallest possible cross-entropy with s = 0.1 and ten classes?",
        "first steps",
        "98.1 % [96.0, 99.1] of 359 held-out digits, 40 epochs, one core",
    ),
    _training(
        "mixup",
        "Zhang, Cisse, Dauphin & Lopez-Paz 2018, mixup: beyond empirical risk minimization",
        2018,
        "train on mixtures of two pictures and of their labels",
        """Draw a fraction from Beta(alpha, alpha); mix two examples and their targets by it.
The network is asked to behave linearly between examples.
It memorises less and is less confident about nonsense.
It is one line of code and costs hardly anything.
It needs longer training to pay off.""",
        "objectives/classification.py",
        "tengen train digits --net lenet-modern --mixup 0.2",
        "why does the training accuracy fall below the test accuracy with mixup?",
        "middle",
        "98.1 % [96.0, 99.1] of 359 held-out digits, 40 epochs, one core",
    ),
    Paper(
        "lenet",
        "LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition",
        1998,
        _PICTURES,
        "first steps",
        "convolutions share weights across a picture: few weights, and shifts do not matter",
        """Local receptive fields, shared weights and subsampling build shift invariance into the network.
61,706 weights read digits from pixels, without hand-made features.
It learns end to end by gradient descent.
The paper goes on to whole documents: graphs of segmentations trained with the same loss.
Distorted copies of the training set bring the error from 0.95 % to 0.8 %.""",
        "supervised/nets/lenet.py",
        _PAGE,
        "tengen train mnist --net lenet",
        "99.17 % [98.97, 99.33], MNIST, 2.3 minutes on one core",
        "99.05 % without distortions",
        "train on the first 1,000 digits only (--epochs so that the steps stay the same): LeNet or the perceptron?",
        takes="2.3 minutes on one core",
    ),
    Paper(
        "vgg",
        "Simonyan & Zisserman 2014, Very deep convolutional networks",
        2014,
        _PICTURES,
        "first steps",
        "small filters, many layers",
        """Two 3x3 convolutions see as far as one 5x5, with fewer weights and one more nonlinearity.
Stack them, halve the picture, double the channels.
Depth alone brought the ImageNet error down; nothing else was new.
Networks of 16 and 19 layers were initialised from shallower ones.
Batch normalisation, a year later, made that unnecessary.""",
        "supervised/nets/vgg.py",
        _PAGE,
        "tengen train digits --net vgg",
        "98.9 % [97.2, 99.6] of 359 held-out digits, 40 epochs, one core",
        "",
        "count the weights and multiplications of one 5x5 and of two 3x3 convolutions with 64 channels",
    ),
    Paper(
        "resnet",
        "He, Zhang, Ren & Sun 2015, Deep residual learning for image recognition",
        2015,
        _PICTURES,
        "middle",
        "a block adds to its input, so the identity is easy to learn",
        """Deeper plain networks have a higher training error, so over-fitting is not the reason.
Let each block learn what to add: y = x + F(x).
Gradients have a path that passes through no weights.
110 layers train on CIFAR-10, 152 on ImageNet.
Norm and ReLU before the convolutions (2016) keep that path free: resnet becomes preact.""",
        "supervised/nets/resnet.py",
        _PAGE,
        "tengen train cifar10 --net resnet20",
        "87.4 % [86.8, 88.1] on JPEG pictures of quality 75",
        "91.25 % on the lossless pictures",
        "train resnet8, 14 and 20 on Fashion-MNIST for the same minutes; then remove the addition and repeat",
    ),
    Paper(
        "airbench",
        "Jordan 2024, 94% on CIFAR-10 in 3.29 seconds on a single GPU",
        2024,
        _PICTURES,
        "hard",
        "every known trick at once, each with the epochs it saves",
        """Filters that whiten 2x2 patches need not be learned.
Convolutions initialised as the identity pass the picture through from the first step.
Flips alternate from epoch to epoch; at test time the answers for both mirror images are averaged.
A higher learning rate for biases, label smoothing, a triangular schedule, averaged weights.
The paper measures how many epochs each trick saves.""",
        "supervised/nets/airbench.py",
        _PAGE,
        "tengen train cifar10 --net airbench",
        "90.6 % [90.0, 91.2] on JPEG pictures of quality 75, 39 minutes on two cores",
        "94 % on the lossless pictures, 3.29 s on a GPU",
        "leave out the whitening (--net resnet20 with the same epochs): how many epochs does it save here?",
    ),
)

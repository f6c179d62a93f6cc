# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Handwritten digits
#
# **Result.** A residual network of 116,602 weights, written from its parts and trained for six and a half minutes a
# seed on one core, reads 99.68 % of MNIST's 10,000 test digits (95 % interval over three seeds [99.63, 99.74]). LeNet-5
# read 99.2 % with distorted pictures (LeCun et al. 1998, one training); always saying "1" reads 11.35 %.
#
# **The problem.** Sorting machines read postcodes, banks read amounts on cheques, scanners read forms filled in by
# hand. A letter that is sent the wrong way costs a day; a misread amount costs money and trust. A cheque's amount has
# six digits or so, and one is enough to spoil it: at 99 % a digit six of a hundred amounts are wrong, at 99.5 % three.
# That is why the last half a point is worth work, and why at the end the question is not only how many are wrong but
# which, and whether the network could have known.
#
# Everything that learns is in `parts/`, with PyTorch and nothing above it: how pictures are moved, the network, the
# loss, the optimiser and its schedule.

# %% [markdown]
# ## The tools
#
# `training` starts a training in a process of its own, or finds it if it has been run before: executing this notebook
# again trains nothing again. `quick()` says whether this is the form that runs within seconds (`QUICK=1`), on other and
# fewer pictures: its figures mean nothing. All settings stand here; none was changed after the first of these
# trainings.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import beside, data_folder, quick, training, write_card
from parts.augment import shifted
from parts.data import load
from parts.loss import cross_entropy
from parts.model import Net
from parts.optim import learning_rate
from parts.train import predict

plt.rcParams["savefig.bbox"] = "tight"
SEEDS = (1,) if quick() else (1, 2, 3)
CONFIG = {
    "steps": 10 if quick() else 3750,  # eight times through 60,000 pictures
    "batch": 32 if quick() else 128,
    "lr": 0.1,
    "warmup": 0.2,
    "weight_decay": 5e-4,
    "smoothing": 0.1,
    "shift": 2,
}
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The data
#
# Look before anything else. The pictures are bytes from 0 (paper) to 255 (ink), 28 by 28. People of two groups wrote
# them, clerks of the census bureau and schoolchildren, and the test pictures are by other people than those that are
# learned from: that is what makes the test worth something. What makes two digits hard to tell apart for you will do so
# for a network.

# %%
digits = load(data_folder(), quick())
print(digits.about)
columns = [digits.pictures[digits.labels == k][:4].flatten(0, 1) for k in range(10)]  # [4 * 28, 28] each
plt.figure(figsize=(9, 3.8))
plt.imshow(torch.cat(columns, 1), cmap="gray_r")
plt.xticks(14 + 28 * np.arange(10), range(10))
plt.yticks(14 + 28 * np.arange(4), ("first", "second", "third", "fourth"))
plt.xlabel("digit")
plt.ylabel("picture of it")
plt.savefig("figures/digits.png", dpi=100)
plt.show()

# %% [markdown]
# How many are there of each? If one digit were much more frequent, accuracy would mostly be about that one. They are
# nearly even, so accuracy is a fair measure here.

# %%
counts = np.bincount(digits.labels, minlength=10)
plt.figure(figsize=(6, 2.5))
plt.bar(range(10), counts)
plt.xlabel("digit")
plt.ylabel("pictures to learn from")
plt.xticks(range(10))
plt.show()

# %% [markdown]
# ## The baselines
#
# The simplest thing that could possibly work: always answer with the digit that is most frequent in what is learned
# from.

# %%
majority = int(counts.argmax())
baseline = float((digits.test_labels == majority).float().mean())
print(f"always {majority}: {baseline:.2%} of {len(digits.test_labels):,} test pictures")

# %% [markdown]
# A second yardstick, from a library and only to compare with: a linear model on the pixels. It says how much of the
# problem needs no convolutions at all.

# %% tags=["compare"]
from sklearn.linear_model import LogisticRegression

few = 500 if quick() else 5000
linear = LogisticRegression(max_iter=100, C=0.01)
linear.fit(digits.pictures[:few].flatten(1).numpy() / 255, digits.labels[:few].numpy())
linear_accuracy = linear.score(digits.test_pictures.flatten(1).numpy() / 255, digits.test_labels.numpy())
print(f"logistic regression, learned from {few:,} pictures: {linear_accuracy:.2%}")

# %% [markdown]
# ## Pictures that move
#
# A digit two pixels further left is the same digit, and a network that has seen it in one place only does not know
# that. Moving every picture at random, anew in each epoch, tells it, and makes it hard to learn the pictures by heart.
# Two pixels, because the digits lie in the middle with a margin of four: five would cut strokes off. Never mirrored: a
# mirrored 2 is no digit at all, and a mirrored 5 looks like a 2. What may be done to a picture without changing what it
# means is knowledge about the problem, and this is where it is put in.

# %%
offsets = torch.tensor([[0, 0], [2, 0], [-2, 0], [0, 2], [0, -2]])
moved = shifted(digits.pictures[:1].expand(5, 28, 28), offsets)
figure, panels = plt.subplots(1, 5, figsize=(8, 2), layout="constrained")
for panel, picture, offset in zip(panels, moved, offsets.tolist(), strict=True):
    panel.imshow(picture, cmap="gray_r")
    panel.set_title(f"{offset}")
    panel.axis("off")
plt.show()

# %% [markdown]
# ## The network
#
# Convolutions, because what a stroke looks like does not depend on where it is: the same nine weights look everywhere.
# Blocks that *add* to their input (He et al. [2015](https://arxiv.org/abs/1512.03385)), because a layer should be able
# to leave well alone: doing nothing needs no learning, only F(x) = 0. Two poolings, because seven convolutions of 3x3
# see 15 pixels by themselves, half of the picture; with the poolings between them a feature of the last block sees all
# of it. Four would leave a single place, and nothing to see there. A mean over all places at the end, because only what
# is there should count and no longer where, which also saves the thirty thousand weights that a dense layer would have
# there.
#
# ## The loss
#
# Cross-entropy with smoothed labels: 0.91 for the right digit and 0.01 for each other one instead of 1 and 0. With hard
# labels a picture that is read rightly goes on pulling for ever, for the loss reaches zero only where a logit is
# infinite. An untrained network is as good as guessing, so its loss should be near log 10 = 2.30 nats; a very different
# number means that something is wrong before anything is learned. And what is written by hand has to agree with the
# library, gradient included.

# %%
torch.manual_seed(0)
net = Net()
print(f"{sum(p.numel() for p in net.parameters()):,} weights")
first = cross_entropy(net(digits.pictures[:200]), digits.labels[:200]).item()
print(f"loss before training: {first:.2f} nats; log 10 = {np.log(10):.2f}")
same = beside(cross_entropy, torch.nn.functional.cross_entropy, torch.randn(5, 10), torch.arange(5))

# %% [markdown]
# ## The optimiser
#
# Momentum adds up what successive gradients agree on and lets what they disagree on cancel out; Nesterov's form looks
# at the gradient where the momentum is about to carry it. The learning rate rises over the first fifth, while the
# norms' averages are still far off and a large step would go in a direction that means nothing yet, and then falls
# along a cosine to zero, so that the weights settle. Weight decay pulls all weights towards zero by a two-thousandth of
# themselves a step (times the rate): what is not needed again and again, fades.

# %%
steps = np.arange(CONFIG["steps"])
plt.figure(figsize=(6, 2.5))
plt.plot(steps, [learning_rate(int(s), CONFIG["steps"], CONFIG["lr"], CONFIG["warmup"]) for s in steps])
plt.xlabel("gradient step")
plt.ylabel("learning rate")
plt.show()

# %% [markdown]
# ## The training
#
# Three seeds, because one run says nothing about how much luck is in it: the seed decides the first weights, the order
# of the pictures and how they are moved. On the way only 2,000 test pictures are looked at, and only to draw the curve;
# nothing was decided by it.

# %%
runs = [training("parts.train:Training", CONFIG | {"seed": seed}, steps=CONFIG["steps"]) for seed in SEEDS]
plt.figure(figsize=(7, 3))
for seed, run in zip(SEEDS, runs, strict=True):
    plt.plot([r["step"] for r in run.rows], [1 - r["test/accuracy"] for r in run.rows], label=f"seed {seed}")
plt.yscale("log")
plt.xlabel("gradient steps")
plt.ylabel("fraction misread, of 2,000 test pictures")
plt.legend()
plt.savefig("figures/curve.png", dpi=100)
plt.show()
print(f"minutes a training: {np.mean([run.seconds for run in runs]) / 60:.1f}")

# %% [markdown]
# It is jagged while the learning rate is high and becomes calm as the rate falls: most of the last half a point is won
# in the last thousand steps, when the weights settle. (On 2,000 pictures one more or less is half a tenth of a point,
# so the ends of the curves say little about each other.)
#
# ## The result
#
# All test pictures, once, at the end. The interval is over seeds: how much another training would differ. It is not how
# well 10,000 pictures stand for all digits that are ever written: 99.7 % of 10,000 is known to about 0.11 points.

# %%
logits = []
for run in runs:
    net = Net()
    net.load_state_dict(run.state["weights"])
    logits.append(predict(net, digits.test_pictures))
values = [float((logit.argmax(1) == digits.test_labels).float().mean()) for logit in logits]
print("misread, seed by seed:", [int((logit.argmax(1) != digits.test_labels).sum()) for logit in logits])
card = write_card(
    metric="accuracy",
    higher_is_better=True,
    seeds=SEEDS,
    values=values,
    measured_on=f"{len(digits.test_labels):,} test pictures, {digits.about.split(':')[0]}",
    baseline={"name": f"always {majority}", "value": baseline},
    published={
        "value": 0.992,
        "source": "LeCun, Bottou, Bengio & Haffner 1998, LeNet-5 with distorted pictures",
        "protocol": "MNIST, 60,000 pictures and distorted copies, 10,000 test pictures, one training",
    },
    command="tengen notebook .",
    minutes=float(np.mean([run.seconds for run in runs])) / 60,
)

# %% [markdown]
# 31, 30 and 34 of 10,000 are misread, where LeNet-5 misread about 80. The target of 99.4 % is passed. A cheque's amount
# of six digits would be read rightly in 98 of a hundred cases.
#
# ## Ablation: pictures that stay where they are
#
# The same training, seed 1, without moving the pictures. Expected before looking: a loss nearer to its floor on what is
# learned from, and some tenths of a point fewer on the test, more than seeds differ among themselves.

# %%
still = training("parts.train:Training", CONFIG | {"seed": 1, "shift": 0}, steps=CONFIG["steps"])
net = Net()
net.load_state_dict(still.state["weights"])
without = float((predict(net, digits.test_pictures).argmax(1) == digits.test_labels).float().mean())
print(f"seed 1: {values[0]:.2%} with pictures that move, {without:.2%} without")
print(f"loss on what is learned from, at the end: {runs[0].rows[-1]['loss']:.4f} and {still.rows[-1]['loss']:.4f} nats")
moved_tests, few_labels = {}, digits.test_labels[:2000]
for name, weights in (("learned moving", runs[0].state["weights"]), ("learned still", still.state["weights"])):
    net.load_state_dict(weights)
    found = []
    for d in range(5):
        pictures = shifted(digits.test_pictures[:2000], torch.tensor([[0, d]]).expand(len(few_labels), 2))
        found.append(float((predict(net, pictures).argmax(1) != few_labels).float().mean()))
    moved_tests[name] = found
    print(f"{name}: misread of 2,000 test pictures moved right by 0 to 4 pixels", [f"{x:.2%}" for x in found])
plt.figure(figsize=(6, 2.5))
for name, found in moved_tests.items():
    plt.plot(range(5), found, marker="o", label=name)
plt.yscale("log")
plt.xlabel("test pictures moved right by so many pixels")
plt.ylabel("fraction misread")
plt.legend()
plt.savefig("figures/ablation.png", dpi=100)
plt.show()

# %% [markdown]
# The expectation was wrong: 99.69 % with and 99.68 % without, one picture. What moving is said to teach, this network
# has by construction: convolutions look everywhere alike, and the mean over all places at the end forgets where. Moved
# test pictures show it directly: even the network that has never seen one moved misreads hardly more of them up to
# three pixels. At four pixels, more than either was trained with, the other one seems better (0.55 % beside 0.85 %),
# which is six pictures of 2,000. Moving is half superfluous here, and the half that is left cannot be told from luck
# with one seed. It also makes learning by heart harder, but in eight passes there is little of that: the loss without
# moving is lower by 0.004 nats only (its floor with smoothed labels is 0.50).
#
# ## Where it fails
#
# The test pictures that it is most wrong about: those whose label has the lowest probability, of the first seed.

# %%
chance = logits[0].softmax(1)
of_label = chance.gather(1, digits.test_labels[:, None])[:, 0]
worst = of_label.argsort()[:12]
figure, panels = plt.subplots(2, 6, figsize=(9, 3.6), layout="constrained")
for panel, i in zip(panels.flat, worst, strict=True):
    panel.imshow(digits.test_pictures[i], cmap="gray_r")
    panel.set_title(f"a {digits.test_labels[i]}, read as {chance[i].argmax()}", fontsize=8)
    panel.axis("off")
figure.savefig("figures/failures.png", dpi=100)
plt.show()

# %% [markdown]
# Which digits are taken for which: a row for each true digit, a column for each that it was read as. And are they the
# same pictures for each seed? If they are, no further training of this kind will help, and the pictures are to blame,
# or what is common to the three.

# %%
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (digits.test_labels.numpy(), logits[0].argmax(1).numpy()), 1)
shown = np.where(np.eye(10, dtype=bool), 0, confusion)
plt.figure(figsize=(4.5, 4))
plt.imshow(shown, cmap="Reds")
for true, said in np.argwhere(shown):
    plt.text(said, true, shown[true, said], ha="center", va="center", fontsize=8)
plt.xlabel("read as")
plt.ylabel("true digit")
plt.xticks(range(10))
plt.yticks(range(10))
plt.savefig("figures/confusion.png", dpi=100)
plt.show()
wrong = torch.stack([logit.argmax(1) != digits.test_labels for logit in logits])
print(f"misread by all {len(SEEDS)}: {int(wrong.all(0).sum())}; by at least one: {int(wrong.any(0).sum())}")
together = torch.stack([logit.softmax(1) for logit in logits]).mean(0)
print(f"the mean of their probabilities misreads {int((together.argmax(1) != digits.test_labels).sum())}")

# %% [markdown]
# Five of the 31 are nines read as four, three are sixes read as zero, three fives as three. Of the twelve above a
# person would read perhaps half: the 8 with a long arm, the 6 that has not closed its loop. With the others one has to
# ask what the writer meant. 19 pictures are misread by all three trainings; those 19 no further training of this kind
# will read. The mean of the three networks misreads 28, hardly fewer: what is left is common to them. One thing that
# might help is moving strokes and not pictures (elastic distortions), because open loops and long arms are exactly
# that; shifts are not.
#
# A sorting machine has a way out that a test has not: it may hand a picture to a person. How many would have to be
# handed over so that the rest are read with one mistake in a thousand?

# %%
sure, right = chance.max(1).values, logits[0].argmax(1) == digits.test_labels
order = sure.argsort()
errors_left = (~right[order]).flip(0).cumsum(0).flip(0)  # among those that are kept, the least sure first
kept = torch.arange(len(order), 0, -1)
handed = int((errors_left / kept <= 0.001).nonzero()[0])
print(f"handing over the {handed} least sure ({handed / len(order):.1%}) leaves one mistake in a thousand or fewer")
plt.figure(figsize=(6, 2.5))
plt.plot(np.arange(len(order))[: len(order) // 10] / len(order), (errors_left / kept)[: len(order) // 10])
plt.axhline(0.001, color="grey", linestyle=":")
plt.xlabel("fraction handed to a person, the least sure first")
plt.ylabel("misread of the rest")
plt.savefig("figures/handed.png", dpi=100)
plt.show()

# %% [markdown]
# One picture in a hundred handed to a person takes away two thirds of the mistakes: from three in a thousand to one.
# After one in twenty only a single mistake is left among 9,500, and that one the network is sure of. Of all that could
# be done next for a sorting machine, this costs least, and no training is needed for it.

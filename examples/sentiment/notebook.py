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
# # Is a review for or against?
#
# **Result.** A small network of filters over words, written from its parts, says of 77.1 % of sentences from film
# reviews rightly whether they are for or against (95 % interval over three seeds [74.7, 79.6]; the published figure for
# this kind of network is 76.1 %, in ten folds). Always naming one class gets half of them right. A linear model that
# only knows which words are there gets 77.7 % on the same sentences: on ten thousand sentences the network's sense for
# phrases is worth nothing, and most of this page is about how one finds that out.
#
# **The problem.** Nobody reads thousands of opinions; somebody has to know what they say. Shops, broadcasters and
# authorities sort comments by whether they are for or against, and act on the counts. A single misread sentence costs
# little. What costs is a *bias* in misreading: if irony, or one group's way of speaking, is systematically read as
# against, a count of thousands is wrong in the same direction, and looks precise. So at the end the question is not
# only how many are wrong, but which.
#
# Everything that learns is in `parts/`, with PyTorch and nothing above it: the vocabulary, the network (Kim
# [2014](https://arxiv.org/abs/1408.5882)), the loss, the gradient step.

# %% [markdown]
# ## The tools
#
# `training` starts a training in a process of its own, or finds it if it has been run before: executing this notebook
# again trains nothing again. `quick()` says whether this is the form that runs within seconds (`QUICK=1`): its figures
# mean nothing. The length of the training, six times through the sentences, was fixed before anything was measured.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch

from capstones import data_folder, quick, training, write_card
from parts.data import load
from parts.loss import cross_entropy
from parts.model import SentenceCNN
from parts.train import FEWEST, MORE, predict
from parts.words import encode, padded, vocabulary

plt.rcParams["savefig.bbox"] = "tight"
SEEDS = (1,) if quick() else (1, 2, 3)
CONFIG = {
    "steps": 20 if quick() else 1200,  # six times through 9,595 sentences
    "batch": 50,
    "lr": 1e-3,
    "dropout": 0.5,
    "spans": [3, 4, 5],
}
print("quick: a few steps only" if quick() else "in full")

# %% [markdown]
# ## The data
#
# 10,662 sentences from film reviews, half of them from favourable ones and half from unfavourable ones (Pang & Lee
# 2005). The label is that of the *review*: nobody has read each sentence and judged it. Some are therefore plainly
# wrong, and no network can be right about all of them. Read some before anything else, with the label covered.

# %%
reviews = load(data_folder(), quick())
print(reviews.about)
for i in np.random.default_rng(1).permutation(len(reviews.labels))[:8]:
    print(f"{reviews.classes[reviews.labels[i]]:>4}: {' '.join(reviews.sentences[i])[:150]}")

# %% [markdown]
# How long are they? That decides how much a filter over a few words can miss, and how much of a batch is padding, on
# which the computer works for nothing.

# %%
lengths = [len(sentence) for sentence in reviews.sentences]
print(f"half of the sentences have {int(np.median(lengths))} words or fewer; the longest has {max(lengths)}")
plt.figure(figsize=(6, 2.5))
plt.hist(lengths, bins=range(0, max(lengths) + 2))
plt.xlabel("words in a sentence, signs counted too")
plt.ylabel("sentences")
plt.savefig("figures/lengths.png", dpi=100)
plt.show()

# %% [markdown]
# ## The baselines
#
# Nine tenths are learned from, one tenth is held out, and another one for each seed. That matters: a figure on 1,066
# sentences is uncertain by 2.5 points whatever one does, and one lucky tenth can make a method look like a discovery.
# Three tenths do not remove that, but they show it. The simplest baseline always names the class that is more frequent
# in what is learned from. (On what is held out it is then the rarer one, so it can be below one half.)

# %%
labels = reviews.labels
majority = []
for seed in SEEDS:
    learned, held_out = reviews.split(seed)
    most = np.bincount(labels[learned]).argmax()
    majority.append(float((labels[held_out] == most).mean()))
baseline = float(np.mean(majority))
print(f"always the more frequent class: {baseline:.1%} of {len(held_out):,} held-out sentences")

# %% [markdown]
# A harder one, from a library and only to compare with: a linear model that knows *which* words are there and nothing
# of their order. It is the honest rival. Whatever the network gains beyond it, it gains from phrases; if that is
# nothing, then all the machinery below was for nothing.

# %% tags=["compare"]
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

bags = []
for seed in SEEDS:
    learned, held_out = reviews.split(seed)
    counter = CountVectorizer(analyzer=lambda words: words, min_df=FEWEST)
    counts = counter.fit_transform([reviews.sentences[i] for i in learned])
    linear = LogisticRegression(C=0.3, max_iter=200).fit(counts, labels[learned])
    bags.append(linear.score(counter.transform([reviews.sentences[i] for i in held_out]), labels[held_out]))
print(f"logistic regression on bags of words: {np.mean(bags):.1%}, seeds {[f'{x:.1%}' for x in bags]}")

# %% [markdown]
# ## From words to numbers
#
# The vocabulary is made from what is learned from and from nothing else. Counting the held-out words too would be a
# small and very common cheat: the network would have vectors for words that it cannot have met, and tomorrow's reviews
# do not come with a vocabulary. Words that occur once are left out. There is nothing to be learned about a word from a
# single sentence but that sentence's label, and as "unknown" they teach the network what to do with words it does not
# know.

# %%
learned, held_out = reviews.split(SEEDS[0])
numbers = vocabulary((reviews.sentences[i] for i in learned), FEWEST)
held_words = [word for i in held_out for word in reviews.sentences[i]]
unknown = np.mean([word not in numbers for word in held_words])
print(f"{len(numbers):,} words; {unknown:.1%} of the held-out words are unknown")
print("the most frequent ones:", " ".join(list(numbers)[:20]))

# %% [markdown]
# ## The network
#
# A sentence becomes a row of vectors, one a word. A filter over three words is a soft pattern: it answers most where
# three neighbouring words fit it best. There are a hundred of these, and as many over four and over five words. Of each
# filter only the largest answer in the sentence is kept, for whether a review is kind does not depend on where the kind
# phrase stands. A linear layer weighs what was found.
#
# Two details decide whether it is right. Windows that begin behind the last word are excluded before the maximum:
# otherwise a sentence's answer would depend on how long its neighbours in the batch are. And first vectors are small:
# with the library's, of standard deviation 1, the first answers are far too sure, and the first hundred steps go into
# taking that back.
#
# An untrained network should be as good as guessing: a loss near log 2 = 0.69 nats.

# %%
torch.manual_seed(0)
net = SentenceCNN(len(numbers) + 2)
some = [encode(reviews.sentences[i], numbers) for i in learned[:200]]
first = cross_entropy(net(padded(some, MORE)), torch.from_numpy(labels[learned[:200]])).item()
print(f"{sum(p.numel() for p in net.parameters()):,} weights for {len(learned):,} sentences")
print(f"loss before training: {first:.2f} nats; log 2 = {np.log(2):.2f}")
net.eval()
alone, beside = net(padded(some[:1], MORE)), net(padded(some[:50], MORE))[:1]
print(f"a sentence's answer alone and beside 49 others differs by {(alone - beside).abs().max():.1e}")

# %% [markdown]
# ## The training
#
# There are a hundred weights a sentence, so left alone the network would learn the sentences by heart. Three things are
# there against that. *Dropout* hides a random half of the found phrases in every step, so that no single one may
# decide. The rows of the last layer are kept shorter than 3, so that it cannot shout. And the training ends after six
# times through the sentences. The learning rate falls to zero on the way, which makes the last answers those of a
# settled network and not of whatever the last batch wanted.
#
# The seed decides the first vectors, the order of the sentences, what is dropped, and which tenth is held out.

# %%
runs = [
    training("parts.train:Training", CONFIG | {"seed": seed, "fold": seed}, steps=CONFIG["steps"]) for seed in SEEDS
]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for seed, run in zip(SEEDS, runs, strict=True):
    left.plot([r["step"] for r in run.rows], [r["loss"] for r in run.rows], label=f"seed {seed}")
    right.plot([r["step"] for r in run.rows], [r["test/accuracy"] for r in run.rows], label=f"seed {seed}")
left.set_xlabel("gradient steps")
left.set_ylabel("loss on what is learned from, nats")
right.set_xlabel("gradient steps")
right.set_ylabel("accuracy, held-out tenth")
right.legend()
figure.savefig("figures/curve.png", dpi=100)
plt.show()

# %% [markdown]
# The loss on what is learned from goes on falling to 0.09 nats, while the accuracy on the held-out tenth hardly moves
# after step 500. From there on the network learns its sentences by heart; it does no harm to the accuracy, and, as will
# be seen, much to how sure it is.
#
# ## The result
#
# The accuracy at the end of each training, not at its best: stopping where the held-out tenth looks best would be
# choosing by the test. The published figure is of the same sentences in ten folds; there a part of what is learned from
# decided when to stop, here nothing did.

# %%
values = [run.rows[-1]["test/accuracy"] for run in runs]
for seed, value, bag in zip(SEEDS, values, bags, strict=True):
    print(f"seed {seed}: {value:.1%}; the linear model on the same tenth: {bag:.1%}")
card = write_card(
    metric="accuracy",
    higher_is_better=True,
    seeds=SEEDS,
    values=values,
    measured_on=f"a tenth held out for each seed, {len(held_out):,} sentences; {reviews.about.split(':')[0]}",
    baseline={"name": "the more frequent class", "value": baseline},
    published={
        "value": 0.761,
        "source": "Kim 2014, CNN-rand, table 2",
        "protocol": "the same 10,662 sentences, ten folds, early stopping on a part of what is learned from",
    },
    command="tengen notebook .",
    minutes=float(np.mean([run.seconds for run in runs])) / 60,
)
print(f"minutes a training: {np.mean([run.seconds for run in runs]) / 60:.1f}")

# %% [markdown]
# The target, 75 %, is reached and the published figure is inside the interval. But beside it stands the rival: in every
# one of the three tenths the linear model on bags of words is ahead, by 0.3 to 0.9 points. No single of these
# differences is more than luck with 1,066 sentences, and that is the finding: there is nothing there that the network
# has gained.
#
# ## Ablation: single words
#
# The same training with filters over one word: then the order of the words cannot matter, and the network is a bag of
# words with learned vectors. Expected before looking: below the whole network, and near the linear model.

# %%
single = [
    training(
        "parts.train:Training", CONFIG | {"seed": s, "fold": s, "spans": [1]}, steps=CONFIG["steps"], show=False
    ).rows[-1]["test/accuracy"]
    for s in SEEDS
]
for seed, whole, one in zip(SEEDS, values, single, strict=True):
    print(f"seed {seed}: {whole:.1%} with spans of 3, 4, 5 words, {one:.1%} with one")
print(f"mean: {np.mean(values):.1%} and {np.mean(single):.1%}")

# %% [markdown]
# The expectation was half right. Single words are as good as phrases, 77.1 % on average for both, and the difference
# between the two changes its sign from seed to seed. So whatever filters of three to five words find, it is no more
# than their words. A likely reason: a phrase of three given words occurs a handful of times among ten thousand
# sentences, if at all, so there is nothing to learn it from. It also trains two and a half times as fast.
#
# ## Where it fails
#
# The held-out sentences that it is most wrong about, of the first seed.

# %%
learned, held_out = reviews.split(SEEDS[0])
net = SentenceCNN(len(numbers) + 2)
net.load_state_dict(runs[0].state["weights"])
chance = predict(net, [encode(reviews.sentences[i], numbers) for i in held_out]).softmax(1)
of_label = chance[torch.arange(len(held_out)), torch.from_numpy(labels[held_out])]
for k in of_label.argsort()[:8].tolist():
    words = " ".join(reviews.sentences[held_out[k]])
    print(f"{reviews.classes[labels[held_out[k]]]:>4}, probability {of_label[k]:.3f}: {words[:150]}")

# %% [markdown]
# Three kinds can be told apart. *Labels that the sentence does not bear out:* "you might want to take a reality check
# before you pay the full ticket price" and "more offended by his lack of faith in his audience" are counted as
# favourable, because the review was. *Knowledge about the world:* that a genocide "deserves a more engaged and honest
# treatment" says that this film is neither. *Words that pull the other way:* "a taut psychological thriller that
# doesn't waste a moment" is praise made of "doesn't" and "waste", and "loud", "overbearing" come before the "but" that
# takes them back. Only the last kind is one that phrases could solve.
#
# Does it at least know when it does not know? Held-out sentences by how sure it is, and how many of them are right. On
# the diagonal a network that says 80 % is right in 80 of a hundred.

# %%
sure, right = chance.max(1).values.numpy(), (chance.argmax(1).numpy() == labels[held_out])
edges = np.linspace(0.5, 1.0, 6)
groups = [(sure >= a) & (sure < b + (b == 1.0)) for a, b in pairwise(edges)]
groups = [group for group in groups if group.sum() >= 5]
plt.figure(figsize=(4, 3.4))
plt.plot([0.5, 1], [0.5, 1], color="grey", linestyle=":")
plt.plot([sure[g].mean() for g in groups], [right[g].mean() for g in groups], marker="o")
for g in groups:
    plt.annotate(
        f"{g.sum()}", (sure[g].mean(), right[g].mean()), textcoords="offset points", xytext=(5, -12), fontsize=8
    )
plt.xlabel("probability that it names")
plt.ylabel("fraction that is right")
plt.savefig("figures/sure.png", dpi=100)
plt.show()
print(f"on average it says {sure.mean():.1%} and is right in {right.mean():.1%}")

# %% [markdown]
# No. It says 87 % on average and is right in 76 %, and between 55 % and 85 % what it says means nothing at all: it is
# right in six of ten, whatever it names. Only above 90 % it is worth something (623 sentences, 87 % right). Whoever
# sorts by its certainty should know that. It comes from the second half of the training, in which the loss falls and
# the accuracy does not.
#
# Which words decided? The answer again without each word: how much less sure is it then? Here for a sentence of
# middling certainty.

# %%
k = int(of_label.argsort()[len(of_label) // 2])
words, label = reviews.sentences[held_out[k]][:25], int(labels[held_out[k]])
without = [encode(words[:i] + words[i + 1 :], numbers) for i in range(len(words))]
whole = predict(net, [encode(words, numbers)]).softmax(1)[0, label]
change = whole - predict(net, without).softmax(1)[:, label]
plt.figure(figsize=(8, 3))
plt.bar(range(len(words)), change)
plt.xticks(range(len(words)), words, rotation=60, ha="right")
plt.xlabel("word that is left out")
plt.ylabel(f"probability of '{reviews.classes[label]}' lost")
plt.savefig("figures/words.png", dpi=100)
plt.show()

# %% [markdown]
# "Glossy" and "action" decided, and "heartless", at which a person would point, counts next to nothing: it occurs in
# none of the sentences that were learned from, so to the network it is any unknown word. The answer is right, for
# reasons that nobody would give.
#
# ## What limits it: one test
#
# Is it the network, or the number of sentences? If it is the sentences, then half of them must cost clearly, and
# doubling them once more may be expected to bring somewhat less than the same again. The same training, six times
# through half of what is learned from.

# %%
half = []
for seed in SEEDS:
    config = CONFIG | {"part": 0.5, "steps": CONFIG["steps"] // 2, "seed": seed, "fold": seed}
    run = training("parts.train:Training", config, steps=config["steps"], show=False)
    half.append(run.rows[-1]["test/accuracy"])
print(f"half of the sentences: {np.mean(half):.1%}, seeds {[f'{x:.1%}' for x in half]}; all: {np.mean(values):.1%}")

# %% [markdown]
# 73.8 % with half of the sentences, 77.1 % with all: doubling them brought 3.3 points, more than any part of the
# network. The hypothesis stands: it is the sentences. Twice as many might bring another two or three points, and only
# then would it be worth asking again whether phrases help.

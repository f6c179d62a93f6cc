"""A small convolutional network with batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167) reads digits.

The 1,797 digits of scikit-learn, 8x8 pixels: two thirds for training, one third held out. The held-out pictures come
four at a time, as they would from four scanners at four counters.

    python train.py     about ten seconds
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def digits(seed=0):
    """Pictures [N, 1, 8, 8] in [0, 1] and labels [N], for training and held out."""
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    x = torch.from_numpy(pictures[order] / 16).float().reshape(-1, 1, 8, 8)
    y = torch.from_numpy(labels[order])
    third = len(y) // 3
    return (x[third:], y[third:]), (x[:third], y[:third])


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 16, 64, bias=False),
        nn.BatchNorm1d(64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def learn(net, optimiser, x, y):
    """One gradient step on a batch; the fraction of correct predictions."""
    net.train()
    logits = net(x)
    optimiser.zero_grad()
    F.cross_entropy(logits, y).backward()
    optimiser.step()
    return (logits.argmax(1) == y).float().mean().item()


def accuracy(net, x, y, batch=4):
    """Fraction of the pictures x [N, 1, 8, 8] that are classified correctly."""
    right = 0
    with torch.no_grad():
        for start in range(0, len(y), batch):
            guess = net(x[start : start + batch]).argmax(1)
            right += (guess == y[start : start + batch]).sum().item()
    return right / len(y)


def train(epochs=6, seed=0):
    """The network and the curve: epochs, training accuracy and held-out accuracy."""
    torch.manual_seed(seed)
    (x, y), held_out = digits()
    net = network()
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    epoch_numbers, curves = [], {"accuracy while learning": [], "accuracy, held out": []}
    for epoch in range(1, epochs + 1):
        batches = torch.randperm(len(y)).split(64)
        right = [learn(net, optimiser, x[batch], y[batch]) for batch in batches]
        epoch_numbers.append(epoch)
        curves["accuracy while learning"].append(float(np.mean(right)))
        curves["accuracy, held out"].append(accuracy(net, *held_out))
    return net, epoch_numbers, curves


if __name__ == "__main__":
    from curve import show

    _, x, y = train()
    show(Path(__file__).parent, x, y)

"""A step goes down the gradient, clears the old one and keeps rows short; many overfit twenty sentences."""

import torch
from torch import nn

from parts.data import load
from parts.model import SentenceCNN
from parts.train import MORE, gradient_step, predict
from parts.words import encode, padded, vocabulary


class OneWeight(nn.Module):
    """Two logits that are its weights, whatever the input."""

    def __init__(self):
        super().__init__()
        self.classes = nn.Linear(1, 2, bias=False)
        nn.init.zeros_(self.classes.weight)

    def forward(self, numbers):
        return self.classes(torch.ones(len(numbers), 1))


def test_a_step_by_hand():
    """Weights 0, label 0 of 2: the gradient is (-1/2, 1/2), so lr 1 makes the weights (1/2, -1/2)."""
    net = OneWeight()
    net.classes.weight.grad = torch.full((2, 1), 99.0)  # left over from something else
    loss = gradient_step(net, torch.optim.SGD(net.parameters(), lr=1.0), torch.zeros(1, 5), torch.tensor([0]))
    assert isinstance(loss, float)
    torch.testing.assert_close(torch.tensor(loss), torch.tensor(2.0).log())
    torch.testing.assert_close(net.classes.weight.detach(), torch.tensor([[0.5], [-0.5]]))


def test_rows_stay_short():
    """With lr 20 the weights would be (10, -10)."""
    net = OneWeight()
    gradient_step(net, torch.optim.SGD(net.parameters(), lr=20.0), torch.zeros(1, 5), torch.tensor([0]))
    torch.testing.assert_close(net.classes.weight.detach(), torch.tensor([[3.0], [-3.0]]))


def test_it_learns_twenty_sentences_by_heart():
    torch.manual_seed(0)
    reviews = load(quick=True, say=lambda text: None)
    some = range(0, len(reviews.labels), len(reviews.labels) // 20)
    numbers = vocabulary((reviews.sentences[i] for i in some), 1)
    sentences, labels = (
        [encode(reviews.sentences[i], numbers) for i in some],
        torch.from_numpy(reviews.labels[list(some)]),
    )
    net = SentenceCNN(len(numbers) + 2)
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    losses = [gradient_step(net, optimiser, padded(sentences, MORE), labels) for _ in range(40)]
    assert 0.4 < losses[0] < 1.2, "an untrained network is near log 2 = 0.69 nats"
    assert losses[-1] < 0.1
    assert (predict(net, sentences).argmax(1) == labels).all()

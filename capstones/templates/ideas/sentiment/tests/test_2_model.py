"""The network finds phrases wherever they are, and neither padding nor other sentences change its answer."""

import pytest
import torch
from torch import nn

from parts.model import SentenceCNN
from parts.words import padded


@pytest.fixture
def net():
    torch.manual_seed(0)
    return SentenceCNN(50, width=16, filters=8).eval()


def test_shape_and_number_of_weights(net):
    assert net(padded([[2, 3, 4], [5]], 4)).shape == (2, 2)
    expected = 50 * 16 + (3 + 4 + 5) * 16 * 8 + 3 * 8 + 3 * 8 * 2 + 2
    assert sum(p.numel() for p in net.parameters()) == expected


def test_first_vectors(net):
    vectors = SentenceCNN(2000).embedding.weight.detach()
    assert vectors[0].abs().sum() == 0, "that of PAD is 0"
    assert -0.25 <= vectors.min() < -0.24 and 0.24 < vectors.max() <= 0.25


def test_padding_and_neighbours_change_nothing(net):
    alone = net(padded([[7, 8, 9]], 4))
    torch.testing.assert_close(net(padded([[7, 8, 9]], 20)), alone)
    torch.testing.assert_close(net(padded([[7, 8, 9], list(range(2, 40))], 4))[:1], alone)


def test_a_phrase_is_found_wherever_it_stands():
    """One filter that looks for the words 2, 3, 4 in this order, and a last layer that passes it on."""
    net = SentenceCNN(6, width=6, filters=1, spans=(3,)).eval()
    with torch.no_grad():
        net.embedding.weight.copy_(torch.eye(6))
        net.embedding.weight[0] = 0
        net.convolutions[0].weight.zero_()
        for place, word in enumerate((2, 3, 4)):
            net.convolutions[0].weight[0, word, place] = 1
        net.convolutions[0].bias.fill_(-2)  # two of three words are not enough
        net.classes.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        net.classes.bias.zero_()
    found = net(padded([[2, 3, 4, 5, 5, 5], [5, 5, 5, 2, 3, 4], [4, 3, 2, 4, 3, 2], [2, 3, 5, 4, 5, 5], [2]], 4))
    assert found[:, 0].tolist() == [1, 1, 0, 0, 0]


def test_every_weight_gets_a_gradient():
    torch.manual_seed(0)
    net = SentenceCNN(20, dropout=0.0)
    net(padded([list(range(1, 20)), list(range(19, 0, -1))], 4)).square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []
    assert net.embedding.weight.grad[0].abs().sum() == 0, "PAD is not learned"


def test_dropout_is_for_training_only(net):
    sentence = padded([[7, 8, 9, 10]], 4)
    torch.testing.assert_close(net(sentence), net(sentence))
    net.train()
    assert not torch.equal(net(sentence), net(sentence))
    assert isinstance(net.dropout, nn.Dropout)

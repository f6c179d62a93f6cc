"""Tokens are sampled with their probabilities, and each sampled token is read."""

import torch
from torch import nn

from parts.model import TextNet
from parts.write import draw, write


def test_tokens_are_drawn_by_their_probability():
    logits = torch.tensor([0.0, 1.0, -torch.inf]).expand(20_000, 3)  # probabilities 0.269, 0.731, 0
    drawn = draw(logits, 1.0, torch.Generator().manual_seed(0))
    assert drawn.shape == (20_000,) and abs((drawn == 1).float().mean() - 0.7311) < 0.01  # three standard deviations
    cold = draw(logits, 0.5, torch.Generator().manual_seed(0))  # softmax(0, 2): 0.119, 0.881
    assert abs((cold == 1).float().mean() - 0.8808) < 0.01
    assert (draw(logits, 0.0, torch.Generator()) == 1).all()


def counting_net():
    """After each token it is almost certain of the next number: 0, 1, 2, 3, 4, 0, …; it remembers only the last one."""
    net = TextNet(5, width=5, hidden=5)
    with torch.no_grad():
        net.embedding.weight.copy_(torch.eye(5))
        for p in net.gru.parameters():
            p.zero_()
        net.gru.weight_ih_l0[10:] = 10 * torch.eye(5)  # the proposal is the token; with z near 0 it is the memory
        net.gru.bias_ih_l0[5:10] = -50
        net.head.weight.copy_(50 * torch.eye(5).roll(1, 0))
        net.head.bias.zero_()
    return net


def test_what_was_drawn_is_read():
    assert write(counting_net(), torch.tensor([1, 2]), 6, 1.0, seed=0).tolist() == [3, 4, 0, 1, 2, 3]
    assert write(counting_net(), torch.tensor([4]), 2, 0.0, seed=0).tolist() == [0, 1]


def test_the_seed_decides():
    torch.manual_seed(0)
    net, prompt = TextNet(20, width=4, hidden=8), torch.tensor([3])
    first, again, other = (write(net, prompt, 30, 1.0, seed).tolist() for seed in (1, 1, 2))
    assert first == again != other and len(first) == 30


def test_writing_is_reading():
    """The memory must not be lost on the way: the sampled text is just as probable when read in one piece."""
    torch.manual_seed(0)
    net, prompt = TextNet(20, width=4, hidden=8), torch.tensor([3, 1, 4])
    nn.init.normal_(net.head.weight, std=3.0)
    written = write(net, prompt, 10, 0.0, seed=0)
    logits, _ = net(torch.cat((prompt, written))[None, :-1], net.start(1))
    assert logits[0, 2:].argmax(1).tolist() == written.tolist()

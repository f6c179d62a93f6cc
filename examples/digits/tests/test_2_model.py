"""The network is the one described: shapes, number of weights, a path that bypasses the weights."""

import torch
from torch import nn

from parts.model import Block, Net

PICTURES = torch.randint(256, (8, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def test_a_block_that_adds_nothing_leaves_its_input():
    block = Block(4).eval()
    nn.init.zeros_(block.norm2.weight)
    x = torch.rand(2, 4, 5, 5)  # positive: the last ReLU does nothing
    torch.testing.assert_close(block(x), x)


def test_a_block_by_hand():
    """Convolutions that copy, norms in evaluation mode (they divide by sqrt(1 + 1e-5)): F(x) = x, so y = 2 x."""
    block = Block(3).eval()
    for convolution in (block.conv1, block.conv2):
        nn.init.dirac_(convolution.weight)
        assert convolution.bias is None
    x = torch.rand(2, 3, 6, 6)
    torch.testing.assert_close(block(x), 2 * x, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(block(-x), torch.zeros_like(x), msg="ReLU(-x + F(-x)), and F(-x) = 0")


def test_shape_and_number_of_weights():
    net = Net()
    assert net(PICTURES).shape == (8, 10)
    assert sum(p.numel() for p in net.parameters()) == 116_602


def test_every_weight_gets_a_gradient():
    torch.manual_seed(0)
    net = Net()
    net(PICTURES).square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_scaling_belongs_to_the_network():
    """Mean and deviation are saved with the weights; a picture of mean brightness becomes zeros."""
    net, other = Net(mean=0.2, deviation=0.5), Net()
    other.load_state_dict(net.state_dict())
    torch.testing.assert_close(net.eval()(PICTURES), other.eval()(PICTURES))
    nn.init.zeros_(next(m for m in net.modules() if isinstance(m, nn.Linear)).bias)
    grey = torch.full((1, 28, 28), 51, dtype=torch.uint8)  # 51 / 255 = 0.2
    torch.testing.assert_close(net(grey), torch.zeros(1, 10))


def test_examples_do_not_see_each_other_in_evaluation():
    net = Net().eval()
    torch.testing.assert_close(net(PICTURES)[:1], net(PICTURES[:1]), rtol=1e-4, atol=1e-5)

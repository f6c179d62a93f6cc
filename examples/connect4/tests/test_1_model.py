"""Logits and values have the right shapes, every weight gets a gradient, and positions do not affect each other."""

import numpy as np
import torch
from torch import nn

from parts.game import GAME, position
from parts.model import Block, Evaluator, Net


def planes(*moves):
    return torch.from_numpy(np.concatenate([GAME.encode(position(m)) for m in moves]))


def test_a_block_adds_to_its_input():
    torch.manual_seed(0)
    block, x = Block(4), torch.rand(2, 4, 6, 7)
    assert block(x).shape == x.shape
    for part in block.modules():
        if isinstance(part, nn.Conv2d):
            assert part.bias is None, "the norm after it takes a bias away again"
            nn.init.zeros_(part.weight)
    torch.testing.assert_close(block(x), x)  # F(x) = 0, and x has nothing below 0 for the ReLU to cut


def test_shapes_and_range():
    torch.manual_seed(0)
    logits, value = Net(8, 1)(planes("", "44", "1234567"))
    assert logits.shape == (3, 7) and logits.dtype == torch.float32
    assert value.shape == (3,) and (value.abs() < 1).all()


def test_it_has_the_parts_of_the_drawing():
    kinds = [type(m) for m in Net(8, 2).modules()]
    assert kinds.count(nn.Conv2d) == 1 + 2 * 2 + 2 and kinds.count(nn.BatchNorm2d) == 1 + 2 * 2 + 2
    assert kinds.count(nn.Linear) == 3


def test_the_gradient_reaches_every_weight():
    torch.manual_seed(0)
    net = Net(8, 1)
    logits, value = net(planes("", "44", "1234567", "77"))
    (logits.square().sum() + value.square().sum()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_the_evaluator_masks_full_columns_and_asks_about_each_position_alone():
    torch.manual_seed(0)
    net = Net(8, 1).train()
    evaluate = Evaluator(net)
    states = np.concatenate([position("111111"), position("4")])
    prior, value = evaluate(states)
    assert prior[0, 0] == 0 and prior[1, 0] > 0
    np.testing.assert_allclose(prior.sum(1), 1, rtol=1e-5)
    alone = evaluate(states[1:])
    np.testing.assert_allclose(alone[0], prior[1:], rtol=1e-4)
    np.testing.assert_allclose(alone[1], value[1:], rtol=1e-4, atol=1e-6)

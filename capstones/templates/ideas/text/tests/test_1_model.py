"""The unit follows the four equations: by hand, against PyTorch's values and gradients, in one piece or in two."""

import math

import torch
from torch import nn

from parts.model import GRU, TextNet


def test_the_equations_by_hand():
    """One unit. r = z = 1/2 (all zero), n = tanh(1/2 * 2) = tanh 1 with b_hn = 2: h' = (tanh 1 + 3) / 2 from h = 3."""
    gru = GRU(1, 1)
    for p in gru.parameters():
        nn.init.zeros_(p)
    with torch.no_grad():
        gru.bias_hh_l0[2] = 2.0
    after = gru.step(torch.zeros(1, 3), torch.tensor([[3.0]]))
    assert math.isclose(after.item(), (math.tanh(1) + 3) / 2, rel_tol=1e-6)


def test_gates_at_their_ends():
    """z near 1 keeps the memory for ever; z near 0 and r near 0 forget it."""
    gru = GRU(1, 1)
    for p in gru.parameters():
        nn.init.zeros_(p)
    h = torch.tensor([[0.7]])
    torch.testing.assert_close(gru.step(torch.tensor([[0.0, 50.0, 9.0]]), h), h)
    torch.testing.assert_close(gru.step(torch.tensor([[-50.0, -50.0, 0.5]]), h), torch.tensor([[0.5]]).tanh())


def test_like_the_library_with_its_gradients():
    torch.manual_seed(0)
    mine, theirs = GRU(5, 7), nn.GRU(5, 7, batch_first=True)
    theirs.load_state_dict(mine.state_dict())
    x, h = torch.randn(3, 11, 5), torch.randn(3, 7)
    seen, last = mine(x, h)
    expected, expected_last = theirs(x, h[None])
    torch.testing.assert_close(seen, expected)
    torch.testing.assert_close(last, expected_last[0])
    (seen.square().sum() + last.sum()).backward()
    (expected.square().sum() + expected_last.sum()).backward()
    for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)


def test_reading_in_two_pieces_is_reading_in_one():
    torch.manual_seed(0)
    net, tokens = TextNet(10, width=4, hidden=6), torch.randint(10, (2, 9))
    whole, end = net(tokens, net.start(2))
    first, memory = net(tokens[:, :4], net.start(2))
    second, memory = net(tokens[:, 4:], memory)
    torch.testing.assert_close(torch.cat((first, second), 1), whole)
    torch.testing.assert_close(memory, end)


def test_shape_weights_and_no_view_of_the_future():
    torch.manual_seed(0)
    net, tokens = TextNet(65), torch.randint(65, (2, 8))
    logits, memory = net(tokens, net.start(2))
    assert logits.shape == (2, 8, 65) and memory.shape == (2, 256) and not net.start(2).any()
    assert sum(p.numel() for p in net.parameters()) == 65 * 64 + 3 * 256 * (64 + 256 + 2) + 256 * 65 + 65
    tokens[:, 5:] = 3
    torch.testing.assert_close(net(tokens, net.start(2))[0][:, :5], logits[:, :5])

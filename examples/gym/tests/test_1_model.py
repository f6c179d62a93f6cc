"""Policy and value have the right shapes and start without preferences; actions follow the policy's probabilities."""

import torch
from torch import nn

from parts.model import ActorCritic, draw


def test_shapes():
    logits, value = ActorCritic(6, 16, 3)(torch.randn(5, 6))
    assert logits.shape == (5, 3)
    assert value.shape == (5,), "a value of shape [B, 1] broadcasts against [B] to [B, B], and nothing complains"
    logits, value = ActorCritic(50, 16, 3)(torch.zeros(2, 1, 10, 5, dtype=torch.uint8))
    assert logits.shape == (2, 3) and value.dtype == torch.float32


def test_the_gradient_reaches_every_weight():
    torch.manual_seed(0)
    net = ActorCritic(4, 16, 2)
    logits, value = net(torch.randn(64, 4))
    (logits.square().sum() + value.square().sum()).backward()
    assert len(list(net.parameters())) == 12, "two perceptrons of three layers: six weights and six biases"
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_policy_and_critic_share_nothing():
    net = ActorCritic(4, 16, 2)
    net(torch.randn(8, 4))[1].sum().backward()
    assert all(p.grad is None for p in net.policy.parameters())
    assert all(p.grad is not None for p in net.critic.parameters())


def test_it_begins_without_opinions():
    torch.manual_seed(0)
    logits, _ = ActorCritic(4, 64, 3)(3 * torch.randn(256, 4))
    assert (logits.softmax(1) - 1 / 3).abs().max() < 0.02


def test_it_is_not_linear():
    torch.manual_seed(0)
    net, x = ActorCritic(4, 16, 2), 2 * torch.randn(16, 4)
    values = [net(points)[1] for points in (x, -x, torch.zeros(16, 4))]
    assert not torch.allclose(values[0] + values[1], 2 * values[2], atol=1e-3)


def test_both_hidden_layers_end_in_a_tanh():
    """However large the second layer's weights are, the last layer's input stays between -1 and 1."""
    net = ActorCritic(4, 16, 2)
    layers = [layer for layer in net.critic.modules() if isinstance(layer, nn.Linear)]
    layers[1].weight.data *= 1000
    most = layers[2].weight.abs().sum() + layers[2].bias.abs().sum()
    assert net(torch.randn(64, 4))[1].abs().max() <= most + 1e-4


def test_actions_are_drawn_by_their_probability():
    logits = torch.tensor([0.0, 1.0, -torch.inf]).expand(20_000, 3)  # probabilities 0.269, 0.731, 0
    drawn = draw(logits, torch.Generator().manual_seed(0))
    assert drawn.shape == (20_000,) and drawn.dtype == torch.int64
    assert abs((drawn == 1).float().mean() - 0.7311) < 0.01  # three standard deviations
    assert (drawn != 2).all()
    assert (draw(logits, torch.Generator().manual_seed(0)) == drawn).all(), "the same generator, the same actions"

"""The policy takes bytes, has the right shape, and actions are sampled with its probabilities."""

import torch

from parts.policy import Policy, draw


def test_shape_and_scale():
    torch.manual_seed(0)
    net = Policy(50, 16, 3)
    screens = torch.randint(256, (4, 1, 10, 5), dtype=torch.uint8)
    assert net(screens).shape == (4, 3)
    torch.testing.assert_close(
        net(screens), net(screens.float() / 255), msg="bytes are scaled to 0 … 1, floats are not"
    )


def test_actions_are_drawn_by_their_probability():
    logits = torch.tensor([0.0, 1.0, -torch.inf]).expand(20_000, 3)  # probabilities 0.269, 0.731, 0
    drawn = draw(logits, torch.Generator().manual_seed(0))
    assert drawn.shape == (20_000,) and drawn.dtype == torch.int64
    assert abs((drawn == 1).float().mean() - 0.7311) < 0.01  # three standard deviations
    assert (drawn != 2).all()


def test_the_generator_decides():
    logits = torch.zeros(100, 3)
    first, again = (draw(logits, torch.Generator().manual_seed(7)) for _ in range(2))
    assert (first == again).all()

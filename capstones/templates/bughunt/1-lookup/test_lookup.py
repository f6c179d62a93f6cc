"""An answer does not depend on the other questions, and nearly all answers are right."""

import torch
from train import LookUp, accuracy, attention, train


def test_attention_mixes_the_values_with_weights_that_sum_to_one():
    for _ in range(20):
        batch, questions, pairs, width = torch.randint(1, 7, (4,)).tolist()
        q, k = torch.randn(batch, questions, width), torch.randn(batch, pairs, width)
        found = attention(q, k, torch.ones(batch, pairs, width))
        torch.testing.assert_close(found, torch.ones(batch, questions, width))


def test_a_query_that_fits_one_key_finds_its_value():
    pairs = 5
    k = 100 * torch.eye(pairs)[None]
    v = torch.randn(1, pairs, pairs)
    chosen = torch.randint(pairs, (3,))
    torch.testing.assert_close(attention(k[:, chosen], k, v), v[:, chosen])


def test_a_question_is_answered_alone_as_it_is_among_others():
    net = LookUp()
    keys, values = torch.rand(4, 16).argsort(1)[:, :8], torch.randint(4, (4, 8))
    together = net(keys, values, keys[:, :5])
    for i in range(5):
        torch.testing.assert_close(net(keys, values, keys[:, i : i + 1])[:, 0], together[:, i])


def test_the_healthy_curve_is_reached():
    net, _, _ = train()
    assert accuracy(net, questions=4) > 0.99
    assert accuracy(net, questions=1) > 0.99

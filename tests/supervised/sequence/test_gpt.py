"""The GPT: attention by hand, the KV cache, causality, and parity of the two implementations."""

from __future__ import annotations

import math

import pytest
import torch

from supervised.sequence.gpt import Body, attention_weights, causal_attention, fast_causal_attention
from supervised.sequence.text.transformer import GPTText


def small(impl: str = "library", dropout: float = 0.0) -> GPTText:
    torch.manual_seed(0)
    return GPTText(vocabulary=9, width=8, heads=2, layers=2, context=12, dropout=dropout, impl=impl)


def test_attention_by_hand() -> None:
    """One head, d = 1: scores q k; the second position weights are in the ratio e^2 to e^6."""
    q, k = torch.tensor([[[[1.0], [2.0]]]]), torch.tensor([[[[1.0], [3.0]]]])
    v = torch.tensor([[[[10.0], [20.0]]]])
    share = math.exp(6) / (math.exp(2) + math.exp(6))
    torch.testing.assert_close(attention_weights(q, k), torch.tensor([[[[1.0, 0.0], [1 - share, share]]]]))
    torch.testing.assert_close(causal_attention(q, k, v), torch.tensor([[[[10.0], [10 + 10 * share]]]]))


@pytest.mark.parametrize(("now", "seen"), [(5, 5), (1, 6), (3, 7)])
def test_fused_attention_is_the_one_from_scratch(now: int, seen: int) -> None:
    q, k, v = (torch.randn(2, 3, n, 4, requires_grad=True) for n in (now, seen, seen))
    probe, gradients = torch.randn(2, 3, now, 4), []
    for attend in (causal_attention, fast_causal_attention):
        y = attend(q, k, v)
        gradients.append((y, *torch.autograd.grad((y * probe).sum(), (q, k, v))))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_impl_scratch_is_the_same_network() -> None:
    library, scratch = small(), small("scratch")
    scratch.load_state_dict(library.state_dict())
    text = torch.randint(9, (3, 12))
    for net in (library, scratch):
        net(text, net.start(3))[0].square().mean().backward()
    torch.testing.assert_close(library(text, library.start(3))[0], scratch(text, scratch.start(3))[0])
    for one, other in zip(library.parameters(), scratch.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


@pytest.mark.parametrize("pieces", [[12], [1] * 12, [5, 3, 4]])
def test_cached_logits_are_uncached_ones(pieces: list[int]) -> None:
    net = small().eval()
    text = torch.randint(9, (2, 12))
    whole, _ = net(text, net.start(2))
    memory, found = net.start(2), []
    for piece in text.split(pieces, 1):
        logits, memory = net(piece, memory)
        found.append(logits)
    torch.testing.assert_close(torch.cat(found, 1), whole)


def test_no_gradient_comes_from_the_future() -> None:
    """dlogits_t / dinput_s is zero for s > t, and non-zero for s <= t."""
    body = small().body
    x = torch.randn(1, 6, 8, requires_grad=True)
    y, _ = body(x, body.start(1))
    for t in range(6):
        (gradient,) = torch.autograd.grad(y[0, t].square().sum(), x, retain_graph=True)
        reached = gradient[0].abs().sum(1) > 0  # [6]
        assert reached.tolist() == [s <= t for s in range(6)]


def test_beyond_the_context_is_an_error() -> None:
    net = small()
    _, memory = net(torch.zeros(1, 10, dtype=torch.int64), net.start(1))
    with pytest.raises(ValueError, match="10 \\+ 3 positions"):
        net(torch.zeros(1, 3, dtype=torch.int64), memory)
    with pytest.raises(ValueError, match="multiple of 3 heads"):
        Body(8, 3, 1, 4)


def test_it_overfits_one_batch() -> None:
    net = small()
    text = torch.randint(9, (2, 12))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(120):
        logits, _ = net(text[:, :-1], net.start(2))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), text[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.1
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_attention_in_bfloat16_is_near_that_in_float32() -> None:
    q, k, v = (torch.randn(2, 3, n, 4) for n in (3, 7, 7))
    small = fast_causal_attention(q.bfloat16(), k.bfloat16(), v.bfloat16())
    assert small.dtype == torch.bfloat16
    torch.testing.assert_close(small.float(), causal_attention(q, k, v), atol=0.03, rtol=0.03)

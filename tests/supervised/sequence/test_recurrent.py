"""Recurrent layers from scratch: outputs and gradients against PyTorch's, and cells with hand-set weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from supervised.scratch import recurrent
from supervised.sequence.text.recurrent import KINDS, RecurrentText


@pytest.mark.parametrize("name", KINDS)
def test_scratch_is_pytorchs(name: str) -> None:
    """Outputs, state and every gradient, for two layers with copied weights."""
    torch.manual_seed(0)
    library, by_hand = KINDS[name]
    theirs, ours = library(3, 5, 2, batch_first=True), by_hand(3, 5, 2)
    ours.load_state_dict(theirs.state_dict())
    x, probe = torch.randn(4, 6, 3), torch.randn(4, 6, 5)
    memory = tuple(torch.randn(2, 4, 5) for _ in range(2 if name == "lstm" else 1))
    y, after = ours(x, memory)
    expected, expected_after = theirs(x, memory if name == "lstm" else memory[0])
    expected_after = expected_after if name == "lstm" else (expected_after,)
    torch.testing.assert_close(y, expected)
    for part, other in zip(after, expected_after, strict=True):
        torch.testing.assert_close(part, other)
    (y * probe).sum().backward()
    (expected * probe).sum().backward()
    for parameter, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, other.grad)


def set_weights(cell: nn.Module, **values: list[float]) -> None:
    for name, value in values.items():
        weight = getattr(cell, f"{name}_l0")
        weight.data = torch.tensor(value).view_as(weight)


@pytest.mark.parametrize("net", KINDS)
@pytest.mark.parametrize("vocabulary", [4, 11])
def test_letters_folded_into_the_first_weights_are_letters_looked_up(net: str, vocabulary: int) -> None:
    """Logits, state and every gradient, with a vocabulary smaller than the embedding, and larger."""
    torch.manual_seed(0)
    library = RecurrentText(net, vocabulary, 6, 7, 2, 0.0)
    by_hand = RecurrentText(net, vocabulary, 6, 7, 2, 0.0, "scratch")
    by_hand.load_state_dict(library.state_dict())
    tokens = torch.randint(vocabulary, (3, 8))
    (logits, memory), (expected, last) = (made(tokens, made.start(3)) for made in (library, by_hand))
    for one, other in zip((logits, *memory), (expected, *last), strict=True):
        torch.testing.assert_close(one, other)
    logits.square().sum().backward()
    expected.square().sum().backward()
    for one, other in zip(library.parameters(), by_hand.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, atol=1e-5, rtol=1e-4)


def test_a_memory_cell_copies_over_a_hundred_steps() -> None:
    """A one-unit LSTM writes when the second input says so, and holds what it wrote: value and gradient."""
    cell = recurrent.LSTM(2, 1)
    set_weights(
        cell,
        weight_ih=[[0.0, 60.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]],  # the mark opens i; g reads the value
        weight_hh=[[0.0]] * 4,
        bias_ih=[-30.0, 30.0, 0.0, 30.0],  # i closed, f open, o open
        bias_hh=[0.0] * 4,
    )
    x = torch.zeros(1, 101, 2)
    x[0, 0] = torch.tensor([0.7, 1.0])  # remember 0.7 …
    x[0, 1:, 0] = torch.randn(100)  # … whatever comes after
    x.requires_grad_()
    h, (_, c) = cell(x, (torch.zeros(1, 1, 1), torch.zeros(1, 1, 1)))
    written = torch.tanh(torch.tensor(0.7))
    torch.testing.assert_close(c[0, 0, 0], written)
    torch.testing.assert_close(h[0, -1, 0], torch.tanh(written))
    h[0, -1, 0].backward()
    torch.testing.assert_close(x.grad[0, 0, 0], (1 - torch.tanh(written) ** 2) * (1 - written**2))
    assert x.grad[0, 1:].abs().max() < 1e-9


def test_a_gru_copies_and_a_vanilla_network_forgets() -> None:
    """z = 1 keeps h for ever; with weight 0.9 a vanilla unit's gradient is 0.9^100 or less after 100 steps."""
    x = torch.zeros(1, 100, 1)
    gru = recurrent.GRU(1, 1)
    set_weights(gru, weight_ih=[[0.0]] * 3, weight_hh=[[0.0]] * 3, bias_ih=[0.0, 30.0, 0.0], bias_hh=[0.0] * 3)
    h, _ = gru(x, (torch.full((1, 1, 1), 0.4),))
    torch.testing.assert_close(h[0, -1, 0], torch.tensor(0.4))
    vanilla = recurrent.RNN(1, 1)
    set_weights(vanilla, weight_ih=[[0.0]], weight_hh=[[0.9]], bias_ih=[0.0], bias_hh=[0.0])
    before = torch.full((1, 1, 1), 0.4, requires_grad=True)
    h, _ = vanilla(x, (before,))
    h[0, -1, 0].backward()
    assert 0 < before.grad.item() < 0.9**100


@pytest.mark.parametrize("net", KINDS)
def test_reading_in_pieces_is_reading_at_once(net: str) -> None:
    torch.manual_seed(0)
    model = RecurrentText(net, 7, 4, 6, 2, 0.0).eval()
    text = torch.randint(7, (3, 10))
    whole, _ = model(text, model.start(3))
    first, memory = model(text[:, :4], model.start(3))
    second, _ = model(text[:, 4:], memory)
    torch.testing.assert_close(torch.cat((first, second), 1), whole)


def test_an_lstm_begins_by_remembering() -> None:
    layers = RecurrentText("lstm", 7, 4, 6, 2, 0.0).layers
    for layer in range(2):
        forget = getattr(layers, f"bias_ih_l{layer}")[6:12] + getattr(layers, f"bias_hh_l{layer}")[6:12]
        assert (forget == 1).all()

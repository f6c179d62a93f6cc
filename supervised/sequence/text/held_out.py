"""How well a network predicts a text: nats a character, the mean of -log p(character | all before it).

A recurrent network reads pieces of the text in parallel, each from an empty memory. A GPT reads windows of its context
that overlap by half, and only what no earlier window has covered counts: so a character is predicted from at least half
a context, except for the first ones.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from supervised.sequence.text.networks import Net
from tengen.device import Compute

_PIECES = 64  # that a recurrent network reads side by side
_STEP = 128  # tokens of each at once
_BATCH = 32  # windows of a GPT


@torch.no_grad()
def losses(net: Net, tokens: np.ndarray, compute: Compute) -> np.ndarray:
    """-log p in nats of each of `tokens` [T] but the first: [T - 1]."""
    text = torch.from_numpy(tokens).to(compute.device)
    found = _windows(net, text, compute) if net.context else _pieces(net, text, compute)
    return found.double().cpu().numpy()


def _pieces(net: Net, text: torch.Tensor, compute: Compute) -> torch.Tensor:
    """A recurrent network's, for each piece from an empty memory on."""
    targets = len(text) - 1
    pieces = max(1, min(_PIECES, targets // 1000))
    length = -(-targets // pieces)  # of a piece, rounded up
    padded = functional.pad(text, (0, pieces * length + 1 - len(text)))
    inputs, target = padded[:-1].view(pieces, length), padded[1:].view(pieces, length)
    memory, found = net.start(pieces), []
    for start in range(0, length, _STEP):
        with compute.autocast():
            logits, memory = net(inputs[:, start : start + _STEP], memory)
        found.append(nats(logits, target[:, start : start + _STEP]))
    return torch.cat(found, 1).flatten()[:targets]


def _windows(net: Net, text: torch.Tensor, compute: Compute) -> torch.Tensor:
    """A GPT's, from windows that overlap by half."""
    targets, context = len(text) - 1, net.context
    stride = max(1, context // 2)
    if targets <= context:
        with compute.autocast():
            logits, _ = net(text[None, :-1], net.start(1))
        return nats(logits, text[None, 1:])[0]
    starts = [*range(0, targets - context, stride), targets - context]  # the last one ends where the text ends
    found = []
    done = 0  # targets that have been counted
    for i in range(0, len(starts), _BATCH):
        some = starts[i : i + _BATCH]
        windows = torch.stack([text[s : s + context + 1] for s in some])  # [b, context + 1]
        with compute.autocast():
            logits, _ = net(windows[:, :-1], net.start(len(some)))
        for s, row in zip(some, nats(logits, windows[:, 1:]), strict=True):
            found.append(row[done - s :])
            done = s + context
    return torch.cat(found)


def nats(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """-log p of `target` [B, T] under `logits` [B, T, V]: [B, T]."""
    flat = functional.cross_entropy(logits.float().flatten(0, 1), target.flatten(), reduction="none")
    return flat.view(target.shape)


def nats_a_character(found: np.ndarray, begins: np.ndarray) -> tuple[float, tuple[float, float] | None]:
    """The mean of `found` [T] over the characters that `begins` [T] marks, and its 95 % interval.

    Neighbouring characters are not independent; the interval is that of the means of stretches of 1,000.
    """
    value = float(found.sum() / max(1.0, begins.sum()))
    stretches = len(found) // 1000
    if stretches < 10:
        return value, None
    blocks = found[: stretches * 1000].reshape(stretches, 1000).sum(1)
    characters = begins[: stretches * 1000].reshape(stretches, 1000).sum(1)
    off = blocks - value * characters  # of a ratio of two sums (Cochran 1977, chapter 6)
    half = 1.96 * float(np.sqrt((off**2).sum() / (stretches - 1) * stretches) / characters.sum())
    return value, (value - half, value + half)

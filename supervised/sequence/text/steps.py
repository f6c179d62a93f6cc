"""Run a trained network one token at a time, for generating text: the same logits as `net(tokens, memory)`, faster.

A step of a small network is a few microseconds of arithmetic; most of the time of `net(...)` is overhead. So whatever
does not depend on the text is computed once (`steps_of`), and the memory is updated in place:

    recurrent   W_i E[token] + b is a row of a table; each step multiplies only the state
    GPT         keys and values are allocated for the whole context; a token writes its own and copies none
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import torch
from torch.nn import functional

from supervised.scratch import recurrent as scratch
from supervised.sequence.gpt import Block
from supervised.sequence.text.networks import Net
from supervised.sequence.text.recurrent import KINDS, RecurrentText
from supervised.sequence.text.transformer import GPTText

_SMALL = 1 << 20  # products per matrix and step; up to this, a second thread costs more than it saves


class Steps(Protocol):
    """`read` once, then `step` while there is `room`; without gradients."""

    def read(self, tokens: torch.Tensor) -> torch.Tensor:
        """Start again with tokens [B, T]: logits [B, V] of the next token."""
        ...

    def room(self) -> bool:
        """Whether one more token still fits into the context."""
        ...

    def step(self, token: torch.Tensor) -> torch.Tensor:
        """Append a token to each text ([B]): logits [B, V] of the next one."""
        ...


def steps_of(net: Net) -> Steps:
    """The steps of `net`, which must be in eval mode and whose weights must not change meanwhile."""
    return GPTSteps(net) if isinstance(net, GPTText) else RecurrentSteps(net)


class RecurrentSteps:
    """Steps with the cells of supervised/scratch/recurrent.py."""

    def __init__(self, net: RecurrentText) -> None:
        self.net, by_hand = net, KINDS[net.net][1]
        self.cell, self.gates = by_hand.cell, by_hand.gates
        names = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
        self.weights = [[getattr(net.layers, f"{name}_l{layer}") for name in names] for layer in range(net.num_layers)]
        self.table = functional.linear(net.embedding.weight, *self.weights[0][:2])  # [V, gates * H]
        self.states: list[scratch.Memory] = []  # of each layer, each [B, H]

    def read(self, tokens: torch.Tensor) -> torch.Tensor:
        h, memory = self.net.read(tokens, self.net.start(len(tokens)))
        self.states = list(zip(*memory, strict=True))
        return self.net.head(h[:, -1])  # type: ignore[no-any-return]

    def room(self) -> bool:
        return True

    def step(self, token: torch.Tensor) -> torch.Tensor:
        x = self.table[token]  # [B, gates * H], the input's share of the gates
        for layer, (w_ih, b_ih, w_hh, b_hh) in enumerate(self.weights):
            if layer:
                x = functional.linear(self.states[layer - 1][0], w_ih, b_ih)
            state = self.states[layer]
            from_before = functional.linear(state[0], w_hh, b_hh)
            self.states[layer] = self.cell(x.chunk(self.gates, 1), from_before.chunk(self.gates, 1), state)
        return self.net.head(self.states[-1][0])  # type: ignore[no-any-return]


class GPTSteps:
    """With keys and values allocated for a whole context, and norm weights and 1 / sqrt(d) folded into the matrices."""

    def __init__(self, net: GPTText) -> None:
        self.net, self.seen = net, 0
        self.weights = [_folded(block, net.body.head_width) for block in net.body.blocks]  # type: ignore[arg-type]
        self.head = (net.embedding.weight * net.body.norm.weight).T
        self.memory = torch.empty(0)  # keys and values [L, 2, B, h, context, d]

    def read(self, tokens: torch.Tensor) -> torch.Tensor:
        body, (batch, self.seen) = self.net.body, tokens.shape
        logits, memory = self.net(tokens, self.net.start(batch))
        shape = len(self.weights), 2, batch, body.heads, body.context, body.head_width
        if self.memory.shape != shape:
            self.memory = memory[0].new_empty(shape)
        for room, part in zip(self.memory.flatten(0, 1), memory, strict=True):
            room[:, :, : self.seen] = part
        return logits[:, -1]  # type: ignore[no-any-return]

    def room(self) -> bool:
        return self.seen < self.net.context

    def step(self, token: torch.Tensor) -> torch.Tensor:
        body, batch = self.net.body, len(token)
        x = self.net.embedding.weight[token] + body.position[self.seen]  # [B, W]
        norm, heads = x.shape[1:], (batch, 3, body.heads, body.head_width)
        new = self.memory.select(4, self.seen).unbind()  # per block [2, B, h, d], written below
        self.seen += 1
        seen = self.memory.flatten(2, 3)[..., : self.seen, :]  # [L, 2, B h, t, d]
        keys, values = seen[:, 0].transpose(2, 3).unbind(), seen[:, 1].unbind()
        for i, (qkv, attention_out, up, up_out) in enumerate(self.weights):
            q, kv = torch.layer_norm(x, norm).mm(qkv).view(heads).transpose(0, 1).split((1, 2))  # [1 or 2, B, h, d]
            new[i].copy_(kv)
            read = q.reshape(-1, 1, body.head_width).bmm(keys[i]).softmax(2).bmm(values[i])  # [B h, 1, d]
            x.addmm_(read.view(x.shape), attention_out)
            x.addmm_(functional.gelu(torch.layer_norm(x, norm).mm(up)), up_out)
        return torch.layer_norm(x, norm).mm(self.head)


def _folded(block: Block, head_width: int) -> tuple[torch.Tensor, ...]:
    """The matrices [inputs, outputs] of a block, with the norms' weights and 1 / sqrt(d) folded in."""
    qkv = block.qkv.weight * block.norm1.weight  # [3 W, W]
    qkv[: len(qkv) // 3] *= head_width**-0.5
    matrices = qkv, block.attention_out.weight, block.up.weight * block.norm2.weight, block.up_out.weight
    return tuple(matrix.T.contiguous() for matrix in matrices)


@contextmanager
def alone_if_small(net: Net, batch: int) -> Iterator[None]:
    """Use a single thread while a step's products are too small to split among threads."""
    before = torch.get_num_threads()
    if batch * max(weight.numel() for weight in net.parameters()) <= _SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

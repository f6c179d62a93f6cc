"""Writing with a trained network, a character at a time: read the prompt, draw the next one, read that, …

    p_i = exp(l_i / temperature) / sum_j exp(l_j / temperature)          over the `top` most probable ones

The memory makes a character cost one step of the network, however long the text is. A GPT's memory is full after its
context: it then reads the second half of it again and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from supervised.sequence.text.networks import Net, Trained
from supervised.systems.study import Sample, SampleOptions
from tengen.errors import UserError
from tengen.terminal import plain

_LENGTH = 500  # of a text whose length nobody asked for


def sample(trained: Trained, options: SampleOptions, say: Callable[[str], None]) -> Sample:
    """`options.length` characters after the prompt, in each of `options.count` texts."""
    prompt, unknown = trained.alphabet.encode(options.prompt or "\n")
    if unknown:
        say(f"the text that it learned from has no {', '.join(map(repr, unknown))}: left out of the prompt")
    if not len(prompt):
        if options.prompt and unknown:
            raise UserError(
                "no character of the prompt is known to this network; use those of the text it learned from"
            )
        prompt = np.zeros(1, np.int64)  # a text without line ends: begin with its first character in order
    count = options.count or 1
    generator = torch.Generator().manual_seed(options.seed)
    written = write(
        trained.net, prompt, options.length or _LENGTH, generator, options.temperature, options.top, count
    )  # [count, length]
    texts = [plain(options.prompt + trained.alphabet.decode(row)) for row in written.numpy()]
    return Sample(f"\n{'-' * 40}\n".join(texts))


@torch.inference_mode()
def write(
    net: Net,
    prompt: np.ndarray,
    length: int,
    generator: torch.Generator,
    temperature: float = 1.0,
    top: int = 0,
    count: int = 1,
    *,
    cache: bool = True,
) -> torch.Tensor:
    """`length` tokens after `prompt` [T], for `count` texts at once: [count, length].

    Without `cache` the whole text is read anew for every token, to compare with.
    """
    text = torch.from_numpy(prompt).expand(count, -1)  # [count, T]
    memory, unread = net.start(count), text
    for _ in range(length):
        if not cache:
            memory, unread = net.start(count), text
        if net.context and (not cache or full(net, memory, unread.shape[1])):
            memory, unread = net.start(count), text[:, -(net.context if not cache else max(1, net.context // 2)) :]
        logits, memory = net(unread, memory)
        unread = draw(logits[:, -1].float(), temperature, top, generator)[:, None]  # [count, 1]
        text = torch.cat((text, unread), 1)
    return text[:, len(prompt) :]


def full(net: Net, memory: tuple[torch.Tensor, ...], more: int) -> bool:
    """Whether so many more tokens go beyond a GPT's context."""
    return memory[0].shape[2] + more > net.context


def draw(logits: torch.Tensor, temperature: float, top: int, generator: torch.Generator) -> torch.Tensor:
    """Tokens [B] drawn from `logits` [B, V]; temperature 0 takes the most probable."""
    if temperature == 0:
        return logits.argmax(1)
    if 0 < top < logits.shape[1]:
        least = logits.topk(top, 1).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    return torch.multinomial((logits / temperature).softmax(1), 1, generator=generator).squeeze(1)

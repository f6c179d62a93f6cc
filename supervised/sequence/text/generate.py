"""Generate text with a trained network, a character at a time: read the prompt, sample the next character, read it, …

    p_i = exp(l_i / temperature) / sum_j exp(l_j / temperature)          over the `top` most probable ones

With the memory a character costs one step of the network (steps.py), however long the text is. A GPT's memory is full
after its context: it then reads the second half again and continues from there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from supervised.sequence.text.networks import Net, Trained
from supervised.sequence.text.steps import alone_if_small, steps_of
from supervised.systems.study import Sample, SampleOptions
from tengen.errors import UserError
from tengen.terminal import plain

_LENGTH = 500  # of a text whose length nobody asked for


def sample(trained: Trained, options: SampleOptions, say: Callable[[str], None]) -> Sample:
    """`options.length` characters after the prompt, in each of `options.count` texts."""
    prompt, unknown = trained.alphabet.encode(options.prompt or "\n")
    if unknown:
        say(f"the training text has no {', '.join(map(repr, unknown))}: left out of the prompt")
    if not len(prompt):
        if options.prompt and unknown:
            raise UserError("this network knows no character of the prompt; use those of its training text")
        prompt = np.zeros(1, np.int64)  # a text without line ends: begin with its first character in order
    count = options.count or 1
    generator = torch.Generator().manual_seed(options.seed)
    written = write(
        trained.net, prompt, options.length or _LENGTH, generator, options.temperature, options.top, count
    )  # [count, length]
    begins = "".join(character for character in options.prompt if character not in unknown)
    texts = [plain(begins + trained.alphabet.decode(row)) for row in written.numpy()]
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
    if not cache:
        return _write_without_cache(net, text, length, generator, temperature, top)
    steps, written = steps_of(net), list[torch.Tensor]()
    with alone_if_small(net, count):
        logits = steps.read(_last(text, net.context))
        while len(written) < length:
            written.append(draw(logits.float(), temperature, top, generator))  # [count]
            if steps.room():
                logits = steps.step(written[-1])
            else:
                logits = steps.read(torch.cat((text, torch.stack(written, 1)), 1)[:, -max(1, net.context // 2) :])
    return torch.stack(written, 1)


def _write_without_cache(
    net: Net, text: torch.Tensor, length: int, generator: torch.Generator, temperature: float, top: int
) -> torch.Tensor:
    for _ in range(length):
        logits, _ = net(text[:, -net.context :], net.start(len(text)))  # a context of 0: all of it
        text = torch.cat((text, draw(logits[:, -1].float(), temperature, top, generator)[:, None]), 1)
    return text[:, -length:]


def _last(text: torch.Tensor, context: int) -> torch.Tensor:
    """As much of the prompt [B, T] as is read: what is longer than the context leaves half of it to be written."""
    return text[:, -max(1, context // 2) :] if context and text.shape[1] > context else text


def draw(logits: torch.Tensor, temperature: float, top: int, generator: torch.Generator) -> torch.Tensor:
    """Tokens [B] drawn from `logits` [B, V]; temperature 0 takes the most probable.

    The largest p_i / e_i with e_i ~ Exp(1) is token i with probability p_i: `torch.multinomial` without its checks.
    """
    if temperature == 0:
        return logits.argmax(1)
    if 0 < top < logits.shape[1]:
        least = logits.topk(top, 1).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    p = (logits / temperature).softmax(1)
    return p.div_(torch.empty_like(p).exponential_(generator=generator)).argmax(1)

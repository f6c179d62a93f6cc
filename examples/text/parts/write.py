"""Sampling text: sample a token, read it, sample the next."""

import torch

from parts.model import TextNet


def draw(logits: torch.Tensor, temperature: float, generator: torch.Generator) -> torch.Tensor:
    """A token [B] int64 for each row of logits [B, V], with probability softmax(logits / temperature).

    Temperature 0 means the most probable one.
    """
    if temperature == 0:
        return logits.argmax(1)
    return torch.multinomial((logits / temperature).softmax(1), 1, generator=generator)[:, 0]


@torch.no_grad()
def write(net: TextNet, prompt: torch.Tensor, length: int, temperature: float, seed: int) -> torch.Tensor:
    """`length` tokens [length] that continue `prompt` [T] int64, T at least 1.

    Read the prompt once, from an empty memory; then read each sampled token from the current memory, so that a token
    costs one step of the network, however long the text already is.
    """
    generator = torch.Generator().manual_seed(seed)
    logits, memory = net(prompt[None], net.start(1))
    written = []
    for _ in range(length):
        token = draw(logits[:, -1], temperature, generator)  # [1]
        written.append(token)
        logits, memory = net(token[:, None], memory)
    return torch.cat(written)

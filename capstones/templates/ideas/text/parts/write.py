"""Sampling text: sample a token, read it, sample the next."""

import torch

from parts.model import TextNet


def draw(logits: torch.Tensor, temperature: float, generator: torch.Generator) -> torch.Tensor:
    """A token [B] int64 for each row of logits [B, V], with probability softmax(logits / temperature).

    Temperature 0 means the most probable one.
    """
    raise NotImplementedError("argmax at 0, else torch.multinomial with this generator")


@torch.no_grad()
def write(net: TextNet, prompt: torch.Tensor, length: int, temperature: float, seed: int) -> torch.Tensor:
    """`length` tokens [length] that continue `prompt` [T] int64, T at least 1.

    Read the prompt once, from an empty memory; then read each sampled token from the current memory, so that a token
    costs one step of the network, however long the text already is.
    """
    raise NotImplementedError("read the prompt; draw from the last logits; read that token; and so on")

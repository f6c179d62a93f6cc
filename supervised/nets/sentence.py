"""The sentence CNN (Kim 2014, arXiv:1408.5882): filters over neighbouring words, and the maximum of each over time.

words -> vectors -> filters that see 3, 4 or 5 words -> ReLU -> maximum over the sentence -> dropout -> features
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

PAD = 0


class SentenceCNN(nn.Module):
    """[B, L] word numbers, 0 after the end of a sentence -> [B, filters * sizes], for any L."""

    def __init__(
        self,
        input_shape: Sequence[int],
        words: int,
        width: int = 128,
        filters: int = 100,
        sizes: Sequence[int] = (3, 4, 5),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.vectors = nn.Embedding(words, width, padding_idx=PAD)
        with torch.no_grad():
            self.vectors.weight.uniform_(-0.25, 0.25)[PAD] = 0
        self.convolutions = nn.ModuleList(nn.Conv1d(width, filters, size) for size in sizes)
        self.dropout = nn.Dropout(dropout)
        self.margin = max(sizes)
        self.out_shape = (filters * len(sizes),)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        # With a margin each filter sees nothing at least once: so the answer does not depend on L.
        x = self.vectors(functional.pad(words.long(), (self.margin - 1, self.margin)))  # [B, L + margins, W]
        x = x.transpose(1, 2)  # [B, W, L + margins]
        found = [functional.relu(convolution(x)).amax(2) for convolution in self.convolutions]  # Eq. 2, 4: [B, F] each
        out: torch.Tensor = self.dropout(torch.cat(found, 1))
        return out

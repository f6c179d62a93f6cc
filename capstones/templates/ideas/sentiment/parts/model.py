"""The network: filters over neighbouring words (Kim 2014, arXiv:1408.5882, figure 1).

    numbers [B, L] -> vectors [B, L, width]
      for each span h of 3, 4, 5 words: c_i = w · (vectors of the words i … i + h - 1) + b     [B, filters, windows]
      the largest over all windows, then ReLU                                                  [B, filters]
    the three concatenated, dropout, linear                                                    [B, classes] logits

Whether a review is kind does not depend on where the kind phrase stands, so only each filter's best match is kept.
"""

import torch
from torch import nn

from parts.words import PAD


class SentenceCNN(nn.Module):
    """numbers [B, L] int64 with at least 4 PADs after the last word -> logits [B, classes] float32."""

    def __init__(
        self,
        words: int,
        width: int = 128,
        filters: int = 100,
        spans: tuple[int, ...] = (3, 4, 5),
        classes: int = 2,
        dropout: float = 0.5,
    ) -> None:
        """Use these names, which the tests rely on:

        embedding      nn.Embedding of `words` numbers, PAD and UNKNOWN among them, with padding_idx=PAD
        convolutions   nn.ModuleList, an nn.Conv1d from `width` to `filters` channels for each span
        dropout        nn.Dropout
        classes        nn.Linear from len(spans) * filters to `classes`

        Initialise the vectors uniformly in -0.25 … 0.25 (PAD's stays 0): with PyTorch's standard normal vectors the
        first predictions are far too confident.
        """
        super().__init__()
        raise NotImplementedError("make embedding, convolutions, dropout, classes")

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        """As drawn above. Windows that begin after the last word are masked: -inf before the maximum is taken.

        So a sentence gets the same answer whatever else is in the batch. Conv1d expects [B, width, L].
        """
        raise NotImplementedError("embed, filter, mask, maximum over windows, ReLU, dropout, linear")

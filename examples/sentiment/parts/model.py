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
        """What it is made of:

        embedding      nn.Embedding of `words` numbers, PAD and UNKNOWN among them, with padding_idx=PAD
        convolutions   nn.ModuleList, an nn.Conv1d from `width` to `filters` channels for each span
        dropout        nn.Dropout
        classes        nn.Linear from len(spans) * filters to `classes`

        Initialise the vectors uniformly in -0.25 … 0.25 (PAD's stays 0): with PyTorch's standard normal vectors the
        first predictions are far too confident.
        """
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=PAD)
        nn.init.uniform_(self.embedding.weight, -0.25, 0.25)
        with torch.no_grad():
            self.embedding.weight[PAD] = 0
        self.convolutions = nn.ModuleList(nn.Conv1d(width, filters, span) for span in spans)
        self.dropout = nn.Dropout(dropout)
        self.classes = nn.Linear(len(spans) * filters, classes)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        """As drawn above. Windows that begin after the last word are masked: -inf before the maximum is taken.

        So a sentence gets the same answer whatever else is in the batch. Conv1d expects [B, width, L].
        """
        x = self.embedding(numbers).transpose(1, 2)  # [B, width, L]
        best = []
        for convolution in self.convolutions:
            fits = convolution(x)  # [B, filters, windows]
            behind = numbers[:, : fits.shape[2]] == PAD  # [B, windows]
            best.append(fits.masked_fill(behind[:, None], -torch.inf).max(2).values.relu())
        return self.classes(self.dropout(torch.cat(best, 1)))

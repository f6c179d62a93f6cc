"""Random shifts: a digit two pixels further left is the same digit, and no two epochs see the same picture."""

import torch


def shifted(pictures: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """Each picture shifted by its own offset, with paper (0) where the shift leaves a gap.

    pictures [B, H, W], offsets [B, 2] int64 as (rows down, columns right), may be negative -> [B, H, W].

        1 2 3      (1, -1)     0 0 0
        4 5 6     -------->    2 3 0
        7 8 9                  5 6 0

    Pixels that leave on one side must not come back on the other. LeCun et al. 1998 call such
    pictures distortions.
    """
    raise NotImplementedError("pad with zeros on all sides, then cut each picture out at its own place")

"""How good a segmentation is: intersection over union, for each class, and their mean."""

import torch


def overlaps(said: torch.Tensor, true: torch.Tensor, classes: int) -> torch.Tensor:
    """Counts [classes, 3] of pixels: said and true, said, true, for each class.

    said, true: classes of pixels, int64 of the same shape, whatever that is. Counts of two sets of scenes may be added.
    """
    counts = [((said == k) & (true == k), said == k, true == k) for k in range(classes)]
    return torch.tensor([[int(part.sum()) for part in row] for row in counts])


def mean_iou(counts: torch.Tensor) -> float:
    """The mean over the classes that occur of (pixels in both) / (pixels in either), for `counts` [classes, 3].

    A class that is neither said nor true anywhere is left out of the mean. Counts are added over all scenes first and
    divided once: the mean of single scenes' figures would be another number.
    """
    both, said, true = counts.double().T  # [classes] each
    either = said + true - both
    occurs = either > 0
    return float((both[occurs] / either[occurs]).mean())

"""The metric of a segmentation: intersection over union for each class, and the mean."""

import torch


def overlaps(said: torch.Tensor, true: torch.Tensor, classes: int) -> torch.Tensor:
    """Pixel counts [classes, 3] for each class: predicted and true, predicted, true.

    said (predicted), true: pixel classes, int64 of the same arbitrary shape. Counts of two sets of scenes can be added.
    """
    counts = [((said == k) & (true == k), said == k, true == k) for k in range(classes)]
    return torch.tensor([[int(part.sum()) for part in row] for row in counts])


def mean_iou(counts: torch.Tensor) -> float:
    """The mean over the classes that occur of (pixels in both) / (pixels in either), for `counts` [classes, 3].

    A class that is neither predicted nor true anywhere is left out of the mean. Add the counts over all scenes first
    and divide once: averaging the figures of single scenes would give a different number.
    """
    both, said, true = counts.double().T  # [classes] each
    either = said + true - both
    occurs = either > 0
    return float((both[occurs] / either[occurs]).mean())

"""How good a segmentation is: intersection over union, for each class, and their mean."""

import torch


def overlaps(said: torch.Tensor, true: torch.Tensor, classes: int) -> torch.Tensor:
    """Counts [classes, 3] of pixels: said and true, said, true, for each class.

    said, true: classes of pixels, int64 of the same shape, whatever that is. Counts of two sets of scenes may be added.
    """
    raise NotImplementedError("count for each class: in both, in what is said, in what is true")


def mean_iou(counts: torch.Tensor) -> float:
    """The mean over the classes that occur of (pixels in both) / (pixels in either), for `counts` [classes, 3].

    A class that is neither said nor true anywhere is left out of the mean. Counts are added over all scenes first and
    divided once: the mean of single scenes' figures would be another number.
    """
    raise NotImplementedError("intersection by union of each class that occurs, then the mean")
